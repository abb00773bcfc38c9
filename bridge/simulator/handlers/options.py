"""Requests about options: the two calculations, and exercise."""

from __future__ import annotations

from bridge.simulator.blackscholes import implied, value
from bridge.simulator.checks import one_contract
from bridge.simulator.clients import Client
from bridge.simulator.floor import Floor
from bridge.simulator.handlers.base import Handler, request_id
from bridge.simulator.market import OptionFeed
from bridge.simulator.refusals import invalid
from bridge.simulator.ticks import computation
from bridge.simulator.values import Data

_CUSTOM = 53
"""The tick type of a computation that was asked for."""


def calculate_implied_volatility(floor: Floor, client: Client, data: Data) -> None:
    """The volatility at which the option would have this price; not computed (-1) where there is none."""
    feed, spot = _option(floor, data)
    price = float(data.get("optionPrice", 0.0))
    if not 0 < price < spot + feed.instrument.strike:
        raise invalid("Invalid option price")
    instrument = feed.instrument
    found = implied(price, spot, instrument.strike, feed.years_left, instrument.right)
    _answer(floor, client, data, computation(found, spot, price))


def calculate_option_price(floor: Floor, client: Client, data: Data) -> None:
    """The option's price at a volatility."""
    feed, spot = _option(floor, data)
    volatility = float(data.get("volatility", 0.0))
    if not 0 < volatility <= 10:
        raise invalid("Invalid volatility")
    instrument = feed.instrument
    found = value(spot, instrument.strike, feed.years_left, volatility, instrument.right)
    _answer(floor, client, data, computation(found, spot, found.price))


def _option(floor: Floor, data: Data) -> tuple[OptionFeed, float]:
    instrument = one_contract(floor.universe, data.get("contract", {}), needs_exchange=False)
    feed = floor.market.feeds[instrument.conId]
    spot = float(data.get("underPrice", 0.0))
    if not isinstance(feed, OptionFeed):
        raise invalid("Option calculations need an option")
    if not 0.01 <= spot <= 1_000_000:
        raise invalid("Invalid underlying price")
    return feed, spot


def _answer(floor: Floor, client: Client, data: Data, computed: Data) -> None:
    event = {"reqId": request_id(data), "tickType": _CUSTOM, "tickAttrib": 0}
    floor.emit(client.id, "tickOptionComputation", event | computed)


def exercise_options(floor: Floor, client: Client, data: Data) -> None:
    """The option turns into its underlying, or into nothing; the rules are in `exercise.py`."""
    contract = data.get("contract", {})
    instrument = one_contract(floor.universe, contract)
    floor.book.exercise(client.id, int(data.get("orderId", 0)), instrument, data)


def _silent(floor: Floor, client: Client, data: Data) -> None:
    """Both are answered at once: there is never anything left to cancel."""


HANDLERS: dict[str, Handler] = {
    "calculateImpliedVolatility": calculate_implied_volatility,
    "cancelCalculateImpliedVolatility": _silent,
    "calculateOptionPrice": calculate_option_price,
    "cancelCalculateOptionPrice": _silent,
    "exerciseOptions": exercise_options,
}
