"""Market depth: the rows of an order book around bid and ask, and the changes from one to the next.

Knows feeds and the events' shape; knows no requests. Prices in ticks.
"""

from dataclasses import dataclass, field

from bridge.simulator.market import ASK, ASK_SIZE, BID, BID_SIZE, Feed
from bridge.simulator.values import Data

INSERT, UPDATE, DELETE = 0, 1, 2
_SIDES = ((1, BID | BID_SIZE), (0, ASK | ASK_SIZE))
"""TWS's number of a side, and the changes of the feed that touch it."""

Row = tuple[int, int]
"""Price and size."""


def rows(feed: Feed, side: int, count: int) -> list[Row]:
    """The best rows of a side, best first: the quote itself, then a row for each tick, of a size of its own."""
    best, size, step = (feed.bid, feed.bid_size, -1) if side else (feed.ask, feed.ask_size, 1)
    lot = feed.instrument.lot
    deeper = [
        (price, lot * (2 + price * 7 % 11)) for price in range(best + step, best + step * count, step) if price > 0
    ]
    return [(best, size), *deeper]


@dataclass(slots=True)
class Book:
    """What one subscriber has been told. `makers`: names for level 2, none for level 1."""

    feed: Feed
    request_id: int
    count: int
    makers: tuple[str, ...] = ()
    smart: bool = False
    told: dict[int, list[Row]] = field(default_factory=lambda: {0: [], 1: []})

    def first(self) -> list[tuple[str, Data]]:
        """All rows."""
        return self.changes(BID | ASK)

    def changes(self, changed: int) -> list[tuple[str, Data]]:
        """What a change of the feed does to the rows: some come or go at the top, sizes change."""
        events: list[tuple[str, Data]] = []
        for side, touching in _SIDES:
            if changed & touching:
                events += self._side(side, rows(self.feed, side, self.count))
        return events

    def _side(self, side: int, now: list[Row]) -> list[tuple[str, Data]]:
        then = self.told[side]
        prices = [price for price, _ in now]
        gone = [place for place, (price, _) in enumerate(then) if price not in prices]
        events = [self._event(DELETE, side, place, then[place]) for place in reversed(gone)]
        kept = {price: size for price, size in then if price in prices}
        for place, (price, size) in enumerate(now):
            if price not in kept:
                events.append(self._event(INSERT, side, place, (price, size)))
            elif kept[price] != size:
                events.append(self._event(UPDATE, side, place, (price, size)))
        self.told[side] = now
        return events

    def _event(self, operation: int, side: int, place: int, row: Row) -> tuple[str, Data]:
        price, size = (0.0, "0") if operation == DELETE else (self.feed.price(row[0]), str(row[1]))
        data: Data = {"position": place, "operation": operation, "side": side, "price": price, "size": size}
        if not self.makers:
            return "updateMktDepth", {"reqId": self.request_id, "marketDepthData": data}
        data |= {"marketMaker": self.makers[row[0] % len(self.makers)], "isSmartDepth": self.smart}
        return "updateMktDepthL2", {"reqId": self.request_id, "marketDepthData": data}
