"""What trading costs and what it ties up: commissions and margins, simplified from IBKR's fixed schedules.

Pure functions of an instrument, a quantity and a price; amounts in the instrument's currency.
"""

from decimal import Decimal

from bridge.simulator.instruments import Instrument

_CENT = Decimal("0.0001")
_FUTURES_FEE = {"ES": Decimal("2.25"), "MES": Decimal("0.62")}
_FUTURES_MARGIN = {"ES": Decimal("15500"), "MES": Decimal("1550")}
_RATES = {"STK": Decimal("0.30"), "BOND": Decimal("0.25"), "CASH": Decimal("0.03")}


def commission(instrument: Instrument, quantity: Decimal, price: Decimal) -> Decimal:
    """For a whole order that has filled `quantity` at the average `price`: minima hold per order, not per fill."""
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
    """What holding `position` ties up; `spot` is the underlying's price (of options), `mark` the instrument's own."""
    size = abs(position)
    match instrument.secType:
        case "FUT":
            return size * _FUTURES_MARGIN[instrument.symbol]
        case "OPT":
            return Decimal(0) if position > 0 else size * instrument.factor * (mark + spot / 5)
        case _:
            return size * mark * instrument.factor * _RATES[instrument.secType]


def maintenance_margin(initial: Decimal) -> Decimal:
    """What of the initial margin must remain."""
    return initial * Decimal("0.9")
