"""One account: the exact cash and positions that follow from its executions. All amounts are Decimal."""

from dataclasses import dataclass, field
from decimal import Decimal

from bridge.simulator.instruments.instrument import Instrument

ZERO = Decimal(0)


@dataclass(slots=True)
class Position:
    """A position.

    `quantity` and `cost` are negative for a short position; `fees` are the commissions of what is still held.
    """

    instrument: Instrument
    quantity: Decimal = ZERO
    cost: Decimal = ZERO
    fees: Decimal = ZERO
    realized: Decimal = ZERO
    day_start: Decimal = ZERO
    """Profit, realized and unrealized, at the start of the day."""

    @property
    def average_cost(self) -> Decimal:
        """Average cost as TWS reports it: per contract, with multiplier and commission; 0 without a position."""
        return (self.cost + self.fees) / self.quantity if self.quantity else ZERO

    def value(self, mark: Decimal) -> Decimal:
        """Return the market value; negative for a short position."""
        return self.quantity * mark * self.instrument.factor

    def unrealized(self, mark: Decimal) -> Decimal:
        """Return the profit of closing the position at `mark`, after the commissions paid to open it."""
        return self.value(mark) - self.cost - self.fees


@dataclass(frozen=True, slots=True)
class Fill:
    """One trade of the account.

    `quantity` is positive for a purchase and negative for a sale; `fee` is in `currency`.
    """

    instrument: Instrument
    quantity: Decimal
    price: Decimal
    fee: Decimal


@dataclass(slots=True)
class Account:
    """A margin account in US dollars."""

    name: str
    cash: dict[str, Decimal]
    positions: dict[int, Position] = field(default_factory=dict, metadata={"persisted": False})
    """Positions by conId. Each one is persisted as a record of its own."""
    fees_paid: Decimal = ZERO
    day_start: Decimal = ZERO
    """Net liquidation value at the start of the day."""

    @property
    def realized(self) -> Decimal:
        """Realized profit of all positions, after commissions."""
        return sum((position.realized for position in self.positions.values()), ZERO)

    def apply(self, fill: Fill) -> Decimal | None:
        """Book a fill. Returns the realized profit after commissions, or None if the fill closed nothing."""
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
        """Reduce cost and fees by the part `closing`. Returns the profit before and after commissions."""
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
            self._add(
                currency, gross
            )  # a real exchange pays this daily as variation margin; the simulator pays it when the position is closed
            return
        self._add(currency, -fill.quantity * fill.price * instrument.factor)
        if instrument.secType == "CASH":
            self._add(instrument.symbol, fill.quantity)

    def _add(self, currency: str, amount: Decimal) -> None:
        self.cash[currency] = self.cash.get(currency, ZERO) + amount
