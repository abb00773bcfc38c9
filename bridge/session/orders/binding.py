"""The ledger is one login's: bound to the accounts that it has seen, so that paper and live never mix."""

from __future__ import annotations

from bridge.session.effects import Log
from bridge.session.outlet import Outlet
from bridge.session.records import Fact


class Binding:
    """`accounts`: those seen before, joined by commas; None where there were none. `misfit`: why TWS's are others."""

    def __init__(self, outlet: Outlet, accounts: str | None) -> None:
        self._outlet = outlet
        self._accounts = accounts
        self.misfit: str | None = None

    def on_accounts(self, accounts: list[str]) -> None:
        """The ledger is bound to the accounts that it has seen: paper and live never mix.

        A login may gain and lose accounts; one that shares none with those seen before is another.
        """
        seen, known = {account for account in accounts if account}, set((self._accounts or "").split(",")) - {""}
        if not seen:
            return
        if known and not known & seen:
            names = (",".join(sorted(known)), ",".join(sorted(seen)))
            self.misfit = "this state folder belongs to {}, but TWS has {}: use another folder".format(*names)
            self._outlet.log(Log("error", self.misfit))
            return
        self.misfit = None
        if not seen <= known:
            self._bind(",".join(sorted(seen | known)))

    def _bind(self, accounts: str) -> None:
        before, self._accounts = self._accounts, accounts
        self._outlet.persist(
            [Fact("accounts", accounts)], lambda _now: None, lambda reason, _now: self._not_bound(before, reason)
        )

    def _not_bound(self, before: str | None, reason: str) -> None:
        self._accounts = before
        self._outlet.log(Log("error", f"the accounts could not be written down: {reason}"))
