"""The second order of the same intent: what the client places when it follows the advice.

TWS takes it, and executes the whole of it: the worst that it can do to the intent. Its own life at the bridge is that
of the first order, which the rest of the model explores.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

#: `asked`: the bridge has it. `written`: the ledger has it. `working`: TWS has it. `filled`: it is executed.
At = Literal["none", "asked", "written", "working", "filled"]


class Second(NamedTuple):
    at: At = "none"
    quantity: int = 0
    is_same_key: bool = False

    @property
    def executed(self) -> int:
        return self.quantity if self.at == "filled" else 0

    def next(self) -> tuple[str, Second] | None:
        """How it goes on."""
        match self.at:
            case "asked":
                return "the ledger has the second order", self._replace(at="written")
            case "written":
                return f"the second order leaves, and TWS works it ({self.quantity})", self._replace(at="working")
            case "working":
                return f"TWS executes the second order ({self.quantity})", self._replace(at="filled")
        return None


NONE = Second()
