"""One execution of an order, and its commission."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from tws_bridge_client.generated.types import Contract, Execution
from tws_bridge_client.struct import Data


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution of an order.

    Attributes:
        key: the key of the order; `<owner>.<key>` in a list of the fills of all clients.
        contract: the instrument.
        execution: IBKR's `Execution`: execId, time, side, shares, price and more.
        ts: when the bridge read it from TWS: nanoseconds since 1970 UTC.
        commission: commission and fees, in `commission_currency`; None until TWS has sent them.
        realized: the profit that the execution realized; None if it opened a position, or until TWS has sent it.
        replaces: the fill that this one corrects; None for a new one.
    """

    key: str
    contract: Contract
    execution: Execution
    ts: int
    commission: float | None = None
    commission_currency: str = ""
    realized: float | None = None
    replaces: Fill | None = None

    @property
    def exec_id(self) -> str:
        """IBKR's ID of the execution."""
        return self.execution.execId

    @property
    def price(self) -> float:
        """The price, without commission."""
        return self.execution.price or 0.0

    @property
    def quantity(self) -> Decimal:
        """The executed quantity: above 0 for a purchase, below 0 for a sale."""
        shares = self.execution.shares or Decimal(0)
        return -shares if self.execution.side == "SLD" else shares

    @property
    def change(self) -> Decimal:
        """What the fill adds to a position: `quantity`, or its difference to the fill that it replaces."""
        return self.quantity - (self.replaces.quantity if self.replaces is not None else 0)

    def with_commission(self, report: Data) -> Fill:
        """The same fill with the commission of a `commissionAndFeesReport`."""
        return replace(
            self,
            commission=report.get("commissionAndFees"),
            commission_currency=report.get("currency", ""),
            realized=report.get("realizedPNL"),
        )


@dataclass(frozen=True, slots=True)
class Commission:
    """The commission of an execution whose fill a fill log has delivered before.

    Attributes:
        fill: that fill, with `commission`, `commission_currency` and `realized`.
        replaces: the fill whose commission this one takes the place of: the corrected fill if this one is a correction,
            or the fill itself before TWS changed its commission. None if no commission of it was known.
    """

    fill: Fill
    replaces: Fill | None = None

    @property
    def change(self) -> float:
        """What it adds to the sum of all commissions: the commission, or its difference to the one it replaces."""
        before = self.replaces.commission if self.replaces is not None else None
        return (self.fill.commission or 0.0) - (before or 0.0)


def fill_of(key: str, data: dict[str, Any], ts: int, replaces: Fill | None = None) -> Fill:
    """The fill of an `execDetails` event. `replaces`: the fill that it corrects."""
    contract, execution = Contract.from_dict(data["contract"]), Execution.from_dict(data["execution"])
    return Fill(key, contract, execution, ts, replaces=replaces)
