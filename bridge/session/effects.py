"""The effects: what the session asks its shell to do. These are plain values; nothing runs here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bridge.contract import Level, contract
from bridge.session.records import Record
from bridge.session.values import Data, Route


@dataclass(frozen=True, slots=True)
class Send:
    """Send this message to TWS. If it cannot be encoded, the shell calls `Session.on_unsendable`.

    `about` is the object for which the session sends the message; the shell only hands it back. `is_for_order`: an
    order waits for the answer, so the message is as urgent as the order.
    """

    name: str
    data: Data
    about: object = None
    is_for_order: bool = False


@dataclass(frozen=True, slots=True)
class SendAll:
    """Send all of these messages in one piece, or none. If one cannot be encoded, the shell hands that one back."""

    sends: tuple[Send, ...]


@dataclass(frozen=True, slots=True)
class Persist:
    """Write these records to disk, all or none. The shell calls `Session.on_persisted` or `on_persist_failed`."""

    token: int
    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class ReadLog:
    """Read `limit` events at most of the owner's log, with `n` above `after`. The shell calls `Session.on_log_read`."""

    token: int
    owner: str
    after: int
    limit: int


@dataclass(frozen=True, slots=True)
class ReadConfiguration:
    """Read the configuration again, and check it. The shell calls `Session.on_configuration`."""

    token: int


@dataclass(frozen=True, slots=True)
class CacheEntry:
    """One value for the cache file. It consists of what msgpack can carry. `tags`: by which `DropCached` finds it."""

    key: str
    value: Any
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadCache:
    """Read the values under these keys from the cache file. The shell calls `Session.on_cache_read`."""

    token: int
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WriteCache:
    """Write these values into the cache file, all or none. The shell reports nothing: a lost entry costs a request."""

    entries: tuple[CacheEntry, ...]


@dataclass(frozen=True, slots=True)
class DropCached:
    """Remove the values with one of these tags or keys from the cache file. Later reads do not find them."""

    tags: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """Send `body` as the reply on the route that the request came from."""

    route: Route
    body: Data


@dataclass(frozen=True, slots=True)
class Connect:
    """Close any open socket and open TCP to TWS. The shell calls `Session.on_opened` or `Session.on_lost`."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class StartApi:
    """Send startApi: the connection was opened with `async_connect`, and TWS has sent its version."""


@dataclass(frozen=True, slots=True)
class Close:
    """Close TCP to TWS. The shell reports nothing. `abort`: discard bytes that TWS has not received yet."""

    abort: bool = False


@dataclass(frozen=True, slots=True)
class PersistInstances:
    """Write to disk the instances that have said hello, by client, newest last, and do not wait for the disk.

    The shell calls `Session.on_instances_persisted`. The session asks for one such write at a time.
    """

    runs: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class PersistHalt:
    """Write to disk why an admin has halted trading; None: no admin has. Do not wait for the disk.

    The shell calls `Session.on_halt_persisted`. The session asks for one such write at a time.
    """

    reason: str | None


@dataclass(frozen=True, slots=True)
class Log:
    """Write this event to the log of the bridge. `schemas/bridge/logs.json` declares its level and sentence."""

    event: str
    fields: Data

    @classmethod
    def of(cls, event: str, /, **fields: Any) -> Log:
        """The event with these fields. One that is None is absent."""
        return cls(event, {name: value for name, value in fields.items() if value is not None})

    @property
    def level(self) -> Level:
        """The level of the line."""
        return contract().log_events[self.event].level_with(self.fields)

    @property
    def text(self) -> str:
        """The sentence of the line."""
        return contract().log_events[self.event].sentence(self.fields)


Effect = (
    Send
    | SendAll
    | Persist
    | ReadLog
    | ReadCache
    | WriteCache
    | DropCached
    | Reply
    | Connect
    | StartApi
    | Close
    | PersistInstances
    | PersistHalt
    | ReadConfiguration
    | Log
)
