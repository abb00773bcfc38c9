"""An instrument, and how a partial contract finds it.

Knows contracts; knows no prices that move and no accounts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bridge.simulator.values import Data, decimal_text, digits_of, to_decimal

_RIGHTS = {"C": "C", "CALL": "C", "P": "P", "PUT": "P", "": "", "0": "", "?": ""}
_DEFAULT_EXCHANGES = {"STK": "SMART", "OPT": "SMART", "BOND": "SMART", "CFD": "SMART", "CASH": "IDEALPRO", "FUT": "CME"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One tradable thing. Prices in `currency`; `price` is where its walk begins; sizes in whole units."""

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
    """Distance of bid and ask, in ticks."""
    lot: int = 100
    """Displayed sizes are multiples of it."""
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
    """Yearly; of the underlying for an option."""
    isin: str = ""
    cusip: str = ""
    bond: tuple[tuple[str, Any], ...] = ()
    """Further contractDetails fields of a bond."""
    industry: str = ""
    category: str = ""
    stockType: str = ""

    @property
    def defaultExchange(self) -> str:
        """Where an order goes that names no other place."""
        return _DEFAULT_EXCHANGES[self.secType]

    @property
    def factor(self) -> Decimal:
        """What one unit of price is worth for one contract."""
        if self.secType == "BOND":
            return Decimal(10)  # quoted in percent of a face value of 1,000
        return self.multiplier or Decimal(1)

    @property
    def digits(self) -> int:
        """Digits after the point of a price."""
        return digits_of(self.minTick)

    @property
    def alwaysLiquid(self) -> bool:
        """Forex knows no regular hours."""
        return self.secType == "CASH"

    def contract(self, exchange: str | None = None) -> Data:
        """The Contract as TWS writes it into events."""
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
        """Whether a partial contract describes this instrument; what it leaves open matches everything."""
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
    # TWS takes ISLAND, the old name, for NASDAQ.
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
    # A bond is asked for by its CUSIP in the symbol field.
    asked = str(wanted.get("symbol", "")).upper()
    return not asked or asked in (instrument.symbol.upper(), instrument.cusip or instrument.symbol.upper())


_TESTS = (
    _same("conId"), _symbol, _same("secType"), _same("currency"), _exchange, _primary, _expiry, _strike, _right,
    _multiplier, _same("localSymbol"), _same("tradingClass"), _security_id,
)  # fmt: skip
_NAMING = ("conId", "symbol", "localSymbol", "tradingClass", "secId")


class Universe:
    """All instruments, by conId and by partial contract."""

    def __init__(self, instruments: Iterable[Instrument]) -> None:
        """Raises ValueError where two instruments share a conId."""
        self.by_id: dict[int, Instrument] = {}
        for instrument in instruments:
            if instrument.conId in self.by_id:
                raise ValueError(f"two instruments with conId {instrument.conId}")
            self.by_id[instrument.conId] = instrument

    def __iter__(self) -> Any:
        """In the order given."""
        return iter(self.by_id.values())

    def __len__(self) -> int:
        """How many there are."""
        return len(self.by_id)

    def matching(self, wanted: Data) -> list[Instrument]:
        """Every instrument that a partial contract describes; none where it names nothing at all."""
        if not any(wanted.get(field) for field in _NAMING):
            return []
        con_id = wanted.get("conId")
        if con_id:
            found = self.by_id.get(con_id)
            exchange = wanted.get("exchange")
            return [found] if found and (not exchange or exchange in found.validExchanges) else []
        return [instrument for instrument in self if instrument.matches(wanted)]
