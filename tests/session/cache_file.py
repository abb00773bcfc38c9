"""A cache file that is a dict. It may hang, fail, or be absent, and it may be damaged."""

from __future__ import annotations

from typing import Any

import msgpack

from bridge.session import DropCached, Instant, ReadCache, Session, WriteCache


class CacheFile:
    """`hangs`: no read is answered. `fails`: it has nothing and takes nothing. It keeps what msgpack makes."""

    def __init__(self) -> None:
        self.hangs = False
        self.fails = False
        self.values: dict[str, bytes] = {}
        self.tags: dict[str, set[str]] = {}
        self.reads = 0
        self._waiting: list[ReadCache] = []

    def take(self, effect: ReadCache | WriteCache | DropCached) -> None:
        match effect:
            case ReadCache():
                self.reads += 1
                self._waiting.append(effect)
            case WriteCache(entries) if not self.fails:
                for entry in entries:
                    self.values[entry.key] = msgpack.packb(entry.value)
                    self.tags[entry.key] = set(entry.tags)
            case DropCached(tags, keys):
                for key in [key for key in self.values if key in keys or self.tags[key].intersection(tags)]:
                    del self.values[key], self.tags[key]

    def report(self, session: Session, now: Instant) -> bool:
        """Answer the reads that wait; whether there were any."""
        if self.hangs:
            return False
        waiting, self._waiting = self._waiting, []
        for effect in waiting:
            session.on_cache_read(effect.token, self.read(effect.keys), now)
        return bool(waiting)

    def read(self, keys: tuple[str, ...]) -> dict[str, Any]:
        found = {} if self.fails else {key: self.values[key] for key in keys if key in self.values}
        return {key: msgpack.unpackb(value) for key, value in found.items()}
