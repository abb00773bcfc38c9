"""A mapping of bounded size that remembers the entries set or read last."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V")


class Recent(Generic[_K, _V]):
    """The mapping has at least the `most` entries that were set or read last, and never more than twice as many.

    It has two dicts. When the newer one is full, it becomes the older one, and the older one is dropped.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._new: dict[_K, _V] = {}
        self._old: dict[_K, _V] = {}

    def __len__(self) -> int:
        return len(self._new) + len(self._old)

    def __contains__(self, key: _K) -> bool:
        return key in self._new or key in self._old

    def get(self, key: _K) -> _V | None:
        """The value of the key, or None. A key that was read is remembered as long as one that was set now."""
        if key in self._new:
            return self._new[key]
        if key not in self._old:
            return None
        value = self._old.pop(key)
        self[key] = value
        return value

    def __setitem__(self, key: _K, value: _V) -> None:
        self._old.pop(key, None)
        self._new[key] = value
        if len(self._new) >= self._most:
            self._old, self._new = self._new, {}

    def discard(self, key: _K) -> None:
        """Forget the key, where it is remembered."""
        self._new.pop(key, None)
        self._old.pop(key, None)
