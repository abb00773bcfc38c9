"""The pacer: it lets messages to TWS leave within the budget, the most urgent first.

Requests of clients wait in the dispatcher until there is room (`reserve`), so that a request that waits is one that the
bridge has not sent. An order that is on disk by then waits here for its turn. Cancels, and what the bridge must send
without asking, wait here, too.
"""

from __future__ import annotations

from collections.abc import Sequence

from bridge.session.effects import Effect, Send, SendAll
from bridge.session.pacing.budget import SLOT, WINDOW, MessageBudget
from bridge.session.pacing.lane_queue import Entry, Lane, LaneQueue, Turn, cost_of, sends_of
from bridge.session.pacing.share import Share

LANES: tuple[Lane, ...] = ("cancels", "orders", "rest", "releases")
_LANE_OF: dict[str, Lane] = {
    "cancelOrder": "cancels",
    "reqGlobalCancel": "cancels",
    "reqCurrentTime": "cancels",
    "placeOrder": "orders",
    "exerciseOptions": "orders",
    "reqAllOpenOrders": "orders",
    "reqCompletedOrders": "orders",
    "reqExecutions": "orders",
    "reqIds": "orders",
}
_EVENLY = frozenset({"rest", "releases"})
_MARKET_DATA = frozenset({"cancelMktData", "cancelRealTimeBars"})
#: The messages that free a line for a subscription. One of them leaves before it, so that TWS never has too many.
_FREES: dict[str, frozenset[str]] = {
    "reqMktData": _MARKET_DATA,
    "reqRealTimeBars": _MARKET_DATA,
    "reqMktDepth": frozenset({"cancelMktDepth"}),
    "reqTickByTickData": frozenset({"cancelTickByTickData"}),
    "reqAccountSummary": frozenset({"cancelAccountSummary"}),
}
#: Cancels leave a tenth of the budget to orders, so that clients that send cancels without end do not stop orders.
CANCELS = 0.9
#: Releases leave half of the budget to the rest, and get the other half: they free market data lines.
RELEASES = 0.5
#: Seconds until the rest looks again whether nothing more urgent waits.
LOOK = 0.02
#: Seconds for which room is kept for an order that the ledger writes.
KEPT = 1.0


