"""What an order handle shows, and when the client asks the bridge for the state of an order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tests.client.live.desk import AAPL, TS, Desk
from tws_bridge_client.calls import BridgeError
from tws_bridge_client.closed import Closed
from tws_bridge_client.generated.messages import OpenOrder
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

    def __init__(self, answer=None, contract=AAPL, order=BUY):
        super().__init__()
        self.handle = OrderView(self.hub, self.hub.orders(), "k1")
        self.hub.enter(self.handle)
        self.collect()
        self.join(PREFIX)
        note_placed(self.handle, {"contract": contract, "order": order}, answer or facts(), self.now)
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


# What counts as executed


COMBO = {"symbol": "A", "secType": "BAG", "exchange": "SMART"}


def leg(exec_id, shares, sec_type="OPT"):
    return {**execution(exec_id, shares), "contract": {"symbol": "A", "secType": sec_type}}


def test_executions_of_the_legs_of_a_combo_do_not_count():
    desk = OrderDesk(contract=COMBO, order=BUY | {"totalQuantity": "30"})
    for data in (leg("a.1.01", "10", "BAG"), leg("a.2.01", "10"), leg("a.3.01", "10")):
        desk.say("execDetails", data)
    assert (desk.handle.filled, desk.handle.remaining, len(desk.handle.fills)) == (10, 20, 3)
    assert desk.handle.average_price == 100.0
    desk.answer("awaitOrder", facts(filled="10"))
    assert desk.handle.filled == 10


@pytest.mark.parametrize("field", ["faGroup", "faPercentage", "modelCode"])
def test_executions_of_an_allocated_order_do_not_count_and_the_bridge_says_how_much(field):
    desk = OrderDesk(order=BUY | {field: "x"})
    for number in (1, 2, 3):
        desk.say("execDetails", execution(f"a.{number}.01", "10"))
    assert (desk.handle.filled, desk.handle.average_price) == (0, None)
    desk.answer("awaitOrder", facts(filled="10"))
    assert (desk.handle.filled, len(desk.handle.fills)) == (10, 3)


def test_without_an_answer_of_the_bridge_the_figure_of_tws_shows_how_much():
    desk = Desk()
    orders = shared.new_open_orders(desk.hub)
    desk.collect()
    shown = {"contract": COMBO, "order": BUY | {"totalQuantity": "30"}, "orderState": {"status": "Submitted"}}
    desk.join(PREFIX, ("k1.execDetails", leg("a.1.01", "20")), ("k1.openOrder", shown),
              ("k1.orderStatus", {"status": "Submitted", "filled": "10"}))  # fmt: skip
    assert (orders["k1"].filled, orders["k1"].remaining) == (10, 20)


def test_that_an_order_is_allocated_is_known_from_what_was_placed_also_if_tws_does_not_show_it():
    desk = OrderDesk()
    desk.say("openOrder", {"contract": AAPL, "order": BUY, "orderState": {"status": "Submitted"}})
    note_placed(desk.handle, {"contract": AAPL, "order": BUY | {"faGroup": "all"}}, facts(), desk.now)
    desk.say("execDetails", execution())
    assert desk.handle.filled == 0


# A bridge that has lost its ledger


def lost(known=None, **more):
    """A client whose bridge has restarted with an empty ledger."""
    desk = OrderDesk(known or facts(filled="4", **more))
    desk.restart()
    desk.join(PREFIX)
    desk.wait(1)
    desk.fail("awaitOrder", "unknownOrder")
    return desk


def test_an_order_that_the_bridge_has_lost_is_unknown_and_waiting_for_it_ends():
    desk = lost()
    handle = desk.handle
    assert (handle.state, handle.filled, handle.stale) == ("unknown", 4, True)
    assert "ledger was lost" in handle.reason
    assert not handle.is_done
    assert not handle.is_waited_for()
    with pytest.raises(BridgeError, match="k1: the bridge has no order with this key") as caught:
        handle.end_of_wait()
    assert caught.value.code == handle.error.code == "unknownOrder"
    assert dict(shared.new_open_orders(desk.hub)).keys() == {"k1"}, "it may still work at TWS"


def test_when_the_old_state_is_back_the_reason_is_gone():
    desk = lost()
    desk.wait(ASK_UNSETTLED + 1)
    desk.answer("awaitOrder", facts(filled="6"))
    handle = desk.handle
    assert (handle.state, handle.filled, handle.stale, handle.error, handle.reason) == (
        "acknowledged", 6, False, None, "",
    )  # fmt: skip
    assert handle.is_waited_for()
    assert not handle.end_of_wait()


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("final", [False, True])
def test_which_orders_can_be_lost(state, final):
    """The key of an order that never left is free, and an order that has ended for good is known for good."""
    handle = lost(facts(state, fillsFinal=final)).handle
    settled = state in OVER and (final or state not in EXECUTED)
    assert bool(handle.error) == (not settled)
    assert handle.state == (state if settled else "unknown")


def test_open_orders_without_a_handle_are_asked_for_after_a_loss_too():
    desk = Desk()
    orders = shared.new_open_orders(desk.hub)
    desk.collect()
    shown = {"contract": AAPL, "order": BUY, "orderState": {"status": "Submitted"}}
    desk.join(PREFIX, ("k1.openOrder", shown))
    desk.restart()
    desk.join(PREFIX)
    desk.wait(1)
    desk.fail("awaitOrder", "unknownOrder")
    assert orders["k1"].state == "unknown"
    assert "ledger was lost" in orders["k1"].reason
    desk.wait(ASK_UNSETTLED + 1)
    desk.answer("awaitOrder", facts())
    desk.hear(f"{PREFIX}k1.orderStatus", {"status": "Cancelled"})
    desk.wait(1)
    desk.answer("awaitOrder", facts("cancelled", fillsFinal=True))
    assert dict(orders) == {}


# How many orders the client keeps


def end_order(desk, key):
    shown = {"contract": AAPL, "order": BUY, "orderState": {"status": "Filled"}}
    desk.hear(f"{PREFIX}{key}.openOrder", shown)
    desk.hear(f"{PREFIX}{key}.execDetails", execution(f"{key}.1.01", "10"))


@pytest.fixture
def few_ended(monkeypatch):
    monkeypatch.setattr("tws_bridge_client.live.orders.MOST_ENDED", 3)


@pytest.mark.usefixtures("few_ended")
def test_ended_orders_are_dropped_but_not_those_that_are_open_or_held():
    desk = OrderDesk()  # k1 is open, and then ends; its handle is held
    orders = shared.new_open_orders(desk.hub)
    book = desk.hub.orders()
    shown = {"contract": AAPL, "order": BUY, "orderState": {"status": "Submitted"}}
    desk.hear(f"{PREFIX}open.openOrder", shown)
    desk.say("execDetails", execution(shares="10"))
    desk.answer("awaitOrder", facts("filled", filled="10", fillsFinal=True))
    for number in range(50):
        end_order(desk, f"o{number}")
    assert len(book.records) == 4
    assert list(orders) == ["open"]
    assert desk.handle.filled == 10
    desk.say("commissionAndFeesReport", {"execId": "a.1.01", "commissionAndFees": 1.5, "currency": "USD"})
    assert desk.handle.fills[0].commission == 1.5, "a handle that is held stays right"
    desk.say("execDetails", execution("a.1.02", "8"))
    assert desk.handle.filled == 10, "the answer is older than the correction"
    desk.answer("awaitOrder", facts("filled", filled="8", fillsFinal=True))
    assert desk.handle.filled == 8
    del desk.handle
    for number in range(50):
        end_order(desk, f"p{number}")
    assert len(book.records) == 4
    assert book.record("k1").fills == [], "nobody has held it: it is a new record"


@pytest.mark.usefixtures("few_ended")
def test_handles_of_orders_that_never_were_leave_nothing():
    desk = OrderDesk()
    for number in range(50):
        handle = OrderView(desk.hub, desk.hub.orders(), f"o{number}")
        desk.hub.enter(handle)
        handle.close()
    assert len(desk.hub.orders().records) == 4


@pytest.mark.usefixtures("few_ended")
def test_a_handle_of_an_order_that_was_dropped_reads_its_fills_again():
    desk = OrderDesk()
    for number in range(50):
        end_order(desk, f"o{number}")
    handle = OrderView(desk.hub, desk.hub.orders(), "o1")
    desk.hub.enter(handle)
    handle.take(facts("filled", orderKey="o1", filled="10", fillsFinal=True), desk.now)
    desk.collect()
    assert handle.stale
    desk.join(PREFIX, ("o1.execDetails", execution("o1.1.01", "10")))
    assert (handle.stale, handle.filled, [fill.exec_id for fill in handle.fills]) == (False, 10, ["o1.1.01"])


@pytest.mark.usefixtures("few_ended")
def test_a_list_of_fills_has_all_and_a_later_one_reads_again_what_was_dropped():
    desk = OrderDesk()
    fills = shared.new_fills(desk.hub, None)
    for number in range(50):
        end_order(desk, f"o{number}")
    assert len(fills) == 50
    fills.close()
    end_order(desk, "last")
    assert len(desk.hub.orders().records) == 4
    fills = shared.new_fills(desk.hub, None)
    desk.collect()
    assert not shared.has_begun(desk.hub, fills)
    desk.join(PREFIX, *((f"o{number}.execDetails", execution(f"o{number}.1.01")) for number in range(50)))
    assert len(fills) == 51


# The orders of all clients


def all_orders(desk, *events):
    orders = shared.new_open_orders(desk.hub, all=True)
    desk.collect()
    desk.join("order.", *events)
    return orders


SHOWN = {"contract": AAPL, "order": BUY, "orderState": {"status": "Submitted"}}


def test_the_orders_of_all_clients_have_their_owners_in_the_key():
    desk = Desk()
    orders = all_orders(desk, ("me.k1.openOrder", SHOWN), ("external.77.openOrder", SHOWN),
                        ("me.head", {"log": "a", "head": 1}))  # fmt: skip
    fills = shared.new_fills(desk.hub, None, all=True)
    assert list(orders) == ["me.k1", "external.77"]
    desk.hear("order.you.k5.execDetails", execution("b.1.01"))
    desk.hear("order.you.k5.openOrder", SHOWN)
    assert (orders["you.k5"].filled, [fill.key for fill in fills]) == (4, ["you.k5"])
    desk.hear("order.external.77.orderStatus", {"status": "Cancelled"})
    assert list(orders) == ["me.k1", "you.k5"]
    desk.wait(ASK_SETTLED)
    assert not desk.asked("awaitOrder"), "the bridge answers no question about orders of others"


def test_after_a_loss_the_snapshot_says_which_orders_there_are():
    desk = Desk()
    orders = all_orders(desk, ("you.k1.openOrder", SHOWN), ("you.k2.openOrder", SHOWN))
    desk.hear("order.you.k1.orderStatus", {"status": "Submitted"}, skip=1)
    assert orders.stale
    desk.join("order.", ("you.k2.openOrder", SHOWN))
    assert (list(orders), orders.stale) == (["you.k2"], False)


def test_own_orders_are_shown_on_both_sides_and_each_event_comes_once():
    desk = OrderDesk()
    heard = []
    desk.hub.listeners.on(OpenOrder, lambda message, event: heard.append(event.topic))
    everything = all_orders(desk)
    mine = shared.new_open_orders(desk.hub)
    desk.hear(f"{PREFIX}k1.openOrder", SHOWN)
    desk.hear("order.you.k1.openOrder", SHOWN)
    assert (list(mine), list(everything)) == (["k1"], ["me.k1", "you.k1"])
    for due in desk.hub.listeners.due():
        due.callback(*due.arguments)
    assert heard == [f"{PREFIX}k1.openOrder", "order.you.k1.openOrder"]
    everything.close()
    desk.collect()
    assert {PREFIX, "order."} & desk.subscribed == {PREFIX}
    desk.hear(f"{PREFIX}k1.orderStatus", {"status": "Submitted"})
    assert not desk.handle.stale


@pytest.mark.usefixtures("few_ended")
def test_ended_orders_of_others_are_dropped_too():
    desk = Desk()
    orders = all_orders(desk)
    for number in range(50):
        desk.hear(f"order.you.o{number}.openOrder", {**SHOWN, "orderState": {"status": "Filled"}})
    desk.hear("order.you.open.openOrder", SHOWN)
    assert len(desk.hub.all_orders().records) == 4
    assert list(orders) == ["you.open"]


# Orders that no handle shows


INACTIVE = {"contract": AAPL, "order": BUY, "orderState": {"status": "Inactive"}}


@pytest.mark.parametrize(("state", "is_open"), [("rejected", False), ("inactive", True)])
def test_an_order_whose_status_does_not_say_whether_it_is_open_is_asked_for(state, is_open):
    desk = Desk()
    orders = shared.new_open_orders(desk.hub)
    desk.collect()
    desk.join(PREFIX, ("k1.openOrder", INACTIVE), ("k2.openOrder", SHOWN))
    assert orders.stale
    desk.wait(1)
    assert [ask.params["orderKey"] for ask in desk.asked("awaitOrder")] == ["k1"]
    desk.answer("awaitOrder", facts(state))
    assert not orders.stale
    assert list(orders) == (["k1", "k2"] if is_open else ["k2"])


REJECTION = {"id": 5, "errorCode": 201, "errorMsg": "Order rejected - reason: no margin"}
HELD = {"id": 5, "errorCode": 399, "errorMsg": "Your order will not be placed at the exchange until 09:30"}
OTHER = "order.you.k1."


@pytest.mark.parametrize(
    ("words", "is_open"),
    [
        # TWS rejects it: the error comes before the status, or after it.
        ([("error", REJECTION), ("openOrder", INACTIVE)], False),
        ([("openOrder", SHOWN), ("orderStatus", {"status": "Inactive"}), ("error", REJECTION)], False),
        # TWS holds it, and may work it later.
        ([("openOrder", INACTIVE)], True),
        ([("openOrder", INACTIVE), ("error", HELD)], True),
        ([("openOrder", INACTIVE), 60, ("error", REJECTION)], True),  # of a change, or of a cancel
        ([("openOrder", SHOWN), ("error", REJECTION), 60, ("orderStatus", {"status": "Inactive"})], True),
        ([("error", REJECTION), ("openOrder", INACTIVE), 1, ("orderStatus", {"status": "Submitted"})], True),
        ([("error", REJECTION), ("openOrder", INACTIVE), ("execDetails", execution())], True),
        # TWS lists it among the orders that are over, and does not show it as open after that.
        ([("openOrder", INACTIVE), 60, ("completedOrder", INACTIVE)], False),
        ([("openOrder", INACTIVE), ("completedOrder", INACTIVE), 60, ("openOrder", INACTIVE)], True),
    ],
)
def test_an_inactive_order_of_another_client_is_over_if_tws_has_rejected_it(words, is_open):
    desk = Desk()
    orders = all_orders(desk)
    for word in words:
        if isinstance(word, int):
            desk.wait(word)
        else:
            desk.hear(OTHER + word[0], word[1])
    assert list(orders) == (["you.k1"] if is_open else [])


@pytest.mark.parametrize(
    ("events", "is_open"),
    [
        ([("error", REJECTION), ("openOrder", INACTIVE), ("orderStatus", {"status": "Inactive"})], False),
        ([("completedOrder", INACTIVE), ("openOrder", INACTIVE)], False),
        ([("openOrder", INACTIVE)], True),
    ],
)
def test_a_snapshot_tells_the_same(events, is_open):
    desk = Desk()
    orders = all_orders(desk, *((f"you.k1.{name}", data) for name, data in events))
    assert list(orders) == (["you.k1"] if is_open else [])


def test_of_its_own_inactive_orders_the_bridge_says_whether_they_are_over():
    desk = Desk()
    orders = shared.new_open_orders(desk.hub)
    desk.collect()
    desk.join(PREFIX, ("k1.error", REJECTION), ("k1.openOrder", INACTIVE))
    assert orders.stale
    desk.wait(1)
    desk.answer("awaitOrder", facts("inactive"))  # the error was about a change
    assert (list(orders), orders.stale) == (["k1"], False)


def test_of_the_orders_of_all_clients_the_bridge_tells_no_state():
    desk = Desk()
    orders = all_orders(desk, ("you.k1.openOrder", INACTIVE))
    desk.wait(1)
    assert not desk.asked("awaitOrder")
    assert (list(orders), orders.stale) == (["you.k1"], False)


# A handle that is closed


def test_waiting_for_a_closed_handle_ends_also_if_another_one_shows_the_order():
    desk = OrderDesk()
    other = OrderView(desk.hub, desk.hub.orders(), "k1")
    desk.hub.enter(other)
    assert desk.handle.is_waited_for()
    desk.handle.close()
    assert not desk.handle.is_waited_for()
    with pytest.raises(Closed, match="the handle of the order k1 is closed"):
        desk.handle.end_of_wait()
    assert other.is_waited_for()
    other.take(facts("filled", fillsFinal=True), desk.now)
    assert desk.handle.end_of_wait(), "it is known that the order is over"


# Revisions of changes


def refusal(code, **more):
    return BridgeError({"code": code, "message": code, "data": more})


def test_a_change_that_tws_rejects_has_used_up_its_revision():
    desk = OrderDesk()
    revision, _ = desk.handle.change_of({"lmtPrice": -1.0})
    desk.handle.take_change_error(refusal("rejectedByTws", **facts(revision=1)), revision)
    revision, order = desk.handle.change_of({"lmtPrice": 101.0})
    assert (revision, order.to_dict()) == (2, BUY | {"lmtPrice": 101.0})
    desk.handle.take_change(facts(revision=2), order, 2)
    revision, order = desk.handle.change_of({"totalQuantity": 5})
    assert (revision, order.lmtPrice) == (3, 101.0)


def test_a_rejected_change_that_is_repeated_is_a_new_one():
    desk = OrderDesk()
    revision, _ = desk.handle.change_of({"lmtPrice": 101.0})
    desk.handle.take_change_error(refusal("rejectedByTws", **facts(revision=1)), revision)
    assert desk.handle.change_of({"lmtPrice": 101.0})[0] == 2


@pytest.mark.parametrize("error", [refusal("noBridge"), refusal("noResponse", **facts(revision=1, change="unknown"))])
def test_after_a_timeout_the_same_change_has_the_same_revision_and_another_one_a_new_one(error):
    desk = OrderDesk()
    first = desk.handle.change_of({"lmtPrice": 101.0})
    desk.handle.take_change_error(error, first[0])
    assert desk.handle.change_of({"lmtPrice": 101.0}) == first
    revision, order = desk.handle.change_of({"lmtPrice": 102.0})
    assert (revision, order.lmtPrice) == (2, 102.0)


def test_a_revision_that_an_earlier_run_has_used_up_is_not_used_again():
    desk = OrderDesk()
    revision, _ = desk.handle.change_of({"lmtPrice": 101.0})
    desk.handle.take_change_error(refusal("keyConflict", **facts(revision=1)), revision)
    assert desk.handle.change_of({"lmtPrice": 101.0})[0] == 2


# An order that TWS lists as completed


def test_the_quantity_of_a_completed_order_stays_that_of_the_order():
    desk = OrderDesk()
    listed = {"contract": AAPL, "order": BUY | {"totalQuantity": "0"}, "orderState": {"status": "Cancelled"}}
    desk.say("execDetails", execution())
    desk.say("completedOrder", listed)
    assert (desk.handle.order.totalQuantity, desk.handle.remaining) == (10, 6)


def test_the_quantity_of_a_completed_order_of_another_run_is_not_known():
    desk = Desk()
    book = desk.hub.orders()
    desk.collect()
    listed = {"contract": AAPL, "order": BUY | {"totalQuantity": "0"}, "orderState": {"status": "Filled"}}
    desk.join(PREFIX, ("k1.completedOrder", listed))
    record = book.record("k1")
    assert (record.order.totalQuantity, record.remaining) == (None, None)
    record.on_facts(facts("filled", filled="10", fillsFinal=True))
    assert record.remaining == 0
    handle = OrderView(desk.hub, book, "k1")
    note_placed(handle, {"contract": AAPL, "order": BUY}, facts("filled", filled="10", fillsFinal=True), desk.now)
    assert (handle.order.totalQuantity, handle.remaining) == (10, 0), "the program places it again, and knows it"


def test_the_quantity_of_a_changed_order_is_not_taken_from_what_was_placed():
    desk = Desk()
    handle = OrderView(desk.hub, desk.hub.orders(), "k1")
    desk.hub.enter(handle)
    desk.collect()
    listed = {"contract": AAPL, "order": BUY | {"totalQuantity": "0"}, "orderState": {"status": "Cancelled"}}
    desk.join(PREFIX, ("k1.completedOrder", listed))
    note_placed(handle, {"contract": AAPL, "order": BUY}, facts("cancelled", revision=1), desk.now)
    assert handle.remaining is None


def test_after_a_restart_a_handle_is_stale_until_the_new_bridge_has_told_the_state():
    desk = OrderDesk()
    desk.say("orderStatus", {"status": "Submitted"})
    desk.answer("awaitOrder", facts())
    assert not desk.handle.stale
    desk.restart()
    desk.join(PREFIX)
    assert desk.handle.stale, "the state is what the bridge before has told"
    desk.wait(1)
    desk.answer("awaitOrder", facts())
    assert not desk.handle.stale
