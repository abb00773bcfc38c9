"""The quotes of one instrument."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from tws_bridge_client.follow import Event
from tws_bridge_client.live.book import Book, Live, Owner, as_time
from tws_bridge_client.live.holds import Hold

#: The field of each tick type. The delayed types fill the same fields.
_PRICES = {1: "bid", 2: "ask", 4: "last", 6: "high", 7: "low", 9: "close", 14: "open", 37: "mark",
           66: "bid", 67: "ask", 68: "last", 72: "high", 73: "low", 75: "close", 76: "open"}  # fmt: skip
_SIZES = {0: "bid_size", 3: "ask_size", 5: "last_size", 8: "volume",
          69: "bid_size", 70: "ask_size", 71: "last_size", 74: "volume"}  # fmt: skip
_DELAYED = frozenset({66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 88})
#: Delayed, and delayed and frozen, as `marketDataType` says it.
_DELAYED_MODES = (3, 4)


class Quotes(Book):
    """The values below `market.<stream>.`."""

    def __init__(self, prefix: str) -> None:
        super().__init__(prefix)
        self.prices: dict[str, float | None] = {}
        self.sizes: dict[str, Decimal | None] = {}
        #: All values by tick type, also those that have no field.
        self.ticks: dict[int, Any] = {}
        self.delayed = False
        #: When the bridge read the newest value from TWS: nanoseconds since 1970 UTC; 0 before the first one.
        self.ts = 0

    def reset(self) -> None:
        self.ts = 0
        self.prices.clear()
        self.sizes.clear()
        self.ticks.clear()
        self.delayed = False

    def on_event(self, event: Event) -> None:
        data, name = event.envelope["data"], event.envelope["event"]
        if name.startswith("tick") and name != "tickReqParams":
            self.ts = max(self.ts, event.envelope["ts"])
        match name:
            case "tickPrice":
                self._on_price(data["tickType"], data.get("price"), data.get("size"))
            case "tickSize":
                self._on_size(data["tickType"], data.get("size"))
            case "tickString" | "tickGeneric":
                self._on_tick(data["tickType"], data.get("value"))
            case "marketDataType":
                self.delayed = data["marketDataType"] in _DELAYED_MODES

    def _on_price(self, kind: int, price: float | None, size: str | None) -> None:
        shown = None if price == -1 and kind in (1, 2, 66, 67) else price
        self._on_tick(kind, shown)
        field = _PRICES.get(kind)
        if field is not None:
            self.prices[field] = shown
            if size is not None and field in ("bid", "ask", "last"):
                self.sizes[f"{field}_size"] = Decimal(size)

    def _on_size(self, kind: int, size: str | None) -> None:
        number = None if size is None else Decimal(size)
        self._on_tick(kind, number)
        field = _SIZES.get(kind)
        if field is not None:
            self.sizes[field] = number

    def _on_tick(self, kind: int, value: Any) -> None:
        self.ticks[kind] = value
        if kind in _PRICES or kind in _SIZES:
            self.delayed = kind in _DELAYED


class Ticker(Live):
    """The quotes of one instrument, kept current by the bridge's events. `client.ticker(contract)` makes it.

    A price is a float and a size a Decimal. A value that TWS has not sent is None, and so is a bid or an ask that the
    market does not have now.

    Example:
        ticker = client.ticker(contract)
        while client.sleep(1):
            print(ticker.bid, ticker.ask, "stale" if ticker.stale else "")
    """

    def __init__(self, owner: Owner, hold: Hold, contract: Any) -> None:
        super().__init__(owner, hold)
        #: The contract, as `client.ticker` got it.
        self.contract = contract
        self._quotes = Quotes("")

    def __repr__(self) -> str:
        shown = f"bid={self.bid} ask={self.ask} last={self.last}"
        return f"Ticker({self.stream or '?'} {shown}{' stale' if self.stale else ''})"

    @property
    def stream(self) -> str:
        """The name of the stream, for example `265598`."""
        return self._hold.stream if self._hold is not None else ""

    @property
    def bid(self) -> float | None:
        """The best bid."""
        return self._quotes.prices.get("bid")

    @property
    def ask(self) -> float | None:
        """The best ask."""
        return self._quotes.prices.get("ask")

    @property
    def last(self) -> float | None:
        """The price of the last trade."""
        return self._quotes.prices.get("last")

    @property
    def open(self) -> float | None:
        """The first price of the day."""
        return self._quotes.prices.get("open")

    @property
    def high(self) -> float | None:
        """The highest price of the day."""
        return self._quotes.prices.get("high")

    @property
    def low(self) -> float | None:
        """The lowest price of the day."""
        return self._quotes.prices.get("low")

    @property
    def previous_close(self) -> float | None:
        """The closing price of the day before. (`close` is the method that ends the ticker.)"""
        return self._quotes.prices.get("close")

    @property
    def mark(self) -> float | None:
        """The mark price (generic tick 232)."""
        return self._quotes.prices.get("mark")

    @property
    def bid_size(self) -> Decimal | None:
        """The size of the best bid."""
        return self._quotes.sizes.get("bid_size")

    @property
    def ask_size(self) -> Decimal | None:
        """The size of the best ask."""
        return self._quotes.sizes.get("ask_size")

    @property
    def last_size(self) -> Decimal | None:
        """The size of the last trade."""
        return self._quotes.sizes.get("last_size")

    @property
    def volume(self) -> Decimal | None:
        """The volume of the day."""
        return self._quotes.sizes.get("volume")

    @property
    def ticks(self) -> Mapping[int, Any]:
        """All values by IBKR's tick type, also those that have no property here."""
        return self._quotes.ticks

    @property
    def delayed(self) -> bool:
        """Whether the values are delayed, because the account has no real-time data for the instrument."""
        return self._quotes.delayed

    @property
    def time(self) -> datetime | None:
        """When the bridge read the newest value from TWS, in UTC; None before the first one."""
        return as_time(self._quotes.ts) if self._quotes.ts else None

    @property
    def age(self) -> float:
        """The seconds since the bridge read the newest value from TWS, by the bridge's clock; infinity without a value.

        A value of a snapshot is as old as it was at the bridge.
        """
        return self._owner.age_of(self._quotes.ts) if self._quotes.ts else float("inf")

    def midpoint(self) -> float | None:
        """The mean of bid and ask; None if one of them is missing, or if the values are stale."""
        bid, ask = self.bid, self.ask
        return None if bid is None or ask is None or self.stale else (bid + ask) / 2

    # For the hub

    @property
    def prefixes(self) -> Iterable[str]:
        return (self._quotes.prefix,) if self._quotes.prefix else ()

    def show(self, quotes: Quotes) -> None:
        """Show the values of this book from now on."""
        self._quotes = quotes
