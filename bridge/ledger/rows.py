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
REPORTED = "owner, n, event, order_id, exec_id, shares"
ONCE = "owner, key, method, digest, outcome"
#: The columns of `ORDER` in a SELECT.
ORDER_COLUMNS = ", ".join(f'"{name}"' for name in ORDER)

_PLAIN_OF, _JSON_OF, _LOG_OF = attrgetter(*PLAIN), attrgetter(*JSON), attrgetter(*LOG)
_ENCODE = json.JSONEncoder(separators=(",", ":")).encode


def order_row(record: OrderRecord) -> tuple[Any, ...]:
    """The values of the columns `PLAIN`, `JSON` and `COPIES`."""
    copies = (record.order.get("orderRef"), record.order.get("ocaGroup"))
    return (*_PLAIN_OF(record), *map(text, _JSON_OF(record)), *copies)


def order(row: Sequence[Any]) -> OrderRecord:
    """The record of a row with the columns `ORDER`."""
    named = dict(zip(ORDER, row, strict=True))
    values = {name: value(named[name]) for name in JSON}
    return OrderRecord(**named | values | {"change": named["change"] or "none", "heard": bool(named["heard"])})


def log_row(record: LogRecord) -> tuple[Any, ...]:
    """The values of the columns `LOG` and `data`."""
    return (*_LOG_OF(record), text(record.data))


def logged(row: Sequence[Any]) -> Data:
    """An event of the order log as clients read it, from the columns n, ts, topic, event, data, replayed."""
    *columns, data, replayed = row
    event = {**dict(zip(("n", "ts", "topic", "event"), columns, strict=True)), "data": json.loads(data)}
    return event | {"replayed": True} if replayed else event


def reported(row: Sequence[Any]) -> Reported:
    """The record of a row with the columns `REPORTED`."""
    owner, n, event, order_id, exec_id, shares = row
    return Reported(sys.intern(owner), n, sys.intern(event), order_id, exec_id, shares)


def once(row: Sequence[Any]) -> OnceRecord:
    """The record of a row with the columns `ONCE`."""
    owner, key, method, digest, outcome = row
    return OnceRecord(owner, key, method, digest, value(outcome))


def text(of: Any) -> str | None:
    """A value as JSON; None stays None."""
    return None if of is None else _ENCODE(of)


def value(of: str | None) -> Any:
    """The value of a JSON text; None stays None."""
    return None if of is None else json.loads(of)
