"""Requests that must not happen twice and are no orders: declared `once`, or paid for. Each takes a key.

The key is on disk before the request leaves, and its answer when it comes. The same key again gets that answer; where
none came, the request may have happened, and is not made again. What has never left frees its key.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bridge.session.digest import digest
from bridge.session.effects import Log
from bridge.session.orders.order_store import KEY
from bridge.session.outbox import Outbox
from bridge.session.records import OnceRecord, RecoveredState
from bridge.session.requests import Refused, Request
from bridge.session.routing import RequestPlan
from bridge.session.values import Data


def is_once(plan: RequestPlan, params: Data) -> bool:
    """Whether the request must not happen twice."""
    return plan.once or bool(params.get("regulatorySnapshot"))


class IdempotentRequests:
    def __init__(self, outbox: Outbox, recovered_state: RecoveredState) -> None:
        self._outbox = outbox
        self._records = {(record.owner, record.key): record for record in recovered_state.once}

    def run(self, request: Request, params: Data, go: Callable[[Data], None]) -> None:
        """Have `go` make the request, with its params, when the key is on disk. Raises Refused `keyConflict`."""
        params = dict(params)
        key = params.pop("onceKey", None) or request.id
        if not KEY.fullmatch(key):
            message = "onceKey: required where the request's id is not 1 to 64 of A-Z a-z 0-9 _ -"
            raise Refused("invalidParams", message, field="onceKey")
        record = OnceRecord(request.client, key, request.method, digest([request.method, params]))
        known = self._records.get((request.client, key))
        if known is None or (known.outcome or {}).get("unsent"):
            self._records[request.client, key] = record
            self._outbox.persist(
                [record],
                lambda _now: self._leave(request, record, lambda: go(params)),
                lambda reason, _now: self._not_written(request, record, reason),
            )
        elif (known.method, known.digest) != (record.method, record.digest):
            raise Refused("keyConflict", f"onceKey {key} belongs to another {known.method}", onceKey=key)
        else:
            self._recall(request, known)

    def _recall(self, request: Request, known: OnceRecord) -> None:
        if known.outcome is None:
            message = f"{known.method} was asked before under onceKey {known.key}, and its answer is not known"
            self._outbox.fail(request, "noResponse", message, data={"onceKey": known.key, "state": "unknown"})
        elif known.outcome["ok"]:
            result = known.outcome["result"]
            self._outbox.succeed(request, known.outcome.get("kind") or _kind_of(result), result)
        else:
            error = known.outcome["error"]
            self._outbox.fail(request, error["code"], error["message"], error.get("twsCode"), error.get("data"))

    def _not_written(self, request: Request, record: OnceRecord, reason: str) -> None:
        del self._records[record.owner, record.key]
        self._outbox.fail(
            request, "ledgerFailed", f"{record.method} could not be written down, and has not left: {reason}"
        )

    def _leave(self, request: Request, record: OnceRecord, go: Callable[[], None]) -> None:
        if request.answer is not None:
            self._store(record, {"ok": request.answer["ok"], "error": request.answer["error"], "unsent": True})
            return
        request.then = lambda outcome: self._store(record, outcome | ({"unsent": True} if _is_unsent(outcome) else {}))
        try:
            go()
        except Refused as refused:
            self._outbox.fail(request, refused.code, refused.message, data=refused.data)

    def _store(self, record: OnceRecord, outcome: Data) -> None:
        """Keep the answer. One that cannot be written is kept until the bridge ends, and unknown after."""
        told = self._records[record.owner, record.key] = record._replace(outcome=outcome)

        def not_written(reason: str) -> None:
            self._outbox.log(Log("error", f"the answer to {record.method} could not be written down: {reason}"))

        self._outbox.persist([told], lambda _now: None, lambda reason, _now: not_written(reason))


def _is_unsent(outcome: Data) -> bool:
    """Whether the answer says that the request has not left: there was no TWS to send it to, or no way to say it."""
    return not outcome["ok"] and outcome["error"]["code"] in ("notConnected", "invalidParams")


def _kind_of(result: Any) -> str:
    """The kind of a result from a ledger that was written before replies had kinds."""
    if isinstance(result, list):
        return "events"
    return "sent" if result == {"sent": True} else "event"
