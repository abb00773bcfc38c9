"""Unions: clients that share a stream may want different generic ticks or account tags. The bridge asks TWS for all.

`mdoff` asks TWS for a stream without the usual ticks. Such a stream has a name of its own (`topic_names.stream`).
"""

from __future__ import annotations

from bridge.session.requests import Request
from bridge.session.topic_names import UNIONS
from bridge.session.values import Data


def covers(params: Data, wanted: Data) -> bool:
    """Return whether a stream with these params has all that a client wants."""
    return all(_items(wanted, name) <= _items(params, name) for name in UNIONS)


def union(params: Data, wanted: Data) -> Data:
    """Return the params with what both want, each once: ticks by their numbers, tags by the alphabet."""
    both = {name: _items(params, name) | _items(wanted, name) for name in UNIONS}
    return params | {name: ",".join(sorted(items, key=_by_number)) for name, items in both.items() if items}


class Wants:
    """What the clients of one stream want of it together: `params`. TWS may refuse what was added last.

    `refused`: what TWS has refused on this connection, each with its text and code.
    """

    __slots__ = ("_added_by", "_before", "params", "refused")

    def __init__(self, params: Data) -> None:
        self.params = params
        self._before: Data | None = None
        self._added_by: list[Request] = []
        self.refused: dict[str, tuple[str, int]] = {}

    @property
    def is_growing(self) -> bool:
        """Whether TWS has not served yet what was added."""
        return self._before is not None

    def add(self, params: Data, request: Request) -> None:
        """A client wants more than the stream has."""
        if self._before is None:
            self._before = self.params
        self._added_by.append(request)
        self.params = union(self.params, params)

    def recover(self, params: Data) -> None:
        """A client wanted this before the bridge started."""
        self.params = union(self.params, params)

    def on_served(self) -> None:
        """TWS serves the stream with all of it."""
        self._before, self._added_by = None, []

    def refusal(self, params: Data) -> tuple[str, int] | None:
        """Return TWS's text and code if it has refused a part of this before; else None."""
        wanted = set().union(*(_items(params, name) for name in UNIONS))
        return next((self.refused[item] for item in sorted(wanted) if item in self.refused), None)

    def take_back(self, text: str, code: int) -> list[Request]:
        """TWS refuses what was added: forget it. Return the requests that wanted it."""
        added_by = self._added_by
        if self._before is not None:
            for name in UNIONS:
                added = _items(self.params, name) - _items(self._before, name)
                self.refused |= dict.fromkeys(added, (text, code)) if len(added) == 1 else {}
            self.params = self._before
        self.on_served()
        return added_by


def _items(params: Data, name: str) -> set[str]:
    return {item.strip() for item in (params.get(name) or "").split(",")} - {""}


def _by_number(item: str) -> tuple[int, str]:
    number = item.partition(":")[0]
    return (int(number) if number.isdecimal() else -1, item)
