"""Commissions and margins: a simplified form of IBKR's fixed schedules.

Pure functions. Amounts are in the instrument's currency.
"""

from decimal import Decimal

from bridge.simulator.instruments.instrument import Instrument

_CENT = Decimal("0.0001")
_FUTURES_FEE = {"ES": Decimal("2.25"), "MES": Decimal("0.62")}
_FUTURES_MARGIN = {"ES": Decimal("15500"), "MES": Decimal("1550")}
_RATES = {"STK": Decimal("0.30"), "BOND": Decimal("0.25"), "CASH": Decimal("0.03")}


def commission(instrument: Instrument, quantity: Decimal, price: Decimal) -> Decimal:
    """Return the commission of an order that has filled `quantity` at the average `price`.

    Minimum commissions apply to the order, not to each fill.
    """
    worth = quantity * price * instrument.factor
    match instrument.secType:
        case "STK":
            fee = min(max(Decimal(1), quantity * Decimal("0.005")), worth * Decimal("0.01"))
        case "OPT":
            fee = max(Decimal(1), quantity * Decimal("0.65"))
        case "FUT":
            fee = quantity * _FUTURES_FEE[instrument.symbol]
        case "CASH":
            fee = max(Decimal(2), worth * Decimal("0.00002"))
        case _:
            fee = max(Decimal(1), worth * Decimal("0.001"))
    return fee.quantize(_CENT)


def initial_margin(instrument: Instrument, position: Decimal, mark: Decimal, spot: Decimal) -> Decimal:
    """Return the initial margin of a position.

    `mark` is the price of the instrument; `spot` is the price of the underlying, for options only.
    """
    size = abs(position)
    match instrument.secType:
        case "FUT":
            return size * _FUTURES_MARGIN[instrument.symbol]
        case "OPT":
            return Decimal(0) if position > 0 else size * instrument.factor * (mark + spot / 5)
        case _:
            return size * mark * instrument.factor * _RATES[instrument.secType]


def maintenance_margin(initial: Decimal) -> Decimal:
    """Return the maintenance margin that belongs to an initial margin."""
    return initial * Decimal("0.9")
