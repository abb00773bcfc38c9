"""Option calculations fit the quotes; exercise turns options into stock."""

from decimal import Decimal
from typing import Any

import pytest

from tests.simulator.world import AAPL, World

OPTION = {"conId": 700000001, "exchange": "SMART"}
OUT = {"conId": 700000009, "exchange": "SMART"}


def held(quantity: str = "3", contract: dict[str, Any] = OPTION) -> World:
    world = World(ticks_per_second=500)
    world.place(1, "BUY", quantity, contract=contract)
    world.run(3)
    assert world.position(contract["conId"]) == Decimal(quantity)
    return world


def test_the_two_calculations_are_inverse_and_fit_the_model() -> None:
    world = World()
    (_, first), *_ = [e for e in world.ask("reqMktData", reqId=1, contract=OPTION) if e[0] == "tickOptionComputation"]
    spot = first["undPrice"]
    for asked, volatility in ((2, 0.2), (3, 0.5)):
        query = {"contract": OPTION, "underPrice": spot}
        ((name, priced),) = world.ask("calculateOptionPrice", reqId=asked, volatility=volatility, **query)
        assert name == "tickOptionComputation" and priced["tickType"] == 53
        back = world.ask("calculateImpliedVolatility", reqId=asked, optionPrice=priced["optPrice"], **query)
        assert back[0][1]["impliedVol"] == pytest.approx(volatility, abs=1e-6)
    quoted = world.ask("calculateImpliedVolatility", reqId=4, optionPrice=first["optPrice"], **query)
    assert quoted[0][1]["impliedVol"] == pytest.approx(first["impliedVol"], abs=1e-6)


def test_a_price_without_a_volatility_is_not_computed() -> None:
    world = World()
    query = {"contract": OPTION, "optionPrice": 0.01, "underPrice": 300.0}
    assert world.ask("calculateImpliedVolatility", reqId=1, **query)[0][1]["impliedVol"] == -1.0


@pytest.mark.parametrize("wrong", [{"contract": AAPL}, {"underPrice": 0.0}, {"volatility": -1.0}, {"volatility": 99.0}])
def test_impossible_calculations_are_refused(wrong: dict[str, Any]) -> None:
    world = World()
    query = {"contract": OPTION, "volatility": 0.3, "underPrice": 230.0} | wrong
    world.ask("calculateOptionPrice", reqId=1, **query)
    assert world.errors() == [(1, 321)]


def test_an_exercise_turns_options_into_stock_at_the_strike() -> None:
    world = held()
    account = world.exchange.accounts["DU1234567"]
    cash = account.cash["USD"]
    world.ask("reqPositions")
    request = {"contract": OPTION, "exerciseAction": 1, "exerciseQuantity": 2, "account": "", "override": False}
    assert [name for name, _ in world.ask("exerciseOptions", orderId=2, **request)] == ["openOrder", "orderStatus"]
    world.run(0.5)
    assert world.position(700000001) == 1 and world.position() == 200
    assert account.cash["USD"] == cash - 200 * 220
    assert world.statuses(2) == ["Submitted", "Filled"]
    fills = [e["execution"] for e in world.events("execDetails") if e["execution"]["orderId"] == 2]
    assert [(f["side"], f["shares"], f["price"], f["optExerciseOrLapseType"]) for f in fills] == [
        ("SLD", "2", 0.0, 1), ("BOT", "200", 220.0, 1),
    ]  # fmt: skip
    assert {e["position"] for e in world.events("position")} >= {"1", "200"}
    assert world.ask("reqIds") == [("nextValidId", {"orderId": 3})]
    listed = [name for name, _ in world.ask("reqExecutions", reqId=9, executionFilter={})]
    assert listed.count("execDetails") == len(list(world.events("execDetails"))) / 2


def test_a_lapse_leaves_nothing() -> None:
    world = held("1", OUT)
    request = {"contract": OUT, "exerciseAction": 2, "exerciseQuantity": 1, "account": ""}
    world.ask("exerciseOptions", orderId=2, **request)
    world.run(0.5)
    assert world.position(700000009) == 0 and world.position() == 0
    assert world.errors() == []


def test_an_exercise_can_be_cancelled_until_it_is_done() -> None:
    world = held()
    request = {"contract": OPTION, "exerciseAction": 1, "exerciseQuantity": 2, "account": ""}
    world.ask("exerciseOptions", orderId=2, **request)
    world.ask("cancelOrder", orderId=2)
    world.run(0.5)
    assert world.statuses(2) == ["Submitted", "PendingCancel", "Cancelled"] and world.position(700000001) == 3


def test_an_exercise_is_not_changed_into_an_order() -> None:
    world = held()
    request = {"contract": OPTION, "exerciseAction": 1, "exerciseQuantity": 2, "account": ""}
    world.ask("exerciseOptions", orderId=2, **request)
    world.place(2, "SELL", "1", contract=OPTION)
    world.run(0.5)
    assert world.errors() == [(2, 105)]
    assert world.statuses(2) == ["Submitted", "Filled"] and world.position() == 200


def test_a_position_that_is_sold_meanwhile_is_not_exercised() -> None:
    world = held("1")
    world.place(2, "SELL", "1", contract=OPTION)
    request = {"contract": OPTION, "exerciseAction": 1, "exerciseQuantity": 1, "account": ""}
    world.ask("exerciseOptions", orderId=3, **request)
    world.run(1)
    assert world.statuses(3)[-1] == "Inactive" and world.errors() == [(3, 201)]
    assert world.position(700000001) == 0 and world.position() == 0


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"orderId": 1}, 103),
        ({"contract": AAPL}, 321),
        ({"exerciseAction": 7}, 321),
        ({"exerciseQuantity": 0}, 321),
        ({"exerciseQuantity": 9}, 322),
        ({"exerciseAction": 2}, 322),
        ({"account": "NOBODY"}, 321),
    ],
)
def test_impossible_exercises_are_refused(wrong: dict[str, Any], code: int) -> None:
    world = held("1")
    request = {"orderId": 2, "contract": OPTION, "exerciseAction": 1, "exerciseQuantity": 1, "account": ""} | wrong
    world.ask("exerciseOptions", **request)
    assert world.errors() == [(request["orderId"], code)]
