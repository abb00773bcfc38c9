"""The rows of the ledger's tables as records, and back. No file and no connection: only values."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from bridge.session.records import LogRecord, OnceRecord, OrderRecord, Reported
from bridge.session.values import Data

#: The columns of an order that are fields of its record.
ORDER = (
    "order_id", "owner", "key", "digest", "instance", "perm_id", "tag", "parent", "parent_id", "contract", "order",
    "revision", "change", "change_digest", "change_verdict", "before", "state", "status", "filled", "verdict",
    "placed_at", "placed_day", "heard", "final_filled", "reason", "position",
)  # fmt: skip
#: Columns that copy fields of `order`, for people who read the file.
COPIES = ("order_ref", "oca_group")
JSON = ("contract", "order", "verdict", "change_verdict", "before")
PLAIN = tuple(name for name in ORDER if name not in JSON)
LOG = tuple(name for name in LogRecord._fields if name != "data")
#: SQLite allows any value in any column. Columns with whole numbers and with JSON objects; all others have text.
NUMBERS = frozenset(("order_id", "parent_id", "revision", "placed_at", "heard", "n", "ts", "replayed"))
OBJECTS = frozenset((*JSON, "data", "outcome", "params"))
_REQUIRED = frozenset(("contract", "order", "data", "params"))
REPORTED = "owner, n, event, order_id, exec_id, shares"
ONCE = "owner, key, method, digest, outcome"
#: The columns of `ORDER` in a SELECT.
ORDER_COLUMNS = ", ".join(f'"{name}"' for name in ORDER)

_PLAIN_OF, _JSON_OF, _LOG_OF = attrgetter(*PLAIN), attrgetter(*JSON), attrgetter(*LOG)
_REPORTED = REPORTED.split(", ")
_ENCODE = json.JSONEncoder(separators=(",", ":")).encode


class OddContent(ValueError):
    """A column has content that the bridge never writes. `what`: what it is not, such as `no JSON object`."""

    def __init__(self, column: str, what: str) -> None:
        super().__init__(f"{column} is {what}")
        self.column, self.what = column, what


def order_row(record: OrderRecord) -> tuple[Any, ...]:
    """The values of the columns `PLAIN`, `JSON` and `COPIES`."""
    copies = (record.order.get("orderRef"), record.order.get("ocaGroup"))
    return (*_PLAIN_OF(record), *map(text, _JSON_OF(record)), *copies)


def order(row: Sequence[Any]) -> OrderRecord:
    """The record of a row with the columns `ORDER`."""
    named = {name: cell(name, stored) for name, stored in zip(ORDER, row, strict=True)}
    return OrderRecord(**named | {"change": named["change"] or "none", "heard": bool(named["heard"])})


def log_row(record: LogRecord) -> tuple[Any, ...]:
    """The values of the columns `LOG` and `data`."""
    return (*_LOG_OF(record), text(record.data))


def logged(row: Sequence[Any]) -> Data:
    """An event of the order log as clients read it, from the columns n, ts, topic, event, data, replayed."""
    *columns, data, replayed = row
    event = {**dict(zip(("n", "ts", "topic", "event"), columns, strict=True)), "data": cell("data", data)}
    return event | {"replayed": True} if replayed else event


def reported(row: Sequence[Any]) -> Reported:
    """The record of a row with the columns `REPORTED`."""
    owner, n, event, order_id, exec_id, shares = map(cell, _REPORTED, row)
    return Reported(sys.intern(owner), n, sys.intern(event), order_id, exec_id, shares)


def once(row: Sequence[Any]) -> OnceRecord:
    """The record of a row with the columns `ONCE`."""
    return OnceRecord(*map(cell, OnceRecord._fields, row))


def text(of: Any) -> str | None:
    """A value as JSON; None stays None."""
    return None if of is None else _ENCODE(of)


def cell(column: str, stored: Any) -> Any:
    """The value of a column, from what SQLite has stored; None stays None. Raises OddContent.

    Python writes NaN and infinity as JSON and reads them back, but SQLite's own `json_valid` does not know them.
    """
    if stored is None and column not in _REQUIRED:
        return None
    if column in NUMBERS:
        if type(stored) is not int:
            raise OddContent(column, "no whole number")
        return stored
    if type(stored) is not str:
        raise OddContent(column, "no text")
    if not stored.isascii() and shown(stored) != stored:
        raise OddContent(column, "no valid UTF-8")
    return _object(column, stored) if column in OBJECTS else stored


def _object(column: str, stored: str) -> Data:
    try:
        found = json.loads(stored)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise OddContent(column, "no JSON object")
    return found


def decoded(content: bytes) -> str:
    """Text of SQLite as a string, also if it is no valid UTF-8: `cell` then refuses it. For `text_factory`."""
    return content.decode("utf-8", "surrogateescape")


def shown(of: object) -> str:
    """A string that can be printed: a byte that is no valid UTF-8 becomes `\\xff`."""
    return str(of).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
