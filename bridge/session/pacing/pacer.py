"""The pacer: it lets messages to TWS leave within the budget, the most urgent first.

Requests of clients wait in the dispatcher until there is room (`reserve`), so that a request that waits is one that the
bridge has not sent. An order that is on disk by then waits here for its turn. Cancels, and what the bridge must send
without asking, wait here, too.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from bridge.session.effects import Effect, Send, SendAll
from bridge.session.pacing.budget import SLOT, WINDOW, MessageBudget
from bridge.session.pacing.lane_queue import Entry, Lane, LaneQueue, Turn, cost_of, sends_of
from bridge.session.pacing.share import Share

LANES: tuple[Lane, ...] = ("cancels", "orders", "rest", "releases")
_LANE_OF: dict[str, Lane] = {
    "cancelOrder": "cancels",
    "reqGlobalCancel": "cancels",
    "placeOrder": "orders",
    "exerciseOptions": "orders",
}
_TO_TWS = (Send, SendAll, Turn)
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
#: What cancels and orders leave of the budget to messages of a lane while such messages wait. Nobody stops them so.
GUARANTEED: dict[Lane, float] = {"rest": 0.2, "releases": 0.05}
#: In this part of the limit orders do not wait for the room of such messages, so that these and cancels together do not
#: stop orders.
ORDERS = 0.1
#: A group that needs the room of others, too, leaves at most once in so many seconds.
LARGE_GROUP_PAUSE = 2 * WINDOW
#: Seconds after the last message of a lane, for which cancels leave its part free while orders wait.
LANE_LIVES = 2 * WINDOW
#: Seconds until the rest looks again whether nothing more urgent waits.
LOOK = 0.02
#: Seconds until orders and cancels look again whether the room is free that was kept for others, at most. Those who
#: wait for it come within as many seconds after their time.
LOOK_AGAIN = 0.1
#: Seconds for which room is kept for an order that the ledger writes.
KEPT = 1.0


class Pacer:
    """The messages that wait for the budget. `rate`: messages per second, or None for no limit."""

    def __init__(self, rate: int | None) -> None:
        self.budget = MessageBudget(rate)
        self._lanes: dict[Lane, LaneQueue] = {lane: LaneQueue() for lane in LANES}
        self._waiting = [queue.queues for queue in self._lanes.values()]
        self._shares: dict[Lane, Share] = {
            "cancels": Share(self.budget, CANCELS, WINDOW),
            "releases": Share(self.budget, RELEASES, 2 * SLOT, evenly=True),
        }
        self._guaranteed = {lane: Share(self.budget, part, WINDOW) for lane, part in GUARANTEED.items()}
        self._own_of_orders = Share(self.budget, ORDERS, WINDOW)
        #: When a message of the lane has last waited or left (steady clock).
        self._alive_at = dict.fromkeys(GUARANTEED, float("-inf"))
        #: As evenly as the rest leaves otherwise: a slot may have more than its part of the window.
        self._slot = Share(self.budget, WINDOW, SLOT, evenly=True)
        #: Until when room is kept for requests that wait in the queue of requests, not here (steady clock).
        self._wanted_until = float("-inf")
        #: When a group last left that needed the room of others, too (steady clock).
        self._large_left = float("-inf")
        #: Whether a turn has left room for others since the last look.
        self._is_refunded = False
        #: How many messages the orders need that the queue of requests tries to send next.
        self._group = 0
        #: Whether there is a connection. Without one nothing waits: the shell says that it cannot send.
        self.is_open = True
        #: Orders and changes that leave when they are on disk, each with the time until which room is kept for it.
        self._promised: dict[int, tuple[int, float]] = {}
        self._now = 0.0
        #: Orders of clients wait for room. Before them, only the guaranteed share of the rest leaves.
        self.is_urgent_waiting = False
        #: Messages for which there was room since the last `pass_on`: in all, and of those that leave evenly.
        self._reserved = self._reserved_evenly = 0

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
        promised = sum(cost for cost, until in self._promised.values() if until > now)
        if lane != "cancels":
            ahead += promised
        wait = self.budget.wait(cost, now, evenly=lane in _EVENLY, ahead=ahead)
        if lane in self._shares:
            wait = max(wait, self._shares[lane].wait(now, cost))
        if lane not in _EVENLY:
            return max(wait, self._wait_for_others(lane, cost, now, ahead))
        if wait > 0 or self.is_urgent_waiting:
            ahead = self._reserved - self._reserved_evenly + promised + self._guaranteed_ahead("releases", now)
            guaranteed = self._guaranteed_wait(lane, self._reserved_evenly + self._lanes[lane].cost + cost, now, ahead)
            is_behind = self.is_urgent_waiting and guaranteed > 0
            wait = max(min(wait, guaranteed), LOOK) if is_behind else min(wait, guaranteed)
        return wait

    def estimate(self, lane: Lane, cost: int, now: float, *, urgent: int = 0) -> float:
        """Return about the longest time until `cost` messages have left, if nothing more urgent comes; 0 for now.

        `urgent`: messages of more urgent lanes that wait elsewhere.
        """
        wait, limit = self.wait(lane, cost, now), self.budget.limit(now, evenly=lane in _EVENLY)
        if wait == 0 or limit is None:
            return 0.0
        own = self._lanes[lane].cost + cost
        more_urgent = urgent + sum(self._lanes[other].cost for other in LANES[: LANES.index(lane)])
        seconds = (more_urgent + own) * WINDOW / limit
        if lane in GUARANTEED:
            seconds = min(seconds, own * WINDOW / (limit * GUARANTEED[lane]))
        elif self._waiting_others(now):
            seconds /= 1 - sum(GUARANTEED.values())
        return max(wait, seconds)

    def keep_for_orders(self, cost: int) -> None:
        """A group of `cost` orders waits for room: cancels leave that much of each window to it."""
        self._group = cost
        self._keep_for_orders()

    def reserve(self, lane: Lane, cost: int, now: float) -> bool:
        """Take room for `cost` messages that are sent in this turn. Return False if there is none."""
        if (wait := self.wait(lane, cost, now)) > 0:
            if lane in _EVENLY:
                self._wanted_until = now + min(wait, LOOK_AGAIN) + LOOK_AGAIN
            return False
        self._reserved += cost
        self._reserved_evenly += cost if lane in _EVENLY else 0
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

    def refund(self, lane: Lane, cost: int) -> None:
        """A turn of that lane has sent `cost` messages less than it had room for."""
        self.budget.refund(cost)
        for shares in (self._shares, self._guaranteed):
            if lane in shares:
                shares[lane].refund(cost)
        if lane == "orders":
            self._own_of_orders.refund(cost)
        if lane in _EVENLY:
            self._slot.refund(cost)
        self._is_refunded = True

    def take_refund(self) -> bool:
        """Return whether there was a refund since the last call."""
        is_refunded, self._is_refunded = self._is_refunded, False
        return is_refunded

    def written(self, now: float) -> None:
        """The shell has written the messages that left before."""
        self.budget.written(now)

    # For the session, at the end of each turn

    def pass_on(self, effects: Sequence[Effect | Turn], now: float) -> list[Effect | Turn]:
        """Return the effects for the shell: those that wait and may leave now, and of `effects` all that may.

        A turn among them has room for its messages, which the caller gives to `pass_paid`.
        """
        self._reserved, self._reserved_evenly, self._now = 0, 0, now
        if not self.is_open:
            turns = [turn for queue in self._lanes.values() for turn in queue.take(_is_turn) if isinstance(turn, Turn)]
            return [*turns, *effects]
        if not self._is_waiting() and not any(isinstance(effect, _TO_TWS) for effect in effects):
            return list(effects)
        self._keep_for_orders()
        passed = self._release(now)
        for effect in effects:
            if isinstance(effect, _TO_TWS):
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
        if paid:
            self.refund(turn.lane, paid)
        return passed

    def next(self, now: float) -> float | None:
        """Return when the next message may leave (steady clock); None if none waits."""
        if not self._is_waiting():
            return None
        times = [now + LOOK] if self.is_urgent_waiting else []
        is_behind = self.is_urgent_waiting
        for lane, queue in self._lanes.items():
            if queue:
                share = self._shares[lane].wait(now) if lane in self._shares else 0.0
                wait = self._wait_of_head(lane, now, is_behind=is_behind)
                times.append(now + max(wait, share))
                is_behind = is_behind or share <= 0
        return min(times, default=None)

    def drop(self) -> list[Send]:
        """The connection has ended: take the messages that wait. The turns come with the next effects."""
        entries = [entry for queue in self._lanes.values() for entry in queue.take(lambda entry: not _is_turn(entry))]
        return [send for entry in entries for send in sends_of(entry)]

    def has_message_about(self, about: object) -> bool:
        """Return whether a message for this object waits."""
        return any(send.about is about for queue in self._lanes.values() for entry in queue for send in sends_of(entry))

    def _is_waiting(self) -> bool:
        """Whether a message waits. The session asks after each turn."""
        return any(self._waiting)

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
        """Set what cancels leave of each window: enough for the group of orders that is next, and for others.

        That is half of the limit at most, except for a group whose turn it is to need more.
        """
        orders = self._lanes["orders"]
        waiting = cost_of(orders.head()) if orders else 0
        promised = max((cost for cost, until in self._promised.values() if until > self._now), default=0)
        cancels, limit = self._shares["cancels"], self.budget.limit(self._now) or 0
        group = max(self._group, waiting, promised)
        cancels.may_stop = group > limit // 2 and limit > 1 and self._is_turn_of_groups(self._now)
        if not cancels.may_stop:
            group = min(group, limit // 2)
        if group:
            group = max(group, int(limit * ORDERS)) + self._in_a_window(self._living_others(self._now), self._now)
        cancels.kept = group

    def _ahead(self, lane: Lane, now: float) -> int:
        """Return how many messages of the lane leave before another that comes now."""
        cost = self._lanes[lane].cost
        room = self._shares[lane].room(now) if cost and lane in self._shares else None
        return cost if room is None else min(cost, room)

    def _release(self, now: float) -> list[Effect | Turn]:
        """Take the messages that may leave now, the most urgent first. A lane whose share is used up does not block.

        Behind a lane that waits for room, others leave only within what is guaranteed to them.
        """
        released: list[Effect | Turn] = []
        is_behind = self.is_urgent_waiting
        for lane, queue in self._lanes.items():
            share = self._shares.get(lane)
            while queue and (share is None or share.wait(now) <= 0):
                if self._wait_of_head(lane, now, is_behind=is_behind) > 0:
                    is_behind = True
                    break
                self._spend(lane, cost_of(queue.head()), now)
                released.append(queue.pop())
        return released

    def _spend(self, lane: Lane, cost: int, now: float) -> None:
        """`cost` messages of the lane leave now."""
        if lane == "orders":
            if self._is_large(cost, now) or (cost > 1 and self._is_in_room_of_others(cost, now)):
                self._large_left = now
            self._own_of_orders.spend(cost, now)
        if lane in self._alive_at:
            self._alive_at[lane] = now
        self.budget.spend(cost, now)
        for shares in (self._shares, self._guaranteed):
            if lane in shares:
                shares[lane].spend(cost, now)
        if lane in _EVENLY:
            self._slot.spend(cost, now)

    def _wait_of_head(self, lane: Lane, now: float, *, is_behind: bool) -> float:
        """Return the seconds until the budget lets the head of the lane leave; 0 for now.

        `is_behind`: a more urgent lane waits for room. Orders have waited for the room of others before they came here.
        """
        cost = cost_of(self._lanes[lane].head())
        if lane in _EVENLY:
            guaranteed = self._guaranteed_wait(lane, cost, now)
            return guaranteed if is_behind else min(guaranteed, self.budget.wait(cost, now, evenly=True))
        wait = self.budget.wait(cost, now, evenly=False)
        if lane == "cancels":
            return max(wait, self._wait_for_others(lane, cost, now))
        if is_behind and self._lanes["cancels"] and not self._may_pass_others(cost, now):
            wait = max(wait, self._wait_of_head("cancels", now, is_behind=False))
        return wait

    # What is guaranteed to the lanes that are not urgent

    def _guaranteed_wait(self, lane: Lane, cost: int, now: float, ahead: int = 0) -> float:
        """Return the seconds until `cost` messages of a lane may leave within what is guaranteed to it; 0 for now."""
        if self._is_large_waiting(now):
            return LOOK_AGAIN
        share = max(self._guaranteed[lane].wait(now, cost), self._slot.wait(now, cost))
        # Room is kept for these messages meanwhile, so they look again soon.
        return max(share, min(self.budget.wait(cost, now, evenly=False, ahead=ahead), LOOK_AGAIN))

    def _guaranteed_ahead(self, lane: Lane, now: float) -> int:
        """Return how many messages of the lane leave before another of a guaranteed share."""
        cost = self._lanes[lane].cost
        room = self._guaranteed[lane].room(now) if cost else 0
        return cost if room is None else min(cost, room)

    def _wait_for_others(self, lane: Lane, cost: int, now: float, ahead: int = 0) -> float:
        """Return the seconds until `cost` urgent messages leave enough room for those that a share is guaranteed to.

        Orders have a part in which they need not, and a group of orders need not when it is its turn.
        """
        if self._kept_for_others(now) == 0:
            return 0.0
        if lane == "orders" and self._may_pass_others(cost, now):
            return 0.0
        if self._is_large(cost, now):
            return self._large_left + LARGE_GROUP_PAUSE - now
        return min(self.budget.wait(cost, now, evenly=False, ahead=ahead + self._kept_for_others(now)), LOOK_AGAIN)

    def _is_in_room_of_others(self, cost: int, now: float) -> bool:
        """Whether `cost` orders that leave now take room that is guaranteed to messages that wait."""
        kept = self._kept_for_others(now)
        is_own = self._own_of_orders.wait(now, cost) <= 0
        return kept > 0 and not is_own and self.budget.wait(cost, now, evenly=False, ahead=kept) > 0

    def _may_pass_others(self, cost: int, now: float) -> bool:
        """Whether `cost` orders need only wait for the budget."""
        return self._own_of_orders.wait(now, cost) <= 0 or (cost > 1 and self._is_turn_of_groups(now))

    def _is_turn_of_groups(self, now: float) -> bool:
        """Whether a group may need the room of others."""
        return now >= self._large_left + LARGE_GROUP_PAUSE

    def _kept_for_others(self, now: float) -> int:
        """Return how many messages of the window belong to those that wait and are not urgent."""
        return sum(self._guaranteed[lane].room(now) or 0 for lane in self._waiting_others(now))

    def _waiting_others(self, now: float) -> list[Lane]:
        """Return the lanes that are not urgent and in which messages wait, here or in the queue of requests."""
        is_wanted = now < self._wanted_until
        waiting = [lane for lane in GUARANTEED if self._lanes[lane] or (lane == "rest" and is_wanted)]
        self._alive_at.update(dict.fromkeys(waiting, now))
        return waiting

    def _living_others(self, now: float) -> list[Lane]:
        """Return the lanes that are not urgent and in which messages wait, or have waited or left a moment ago."""
        waiting = self._waiting_others(now)
        return [lane for lane in GUARANTEED if lane in waiting or now < self._alive_at[lane] + LANE_LIVES]

    def _in_a_window(self, lanes: Iterable[Lane], now: float) -> int:
        """Return how many messages of each window are guaranteed to these lanes. It may be one in several windows."""
        limit = self.budget.limit(now) or 0
        return sum(math.ceil(limit * GUARANTEED[lane]) for lane in lanes)

    def _is_large(self, cost: int, now: float) -> bool:
        """Whether so many orders need the room of others, too: no window has room for them and what is guaranteed."""
        limit = self.budget.limit(now)
        return limit is not None and cost > limit - self._in_a_window(GUARANTEED, now)

    def _is_large_waiting(self, now: float) -> bool:
        """Whether orders that need the room of others, too, wait, and it is their turn: the window must get empty."""
        head = cost_of(self._lanes["orders"].head()) if self._lanes["orders"] else 0
        return self._is_turn_of_groups(now) and self._is_large(max(head, self._group), now)

    def _lane(self, entry: Entry) -> Lane:
        """Return the lane of a message."""
        if isinstance(entry, Turn):
            return entry.lane
        send = sends_of(entry)[0]
        match send.name:
            # Without a request id, TWS cannot tell a new subscription from the one that the message ends.
            case name if name.startswith("cancel") and "reqId" in send.data and not self._is_asking(send):
                return "releases"
        return "orders" if send.is_for_order else _LANE_OF.get(send.name, "rest")

    def _is_asking(self, cancel: Send) -> bool:
        """Return whether the request that this message ends still waits."""
        return any(
            send.data.get("reqId") == cancel.data["reqId"] for entry in self._lanes["rest"] for send in sends_of(entry)
        )


def _is_turn(entry: Entry) -> bool:
    return isinstance(entry, Turn)
