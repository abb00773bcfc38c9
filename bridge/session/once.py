"""Requests that must not happen twice and are no orders: declared `once`, or paid for. Each takes a key.

The key is on disk before the request leaves, and its answer when it comes. The same key again gets that answer; where
none came, the request may have happened, and is not made again. What has never left frees its key.
"""

from __future__ import annotations

from collections.abc import Callable

from bridge.session.asks import Ask, Refused
from bridge.session.effects import Log
from bridge.session.orders.book import KEY
from bridge.session.orders.outgoing import digest
from bridge.session.outlet import Outlet
from bridge.session.records import OnceRecord, Recollection
from bridge.session.values import Data
from bridge.session.vocabulary import RequestPlan


def is_once(plan: RequestPlan, params: Data) -> bool:
    """Whether the request must not happen twice."""
    return plan.once or bool(params.get("regulatorySnapshot"))


class Once:
    def __init__(self, outlet: Outlet, recollection: Recollection) -> None:
        self._outlet = outlet
        self._records = {(record.owner, record.key): record for record in recollection.once}

    def run(self, ask: Ask, params: Data, go: Callable[[Data], None]) -> None:
        """Have `go` make the request, with its params, when the key is on disk. Raises Refused `keyConflict`."""
        params = dict(params)
        key = params.pop("onceKey", None) or ask.id
        if not KEY.fullmatch(key):
            message = "onceKey: required where the request's id is not 1 to 64 of A-Z a-z 0-9 _ -"
            raise Refused("invalidParams", message, field="onceKey")
        record = OnceRecord(ask.client, key, ask.method, digest([ask.method, params]))
        known = self._records.get((ask.client, key))
        if known is None or (known.outcome or {}).get("unsent"):
            self._records[ask.client, key] = record
            self._outlet.persist(
                [record],
                lambda _now: self._leave(ask, record, lambda: go(params)),
                lambda reason, _now: self._not_written(ask, record, reason),
            )
        elif (known.method, known.digest) != (record.method, record.digest):
            raise Refused("keyConflict", f"onceKey {key} belongs to another {known.method}", onceKey=key)
        else:
            self._recall(ask, known)

    def _recall(self, ask: Ask, known: OnceRecord) -> None:
        if known.outcome is None:
            message = f"{known.method} was asked before under onceKey {known.key}, and its answer is not known"
            self._outlet.fail(ask, "noResponse", message, data={"onceKey": known.key, "state": "unknown"})
        elif known.outcome["ok"]:
            self._outlet.succeed(ask, known.outcome["result"])
        else:
            error = known.outcome["error"]
            self._outlet.fail(ask, error["code"], error["message"], error.get("twsCode"), error.get("data"))

    def _not_written(self, ask: Ask, record: OnceRecord, reason: str) -> None:
        del self._records[record.owner, record.key]
        self._outlet.fail(ask, "ledgerFailed", f"{record.method} could not be written down, and has not left: {reason}")

    def _leave(self, ask: Ask, record: OnceRecord, go: Callable[[], None]) -> None:
        if ask.answer is not None:
            self._store(record, {"ok": ask.answer["ok"], "error": ask.answer["error"], "unsent": True})
            return
        ask.then = lambda outcome: self._store(record, outcome | ({"unsent": True} if _is_unsent(outcome) else {}))
        try:
            go()
        except Refused as refused:
            self._outlet.fail(ask, refused.code, refused.message, data=refused.data)

    def _store(self, record: OnceRecord, outcome: Data) -> None:
        """Keep the answer. One that cannot be written is kept until the bridge ends, and unknown after."""
        told = self._records[record.owner, record.key] = record._replace(outcome=outcome)

        def not_written(reason: str) -> None:
            self._outlet.log(Log("error", f"the answer to {record.method} could not be written down: {reason}"))

        self._outlet.persist([told], lambda _now: None, lambda reason, _now: not_written(reason))


def _is_unsent(outcome: Data) -> bool:
    """Whether the answer says that the request has not left: there was no TWS to send it to, or no way to say it."""
    return not outcome["ok"] and outcome["error"]["code"] in ("notConnected", "invalidParams")
