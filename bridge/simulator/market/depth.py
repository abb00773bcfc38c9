"""Market depth: the rows of the book around bid and ask, and the changes between two states. Prices are in ticks."""

from dataclasses import dataclass, field

from bridge.simulator.core.values import Data
from bridge.simulator.market.feed import ASK, ASK_SIZE, BID, BID_SIZE, Feed

INSERT, UPDATE, DELETE = 0, 1, 2
_SIDES = ((1, BID | BID_SIZE), (0, ASK | ASK_SIZE))
"""TWS's number of each side, and the bits of the feed changes that affect it."""

Row = tuple[int, int]
"""Price and size."""


def rows(feed: Feed, side: int, count: int) -> list[Row]:
    """Return the best rows of a side, best first: the quote, then one row for each tick.

    `side` is 1 for bids and 0 for asks.
    """
    best, size, step = (feed.bid, feed.bid_size, -1) if side else (feed.ask, feed.ask_size, 1)
    lot = feed.instrument.lot
    deeper = [
        (price, lot * (2 + price * 7 % 11)) for price in range(best + step, best + step * count, step) if price > 0
    ]
    return [(best, size), *deeper]


@dataclass(slots=True)
class DepthRows:
    """The rows that one subscriber has received.

    `makers` has the market maker names of level 2; it is empty for level 1.
    """

    feed: Feed
    request_id: int
    count: int
    makers: tuple[str, ...] = ()
    smart: bool = False
    sent: dict[int, list[Row]] = field(default_factory=lambda: {0: [], 1: []})

    def first(self) -> list[tuple[str, Data]]:
        """Return the events for all rows."""
        return self.changes(BID | ASK)

    def changes(self, changed: int) -> list[tuple[str, Data]]:
        """Return the events for a change of the feed: inserted, deleted and updated rows."""
        events: list[tuple[str, Data]] = []
        for side, touching in _SIDES:
            if changed & touching:
                events += self._side(side, rows(self.feed, side, self.count))
        return events

    def _side(self, side: int, now: list[Row]) -> list[tuple[str, Data]]:
        then = self.sent[side]
        prices = [price for price, _ in now]
        gone = [place for place, (price, _) in enumerate(then) if price not in prices]
        events = [self._event(DELETE, side, place, then[place]) for place in reversed(gone)]
        kept = {price: size for price, size in then if price in prices}
        for place, (price, size) in enumerate(now):
            if price not in kept:
                events.append(self._event(INSERT, side, place, (price, size)))
            elif kept[price] != size:
                events.append(self._event(UPDATE, side, place, (price, size)))
        self.sent[side] = now
        return events

    def _event(self, operation: int, side: int, place: int, row: Row) -> tuple[str, Data]:
        price, size = (0.0, "0") if operation == DELETE else (self.feed.price(row[0]), str(row[1]))
        data: Data = {"position": place, "operation": operation, "side": side, "price": price, "size": size}
        if not self.makers:
            return "updateMktDepth", {"reqId": self.request_id, "marketDepthData": data}
        data |= {"marketMaker": self.makers[row[0] % len(self.makers)], "isSmartDepth": self.smart}
        return "updateMktDepthL2", {"reqId": self.request_id, "marketDepthData": data}
