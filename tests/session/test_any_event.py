"""Nothing that decodes makes the session raise, whatever it leaves out or says: the stream goes on."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.catalogue import catalogue
from bridge.tws.events import Message
from tests.session.conftest import AAPL, Bench
from tests.session.test_orders import ORDER
from tests.strategies import messages

EVENTS = sorted(name for message in catalogue().events() for name in message.callbacks())
DECLARED = sorted(message.name for message in catalogue().events())


def busy() -> Bench:
    """A session with a stream, a question with an id, one without, and an order under way."""
    bench = Bench()
    bench.astray = True
    bench.start()
    bench.ready()
    bench.ask("reqMktData", contract=AAPL)
    bench.ask("reqHistoricalData", contract=AAPL, barSizeSetting="1 day", duration="1 D", whatToShow="TRADES")
    bench.ask("reqPositions")
    bench.ask("placeOrder", contract=AAPL, order={"action": "BUY", "totalQuantity": "1", "orderType": "MKT"})
    return bench


def hear(bench: Bench, name: str, data: dict[str, object]) -> None:
    bench.session.on_events([Message(name, data)], bench.now)
    bench.collect()
    assert bench.result(bench.ask("status"))["connection"]["state"] in ("ready", "degraded")


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_that_says_nothing(name: str) -> None:
    hear(busy(), name, {})


@pytest.mark.parametrize("name", DECLARED)
@given(data=st.data())
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
def test_an_event_that_says_anything(name: str, data: st.DataObject) -> None:
    said = data.draw(messages(name, closed=True))
    message = catalogue().messages[name]
    callback = name if message.event is None else message.event.names[str(said[message.event.by])]
    bench = busy()
    ids = [send["reqId"] for send in bench.sends("reqMktData") + bench.sends("reqHistoricalData")]
    for id_ in (None, *ids, 100):
        ours = {} if id_ is None else {key: id_ for key in ("reqId", "orderId", "id") if key in said}
        hear(bench, callback, {**said, **ours})


def test_a_message_that_the_bridge_fails_to_handle_costs_none_of_those_behind_it(ready, monkeypatch):
    ready.may_fail = True
    ready.ask("placeOrder", orderKey="k1", contract=AAPL, order=ORDER)
    handle = ready.session._trading.on_event

    def fail_once(name, data, now):
        monkeypatch.undo()
        raise ArithmeticError("seven")

    monkeypatch.setattr(ready.session._trading, "on_event", fail_once)
    words = [
        Message("orderStatus", {"orderId": 100, "status": word, "permId": "7", "clientId": 1})
        for word in ("Submitted", "Cancelled")
    ]
    ready.session.on_events(words, ready.now)
    ready.collect()
    assert handle == ready.session._trading.on_event
    assert ready.disk.orders[100].state == "cancelled"
    assert "seven" in ready.on("system.defect")[0]["data"]["reason"]
    assert any("seven" in log.text for log in ready.logs)
    ready.wait(5)
    assert ready.internal_requests
