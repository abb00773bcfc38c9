"""What the session asks of its shell: plain values, nothing runs here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bridge.session.records import Record
from bridge.session.values import Data, Route


@dataclass(frozen=True, slots=True)
class Send:
    """Send this message to TWS; if it cannot be encoded, hand it back with the reason: `Session.on_unsendable`.

    `about` is what the session sends it for, and nobody else's to look at.
    """

    name: str
    data: Data
    about: object = None


@dataclass(frozen=True, slots=True)
class SendAll:
    """Send all of these, in one piece, or none: if one cannot be encoded, hand that one back."""

    sends: tuple[Send, ...]


@dataclass(frozen=True, slots=True)
class Persist:
    """Put these records on disk, all or none, and report: `Session.on_persisted`, `Session.on_persist_failed`."""

    token: int
    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class ReadLog:
    """Read up to `limit` events of the owner's order log with an `n` above `after`; report: `Session.on_log_read`."""

    token: int
    owner: str
    after: int
    limit: int


@dataclass(frozen=True, slots=True)
class Reply:
    """Answer a request on the route it came from."""

    route: Route
    body: Data


@dataclass(frozen=True, slots=True)
class Connect:
    """Open TCP to TWS, dropping what was open; report with `on_opened` or `on_lost`."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class StartApi:
    """Send startApi: the connection was opened asynchronously, and TWS has said its version."""


@dataclass(frozen=True, slots=True)
class Close:
    """Close TCP to TWS; the shell reports nothing. `abort`: what TWS has not got yet must never get there."""

    abort: bool = False


@dataclass(frozen=True, slots=True)
class Remember:
    """Keep on disk, before anything that follows is done, which runs of each client have said hello, newest last."""

    runs: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class RememberHalt:
    """Keep on disk, before anything that follows is done, why an admin has halted trading; None: nobody has."""

    reason: str | None


Level = Literal["info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Log:
    level: Level
    text: str


Effect = Send | SendAll | Persist | ReadLog | Reply | Connect | StartApi | Close | Remember | RememberHalt | Log
