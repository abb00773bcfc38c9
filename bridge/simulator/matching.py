"""Whether an order trades at a quote, and at what price.

Pure functions of a ticket and a feed; all prices in ticks. Knows no account and sends nothing.
"""

from collections.abc import Callable

from bridge.simulator.market import Feed
from bridge.simulator.ticket import Ticket
from bridge.simulator.times import parse_moment
from bridge.simulator.values import Data

STOPS = frozenset(("STP", "STP LMT", "TRAIL", "TRAIL LIMIT"))
TOUCHED = frozenset(("MIT", "LIT"))
LIMITS = frozenset(("LMT", "STP LMT", "TRAIL LIMIT", "LIT"))
ORDER_TYPES = frozenset(("MKT",)) | STOPS | TOUCHED | LIMITS


def waits_for_trigger(kind: str) -> bool:
    """Whether an order of this type sleeps until the market reaches a price."""
    return kind in STOPS or kind in TOUCHED


def trigger(ticket: Ticket, feed: Feed) -> bool:
    """Whether the market has reached the order's trigger; trailing stops follow the market here."""
    if ticket.kind.startswith("TRAIL"):
        _trail(ticket, feed)
    stop = ticket.stop if ticket.stop is not None else ticket.ticks("auxPrice")
    if stop is None:
        return True
    high, low = _reached(feed)
    rises = (ticket.side > 0) == (ticket.kind in STOPS)
    return high >= stop if rises else low <= stop


def _reached(feed: Feed) -> tuple[int, int]:
    """The highest and lowest price that counts for a trigger: last and the near quote."""
    if not feed.trades:
        return feed.bid, feed.ask
    return max(feed.bid, min(feed.last, feed.ask)), min(feed.ask, max(feed.last, feed.bid))


def _trail(ticket: Ticket, feed: Feed) -> None:
    """Moves the stop along with the market, never back."""
    side = ticket.side
    at = feed.ask if side > 0 else feed.bid
    percent = ticket.order.get("trailingPercent")
    distance = int(at * percent / 100) if percent else (ticket.ticks("auxPrice") or 1)
    wanted = at + side * distance
    if ticket.stop is None:
        ticket.stop = ticket.ticks("trailStopPrice") or wanted
    ticket.stop = min(ticket.stop, wanted) if side > 0 else max(ticket.stop, wanted)


def limit(ticket: Ticket) -> int | None:
    """The worst price at which it may trade; None for one that takes any."""
    if ticket.kind not in LIMITS:
        return None
    if ticket.kind == "TRAIL LIMIT" and ticket.stop is not None:
        offset = ticket.ticks("lmtPriceOffset") or 0
        return ticket.stop + ticket.side * offset
    return ticket.ticks("lmtPrice")


def price(ticket: Ticket, feed: Feed) -> int | None:
    """The price at which it trades now; None if it does not."""
    worst = limit(ticket)
    if ticket.side > 0:
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
"""The condition types that the simulated exchange can judge: price, time, volume."""


def conditions_met(ticket: Ticket, feeds: dict[int, Feed], seconds: int) -> bool:
    """Whether the order's conditions hold, read from left to right as TWS does: each joins the next by and / or."""
    met, joined_by_and = True, True
    for condition in ticket.order.get("conditions", []):
        feed = feeds.get(condition.get("conId", 0), feeds[ticket.instrument.conId])
        holds = CONDITIONS[condition["type"]](condition, feed, seconds)
        met = (met and holds) if joined_by_and else (met or holds)
        joined_by_and = bool(condition.get("isConjunctionConnection"))
    return met
