"""Keeps paper and live accounts apart: the bridge trades only accounts that match its ledger and its trading mode."""

from __future__ import annotations

from typing import Literal

from bridge.session.outbox import Outbox
from bridge.session.records import Fact

#: The names that IBKR's login window and the usual Gateway containers use.
TradingMode = Literal["paper", "live"]


class AccountBinding:
    """Binds the ledger to the accounts that the bridge has seen at TWS.

    `accounts`: the accounts seen before, separated by commas, or None. `mode`: the `trading_mode` of the configuration.
    `account_mismatch`: why the bridge does not trade the accounts of this TWS, or None.
    """

    def __init__(self, outbox: Outbox, accounts: str | None, mode: TradingMode | None = None) -> None:
        self._outbox = outbox
        self._accounts = accounts
        self._mode = mode
        self.account_mismatch: str | None = None

    def on_accounts(self, accounts: list[str]) -> None:
        """Take the accounts that TWS reports, and set `account_mismatch`.

        A login may gain or lose accounts. A login that has none of the known accounts is another login.
        """
        seen, known = {account for account in accounts if account}, set((self._accounts or "").split(",")) - {""}
        if not seen and self._mode is None:
            return
        self.account_mismatch = mismatch(known, seen, self._mode)
        if self.account_mismatch is not None:
            self._outbox.log("accountMismatch", reason=self.account_mismatch)
            return
        if not seen <= known:
            self._bind(",".join(sorted(seen | known)))

    def _bind(self, accounts: str) -> None:
        before, self._accounts = self._accounts, accounts
        self._outbox.persist(
            [Fact("accounts", accounts)], lambda _now: None, lambda reason, _now: self._not_bound(before, reason)
        )

    def _not_bound(self, before: str | None, reason: str) -> None:
        self._accounts = before
        self._outbox.log("notStored", what="the accounts", reason=reason)


def mismatch(known: set[str], seen: set[str], mode: TradingMode | None) -> str | None:
    """Why a bridge must not trade the accounts that TWS reports; None if it may. `known`: those of its ledger."""
    if not seen:
        return mode and f"the configuration has trading_mode {mode}, and TWS reports no account"
    others = sorted(account for account in seen if mode not in (None, mode_of(account)))
    if others:
        return f"the configuration has trading_mode {mode}, but TWS has {', '.join(others)}"
    if known and not known & seen:
        names = (",".join(sorted(known)), ",".join(sorted(seen)))
        return "this state folder belongs to {}, but TWS has {}: use another folder".format(*names)
    return None


def mode_of(account: str) -> TradingMode:
    """The mode of an account. IBKR's paper accounts begin with D: DU1234567 is paper, U1234567 is live; also DF, DI."""
    return "paper" if account.startswith("D") else "live"
