"""The witness of the contract sees each kind of breach; and it is asked: a bench that says something else fails."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.session import builtin_methods
from bridge.session.orders.order_store import Order
from tests.session.contract import Breach, witness
from tests.session.test_orders import place, status

ENVELOPE = {"v": 1, "epoch": "e1", "seq": 1, "ts": 1, "event": "heartbeat", "data": {"state": "ready", "since": 1}}
GAP = {"streams": ["1"], "topics": ["market.1."], "reason": "why", "since": 1}
FACTS = {"orderId": 1, "orderKey": "k", "state": "unknown"}


def word_of(topic: str) -> str:
    """The last word of a topic is its event; of a marker the first."""
    first, _, rest = topic.partition(".")
    return first if first == "sync" else rest.rpartition(".")[2]


def event(topic: str, **changes: Any) -> None:
    witness().event(topic, {**ENVELOPE, "event": word_of(topic), **changes})


def test_what_is_declared_passes() -> None:
    event("system.heartbeat")
    event("system.gap", data=GAP)
    event("order.alice.k.orderGap", data={**FACTS, "reason": "why", "unrecoverable": True}, n=1)
    event("order.alice.head", data={"log": "l", "head": 0})
    event("sync.abc", data={})
    event("system.unknownMessage", data={"id": 300, "payload": b"\0"})


@pytest.mark.parametrize(
    ("topic", "changes"),
    [
        ("system.heartbeat", {"data": {"state": "ready"}}),
        ("system.heartbeat", {"data": {"state": "ready", "since": 1, "more": 1}}),
        ("system.heartbeat", {"data": {"state": "dreaming", "since": 1}}),
        ("system.heartbeat", {"seq": 0}),
        ("system.heartbeat", {"extra": 1}),
        ("system.heartbeat", {"event": "trading"}),
        ("system.heartbeat", {"data": None}),
        ("system.heartbeet", {}),
        ("market.265598.heartbeat", {}),
        ("market.265598.openOrder", {"data": {}}),
        ("market.265_598.x.tickPrice", {"data": {}}),
        ("order.alice.k.orderGap", {"data": GAP}),
        ("order.alice.k.gap", {"data": GAP}),
        ("system.heartbeat", {"stale": True}),
        ("system.error", {"data": {}}),
        ("system.unknownMessage", {"data": {"id": 300, "payload": "text"}}),
        ("nowhere.at.all", {}),
        (f"sync.{'a' * 65}", {"data": {}}),
    ],
)
def test_an_event_that_is_not_declared_so_is_a_breach(topic: str, changes: dict[str, Any]) -> None:
    with pytest.raises(Breach):
        event(topic, **changes)


def reply(method: str | None = "ping", **body: Any) -> None:
    witness().reply({"v": 1, "id": "r1", **body}, method)


def error(code: str, **data: Any) -> None:
    reply(ok=False, error={"code": code, "message": "why", **({"data": data} if data else {})})


def test_declared_replies_pass() -> None:
    reply(ok=True, kind="ping", result={"ts": 1})
    reply("reqContractDetails", ok=True, kind="events", result=[], parts=2)
    reply(part=1, result={"event": "contractDetails", "data": {"reqId": 1}})
    error("tooLarge")
    error("notPermitted", rule="halt", reasons={"admin": "why"})


@pytest.mark.parametrize(
    "body",
    [
        {"ok": True},
        {"ok": True, "kind": "ping", "result": {}},
        {"ok": True, "result": {"ts": 1}},
        {"ok": True, "kind": "event", "result": {"ts": 1}},
        {"ok": True, "kind": "ping", "result": {"ts": 1, "more": 1}},
        {"ok": True, "kind": "ping", "result": {"ts": 1}, "error": {"code": "tooLarge", "message": ""}},
        {"ok": False, "result": {"ts": 1}},
        {"ok": False, "error": {"code": "tooLarge"}},
        {"ok": False, "error": {"code": "unheardOf", "message": ""}},
        {"ok": False, "error": {"code": "tooLarge", "message": "", "data": {"more": 1}}},
        {"ok": False, "error": {"code": "notPermitted", "message": "", "data": {"rule": "whim"}}},
        {"ok": False, "error": {"code": "notPermitted", "message": "", "data": {"rule": "halt", "limit": 1}}},
        {"part": 0, "result": {}},
    ],
)
def test_a_reply_that_is_not_declared_so_is_a_breach(body: dict[str, Any]) -> None:
    with pytest.raises(Breach):
        reply(**body)


def test_a_bench_holds_what_its_session_publishes(ready):
    ready.session._outbox.publish("system.", "surprise", {}, ready.now)
    with pytest.raises(Breach, match="it lists no event surprise"):
        ready.collect()


def test_a_bench_holds_what_its_session_answers(ready, monkeypatch):
    monkeypatch.setitem(builtin_methods.METHODS, "ping", lambda *_: {"pong": True})
    with pytest.raises(Breach, match="result of ping"):
        ready.ask("ping")


def test_a_bench_knows_which_method_a_late_answer_belongs_to(ready, monkeypatch):
    _, order_id = place(ready)
    monkeypatch.setattr(Order, "facts", lambda _order: {"pong": True})
    with pytest.raises(Breach, match="result of placeOrder"):
        status(ready, order_id)
