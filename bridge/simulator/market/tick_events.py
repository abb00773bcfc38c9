"""TWS's events for single ticks: historical ticks and tick-by-tick data.

The ticks come from `historical_ticks.py` or from a feed that has just changed.
"""

from collections.abc import Sequence

from bridge.simulator.core.values import Data
from bridge.simulator.market.feed import Feed
from bridge.simulator.market.tick_log import Quote, TradePrint


def trade(feed: Feed, tick: TradePrint) -> Data:
    """Return a HistoricalTickLast."""
    return {
        "time": tick.time,
        "tickAttribLast": {"pastLimit": False, "unreported": False},
        "price": feed.price(tick.price),
        "size": str(tick.size),
        "exchange": tick.exchange,
        "specialConditions": "",
    }


def bid_ask(feed: Feed, tick: Quote) -> Data:
    """Return a HistoricalTickBidAsk. Its flags compare with today's range."""
    past = {"bidPastLow": tick.bid < feed.low, "askPastHigh": tick.ask > feed.high}
    return {
        "time": tick.time,
        "tickAttribBidAsk": past,
        "priceBid": feed.price(tick.bid),
        "priceAsk": feed.price(tick.ask),
        "sizeBid": str(tick.bid_size),
        "sizeAsk": str(tick.ask_size),
    }


def midpoint(feed: Feed, tick: Quote) -> Data:
    """Return a HistoricalTick."""
    return {"time": tick.time, "price": feed.price((tick.bid + tick.ask) / 2), "size": "0"}


def trades_answer(feed: Feed, asked: int, ticks: Sequence[TradePrint]) -> tuple[str, Data]:
    """Return one historicalTicksLast event with all ticks."""
    found = [trade(feed, tick) for tick in ticks]
    return "historicalTicksLast", {"reqId": asked, "historicalTicksLast": found, "isDone": True}


def bid_ask_answer(feed: Feed, asked: int, ticks: Sequence[Quote]) -> tuple[str, Data]:
    """Return one historicalTicksBidAsk event with all ticks."""
    found = [bid_ask(feed, tick) for tick in ticks]
    return "historicalTicksBidAsk", {"reqId": asked, "historicalTicksBidAsk": found, "isDone": True}


def midpoint_answer(feed: Feed, asked: int, ticks: Sequence[Quote]) -> tuple[str, Data]:
    """Return one historicalTicks event with all midpoints."""
    found = [midpoint(feed, tick) for tick in ticks]
    return "historicalTicks", {"reqId": asked, "historicalTicks": found, "isDone": True}
