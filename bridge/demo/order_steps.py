"""The steps of the demo about orders."""

from __future__ import annotations

import json
import time
from typing import Any

from bridge.demo.claim import DemoFailed, check
from bridge.demo.processes import PATIENCE
from bridge.demo.programs import INSTRUMENTS, PRICE, QUANTITY
from bridge.demo.screen import Screen, price
from bridge.demo.stage import MOST, Stage
from tws_bridge_client import BridgeClient, BridgeError, Contract, OrderHandle, bracket, limit, market

KEY = "rebalance-1"
STRATEGY = "strategy"
_AAPL = INSTRUMENTS["AAPL"]


def bracket_order(stage: Stage, screen: Screen) -> str:
    """A bracket: the entry is filled at once, and its exits work at TWS."""
    with stage.client("desk") as desk:
        (aapl,) = desk.qualify(_AAPL)
        ticker = desk.ticker(aapl)
        check(desk.wait_for(lambda: ticker.ask and not ticker.stale, PATIENCE), "there is no quote of AAPL")
        near = round(ticker.ask or 0.0)
        orders = desk.place_group(
            bracket("swing", aapl, market("BUY", MOST, tif="GTC"), take_profit=near + 20, stop_loss=near - 20)
        )
        entry, profit, stop = orders
        check(entry.wait(PATIENCE) and entry.state == "filled", f"the entry is {entry.state}: {entry.reason}")
        works = desk.wait_for(lambda: profit.status == "Submitted" and stop.status == "PreSubmitted", PATIENCE)
        check(works, f"the exits do not work: {profit.status or 'no status'}, {stop.status or 'no status'}")
        rows = [
            [order.key, f"{order.order.action} {order.order.orderType}", at, order.status, str(order.filled)]
            for order, at in zip(orders, (price(entry.average_price), price(near + 20), price(near - 20)), strict=True)
            if order.order is not None
        ]
        screen.table(("order key", "order", "price", "at TWS", "filled"), rows)
    check(stage.orders_at_tws() == 2, "TWS does not have exactly the two exits")
    return f"the entry is filled: {entry.filled} AAPL at {price(entry.average_price)}; both exits work at TWS"


def killed_strategy(stage: Stage, screen: Screen) -> str:
    """A strategy is killed when TWS has its order and nobody has said so. A new process repeats the order."""
    stage.tell_tws("withhold orders")
    first = stage.program("strategy", STRATEGY, KEY)
    first.wait_for("placing", lambda facts: facts.get("placing"))
    end = time.monotonic() + PATIENCE
    while not stage.orders_at_tws(STRATEGY, KEY):
        check(time.monotonic() < end, "the order did not reach TWS")
    first.kill()
    check("state" not in first.facts, "the strategy had its answer before it was killed")
    screen.fact(
        f"process {first.pid} placed {KEY}: buy {QUANTITY} AAPL at {price(PRICE)}; TWS has the order and has not "
        "answered; kill -9"
    )
    second = stage.program("strategy", STRATEGY, KEY)
    second.wait_for("placing", lambda facts: facts.get("placing"))
    stage.tell_tws("tell orders")
    facts = second.wait_for("answered", lambda facts: facts.get("state"))
    screen.fact(f"process {second.pid} placed {KEY} again; the answer: order {facts['orderId']}, {facts['state']}")
    second.rest()
    check(facts["state"] == "acknowledged", f"the order is {facts['state']}")
    found = stage.orders_at_tws(STRATEGY, KEY)
    check(found == 1, f"TWS has {found} orders under the key {KEY}")
    return "1 order at TWS, no double"


def too_large(stage: Stage, screen: Screen) -> str:
    """An order of ten times the allowed quantity."""
    size = 10 * MOST
    screen.fact(f"client desk may order at most {MOST} in one order (max_order_size); it orders {size}")
    before = stage.orders_at_tws()
    with stage.client("desk") as desk:
        refused = _refusal(desk, "too-large", limit("BUY", size, PRICE, tif="DAY"), f"an order of {size}")
    check(refused.data.get("rule") == "max_order_size", f"another rule refused the order: {refused} {refused.data}")
    check(stage.orders_at_tws() == before, "the order reached TWS")
    screen.fact(f"{refused.code}: {refused.message}")
    return f"the bridge refused the order by max_order_size = {MOST}; TWS never saw it"


def halted(stage: Stage, screen: Screen) -> str:
    """An admin halts trading, with a command."""
    with stage.client("desk") as desk:
        resting = desk.place("resting", _contract(desk), _small())
        check(resting.state == "acknowledged", f"the order to be cancelled is {resting.state}")
        _trading(stage, screen, "halt", '{"reason": "check the positions"}', halted=True)
        refused = _refusal(desk, "while-halted", _small(), "a new order")
        check(refused.data.get("rule") == "halt", f"another rule refused the order: {refused} {refused.data}")
        screen.fact(f"new order: {refused.code}: {refused.message}")
        resting.cancel()
        check(resting.wait(PATIENCE) and resting.state == "cancelled", f"the cancelled order is {resting.state}")
        screen.fact(f"cancel of an open order: {resting.state}")
        _trading(stage, screen, "resume", "{}", halted=False)
        after: OrderHandle = desk.place("after-resume", _contract(desk), _small())
        check(after.state == "acknowledged", f"the order after resume is {after.state}")
        screen.fact(f"new order: {after.state}")
    return "halted: new order refused by halt, cancel went through; resumed: new order accepted"


def _trading(stage: Stage, screen: Screen, method: str, params: str, *, halted: bool) -> None:
    """Halt or resume, as a person does it."""
    screen.fact(f"$ tws-bridge call --client admin {method} '{params}'")
    said: dict[str, Any] = json.loads(stage.call("admin", method, params))
    check(said["halted"] is halted, f"{method} has answered {said}")


def _refusal(desk: BridgeClient, key: str, order: Any, what: str) -> BridgeError:
    """Place an order that the bridge must refuse. Returns how it did. Raises DemoFailed if it took it."""
    try:
        taken = desk.place(key, _contract(desk), order)
    except BridgeError as error:
        check(error.code == "notPermitted", f"{what} failed otherwise: {error}")
        return error
    raise DemoFailed(f"the bridge took {what}: it is {taken.state}")


def _contract(desk: BridgeClient) -> Contract:
    (aapl,) = desk.qualify(_AAPL)
    return aapl


def _small() -> Any:
    return limit("BUY", 1, PRICE, tif="DAY")