class Pacer:
    """The messages that wait for the budget. `rate`: messages per second, or None for no limit."""

    def __init__(self, rate: int | None) -> None:
        self.budget = MessageBudget(rate)
        self._lanes: dict[Lane, LaneQueue] = {lane: LaneQueue() for lane in LANES}
        self._shares: dict[Lane, Share] = {
            "cancels": Share(self.budget, CANCELS, WINDOW),
            "releases": Share(self.budget, RELEASES, 2 * SLOT, evenly=True),
        }
        #: How many messages the orders need that the queue of requests tries to send next.
        self._group = 0
        #: Whether there is a connection. Without one nothing waits: the shell says that it cannot send.
        self.is_open = True
        #: Orders and changes that leave when they are on disk, each with the time until which room is kept for it.
        self._promised: dict[int, tuple[int, float]] = {}
        self._now = 0.0
        #: Orders of clients wait for room: the rest does not leave before them.
        self.is_urgent_waiting = False
        #: Messages for which there was room since the last `pass_on`.
        self._reserved = 0

    def __len__(self) -> int:
        return sum(queue.cost for queue in self._lanes.values())

    def depths(self) -> dict[Lane, int]:
        """Return how many messages wait in each lane."""
        return {lane: queue.cost for lane, queue in self._lanes.items()}

    # For the parts of the session

    def wait(self, lane: Lane, cost: int, now: float) -> float:
        """Return the seconds until there may be room for `cost` messages; 0 for now."""
        ahead = self._reserved + sum(self._ahead(known, now) for known in LANES[: LANES.index(lane) + 1])
        if lane == "rest":
            ahead += self._ahead("releases", now)
        self._now = now
        if lane != "cancels":
            ahead += sum(cost for cost, until in self._promised.values() if until > now)
        wait = self.budget.wait(cost, now, evenly=lane in _EVENLY, ahead=ahead)
        if lane in self._shares:
            wait = max(wait, self._shares[lane].wait(now, cost))
        return max(wait, LOOK) if lane == "rest" and self.is_urgent_waiting else wait

    def estimate(self, lane: Lane, cost: int, now: float) -> float:
        """Return about the longest time until `cost` messages have left, if nothing more urgent comes; 0 for now."""
        wait = self.wait(lane, cost, now)
        limit = self.budget.limit(now)
        return 0.0 if wait == 0 or limit is None else max(wait, (self._lanes[lane].cost + cost) / limit)

    def keep_for_orders(self, cost: int) -> None:
        """A group of `cost` orders waits for room: cancels leave that much of each window to it."""
        self._group = cost
        self._keep_for_orders()

    def reserve(self, lane: Lane, cost: int, now: float) -> bool:
        """Take room for `cost` messages that are sent in this turn. Return False if there is none."""
        if self.wait(lane, cost, now) > 0:
            return False
        self._reserved += cost
        return True

    def promise(self, token: int, cost: int) -> None:
        """`cost` messages, for which there was room in this turn, leave later, when the records are on disk.

        The room is kept for a moment only: a disk that hangs must not stop other messages.
        """
        self._reserved = max(0, self._reserved - cost)
        self._promised[token] = (cost, self._now + KEPT)
        self._keep_for_orders()

    def redeem(self, token: int) -> None:
        """The messages of this token leave in this turn, or never."""
        del self._promised[token]

    # For the session, at the end of each turn

    def pass_on(self, effects: Sequence[Effect | Turn], now: float) -> list[Effect | Turn]:
        """Return the effects for the shell: those that wait and may leave now, and of `effects` all that may.

        A turn among them has room for its messages, which the caller gives to `pass_paid`.
        """
        self._reserved, self._now = 0, now
        if not self.is_open:
            turns = [turn for queue in self._lanes.values() for turn in queue.take(_is_turn) if isinstance(turn, Turn)]
            return [*turns, *effects]
        if not effects and not any(self._lanes.values()):
            return []
        self._keep_for_orders()
        passed = self._release(now)
        for effect in effects:
            if isinstance(effect, Send | SendAll | Turn):
                self._free_line(effect)
                self._lanes[self._lane(effect)].put(effect, effect.owner if isinstance(effect, Turn) else "")
                self._keep_for_orders()
                passed += self._release(now)
            else:
                passed.append(effect)
        return passed

    def pass_paid(self, turn: Turn, effects: Sequence[Effect | Turn], now: float) -> list[Effect | Turn]:
        """Return the effects of a turn. There is room for its messages already."""
        passed: list[Effect | Turn] = []
        paid = turn.cost
        for effect in effects:
            cost = cost_of(effect) if isinstance(effect, Send | SendAll) else 0
            if cost <= paid:
                paid -= cost
                passed.append(effect)
            else:
                passed += self.pass_on([effect], now)
        return passed

    def next(self, now: float) -> float | None:
        """Return when the next message may leave (steady clock); None if none waits."""
        if not any(self._lanes.values()):
            return None
        times = [now + LOOK] if self.is_urgent_waiting else []
        for lane, queue in self._lanes.items():
            if queue and not (self.is_urgent_waiting and lane in _EVENLY):  # the queue of requests looks again then
                wait = self.budget.wait(cost_of(queue.head()), now, evenly=lane in _EVENLY)
                share = self._shares[lane].wait(now) if lane in self._shares else 0.0
                times.append(now + max(wait, share))
                if share <= wait:
                    break
        return min(times, default=None)

    def drop(self) -> list[Send]:
        """The connection has ended: take the messages that wait. The turns come with the next effects."""
        entries = [entry for queue in self._lanes.values() for entry in queue.take(lambda entry: not _is_turn(entry))]
        return [send for entry in entries for send in sends_of(entry)]

    def has_message_about(self, about: object) -> bool:
        """Return whether a message for this object waits."""
        return any(send.about is about for queue in self._lanes.values() for entry in queue for send in sends_of(entry))

    def _free_line(self, entry: Entry) -> None:
        """If the entry needs a line, and the end of a stream that used one waits, let that leave first."""
        frees = _FREES.get(entry.name) if isinstance(entry, Send) else None
        if frees is None or not self._lanes["releases"]:
            return
        waiting = (one for one in self._lanes["releases"] if isinstance(one, Send) and one.name in frees)
        if (first := next(waiting, None)) is not None:
            self._lanes["releases"].remove(first)
            self._lanes["rest"].put(first, "")

    def _keep_for_orders(self) -> None:
        """Set what cancels leave of each window: enough for the group of orders that is next."""
        orders = self._lanes["orders"]
        waiting = cost_of(orders.head()) if orders else 0
        promised = max((cost for cost, until in self._promised.values() if until > self._now), default=0)
        self._shares["cancels"].kept = max(self._group, waiting, promised)

    def _ahead(self, lane: Lane, now: float) -> int:
        """Return how many messages of the lane leave before another that comes now."""
        cost = self._lanes[lane].cost
        room = self._shares[lane].room(now) if cost and lane in self._shares else None
        return cost if room is None else min(cost, room)

    def _release(self, now: float) -> list[Effect | Turn]:
        """Take the messages that may leave now, the most urgent first. A lane whose share is used up does not block."""
        released: list[Effect | Turn] = []
        for lane, queue in self._lanes.items():
            if self.is_urgent_waiting and lane in _EVENLY:
                break
            share = self._shares.get(lane)
            while queue and (share is None or share.wait(now) <= 0):
                cost = cost_of(queue.head())
                if self.budget.wait(cost, now, evenly=lane in _EVENLY) > 0:
                    return released
                self.budget.spend(cost, now)
                if share is not None:
                    share.spend(cost, now)
                released.append(queue.pop())
        return released

    def _lane(self, entry: Entry) -> Lane:
        """Return the lane of a message."""
        if isinstance(entry, Turn):
            return entry.lane
        send = sends_of(entry)[0]
        match send.name:
            # Without a request id, TWS cannot tell a new subscription from the one that the message ends.
            case name if name.startswith("cancel") and "reqId" in send.data and not self._is_asking(send):
                return "releases"
        return _LANE_OF.get(send.name, "rest")

    def _is_asking(self, cancel: Send) -> bool:
        """Return whether the request that this message ends still waits."""
        return any(
            send.data.get("reqId") == cancel.data["reqId"] for entry in self._lanes["rest"] for send in sends_of(entry)
        )


def _is_turn(entry: Entry) -> bool:
    return isinstance(entry, Turn)
