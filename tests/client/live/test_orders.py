"""What an order handle shows, and when the client asks the bridge for the state of an order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tests.client.live.desk import AAPL, TS, Desk
from tws_bridge_client.calls import BridgeError
from tws_bridge_client.generated.types import Order
from tws_bridge_client.live import shared
from tws_bridge_client.live.orders import ASK_SETTLED, ASK_UNSETTLED, EXECUTED, MOST_ASKED, OVER, UNSETTLED, OrderView
from tws_bridge_client.live.shared import note_placed

PREFIX = "order.me."
BUY = {"action": "BUY", "orderType": "LMT", "totalQuantity": "10", "lmtPrice": 100.0}
STATES = ("queued", "sent", "acknowledged", "inactive", "unknown", "notFound", "filled", "cancelled", "rejected",
          "abandoned", "unsent")  # fmt: skip


def facts(state="acknowledged", **more):
    return {"orderKey": "k1", "state": state, **more}


def execution(exec_id="a.1.01", shares="4", price=100.0, side="BOT"):
    return {"contract": AAPL, "execution": {"execId": exec_id, "shares": shares, "price": price, "side": side}}


class OrderDesk(Desk):
    """A client that has placed the order k1."""

    def __init__(self, answer=None):
        super().__init__()
        self.handle = OrderView(self.hub, self.hub.orders(), "k1")
        self.hub.enter(self.handle)
        self.collect()
        self.join(PREFIX)
        note_placed(self.handle, {"contract": AAPL, "order": BUY}, answer or facts(), self.now)
        self.hub.on_timer(self.now)
        self.collect()
        if self.asked("awaitOrder"):
            self.answer("awaitOrder", answer or facts())

    def say(self, event, data, **more):
        self.hear(f"{PREFIX}k1.{event}", data, **more)
        self.hub.on_timer(self.now)
        self.collect()


def test_it_shows_what_was_placed_and_what_the_bridge_answers():
    desk = OrderDesk(facts(status="Submitted"))
    handle = desk.handle
    assert (handle.key, handle.state, handle.status, handle.filled, handle.remaining) == (
        "k1",
        "acknowledged",
        "Submitted",
        0,
        10,
    )
    assert (handle.average_price, handle.reason, handle.is_done, handle.fills_final) == (None, "", False, False)
    assert handle.order.lmtPrice == 100.0
    assert not handle.stale


def test_executions_count_once_with_corrections_and_the_state_is_asked_after_each():
    desk = OrderDesk()
    handle = desk.handle
    desk.say("execDetails", execution())
    assert (handle.filled, handle.remaining, handle.average_price) == (4, 6, 100.0)
    desk.say("execDetails", execution("a.2.01", "2", 103.0))
    assert (handle.filled, handle.average_price) == (6, 101.0)
    desk.say("execDetails", execution("a.2.02", "1", 105.0))
    assert (handle.filled, handle.average_price) == (5, 101.0)
    desk.say("execDetails", execution("a.2.01", "2", 103.0))
    assert handle.filled == 5, "the corrected execution comes again in a snapshot"
    desk.say("commissionAndFeesReport", {"execId": "a.1.01", "commissionAndFees": 1.5, "currency": "USD"})
    desk.say("commissionAndFeesReport", {"execId": "a.2.01", "commissionAndFees": 9.0, "currency": "USD"})
    assert [fill.commission for fill in handle.fills] == [1.5, None]
    assert len(desk.asked("awaitOrder")) == 1, "one question at a time"
    desk.answer("awaitOrder", facts("filled", filled="6", fillsFinal=True))
    assert (handle.state, handle.filled) == ("filled", 6)
    desk.hub.on_timer(desk.now)
    desk.collect()
    assert len(desk.asked("awaitOrder")) == 1, "it was told something while it asked, so it asks once more"


def test_events_that_overtake_the_answer_to_the_order_are_no_reason_to_wait():
    """The bridge answers at the first word of TWS. The client may have taken the fill by then."""
    desk = Desk()
    handle = OrderView(desk.hub, desk.hub.orders(), "k1")
    desk.hub.enter(handle)
    desk.collect()
    desk.join(PREFIX)
    desk.hear(f"{PREFIX}k1.execDetails", execution(shares="10"))
    note_placed(handle, {"contract": AAPL, "order": BUY}, facts(), desk.now)
    desk.hub.on_timer(desk.now)
    desk.collect()
    desk.answer("awaitOrder", facts("filled", filled="10", fillsFinal=True))
    assert handle.fills_final


def test_the_average_of_tws_stands_in_where_executions_are_missing():
    desk = OrderDesk(facts("filled", filled="10", fillsFinal=True))
    desk.say("orderStatus", {"status": "Filled", "avgFillPrice": 99.5, "filled": "10"})
    desk.say("execDetails", execution())
    assert (desk.handle.filled, desk.handle.average_price) == (10, 99.5)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("final", [False, True])
def test_when_it_is_done_and_when_the_state_is_asked_without_an_event(state, final):
    desk = OrderDesk(facts(state, fillsFinal=final))
    over = state not in ("queued", "sent", "acknowledged", "inactive", "unknown")
    assert desk.handle.is_done == over == (state in OVER)
    assert desk.handle.fills_final == (over and (final or state not in EXECUTED))
    soon = state in UNSETTLED or (state in EXECUTED and not final)
    desk.wait(ASK_UNSETTLED + 1)
    assert bool(desk.asked("awaitOrder")) == soon
    desk.wait(ASK_SETTLED)
    assert bool(desk.asked("awaitOrder")) == (soon or not over)


def test_a_loss_of_events_is_a_reason_to_ask():
    desk = OrderDesk()
    desk.say("orderStatus", {"status": "Submitted"}, skip=1)
    assert desk.handle.stale
    desk.join(PREFIX, ("k1.execDetails", execution()))
    desk.wait(1)
    assert desk.asked("awaitOrder")
    assert desk.handle.filled == 4


def test_a_question_that_fails_is_asked_again():
    desk = OrderDesk(facts("unknown", reason="no word"))
    assert desk.handle.reason == "no word"
    desk.wait(6)
    desk.fail("awaitOrder", "noBridge")
    desk.wait(6)
    assert desk.asked("awaitOrder")


def test_a_rejection_has_its_reason_and_other_errors_leave_no_handle():
    desk = OrderDesk()
    error = BridgeError({"code": "rejectedByTws", "message": "no margin", "twsCode": 201, "data": facts("rejected")})
    assert shared.is_rejection(desk.handle, error, desk.now)
    assert (desk.handle.state, desk.handle.reason, desk.handle.is_done) == ("rejected", "no margin", True)
    assert not shared.is_rejection(desk.handle, BridgeError({"code": "noBridge", "message": "silence"}), desk.now)
    desk.collect()
    assert PREFIX not in desk.subscribed


def test_a_change_is_of_the_whole_order_and_of_the_next_revision():
    desk = OrderDesk()
    revision, order = desk.handle.change_of({"lmtPrice": 101.0})
    assert (revision, order.to_dict()) == (1, BUY | {"lmtPrice": 101.0})
    desk.handle.take_change(facts(revision=1), order, 1)
    assert desk.handle.order.lmtPrice == 101.0
    revision, order = desk.handle.change_of({"totalQuantity": 5})
    assert (revision, order.lmtPrice, order.totalQuantity) == (2, 101.0, 5)
    with pytest.raises(TypeError, match="did you mean lmtPrice"):
        desk.handle.change_of({"lmtprice": 1.0})


def test_a_change_by_another_run_is_the_base_of_the_next_one():
    desk = OrderDesk()
    shown = {"contract": AAPL, "order": BUY | {"lmtPrice": 107.0, "permId": "5"}, "orderState": {"status": "Submitted"}}
    desk.say("openOrder", shown)
    desk.answer("awaitOrder", facts(revision=3))
    revision, order = desk.handle.change_of({"tif": "GTC"})
    assert (revision, order.lmtPrice, order.permId) == (4, 107.0, 5)


def test_an_order_that_is_not_known_yet_cannot_be_changed():
    desk = Desk()
    handle = OrderView(desk.hub, desk.hub.orders(), "k9")
    with pytest.raises(ValueError, match="TWS has not shown the order k9"):
        handle.change_of({"lmtPrice": 1.0})


def test_open_orders_are_those_that_may_work():
    desk = Desk()
    orders = shared.new_open_orders(desk.hub)
    desk.collect()
    shown = {"contract": AAPL, "order": BUY, "orderState": {"status": "Submitted"}}
    desk.join(PREFIX, ("k1.openOrder", shown), ("k2.openOrder", {**shown, "orderState": {"status": "Filled"}}),
              ("head", {"log": "a", "head": 2}))  # fmt: skip
    assert list(orders) == ["k1"]
    assert orders["k1"].order == Order.from_dict(BUY)
    desk.hear(f"{PREFIX}k1.orderStatus", {"status": "Cancelled"})
    assert dict(orders) == {}


def test_fills_are_in_order_and_since_a_time():
    desk = Desk()
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=TS // 1000)
    fills, later = shared.new_fills(desk.hub, None), shared.new_fills(desk.hub, at + timedelta(seconds=1))
    desk.collect()
    desk.join(PREFIX, ("k2.execDetails", execution("b.1.01", side="SLD")), ("k1.execDetails", execution()))
    assert [fill.key for fill in fills] == ["k2", "k1"]
    assert [fill.quantity for fill in fills] == [Decimal(-4), Decimal(4)]
    assert (len(fills), len(later)) == (2, 0)
    assert fills[-1].exec_id == "a.1.01"


def test_after_a_gap_so_many_questions_are_under_way_at_a_time():
    desk = OrderDesk()
    book = desk.hub.orders()
    for number in range(MOST_ASKED + 5):
        book.on_facts(f"o{number}", {"orderKey": f"o{number}", "state": "filled", "fillsFinal": True}, None, desk.now)
        book.watch(f"o{number}", desk.now)
    desk.say("orderStatus", {"status": "Submitted"}, skip=1)
    desk.join(PREFIX)
    desk.wait(1)
    assert len(desk.asked("awaitOrder")) == MOST_ASKED
    assert book.next_ask() == float("inf"), "nothing to do before an answer"
    while desk.asked("awaitOrder"):
        key = desk.asked("awaitOrder")[-1].params["orderKey"]
        desk.answer("awaitOrder", {"orderKey": key, "state": "filled", "fillsFinal": True})
        desk.hub.on_timer(desk.now)
        desk.collect()
    assert book.next_ask() == float("inf")
