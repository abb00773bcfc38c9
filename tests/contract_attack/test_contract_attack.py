"""A short seeded attack finds nothing; and each attack finds what is planted."""

from __future__ import annotations

from random import Random

import msgpack
import pytest

from bridge.params.models import Params
from bridge.session.orders.order_store import Order
from tests.contract_attack import episodes, requests, vectors
from tests.contract_attack.findings import Findings

#: Methods of each kind: own, a question in parts, one callback, a stream, a stream with a list, orders.
SOME = ("snapshot", "orderLog", "reqContractDetails", "reqCurrentTime", "reqMktData", "reqPositions", "placeOrder")


def test_params_are_taken_as_the_schema_says() -> None:
    found = requests.attack(seed=11, rounds=2)
    assert found.cases > 2000
    assert found.lines() == []


@pytest.mark.parametrize("method", SOME)
def test_all_that_is_heard_is_as_the_documents_say(method: str) -> None:
    found = Findings()
    episodes.play(found, Random(f"11 {method}"), method)
    assert found.cases > 40
    assert found.lines() == []


def test_changed_bytes_have_another_meaning() -> None:
    found = vectors.attack(seed=11, rounds=60)
    assert found.cases > 2500
    assert found.lines() == []


def test_a_check_that_reads_nil_otherwise_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    original = Params.model_validate.__func__  # type: ignore[attr-defined]

    def refuse_limits(cls: type[Params], given: object) -> Params:
        return original(cls, {**given, "limit": 0} if cls.__name__ == "OrderLogParams" else given)  # type: ignore[dict-item]

    monkeypatch.setattr(Params, "model_validate", classmethod(refuse_limits))
    found = requests.attack(seed=1, rounds=1)
    assert any("orderLog: refused, and the schema allows it (limit)" in line for line in found.lines())


def test_a_reply_that_is_not_declared_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Order, "facts", lambda _order: {"pong": True})
    found = Findings()
    episodes.play(found, Random("1"), "placeOrder")
    assert found.finds


def test_a_key_that_is_there_twice_is_found() -> None:
    found = Findings()
    body = msgpack.packb({"a": 1})
    vectors._compare(found, "events twice", body, b"\x82\xa1a\x02\xa1a\x01")
    assert list(found.finds) == ["events twice: other bytes, the same meaning to unpackb"]
