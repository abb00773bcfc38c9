"""What stands between a client's wish and an order: rights, limits, the kill switch, the rate, the older twin.

Asked before an order gets an id and before anything is stored; what it lets through may leave. Raises Refused, which
says by which rule. Knows the time only as it is handed in, and no order.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from bridge.session.asks import Ask, Refused
from bridge.session.rights import limits, worth
from bridge.session.rights.fences import Fences
from bridge.session.rights.grants import Grant
from bridge.session.rights.limits import FactsOf, QuoteOf, refusal
from bridge.session.rights.permissions import Permissions, changes
from bridge.session.rights.rates import Rates
from bridge.session.values import Data, Instant
from bridge.session.vocabulary import RequestPlan


class Switch:
    """The kill switch: on as long as anyone who turned it on has not turned it off. Sources: `admin`, `file`."""

    def __init__(self) -> None:
        self.reasons: dict[str, str] = {}

    def turn(self, source: str, reason: str | None) -> bool:
        """Turn it on for a reason, or off with None; whether that changed anything."""
        before = dict(self.reasons)
        if reason is None:
            self.reasons.pop(source, None)
        else:
            self.reasons[source] = reason
        return before != self.reasons

    def told(self) -> Data:
        return {"halted": bool(self.reasons), "reasons": dict(self.reasons)}


class Guard:
    """`managed` gives the accounts that TWS has; `facts_of` and `quote_of` what is known of a contract."""

    def __init__(
        self,
        permissions: Permissions,
        fences: Fences,
        facts_of: FactsOf,
        quote_of: QuoteOf,
        managed: Callable[[], Collection[str]],
    ) -> None:
        self.switch = Switch()
        self._permissions = permissions
        self._fences = fences
        self._facts_of = facts_of
        self._quote_of = quote_of
        self._managed = managed
        self._rates = Rates()

    def place(self, ask: Ask, content: Data, open_orders: int, now: Instant) -> None:
        """A new order of `content` (contract and order, as the client gave them), beside `open_orders` that live."""
        self.place_all(ask, [content], open_orders, now)

    def place_all(self, ask: Ask, contents: Sequence[Data], open_orders: int, now: Instant) -> None:
        """New orders, or exercises of options, that leave together or not at all: all are looked at, then counted."""
        grant = self._trader(ask)
        for content in contents:
            if (halted := self.may_leave(None, content)) is not None:
                raise halted
            self._within(grant, content)
        new = sum(1 for content in contents if not content["order"].get("whatIf"))
        most = grant.max_open_orders
        if most is not None and new and open_orders + new > most:
            raise refusal("max_open_orders", f"{open_orders} orders are open", limit=most, asked=open_orders + new)
        self._rates.count(ask.client, len(contents), grant.max_orders_per_minute, now)

    def modify(self, ask: Ask, before: Data, content: Data, now: Instant) -> None:
        """A change of an order of the client's own. While trading is halted it must only take from the order."""
        grant = self._trader(ask)
        if (halted := self.may_leave(before, content)) is not None:
            raise halted
        self._within(grant, content)
        self._rates.count(ask.client, 1, grant.max_orders_per_minute, now)

    def may_leave(self, before: Data | None, content: Data) -> Refused | None:
        """Why an order (`before`: None), or its change, must not leave now, as trading is halted; None: it may.

        To be asked again when it is on disk: trading may have been halted meanwhile. A what-if trades nothing.
        """
        if not self.switch.reasons or content["order"].get("whatIf"):
            return None
        if before is not None and limits.reduces(before, content):
            return None
        reasons = "; ".join(f"{source}: {reason}" for source, reason in sorted(self.switch.reasons.items()))
        message = (
            f"trading is halted ({reasons}); cancels go through, and what only lowers a quantity or betters a limit"
        )
        return refusal("halt", message, reasons=dict(self.switch.reasons))

    def fence(self, ask: Ask, plan: RequestPlan | None) -> None:
        """What changes things is for the newest run of its client, orders or not. `plan`: None for our own methods."""
        if changes(ask.method, plan):
            self._fences.check(ask)

    def cancel(self, ask: Ask) -> None:
        """A cancel: neither limits nor the kill switch stand in its way."""
        self._trader(ask)

    def force(self, ask: Ask) -> None:
        """What evidence does not settle an admin decides."""
        if not self._permissions.grant(ask.client).has("admin"):
            raise refusal("roles", "force needs the role admin", role="admin")

    def foreign(self, ask: Ask, owner: str) -> None:
        """An order of `owner`: for that client, and for those whom the configuration makes admins."""
        if not self._permissions.may_touch(ask.client, owner):
            raise refusal("roles", f"the order belongs to {owner}; to touch it needs the role admin", role="admin")

    def _trader(self, ask: Ask) -> Grant:
        self._fences.check(ask)
        grant = self._permissions.grant(ask.client)
        if not grant.has("trade"):
            raise refusal("roles", f"{ask.method} needs the role trade", role="trade")
        return grant

    def _within(self, grant: Grant, content: Data) -> None:
        contract, order = content["contract"], content["order"]
        limits.allocation(grant, order)
        limits.account(grant, limits.order_accounts(order), self._managed())
        limits.symbol(grant, contract, self._facts_of)
        limits.bounded(grant, contract, order)
        limits.size(grant, contract, order)
        worth.notional(grant, contract, order, self._facts_of, self._quote_of)
