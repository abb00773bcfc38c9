"""One account: cash and positions as they follow from executions, exactly.

Everything here is Decimal. Knows instruments, fills and fees; knows no orders, no market and no messages.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from bridge.simulator.instruments import Instrument

ZERO = Decimal(0)


@dataclass(slots=True)
class Position:
    """`quantity` and `cost` carry the sign of the side held; `fees` are those paid for what is still held."""

    instrument: Instrument
    quantity: Decimal = ZERO
    cost: Decimal = ZERO
    fees: Decimal = ZERO
    realized: Decimal = ZERO
    day_start: Decimal = ZERO
    """Its profit, realized and not, when the day began."""

    @property
    def average_cost(self) -> Decimal:
        """As TWS reports it: per contract, with multiplier and commission; 0 when flat."""
        return (self.cost + self.fees) / self.quantity if self.quantity else ZERO

    def value(self, mark: Decimal) -> Decimal:
        """Market value, signed."""
        return self.quantity * mark * self.instrument.factor

    def unrealized(self, mark: Decimal) -> Decimal:
        """Profit if closed at `mark`, after the commissions paid to open."""
        return self.value(mark) - self.cost - self.fees


@dataclass(frozen=True, slots=True)
class Fill:
    """A trade of the account: `quantity` is positive for a purchase, negative for a sale; `fee` in `currency`."""

    instrument: Instrument
    quantity: Decimal
    price: Decimal
    fee: Decimal


@dataclass(slots=True)
class Account:
    """A margin account in US dollars."""

    name: str
    cash: dict[str, Decimal]
    positions: dict[int, Position] = field(default_factory=dict, metadata={"kept": False})
    """By conId; kept one by one."""
    fees_paid: Decimal = ZERO
    day_start: Decimal = ZERO
    """What all of it was worth when the day began."""

    @property
    def realized(self) -> Decimal:
        """Realized profit of all positions, after commissions."""
        return sum((position.realized for position in self.positions.values()), ZERO)

    def apply(self, fill: Fill) -> Decimal | None:
        """Books a fill. Returns the profit that it realized, after commissions, or None where it closed nothing."""
        instrument = fill.instrument
        position = self.positions.setdefault(instrument.conId, Position(instrument))
        held = position.quantity
        closing = ZERO
        if held and (held > 0) != (fill.quantity > 0):
            closing = min(abs(held), abs(fill.quantity)).copy_sign(fill.quantity)
        opening = fill.quantity - closing
        worth = fill.price * instrument.factor
        gross, net = self._close(position, closing, worth, fill.fee * closing / fill.quantity)
        position.quantity += fill.quantity
        position.cost += opening * worth
        position.fees += fill.fee * opening / fill.quantity
        self._move_cash(fill, gross)
        return net if closing else None

    def _close(self, position: Position, closing: Decimal, worth: Decimal, fee: Decimal) -> tuple[Decimal, Decimal]:
        """Takes `closing` out of cost and fees; returns the profit before and after commissions."""
        if not closing:
            return ZERO, ZERO
        part = -closing / position.quantity
        cost, fees = position.cost * part, position.fees * part
        if part == 1:
            cost, fees = position.cost, position.fees
        gross = -closing * worth - cost
        net = gross - fees - fee
        position.cost -= cost
        position.fees -= fees
        position.realized += net
        return gross, net

    def _move_cash(self, fill: Fill, gross: Decimal) -> None:
        instrument = fill.instrument
        currency = instrument.currency
        self.fees_paid += fill.fee
        self._add(currency, -fill.fee)
        if instrument.secType == "FUT":
            self._add(currency, gross)  # variation margin; here settled when the position is closed
            return
        self._add(currency, -fill.quantity * fill.price * instrument.factor)
        if instrument.secType == "CASH":
            self._add(instrument.symbol, fill.quantity)

    def _add(self, currency: str, amount: Decimal) -> None:
        self.cash[currency] = self.cash.get(currency, ZERO) + amount
