"""Decides whether an order trades at a quote, and at what price.

Pure functions of an order and a feed. All prices are in ticks.
"""

from collections.abc import Callable

from bridge.simulator.core.times import parse_moment
from bridge.simulator.core.values import Data
from bridge.simulator.market.feed import Feed
from bridge.simulator.orders.simulated_order import SimulatedOrder

STOPS = frozenset(("STP", "STP LMT", "TRAIL", "TRAIL LIMIT"))
TOUCHED = frozenset(("MIT", "LIT"))
LIMITS = frozenset(("LMT", "STP LMT", "TRAIL LIMIT", "LIT"))
ORDER_TYPES = frozenset(("MKT",)) | STOPS | TOUCHED | LIMITS


def waits_for_trigger(kind: str) -> bool:
    """Return whether an order of this type waits until the market reaches its trigger price."""
    return kind in STOPS or kind in TOUCHED


def trigger(sim_order: SimulatedOrder, feed: Feed) -> bool:
    """Return whether the market has reached the order's trigger price. Moves a trailing stop first."""
    if sim_order.kind.startswith("TRAIL"):
        _trail(sim_order, feed)
    stop = sim_order.stop if sim_order.stop is not None else sim_order.ticks("auxPrice")
    if stop is None:
        return True
    high, low = _reached(feed)
    rises = (sim_order.side > 0) == (sim_order.kind in STOPS)
    return high >= stop if rises else low <= stop


def _reached(feed: Feed) -> tuple[int, int]:
    """Return the highest and the lowest price that can trigger an order: last price and near quote."""
    if not feed.trades:
        return feed.bid, feed.ask
    return max(feed.bid, min(feed.last, feed.ask)), min(feed.ask, max(feed.last, feed.bid))


def _trail(sim_order: SimulatedOrder, feed: Feed) -> None:
    """Move the stop price with the market. It never moves back."""
    side = sim_order.side
    at = feed.ask if side > 0 else feed.bid
    percent = sim_order.order.get("trailingPercent")
    distance = int(at * percent / 100) if percent else (sim_order.ticks("auxPrice") or 1)
    wanted = at + side * distance
    if sim_order.stop is None:
        sim_order.stop = sim_order.ticks("trailStopPrice") or wanted
    sim_order.stop = min(sim_order.stop, wanted) if side > 0 else max(sim_order.stop, wanted)


def limit(sim_order: SimulatedOrder) -> int | None:
    """Return the worst price at which the order may trade; None if it trades at any price."""
    if sim_order.kind not in LIMITS:
        return None
    if sim_order.kind == "TRAIL LIMIT" and sim_order.stop is not None:
        offset = sim_order.ticks("lmtPriceOffset") or 0
        return sim_order.stop + sim_order.side * offset
    return sim_order.ticks("lmtPrice")


def price(sim_order: SimulatedOrder, feed: Feed) -> int | None:
    """Return the price at which the order trades now; None if it does not trade."""
    worst = limit(sim_order)
    if sim_order.side > 0:
        return feed.ask if worst is None or feed.ask <= worst else None
    return feed.bid if worst is None or feed.bid >= worst else None


def _price_condition(condition: Data, feed: Feed, seconds: int) -> bool:
    more = bool(condition.get("isMore"))
    wanted = float(condition.get("price", 0.0))
    last = feed.price(feed.last if feed.trades else feed.bid)
    return last >= wanted if more else last <= wanted


def _time_condition(condition: Data, feed: Feed, seconds: int) -> bool:
    wanted = parse_moment(str(condition.get("time", "")), feed.instrument.timeZone)
    return seconds >= wanted if condition.get("isMore") else seconds <= wanted


def _volume_condition(condition: Data, feed: Feed, seconds: int) -> bool:
    wanted = int(condition.get("volume", 0))
    return feed.volume >= wanted if condition.get("isMore") else feed.volume <= wanted


CONDITIONS: dict[int, Callable[[Data, Feed, int], bool]] = {
    1: _price_condition,
    3: _time_condition,
    6: _volume_condition,
}
"""The types of conditions that the simulated exchange supports: price, time and volume."""


def conditions_met(sim_order: SimulatedOrder, feeds: dict[int, Feed], seconds: int) -> bool:
    """Return whether the order's conditions are true.

    As at TWS, they are evaluated from left to right, and each one is combined with the next by "and" or "or".
    """
    met, joined_by_and = True, True
    for condition in sim_order.order.get("conditions", []):
        feed = feeds.get(condition.get("conId", 0), feeds[sim_order.instrument.conId])
        holds = CONDITIONS[condition["type"]](condition, feed, seconds)
        met = (met and holds) if joined_by_and else (met or holds)
        joined_by_and = bool(condition.get("isConjunctionConnection"))
    return met
