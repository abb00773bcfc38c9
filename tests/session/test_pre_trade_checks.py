"""The guard itself, for those who call it: groups, what is about to leave, older twins."""

from __future__ import annotations

import pytest

from bridge.catalogue import catalogue
from bridge.session.contracts.instruments import Instruments
from bridge.session.requests import Refused, Request
from bridge.session.rights.fences import Fences
from bridge.session.rights.grants import Grant
from bridge.session.rights.permissions import Permissions
from bridge.session.rights.pre_trade_checks import PreTradeChecks
from bridge.session.routing import RoutingTable
from bridge.session.values import Instant
from tests.session.conftest import AAPL
from tests.session.test_orders import ORDER


def checks(**limits):
    grants = {"alice": Grant(frozenset({"trade"}), **limits), "boss": Grant(frozenset({"admin"}))}
    return PreTradeChecks(Permissions(grants), Fences({}), Instruments(), lambda _: None, list)


def requests(method="placeOrders", client="alice", instance=None):
    return Request(client, "x", method, {}, None, False, "", instance)


def content(**order):
    return {"contract": AAPL, "order": {**ORDER, "totalQuantity": "10", **order}}


def now(seconds):
    return Instant(1000.0 + seconds, 0)


def so_many(open_orders):
    return lambda: open_orders


def refused(call, *arguments):
    with pytest.raises(Refused) as error:
        call(*arguments)
    return error.value.data


def test_a_group_that_is_refused_does_not_count():
    watched = checks(max_orders_per_minute=3)
    told = refused(watched.place_all, requests(), [content()] * 4, so_many(0), now(0))
    assert told == {"rule": "max_orders_per_minute", "limit": 3, "asked": 4}
    watched.place_all(requests(), [content()] * 2, so_many(0), now(0))
    assert refused(watched.place_all, requests(), [content()] * 2, so_many(0), now(5))["wait"] == 55
    watched.place_all(requests(), [content()], so_many(0), now(10))
    assert refused(watched.place_all, requests(), [content()] * 3, so_many(0), now(20))["wait"] == 50
    watched.place_all(requests(), [content()] * 2, so_many(0), now(60))
    assert refused(watched.place, requests(), content(), so_many(0), now(61))["wait"] == 9


def test_one_order_beyond_a_limit_refuses_its_group():
    watched = checks(max_open_orders=3)
    watched.place_all(requests(), [content()] * 2, so_many(1), now(0))
    told = {"rule": "max_open_orders", "limit": 3, "asked": 4}
    assert refused(watched.place_all, requests(), [content()] * 3, so_many(1), now(0)) == told
    watched.place_all(requests(), [content(whatIf=True)], so_many(3), now(0))


@pytest.mark.parametrize("open_orders", [1, 2])
def test_an_exercise_is_an_open_order_too(open_orders):
    watched = checks(max_open_orders=2)
    exercise = {"contract": AAPL, "order": {"exerciseAction": 1, "exerciseQuantity": 1, "account": "DU1"}}
    if open_orders < 2:
        watched.place_all(requests("exerciseOptions"), [exercise], so_many(open_orders), now(0))
    else:
        told = refused(watched.place_all, requests("exerciseOptions"), [exercise], so_many(open_orders), now(0))
        assert told["rule"] == "max_open_orders"


def test_what_is_about_to_leave_is_held_against_the_kill_switch_again():
    watched = checks()
    whole, less, asked = content(), content(totalQuantity="9"), content(whatIf=True)
    contents = [(None, whole), (whole, less), (less, whole), (None, asked)]
    assert [watched.may_leave(*each) for each in contents] == [None] * 4
    watched.kill_switch.turn("admin", "drill")
    told = [watched.may_leave(*each) for each in contents]
    assert [refusal and refusal.data["rule"] for refusal in told] == ["halt", None, "halt", None]


VOCABULARY = RoutingTable(catalogue())


@pytest.mark.parametrize(
    ("method", "fenced"),
    [
        ("resume", True),
        ("reqGlobalCancel", True),
        ("replaceFA", True),
        ("updateConfig", True),
        ("reqMarketDataType", True),
        ("reqAutoOpenOrders", True),
        ("updateDisplayGroup", True),
        ("halt", False),
        ("clients", False),
        ("reqConfig", False),
        ("status", False),
        ("reqMktData", False),
        ("reqPositions", False),
    ],
)
def test_an_older_twin_changes_nothing(method, fenced):
    fences = Fences({"boss": ["one", "two"]})
    watched = PreTradeChecks(Permissions(), fences, Instruments(), lambda _: None, list)
    plan = VOCABULARY.requests.get(method)
    watched.fence(requests(method, "boss", "two"), plan)
    if fenced:
        assert refused(watched.fence, requests(method, "boss", "one"), plan)["rule"] == "instance"
    else:
        watched.fence(requests(method, "boss", "one"), plan)
