"""The hostile TWS keeps to its rules: its truth outlives it, its lists are current, nights take what nights take."""

from __future__ import annotations

import dataclasses

import pytest

from tests.campaign.tws import exchange as exchanges
from tests.campaign.tws.book import Book
from tests.campaign.tws.clock import Clock
from tests.campaign.tws.lists import Lists
from tests.campaign.tws.manners import calmed, draw

REF = "#tb:0123abcd:alice:{}:{}"


class EventSocket:
    """A connection that hears all."""

    name = "1-1"

    def __init__(self):
        self.heard = []

    def send(self, name, data):
        self.heard.append((name, data))

    def names(self):
        return [name for name, _ in self.heard]


class Bench:
    """An exchange that treats every order kindly, unless a test says otherwise."""

    def __init__(self, path, monkeypatch, **manner):
        kind = dataclasses.replace(calmed(draw("s", "alice", "k", 1)), first=None, **manner)
        monkeypatch.setattr(exchanges.manners, "draw", lambda *_: kind)
        self.ear, self.hung_up = EventSocket(), []
        self.path = path
        self.clock = Clock("20261123 10:00:00")
        self.book = Book.open(path)
        ends = {"ear_of": lambda _: self.ear, "hang_up": self.hung_up.append, "die": lambda: self.hung_up.append("all")}
        self.exchange = exchanges.Exchange("s", self.book, self.clock, **ends)
        self.exchange.begin_day("20261123", is_away=False)

    def place(self, number, key, **order):
        sent = {"action": "BUY", "totalQuantity": "5", "orderRef": REF.format(key, number), **order}
        self.exchange.place(self.ear, 1, {"orderId": number, "contract": {"conId": 1}, "order": sent})
        return self.book.by_number(1, number)

    def ask(self, name):
        self.ear.heard.clear()
        Lists(self.book, self.clock, forgets_ids=False).answer(self.ear, 1, name, {"reqId": 7})
        return self.ear.heard

    def perms(self, name):
        return [data.get("order", data.get("execution", {})).get("permId") for _, data in self.ask(name)]


@pytest.fixture
def bench(tmp_path, monkeypatch):
    return lambda **manner: Bench(tmp_path / "truth.jsonl", monkeypatch, **manner)


def test_the_truth_is_in_the_file(bench):
    made = bench()
    made.place(1, "k")
    made.exchange.cancel(made.ear, 1, 1)
    made.clock.later(1.0, lambda: None)
    again = Book.read(made.path)
    assert again.orders == made.book.orders
    assert again.day == "20261123"


def test_a_night_takes_day_orders_and_the_lists_of_the_day(bench, monkeypatch):
    monkeypatch.setattr(exchanges, "NIGHT_ENDS", 0.0)
    made = bench()
    day, good = made.place(1, "a", tif="DAY"), made.place(2, "b", tif="GTC")
    made.exchange.market.execute(good, 2)
    assert str(good.perm) in made.perms("reqExecutions")
    made.exchange.begin_day("20261124", is_away=False)
    assert (day.status, good.status) == ("Expired", "Submitted")
    assert made.ask("reqExecutions") == [("execDetailsEnd", {"reqId": 7})]
    assert made.ask("reqCompletedOrders") == [("completedOrdersEnd", {})]
    (shown, status, _) = made.ask("reqAllOpenOrders")
    assert shown[1]["order"]["permId"] == str(good.perm)
    assert status[1]["filled"] == "2"


def test_a_cancel_of_what_it_has_forgotten_finds_nothing(bench):
    made = bench()
    made.place(1, "a", tif="DAY")
    made.exchange.begin_day("20261124", is_away=False)
    made.ear.heard.clear()
    made.exchange.cancel(made.ear, 1, 1)
    assert [data["errorCode"] for _, data in made.ear.heard] == [10147]


def test_a_group_goes_out_when_its_last_is_there_or_never(bench):
    made = bench()
    parent = made.place(1, "p", transmit=False)
    child = made.place(2, "c", parentId=1, transmit=True)
    assert (parent.status, child.status) == ("Submitted", "PreSubmitted")
    alone = made.place(3, "q", transmit=False)
    made.exchange.drop_held(made.ear)
    assert alone.status == "Dropped"
    assert made.perms("reqAllOpenOrders").count(str(alone.perm)) == 0


@pytest.mark.parametrize(("admission", "status"), [("rejected", "Rejected"), ("inactive", "Inactive")])
def test_it_refuses_and_holds(bench, admission, status):
    made = bench(admission=admission)
    assert made.place(1, "k").status == status
    errors = [data["errorCode"] for name, data in made.ear.heard if name == "error"]
    assert errors == ([201] if admission == "rejected" else [])


def test_it_vanishes_with_the_order_and_without_it(bench):
    made = bench(admission="vanishLost")
    assert made.place(1, "k") is None
    assert made.hung_up == [made.ear]


def test_it_dies_with_an_order_that_works(bench):
    made = bench(admission="dies")
    assert made.place(1, "k").status == "Submitted"
    assert made.hung_up == [made.ear, "all"]


def test_a_correction_takes_the_place_of_what_it_corrects(bench):
    made = bench()
    entry = made.place(1, "k")
    made.exchange.market.execute(entry, 5)
    made.exchange.market.correct(entry)
    assert (entry.filled, entry.most_filled, entry.status) == (4, 5, "Filled")
    assert [execution.exec_id[-3:] for execution in entry.executions] == [".01", ".02"]
