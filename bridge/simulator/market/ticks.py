"""Market data ticks: the first ticks of a subscription, and the ticks for each change of the feed."""

from bridge.simulator.core.values import Data, decimal_text
from bridge.simulator.instruments.instrument import Instrument
from bridge.simulator.market.black_scholes import Valuation, implied
from bridge.simulator.market.feed import ASK, ASK_SIZE, BID, BID_SIZE, TRADE, Feed
from bridge.simulator.market.option_feed import OptionFeed
from bridge.simulator.market.subscriptions import QuoteSubscription

BBO_EXCHANGE = "9c0001"
"""TWS's name for the exchanges of US stocks. reqSmartComponents explains it."""

Ticks = list[tuple[str, Data]]

_DELAYED_PRICE = {1: 66, 2: 67, 4: 68, 6: 72, 7: 73, 9: 75, 14: 76}
_DELAYED_SIZE = {0: 69, 3: 70, 5: 71, 8: 74}
_DELAYED_OPTION = {10: 80, 11: 81, 12: 82, 13: 83}

GENERIC = frozenset((100, 101, 104, 106, 165, 221, 225, 232, 233, 236, 258, 292, 293, 294, 295, 318, 375, 411, 456, 460,
                     586, 587, 588, 595, 619))  # fmt: skip
"""The generic ticks that TWS knows. The simulated market sends those that it has, and nothing for the others."""


def first_ticks(subscription: QuoteSubscription) -> Ticks:
    """Return the current values of a feed, in TWS's order."""
    feed, ticks = subscription.feed, []
    if feed.trades:
        ticks += _trade(subscription)
    ticks += [_price(subscription, 1, feed.bid, feed.bid_size), _price(subscription, 2, feed.ask, feed.ask_size)]
    for tick_type, value in ((6, feed.high), (7, feed.low), (9, feed.close), (14, feed.open)):
        ticks.append(_price(subscription, tick_type, value, 0))
    if feed.instrument.secType == "STK" and not subscription.delayed:
        places = ((32, feed.bid_exchange), (33, feed.ask_exchange), (84, feed.last_exchange))
        ticks += [_string(subscription, tick_type, place) for tick_type, place in places]
    ticks.append(("tickGeneric", {"reqId": subscription.request_id, "tickType": 49, "value": 0.0}))
    if isinstance(feed, OptionFeed):
        ticks += option_ticks(subscription, feed, (10, 11, 12, 13))
    return ticks + generic_ticks(subscription)


def changed_ticks(subscription: QuoteSubscription, changed: int) -> Ticks:
    """Return the ticks for a change of the feed. `changed` has the bits of `market/feed.py`."""
    feed = subscription.feed
    if changed & TRADE:
        ticks = _trade(subscription)
        if feed.last in (feed.high, feed.low):
            ticks += [_price(subscription, 6, feed.high, 0), _price(subscription, 7, feed.low, 0)]
        if isinstance(feed, OptionFeed):
            ticks += option_ticks(subscription, feed, (12,))
        return ticks
    if changed & (BID | ASK):
        ticks = [_price(subscription, 1, feed.bid, feed.bid_size), _price(subscription, 2, feed.ask, feed.ask_size)]
        if isinstance(feed, OptionFeed):
            ticks += option_ticks(subscription, feed, (10, 11, 13))
        return ticks
    ticks = []
    if changed & BID_SIZE:
        ticks.append(_size(subscription, 0, feed.bid_size))
    if changed & ASK_SIZE:
        ticks.append(_size(subscription, 3, feed.ask_size))
    return ticks


def _price(subscription: QuoteSubscription, tick_type: int, ticks: float, size: int) -> tuple[str, Data]:
    return "tickPrice", {
        "reqId": subscription.request_id,
        "tickType": _DELAYED_PRICE[tick_type] if subscription.delayed else tick_type,
        "price": subscription.feed.price(ticks),
        "size": str(size),
        "attrMask": 1 if tick_type in (1, 2) else 0,
    }


def _size(subscription: QuoteSubscription, tick_type: int, size: int) -> tuple[str, Data]:
    actual = _DELAYED_SIZE[tick_type] if subscription.delayed else tick_type
    return "tickSize", {"reqId": subscription.request_id, "tickType": actual, "size": str(size)}


def _string(subscription: QuoteSubscription, tick_type: int, value: str) -> tuple[str, Data]:
    return "tickString", {"reqId": subscription.request_id, "tickType": tick_type, "value": value}


def _trade(subscription: QuoteSubscription) -> Ticks:
    feed, ticks = subscription.feed, []
    if subscription.last_second != feed.last_time:
        subscription.last_second = feed.last_time
        ticks.append(_string(subscription, 88 if subscription.delayed else 45, str(feed.last_time)))
    ticks.append(_price(subscription, 4, feed.last, feed.last_size))
    ticks.append(_size(subscription, 8, feed.volume))
    for generic, tick_type in ((233, 48), (375, 77)):
        if generic in subscription.generic:
            ticks.append(_string(subscription, tick_type, _rt_volume(feed)))
    return ticks


