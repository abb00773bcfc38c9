"""Idempotent requests that are not orders: declared `once`, or paid for. Each has a key.

The bridge writes the key to disk before it sends the request, and the answer when TWS sends it. A client that uses the
key again gets the stored answer. If no answer is stored, TWS may have run the request: the bridge does not send it
again. If the bridge never sent the request, the key is free again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bridge.session.archive import Archive
from bridge.session.digest import digest
from bridge.session.orders.order_store import KEY
from bridge.session.outbox import Outbox
from bridge.session.records import OnceRecord
from bridge.session.requests import Refused, Request
from bridge.session.routing import RequestPlan
from bridge.session.values import Data, Instant


def is_once(plan: RequestPlan, params: Data) -> bool:
    """Return whether the request must not run twice."""
    return plan.once or bool(params.get("regulatorySnapshot"))


class IdempotentRequests:
    """The idempotent requests of all clients, by client and key.

    Only requests whose outcome is not on disk are in memory. The archive has the others.
    """

    def __init__(self, outbox: Outbox, archive: Archive) -> None:
        self._outbox = outbox
        self._archive = archive
        self._records: dict[tuple[str, str], OnceRecord] = {}

    def run(self, request: Request, params: Data, go: Callable[[Data], None]) -> None:
        """Write the request's key to disk, then call `go` with the params. If the key is known, answer from the record.

        Raises Refused: `invalidParams` for a bad key, `keyConflict` if the key belongs to another request.
        """
        if self.recall(request, params):
            return
        record = _record(request, params)
        checked = {name: value for name, value in params.items() if name != "onceKey"}
        self._records[record.owner, record.key] = record
        self._outbox.persist_to_send(
            1,
            [record],
            lambda _: self._outbox.when_room("rest", 1, lambda now: self._leave(request, record, go, checked, now)),
            lambda reason, _now: self._not_written(request, record, reason),
        )

    def recall(self, request: Request, params: Data) -> bool:
        """Answer from the record if the key is known. Returns False for a new key. Raises Refused as `run` does."""
        record = _record(request, params)
        owner, key = record.owner, record.key
        known = self._records.get((owner, key)) or self._archive.once_record(owner, key)
        if known is None or (known.outcome or {}).get("unsent"):
            return False
        if (known.method, known.digest) != (record.method, record.digest):
            raise Refused("keyConflict", f"the client has used onceKey {key} for another {known.method}", onceKey=key)
        self._recall(request, known)
        return True

    def _recall(self, request: Request, known: OnceRecord) -> None:
        if known.outcome is None:
            message = (
                f"the bridge may have sent {known.method} before with onceKey {known.key}; its answer is not known"
            )
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
            request,
            "ledgerFailed",
            f"the bridge could not write {record.method} to disk, and has not sent it: {reason}",
        )

    def _leave(
        self, request: Request, record: OnceRecord, go: Callable[[Data], None], params: Data, now: Instant
    ) -> None:
        """There is room for the request: send it, unless it is answered already."""
        if request.answer is not None:
            self._store(record, {"ok": request.answer["ok"], "error": request.answer["error"], "unsent": True})
            return
        request.then = lambda outcome: self._store(record, outcome | ({"unsent": True} if _is_unsent(outcome) else {}))
        try:
            if request.is_over(now):
                raise Refused("expired", f"the time of {request.method} was over before it could leave")
            go(params)
        except Refused as refused:
            self._outbox.refuse(request, refused)

    def _store(self, record: OnceRecord, outcome: Data) -> None:
        """Write the answer to disk. If the write fails, the answer is known only until the bridge stops."""
        told = self._records[record.owner, record.key] = record._replace(outcome=outcome)

        def not_written(reason: str) -> None:
            self._outbox.log("notStored", what=f"the answer to {record.method}", reason=reason)

        def written() -> None:
            if self._records.get((record.owner, record.key)) is told:
                del self._records[record.owner, record.key]

        self._outbox.persist([told], lambda _now: written(), lambda reason, _now: not_written(reason))


def _record(request: Request, params: Data) -> OnceRecord:
    """The record of the request, without an outcome. Raises Refused `invalidParams` for a bad key."""
    key = params.get("onceKey") or request.id
    if not KEY.fullmatch(key):
        message = "onceKey: required unless the request's id is 1 to 64 of A-Z a-z 0-9 _ -"
        raise Refused("invalidParams", message, field="onceKey")
    content = {name: value for name, value in params.items() if name != "onceKey"}
    return OnceRecord(request.client, key, request.method, digest([request.method, content]))


def _is_unsent(outcome: Data) -> bool:
    """Return whether this answer proves that the bridge did not send the request.

    There was no connection, it could not be encoded, its time was over, or a reload has taken the right to it before.
    """
    return not outcome["ok"] and outcome["error"]["code"] in (
        "notConnected",
        "invalidParams",
        "notPermitted",
        "expired",
    )


def _kind_of(result: Any) -> str:
    """The kind of a result from a ledger that was written before replies had kinds."""
    if isinstance(result, list):
        return "events"
    return "sent" if result == {"sent": True} else "event"
