"""Pre-trade checks: rights, limits, the kill switch, the order rate and the fencing of old instances.

The bridge runs the checks before an order gets an order ID, and before it writes anything to disk. A check returns the
contract and order that the bridge then sends, with TWS's description of the contract where the bridge has it. So the
bridge sends exactly what it has checked. The checks raise Refused, whose data names the `rule`. They raise Undescribed
where the bridge must request the description of a contract from TWS first; the caller then repeats the check.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Sequence

from bridge.session.contracts.instruments import Instruments
from bridge.session.requests import Refused, Request
from bridge.session.rights import limits, notional
from bridge.session.rights.fences import Fences
from bridge.session.rights.grants import Grant
from bridge.session.rights.limits import QuoteOf, refusal
from bridge.session.rights.permissions import Permissions, changes
from bridge.session.routing import RequestPlan
from bridge.session.values import Data, Instant

#: Seconds over which the bridge counts the order rate.
_WINDOW = 60.0


class KillSwitch:
    """The kill switch. It is on while at least one source has turned it on. Sources: `admin`, `file`.

    `reasons`: source -> its reason, for each source that has turned it on.
    """

    def __init__(self) -> None:
        self.reasons: dict[str, str] = {}

    def turn(self, source: str, reason: str | None) -> bool:
        """Turn the switch on with a reason, or off with None. Returns whether that changed anything."""
        before = dict(self.reasons)
        if reason is None:
            self.reasons.pop(source, None)
        else:
            self.reasons[source] = reason
        return before != self.reasons

    def as_data(self) -> Data:
        """`halted` and the reasons, as in replies and events."""
        return {"halted": bool(self.reasons), "reasons": dict(self.reasons)}


class OrderRate:
    """Counts the orders and changes of each client in the last minute."""

    def __init__(self) -> None:
        self._sent: dict[str, deque[float]] = {}

    def count(self, client: str, number: int, most: int | None, now: Instant) -> None:
        """Count `number` orders that the bridge sends together. `most`: the most per minute, or None.

        Raises Refused `notPermitted` where they are too many; then they do not count.
        """
        if most is None:
            return
        sent = self._sent.setdefault(client, deque())
        while sent and sent[0] <= now.clock - _WINDOW:
            sent.popleft()
        if len(sent) + number > most:
            raise _too_many(sent, number, most, now)
        sent.extend([now.clock] * number)

    def sent(self, client: str, now: Instant) -> int:
        """Return how many orders and changes of the client count now. Only those with a limit are counted."""
        return sum(at > now.clock - _WINDOW for at in self._sent.get(client, ()))


class PreTradeChecks:
    """Runs all pre-trade checks. Its methods raise Refused where the bridge refuses the request.

    `quote_of`: contract -> its highest known price, or None. `managed`: returns the accounts that TWS has.
    """

    def __init__(
        self,
        permissions: Permissions,
        fences: Fences,
        instruments: Instruments,
        quote_of: QuoteOf,
        managed: Callable[[], Collection[str]],
    ) -> None:
        self.kill_switch = KillSwitch()
        self._permissions = permissions
        self._fences = fences
        self._instruments = instruments
        self._quote_of = quote_of
        self._managed = managed
        self.rates = OrderRate()

    def place(self, request: Request, content: Data, count_open: Callable[[], int], now: Instant) -> Data:
        """Check one new order; see `place_all`. Returns the content to send."""
        return self.place_all(request, [content], count_open, now)[0]

    def place_all(
        self, request: Request, contents: Sequence[Data], count_open: Callable[[], int], now: Instant
    ) -> list[Data]:
        """Check new orders or option exercises that the bridge sends together. Returns the contents to send.

        `contents`: contract and order of each, as the client gave them. `count_open`: returns how many orders of the
        client are open; the bridge calls it only where the client has a limit.
        """
        grant = self._trader(request)
        for place, content in enumerate(contents):
            if (halted := self.may_leave(None, content)) is not None:
                raise halted
            self._check_contract(content["contract"], f"orders.{place}." if request.method == "placeOrders" else "")
        checked = [self._to_send(content) for content in contents]
        self._check_limits(grant, checked)
        new = sum(1 for content in contents if not content["order"].get("whatIf"))
        most = grant.max_open_orders
        if most is not None and new and (open_orders := count_open()) + new > most:
            message = f"{open_orders} orders are open, and the limit is {most}"
            raise refusal("max_open_orders", message, limit=most, asked=open_orders + new)
        self.rates.count(request.client, len(contents), grant.max_orders_per_minute, now)
        return checked

    def modify(self, request: Request, before: Data, content: Data, now: Instant) -> Data:
        """Check a change of an order. Returns the content to send.

        `before`, `content`: contract and order before and after the change. While trading is halted, the change must
        only reduce risk.
        """
        grant = self._trader(request)
        if (halted := self.may_leave(before, content)) is not None:
            raise halted
        if request.params.get("contract") is not None:
            self._check_contract(content["contract"], "")
        checked = self._to_send(content)
        self._check_limits(grant, [checked])
        self.rates.count(request.client, 1, grant.max_orders_per_minute, now)
        return checked

    def may_leave(self, before: Data | None, content: Data) -> Refused | None:
        """The refusal of an order (`before` is None) or a change while trading is halted; None where it may be sent.

        The caller checks again when the order is on disk, because an admin may have halted trading since then. A
        what-if order trades nothing, so a halt does not stop it.
        """
        if not self.kill_switch.reasons or content["order"].get("whatIf"):
            return None
        if before is not None and limits.reduces(before, content):
            return None
        reasons = "; ".join(f"{source}: {reason}" for source, reason in sorted(self.kill_switch.reasons.items()))
        message = (
            f"trading is halted ({reasons}); the bridge takes only cancels, and changes that lower a quantity or "
            "better a limit"
        )
        return refusal("halt", message, reasons=dict(self.kill_switch.reasons))

    @property
    def generation(self) -> int:
        """How often the rights have been replaced: what `withdrawn` compares."""
        return self._permissions.generation

    def withdrawn(self, client: str, contents: Sequence[Data], generation: int) -> Refused | None:
        """The refusal of orders or a change that wait to leave, if a reload has taken the right to them; else None.

        `generation`: that of the rights with which they were checked. The counts of orders are not checked again.
        """
        if generation == self._permissions.generation:
            return None
        try:
            grant = self._permissions.grant(client)
            if not grant.has("trade"):
                return refusal("roles", "the configuration has taken the role trade from the client", role="trade")
            self._check_limits(grant, contents)
        except Refused as refused:
            return refused
        return None

    def fence(self, request: Request, plan: RequestPlan | None) -> None:
        """Raise Refused where a fenced instance calls a method that changes something.

        `plan`: None for a method of the bridge itself.
        """
        if changes(request.method, plan):
            self._fences.check(request)

    def cancel(self, request: Request) -> None:
        """Check a cancel: it needs the role `trade`. Limits and the halt do not apply."""
        self._trader(request)

    def force(self, request: Request) -> None:
        """Raise Refused unless the client is an admin: only an admin may abandon an order without proof."""
        if not self._permissions.grant(request.client).has("admin"):
            raise refusal("roles", "force needs the role admin", role="admin")

    def foreign(self, request: Request, owner: str) -> None:
        """Raise Refused where the client may not act on orders of `owner`: another client, and it is no named admin."""
        if not self._permissions.may_touch(request.client, owner):
            raise refusal("roles", f"the order belongs to {owner}: {request.client} needs the role admin", role="admin")

    def _trader(self, request: Request) -> Grant:
        grant = self._permissions.grant(request.client)
        if not grant.has("trade"):
            raise refusal("roles", f"{request.method} needs the role trade", role="trade")
        return grant

    def _check_contract(self, contract: Data, path: str) -> None:
        """Raise Refused where the contract of the client differs from TWS's description of its conId."""
        fault = self._instruments.fault(contract)
        if fault is not None:
            field = f"{path}contract.{fault.field}"
            told = fault.described or f"no {fault.field}"
            message = f"{field}: TWS describes conId {contract['conId']} with {told}, the request has {fault.claimed}"
            raise Refused("invalidParams", message, field=field)

    def _to_send(self, content: Data) -> Data:
        """The content to send: the description of TWS, and the client's fields that do not identify the instrument."""
        contract = self._instruments.leaving(content["contract"])
        if "exerciseAction" in content["order"] and contract is not content["contract"]:
            contract.pop("primaryExch", None)  # the text message of exerciseOptions has no such field
        return {**content, "contract": contract}

    def _check_limits(self, grant: Grant, contents: Sequence[Data]) -> None:
        """Raise Refused where a content is above a limit, and Undescribed where the bridge cannot check that yet."""
        for content in contents:
            limits.allocation(grant, content["order"])
            limits.account(grant, limits.order_accounts(content["order"]), self._managed())
            limits.bounded(grant, content["contract"], content["order"])
            limits.size(grant, content["contract"], content["order"])
        limits.described(grant, [content["contract"] for content in contents], self._instruments.knows)
        for content in contents:
            limits.symbol(grant, content["contract"], self._instruments.facts)
            notional.notional(grant, content["contract"], content["order"], self._instruments.facts, self._quote_of)


def _too_many(sent: deque[float], number: int, most: int, now: Instant) -> Exception:
    rule = "max_orders_per_minute"
    if number > most:
        message = f"the request has {number} orders, and the limit is {most} in a minute"
        return refusal(rule, message, limit=most, asked=number)
    wait = round(sent[len(sent) + number - most - 1] + _WINDOW - now.clock, 3)
    told = f"the client sent {len(sent)} orders and changes in the last minute, and the limit is {most}"
    retry = f"the bridge takes {number} more in {wait:g} s"
    return refusal(rule, f"{told}; {retry}", limit=most, wait=wait)
