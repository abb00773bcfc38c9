"""What stands between a client's wish and an order: rights, limits, the kill switch, the rate, the older twin.

Asked before an order gets an id and before anything is stored. It gives back what it lets through, as that may leave:
what leaves is what was judged, with the contract in TWS's own words where TWS has described it. Raises Refused, which
says by which rule; Undescribed where TWS has to be asked for a contract first, and the same may be tried again then.
Knows the time only as it is handed in, and no order.
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

#: Seconds over which the rate of orders is counted.
_WINDOW = 60.0


class KillSwitch:
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


class OrderRate:
    """How many orders and changes each client has sent in the last minute."""

    def __init__(self) -> None:
        self._sent: dict[str, deque[float]] = {}

    def count(self, client: str, number: int, most: int | None, now: Instant) -> None:
        """Count `number` orders that leave together, up to `most` in a minute; what is refused does not count."""
        if most is None:
            return
        sent = self._sent.setdefault(client, deque())
        while sent and sent[0] <= now.clock - _WINDOW:
            sent.popleft()
        if len(sent) + number > most:
            raise _too_many(sent, number, most, now)
        sent.extend([now.clock] * number)


class PreTradeChecks:
    """`managed` gives the accounts that TWS has, `quote_of` what is known of a contract's price."""

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
        self._rates = OrderRate()

    def place(self, request: Request, content: Data, count_open: Callable[[], int], now: Instant) -> Data:
        """A new order of `content`: contract and order, as the client gave them."""
        return self.place_all(request, [content], count_open, now)[0]

    def place_all(
        self, request: Request, contents: Sequence[Data], count_open: Callable[[], int], now: Instant
    ) -> list[Data]:
        """New orders, or exercises of options, that leave together or not at all: all are looked at, then counted.

        `count_open` says how many of the client's orders are open; it is called only where there is a limit.
        """
        grant = self._trader(request)
        for place, content in enumerate(contents):
            if (halted := self.may_leave(None, content)) is not None:
                raise halted
            self._agree(content["contract"], f"orders.{place}." if request.method == "placeOrders" else "")
        leaving = [self._leaving(content) for content in contents]
        self._within(grant, leaving)
        new = sum(1 for content in contents if not content["order"].get("whatIf"))
        most = grant.max_open_orders
        if most is not None and new and (open_orders := count_open()) + new > most:
            raise refusal("max_open_orders", f"{open_orders} orders are open", limit=most, asked=open_orders + new)
        self._rates.count(request.client, len(contents), grant.max_orders_per_minute, now)
        return leaving

    def modify(self, request: Request, before: Data, content: Data, now: Instant) -> Data:
        """A change of an order of the client's own. While trading is halted it must only take from the order."""
        grant = self._trader(request)
        if (halted := self.may_leave(before, content)) is not None:
            raise halted
        if request.params.get("contract") is not None:
            self._agree(content["contract"], "")
        leaving = self._leaving(content)
        self._within(grant, [leaving])
        self._rates.count(request.client, 1, grant.max_orders_per_minute, now)
        return leaving

    def may_leave(self, before: Data | None, content: Data) -> Refused | None:
        """Why an order (`before`: None), or its change, must not leave now, as trading is halted; None: it may.

        To be asked again when it is on disk: trading may have been halted meanwhile. A what-if trades nothing.
        """
        if not self.kill_switch.reasons or content["order"].get("whatIf"):
            return None
        if before is not None and limits.reduces(before, content):
            return None
        reasons = "; ".join(f"{source}: {reason}" for source, reason in sorted(self.kill_switch.reasons.items()))
        message = (
            f"trading is halted ({reasons}); cancels go through, and what only lowers a quantity or betters a limit"
        )
        return refusal("halt", message, reasons=dict(self.kill_switch.reasons))

    def fence(self, request: Request, plan: RequestPlan | None) -> None:
        """What changes things is for the newest run of its client, orders or not. `plan`: None for our own methods."""
        if changes(request.method, plan):
            self._fences.check(request)

    def cancel(self, request: Request) -> None:
        """A cancel: neither limits nor the kill switch stand in its way."""
        self._trader(request)

    def force(self, request: Request) -> None:
        """What evidence does not settle an admin decides."""
        if not self._permissions.grant(request.client).has("admin"):
            raise refusal("roles", "force needs the role admin", role="admin")

    def foreign(self, request: Request, owner: str) -> None:
        """An order of `owner`: for that client, and for those whom the configuration makes admins."""
        if not self._permissions.may_touch(request.client, owner):
            raise refusal("roles", f"the order belongs to {owner}; to touch it needs the role admin", role="admin")

    def _trader(self, request: Request) -> Grant:
        self._fences.check(request)
        grant = self._permissions.grant(request.client)
        if not grant.has("trade"):
            raise refusal("roles", f"{request.method} needs the role trade", role="trade")
        return grant

    def _agree(self, contract: Data, path: str) -> None:
        """Raise Refused where the client's contract is another one than TWS says that its conId is."""
        fault = self._instruments.fault(contract)
        if fault is not None:
            field = f"{path}contract.{fault.field}"
            told = f"{fault.told}, not {fault.claimed}" if fault.told else f"no {fault.field}, not with {fault.claimed}"
            message = f"{field}: TWS describes conId {contract['conId']} with {told}"
            raise Refused("invalidParams", message, field=field)

    def _leaving(self, content: Data) -> Data:
        """The content as it may leave: TWS's own description, and of the client what names no instrument."""
        contract = self._instruments.leaving(content["contract"])
        if "exerciseAction" in content["order"] and contract is not content["contract"]:
            contract.pop("primaryExch", None)  # an exercise has no place for it in text
        return {**content, "contract": contract}

    def _within(self, grant: Grant, contents: Sequence[Data]) -> None:
        """Raise Refused where one of these is beyond a limit; Undescribed where that cannot be said yet."""
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
        return refusal(rule, f"{number} orders at once are more than {most} in a minute", limit=most, asked=number)
    wait = round(sent[len(sent) + number - most - 1] + _WINDOW - now.clock, 3)
    told = f"{len(sent)} orders and changes were sent in the last minute"
    free = "the next is" if number == 1 else f"the next {number} are"
    return refusal(rule, f"{told}; {free} free in {wait:g} s", limit=most, wait=wait)
