"""Instruments, and the search for them by partial contract."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bridge.simulator.core.values import Data, decimal_text, digits_of, to_decimal

_RIGHTS = {"C": "C", "CALL": "C", "P": "P", "PUT": "P", "": "", "0": "", "?": ""}
_DEFAULT_EXCHANGES = {"STK": "SMART", "OPT": "SMART", "BOND": "SMART", "CFD": "SMART", "CASH": "IDEALPRO", "FUT": "CME"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One tradable instrument.

    Prices are in `currency`, sizes in whole units. `price` is the price at which its random walk starts.
    """

    conId: int
    symbol: str
    secType: str
    currency: str = "USD"
    primaryExch: str = ""
    localSymbol: str
    tradingClass: str
    minTick: Decimal
    price: float
    spread: int = 1
    """Distance between bid and ask, in ticks."""
    lot: int = 100
    """Displayed sizes are multiples of this number."""
    multiplier: Decimal | None = None
    expiry: str = ""
    strike: float = 0.0
    right: str = ""
    underConId: int = 0
    validExchanges: tuple[str, ...]
    marketName: str
    longName: str
    timeZone: str = "US/Eastern"
    marketRule: int = 26
    orderTypes: str
    volatility: float = 0.25
    """Yearly volatility; for an option, that of the underlying."""
    isin: str = ""
    cusip: str = ""
    bond: tuple[tuple[str, Any], ...] = ()
    """Additional contractDetails fields of a bond."""
    industry: str = ""
    category: str = ""
    stockType: str = ""

    @property
    def defaultExchange(self) -> str:
        """The exchange for an order that names none."""
        return _DEFAULT_EXCHANGES[self.secType]

    @property
    def factor(self) -> Decimal:
        """The value of one contract when its price is 1."""
        if self.secType == "BOND":
            return Decimal(10)  # prices are in percent of a face value of 1,000
        return self.multiplier or Decimal(1)

    @property
    def digits(self) -> int:
        """Number of digits after the decimal point of a price."""
        return digits_of(self.minTick)

    @property
    def alwaysLiquid(self) -> bool:
        """Whether the instrument has no regular hours: true for forex."""
        return self.secType == "CASH"

    def contract(self, exchange: str | None = None) -> Data:
        """Return the Contract as TWS writes it into events. `exchange` replaces the default exchange."""
        data: Data = {"conId": self.conId, "symbol": self.symbol, "secType": self.secType}
        if self.expiry:
            data["lastTradeDateOrContractMonth"] = self.expiry
        data["strike"] = self.strike
        if self.right:
            data["right"] = self.right
        if self.multiplier is not None:
            data["multiplier"] = decimal_text(self.multiplier)
        data["exchange"] = self.defaultExchange if exchange is None else exchange
        data["currency"] = self.currency
        data["localSymbol"] = self.localSymbol
        data["tradingClass"] = self.tradingClass
        return data

    def matches(self, wanted: Data) -> bool:
        """Return whether a partial contract describes this instrument.

        A field that is not set matches every instrument.
        """
        return all(test(self, wanted) for test in _TESTS)


def _same(field: str) -> Any:
    def test(instrument: Instrument, wanted: Data) -> bool:
        asked = wanted.get(field)
        return not asked or str(asked).upper() == str(getattr(instrument, field)).upper()

    return test


def _exchange(instrument: Instrument, wanted: Data) -> bool:
    asked = wanted.get("exchange")
    return not asked or asked in instrument.validExchanges


def _primary(instrument: Instrument, wanted: Data) -> bool:
    # TWS accepts ISLAND, the old name of NASDAQ.
    asked = {"ISLAND": "NASDAQ"}.get(wanted.get("primaryExch", ""), wanted.get("primaryExch", ""))
    return not asked or asked == instrument.primaryExch or asked in instrument.validExchanges


def _expiry(instrument: Instrument, wanted: Data) -> bool:
    return instrument.expiry.startswith(wanted.get("lastTradeDateOrContractMonth", "").split(" ")[0])


def _strike(instrument: Instrument, wanted: Data) -> bool:
    asked = wanted.get("strike", 0.0)
    return not asked or abs(asked - instrument.strike) < 1e-9


def _right(instrument: Instrument, wanted: Data) -> bool:
    asked = str(wanted.get("right", "")).upper()
    right = _RIGHTS.get(asked, asked)
    return not right or right == instrument.right


def _multiplier(instrument: Instrument, wanted: Data) -> bool:
    asked = to_decimal(wanted.get("multiplier"))
    return not asked or asked == (instrument.multiplier or 1)


def _security_id(instrument: Instrument, wanted: Data) -> bool:
    asked = wanted.get("secId")
    if not asked:
        return True
    ids = {"ISIN": instrument.isin, "CUSIP": instrument.cusip}
    return bool(asked == ids.get(str(wanted.get("secIdType", "")).upper()))


def _symbol(instrument: Instrument, wanted: Data) -> bool:
    # Clients put the CUSIP of a bond into the symbol field.
    asked = str(wanted.get("symbol", "")).upper()
    return not asked or asked in (instrument.symbol.upper(), instrument.cusip or instrument.symbol.upper())


_TESTS = (
    _same("conId"), _symbol, _same("secType"), _same("currency"), _exchange, _primary, _expiry, _strike, _right,
    _multiplier, _same("localSymbol"), _same("tradingClass"), _security_id,
)  # fmt: skip
_NAMING = ("conId", "symbol", "localSymbol", "tradingClass", "secId")


class Universe:
    """All instruments, with a search by conId and by partial contract."""

    def __init__(self, instruments: Iterable[Instrument]) -> None:
        """Raises ValueError if two instruments have the same conId."""
        self.by_id: dict[int, Instrument] = {}
        for instrument in instruments:
            if instrument.conId in self.by_id:
                raise ValueError(f"two instruments with conId {instrument.conId}")
            self.by_id[instrument.conId] = instrument

    def __iter__(self) -> Any:
        """Iterate over the instruments in the order in which they were given."""
        return iter(self.by_id.values())

    def __len__(self) -> int:
        """Return the number of instruments."""
        return len(self.by_id)

    def matching(self, wanted: Data) -> list[Instrument]:
        """Return all instruments that a partial contract describes; none if the contract identifies nothing."""
        if not any(wanted.get(field) for field in _NAMING):
            return []
        con_id = wanted.get("conId")
        if con_id:
            found = self.by_id.get(con_id)
            exchange = wanted.get("exchange")
            return [found] if found and (not exchange or exchange in found.validExchanges) else []
        return [instrument for instrument in self if instrument.matches(wanted)]
