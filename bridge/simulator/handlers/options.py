"""Handlers for options: the two calculations, and exercises."""

from __future__ import annotations

from bridge.simulator.core.refusals import invalid
from bridge.simulator.core.values import Data
from bridge.simulator.handlers.client import Client
from bridge.simulator.handlers.context import HandlerContext
from bridge.simulator.handlers.handler import Handler, request_id
from bridge.simulator.instruments.lookup import one_contract
from bridge.simulator.market.black_scholes import implied, value
from bridge.simulator.market.option_feed import OptionFeed
from bridge.simulator.market.ticks import computation

_CUSTOM = 53
"""The tick type of a requested computation."""


def calculate_implied_volatility(context: HandlerContext, client: Client, data: Data) -> None:
    """Send the volatility that gives the option this price; the values for "not computed" if there is none."""
    feed, spot = _option(context, data)
    price = float(data.get("optionPrice", 0.0))
    if not 0 < price < spot + feed.instrument.strike:
        raise invalid("Invalid option price")
    instrument = feed.instrument
    found = implied(price, spot, instrument.strike, feed.years_left, instrument.right)
    _answer(context, client, data, computation(found, spot, price))


def calculate_option_price(context: HandlerContext, client: Client, data: Data) -> None:
    """Send the price of the option at a volatility."""
    feed, spot = _option(context, data)
    volatility = float(data.get("volatility", 0.0))
    if not 0 < volatility <= 10:
        raise invalid("Invalid volatility")
    instrument = feed.instrument
    found = value(spot, instrument.strike, feed.years_left, volatility, instrument.right)
    _answer(context, client, data, computation(found, spot, found.price))


def _option(context: HandlerContext, data: Data) -> tuple[OptionFeed, float]:
    instrument = one_contract(context.universe, data.get("contract", {}), needs_exchange=False)
    feed = context.market.feeds[instrument.conId]
    spot = float(data.get("underPrice", 0.0))
    if not isinstance(feed, OptionFeed):
        raise invalid("Option calculations need an option")
    if not 0.01 <= spot <= 1_000_000:
        raise invalid("Invalid underlying price")
    return feed, spot


def _answer(context: HandlerContext, client: Client, data: Data, computed: Data) -> None:
    event = {"reqId": request_id(data), "tickType": _CUSTOM, "tickAttrib": 0}
    context.emit(client.id, "tickOptionComputation", event | computed)


def exercise_options(context: HandlerContext, client: Client, data: Data) -> None:
    """Exercise an option or let it lapse. `orders/exercise.py` has the rules."""
    contract = data.get("contract", {})
    instrument = one_contract(context.universe, contract)
    context.book.exercise(client.id, int(data.get("orderId", 0)), instrument, data)


def _silent(context: HandlerContext, client: Client, data: Data) -> None:
    """Do nothing: both answers are sent at once, so nothing is left to cancel."""


HANDLERS: dict[str, Handler] = {
    "calculateImpliedVolatility": calculate_implied_volatility,
    "cancelCalculateImpliedVolatility": _silent,
    "calculateOptionPrice": calculate_option_price,
    "cancelCalculateOptionPrice": _silent,
    "exerciseOptions": exercise_options,
}
