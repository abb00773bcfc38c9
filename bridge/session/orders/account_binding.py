"""Paper and live never mix: the ledger is bound to the accounts it has seen, and those are of the declared kind."""

from __future__ import annotations

from typing import Literal

from bridge.session.effects import Log
from bridge.session.outbox import Outbox
from bridge.session.records import Fact

#: As IBKR's login screen and the usual Gateway containers name it.
TradingMode = Literal["paper", "live"]


class AccountBinding:
    """`accounts`: those seen before, joined by commas; None where there were none. `mode`: what the configuration says.

    `misfit`: why TWS's accounts are not those that trade here.
    """

    def __init__(self, outbox: Outbox, accounts: str | None, mode: TradingMode | None = None) -> None:
        self._outbox = outbox
        self._accounts = accounts
        self._mode = mode
        self.misfit: str | None = None

    def on_accounts(self, accounts: list[str]) -> None:
        """The ledger is bound to the accounts that it has seen: paper and live never mix.

        A login may gain and lose accounts; one that shares none with those seen before is another.
        """
        seen, known = {account for account in accounts if account}, set((self._accounts or "").split(",")) - {""}
        if not seen and self._mode is None:
            return
        self.misfit = self._why_not(known, seen)
        if self.misfit is not None:
            self._outbox.log(Log("error", self.misfit))
            return
        if not seen <= known:
            self._bind(",".join(sorted(seen | known)))

    def _why_not(self, known: set[str], seen: set[str]) -> str | None:
        if not seen:
            return f"the configuration says trading_mode {self._mode}, and TWS tells no account"
        others = sorted(account for account in seen if self._mode not in (None, mode_of(account)))
        if others:
            return f"the configuration says trading_mode {self._mode}, but TWS has {', '.join(others)}"
        if known and not known & seen:
            names = (",".join(sorted(known)), ",".join(sorted(seen)))
            return "this state folder belongs to {}, but TWS has {}: use another folder".format(*names)
        return None

    def _bind(self, accounts: str) -> None:
        before, self._accounts = self._accounts, accounts
        self._outbox.persist(
            [Fact("accounts", accounts)], lambda _now: None, lambda reason, _now: self._not_bound(before, reason)
        )

    def _not_bound(self, before: str | None, reason: str) -> None:
        self._accounts = before
        self._outbox.log(Log("error", f"the accounts could not be written down: {reason}"))


def mode_of(account: str) -> TradingMode:
    """IBKR's paper accounts begin with D: DU1234567 beside U1234567, DF beside F, DI beside I."""
    return "paper" if account.startswith("D") else "live"