def _rt_volume(feed: Feed) -> str:
    """Format: price;size;time in ms;volume;average;single market maker."""
    average = round(feed.average * float(feed.instrument.minTick), 6)
    price, size = feed.price(feed.last), feed.last_size
    return f"{price};{size};{feed.last_time * 1000};{feed.volume};{average};true"


def option_ticks(subscription: QuoteSubscription, feed: OptionFeed, tick_types: tuple[int, ...]) -> Ticks:
    """Return tickOptionComputation for bid, ask, last and model, in agreement with the underlying's midpoint."""
    prices = {10: feed.bid, 11: feed.ask, 12: feed.last}
    spot, years, instrument = feed.spot, feed.years_left, feed.instrument
    ticks: Ticks = []
    for tick_type in tick_types:
        if tick_type == 13:
            valuation: Valuation | None = feed.valuation()
        else:
            price = feed.price(prices[tick_type])
            valuation = implied(price, spot, instrument.strike, years, instrument.right)
        actual = _DELAYED_OPTION[tick_type] if subscription.delayed else tick_type
        data: Data = {"reqId": subscription.request_id, "tickType": actual, "tickAttrib": 1}
        data |= computation(valuation, spot, feed.price(prices.get(tick_type, 0)))
        ticks.append(("tickOptionComputation", data))
    return ticks


def computation(valuation: Valuation | None, spot: float, price: float) -> Data:
    """Return the values of a tickOptionComputation.

    Without a valuation, they are TWS's values for "not computed", at `price`.
    """
    if valuation is None:
        data: Data = {"impliedVol": -1.0, "delta": -2.0, "optPrice": price, "pvDividend": 0.0}
        return data | {"gamma": -2.0, "vega": -2.0, "theta": -2.0, "undPrice": spot}
    return {
        "impliedVol": valuation.volatility,
        "delta": valuation.delta,
        "optPrice": valuation.price,
        "pvDividend": 0.0,
        "gamma": valuation.gamma,
        "vega": valuation.vega,
        "theta": valuation.theta,
        "undPrice": spot,
    }


def generic_ticks(subscription: QuoteSubscription) -> Ticks:
    """Return the requested generic ticks that the simulated market has."""
    instrument, asked, ticks = subscription.feed.instrument, subscription.generic, []
    values = {104: (23, instrument.volatility), 106: (24, instrument.volatility), 236: (46, 3.0)}
    for generic, (tick_type, value) in values.items():
        if generic in asked and instrument.secType == "STK":
            ticks.append(("tickGeneric", {"reqId": subscription.request_id, "tickType": tick_type, "value": value}))
    if 236 in asked and instrument.secType == "STK":
        ticks.append(_plain_size(subscription, 89, 10_000_000))
    if asked & {221, 232}:
        data: Data = {
            "reqId": subscription.request_id,
            "tickType": 37,
            "price": subscription.feed.mark,
            "size": "0",
            "attrMask": 0,
        }
        ticks.append(("tickPrice", data))
    if 165 in asked and instrument.secType == "STK":
        ticks += _averages(subscription)
    return ticks


def _plain_size(subscription: QuoteSubscription, tick_type: int, size: int) -> tuple[str, Data]:
    return "tickSize", {"reqId": subscription.request_id, "tickType": tick_type, "size": str(size)}


def _averages(subscription: QuoteSubscription) -> Ticks:
    """Return the lows and highs of 13, 26 and 52 weeks, and the average daily volume."""
    feed, ticks = subscription.feed, []
    newest = feed.recorder.second // 1800
    for weeks, low_type, high_type in ((13, 15, 16), (26, 17, 18), (52, 19, 20)):
        span = range(newest - weeks * 7 * 48, newest)
        bars = [bar for index in span if (bar := feed.series.bar(1800, index, "TRADES")) is not None]
        low, high = min(bar.low for bar in bars), max(bar.high for bar in bars)
        for tick_type, price in ((low_type, low), (high_type, high)):
            data: Data = {"reqId": subscription.request_id, "tickType": tick_type, "price": feed.price(price)}
            ticks.append(("tickPrice", data | {"size": "0", "attrMask": 0}))
    ticks.append(_plain_size(subscription, 21, 40_000_000))
    return ticks


def request_params(instrument: Instrument, request_id: int) -> Data:
    """Return the tickReqParams event."""
    data: Data = {"reqId": request_id, "minTick": decimal_text(instrument.minTick), "snapshotPermissions": 3}
    return data | {"bboExchange": BBO_EXCHANGE if instrument.secType == "STK" else ""}
