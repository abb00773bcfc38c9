"""The stored replies: how many the bridge keeps, and which ones it forgets first.

Replies to requests that only read go first: the client loses nothing if the bridge reads again. The answer to an order
or a cancel goes only when no reply to a read is left. Of all replies, one client has half at most.
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from itertools import islice

from bridge.session.bounds import share
from bridge.session.requests import Request

Key = tuple[str, str]
#: About how many bytes a stored reply takes besides its content.
_BASE = 1000
#: Of a longer list or map, so many elements are measured, evenly spaced, and stand for all.
SAMPLE = 32


class Shelf:
    """Replies, the oldest first: those to reads apart from those to requests that change something."""

    def __init__(self) -> None:
        self._reads: OrderedDict[Key, Request] = OrderedDict()
        self._changes: OrderedDict[Key, Request] = OrderedDict()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._reads) + len(self._changes)

    def add(self, request: Request) -> None:
        """Add the newest reply."""
        (self._changes if request.changes else self._reads)[request.client, request.id] = request
        self.bytes += request.size

    def remove(self, request: Request) -> None:
        """Remove a reply."""
        del (self._changes if request.changes else self._reads)[request.client, request.id]
        self.bytes -= request.size

    def first(self) -> Request:
        """Return the reply that is forgotten first: the oldest of a read, else the oldest."""
        return next(iter((self._reads or self._changes).values()))


class StoredReplies:
    """`most`: how many replies are kept; `most_bytes`: about how many bytes of memory they take."""

    def __init__(self, most: int, most_bytes: int) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._all = Shelf()
        self._of: dict[str, Shelf] = {}

    def __len__(self) -> int:
        return len(self._all)

    @property
    def bytes(self) -> int:
        """About how many bytes of memory the replies take."""
        return self._all.bytes

    def add(self, request: Request) -> list[Request]:
        """Keep the reply of a request that was just answered. Return the requests that the store must forget.

        A reply that takes more than one client may have is not kept at all.
        """
        request.size = _BASE + footprint(request.answer)
        if request.size > share(self._most_bytes):
            return [request]
        own = self._of.setdefault(request.client, Shelf())
        for shelf in (self._all, own):
            shelf.add(request)
        forgotten: list[Request] = []
        while len(own) > share(self._most) or own.bytes > share(self._most_bytes):
            forgotten.append(self._forget(own.first()))
        while len(self._all) > self._most or self._all.bytes > self._most_bytes:
            forgotten.append(self._forget(self._all.first()))
        return forgotten

    def _forget(self, request: Request) -> Request:
        own = self._of[request.client]
        for shelf in (self._all, own):
            shelf.remove(request)
        if not own:
            del self._of[request.client]
        return request


def footprint(value: object) -> int:
    """Return about how many bytes of memory a value takes. Of long lists and maps only a sample is measured.

    The keys of maps do not count: nearly all are names of fields, which exist once.
    """
    size = sys.getsizeof(value)
    if not isinstance(value, list | dict) or not value:
        return size
    items = value.values() if isinstance(value, dict) else value
    if len(value) <= SAMPLE:
        return size + sum(map(footprint, items))
    sample = list(islice(items, 0, None, len(value) // SAMPLE))
    return size + sum(map(footprint, sample)) * len(value) // len(sample)
