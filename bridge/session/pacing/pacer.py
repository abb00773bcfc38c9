"""The pacer: it lets messages to TWS leave within the budget, the most urgent first.

Requests of clients wait in the dispatcher until there is room (`reserve`), so that a request that waits is one that the
bridge has not sent. What the bridge must send without asking, such as cancels and its own requests, waits here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Literal

from bridge.session.effects import Effect, Send, SendAll
from bridge.session.pacing.budget import MessageBudget

#: `cancels` of orders and the probe of a silent TWS leave first; then `orders`, and the lists of orders that placing
#: waits for; then the `rest`. Messages about streams are all in `rest`, so that a cancel never overtakes its request.
Lane = Literal["cancels", "orders", "rest"]
LANES: tuple[Lane, ...] = ("cancels", "orders", "rest")
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
#: Seconds until the rest looks again whether nothing more urgent waits.
LOOK = 0.02
#: Messages that place or change the order with this number.
_PLACING = frozenset({"placeOrder", "exerciseOptions"})


class Pacer:
    """The messages that wait for the budget. `rate`: messages per second, or None for no limit."""

    def __init__(self, rate: int | None) -> None:
        self.budget = MessageBudget(rate)
        self._lanes: dict[Lane, deque[Send | SendAll]] = {lane: deque() for lane in LANES}
        #: How many messages wait in each lane.
        self._waiting: dict[Lane, int] = dict.fromkeys(LANES, 0)
        self._total = 0
        #: Whether there is a connection. Without one nothing waits: the shell says that it cannot send.
        self.is_open = True
        #: Orders and changes that leave when they are on disk.
        self.promised = 0
        #: Cancels or orders of clients wait for room: the rest does not leave before them.
        self.is_urgent_waiting = False
        #: Messages for which there was room since the last `pass_on`.
        self._reserved = 0

    def __len__(self) -> int:
        return self._total

    # For the parts of the session

    def wait(self, lane: Lane, cost: int, now: float) -> float:
        """Return the seconds until there may be room for `cost` messages; 0 for now."""
        ahead = sum(self._waiting[known] for known in LANES[: LANES.index(lane) + 1])
        ahead += self._reserved + (0 if lane == "cancels" else self.promised)
        wait = self.budget.wait(cost, now, evenly=lane == "rest", ahead=ahead)
        return max(wait, LOOK) if lane == "rest" and self.is_urgent_waiting else wait

    def reserve(self, lane: Lane, cost: int, now: float) -> bool:
        """Take room for `cost` messages that are sent in this turn. Return False if there is none."""
        if self.wait(lane, cost, now) > 0:
            return False
        self._reserved += cost
        return True

    # For the session, at the end of each turn

    def pass_on(self, effects: Sequence[Effect], now: float) -> list[Effect]:
        """Return the effects for the shell: those that wait and may leave now, and of `effects` all that may."""
        self._reserved = 0
        if not self.is_open:
            return list(effects)
        if not effects and not self._total:
            return []
        passed: list[Effect] = self._release(now) if self._total else []
        for effect in effects:
            if isinstance(effect, Send | SendAll):
                lane = self._lane(effect)
                self._lanes[lane].append(effect)
                self._waiting[lane] += _cost(effect)
                self._total += _cost(effect)
                passed += self._release(now)
            else:
                passed.append(effect)
        return passed

    def next(self, now: float) -> float | None:
        """Return when the next message may leave (steady clock); None if none waits."""
        for lane in LANES if self._total else ():
            if self._lanes[lane]:
                return now + self.budget.wait(_cost(self._lanes[lane][0]), now, evenly=lane == "rest")
        return None

    def drop(self) -> list[Send]:
        """The connection has ended: forget the messages that wait, and return them."""
        dropped: list[Send] = []
        for lane in self._lanes.values():
            for entry in lane:
                dropped += entry.sends if isinstance(entry, SendAll) else (entry,)
            lane.clear()
        self._waiting, self._total = dict.fromkeys(LANES, 0), 0
        return dropped

    def take_back(self, about: object) -> bool:
        """Take the message for this object, with its whole group, out of its lane. Return whether it was there."""
        for lane, entries in self._lanes.items():
            for entry in entries:
                sends = entry.sends if isinstance(entry, SendAll) else (entry,)
                if any(send.about is about for send in sends):
                    entries.remove(entry)
                    self._waiting[lane] -= _cost(entry)
                    self._total -= _cost(entry)
                    return True
        return False

    def orders(self) -> list[object]:
        """Return the objects for which orders and changes wait."""
        return [send.about for entry in self._lanes["orders"] for send in _sends(entry) if send.name in _PLACING]

    def _release(self, now: float) -> list[Effect]:
        released: list[Effect] = []
        for lane in LANES:
            while self._lanes[lane]:
                cost = _cost(self._lanes[lane][0])
                if self.budget.wait(cost, now, evenly=lane == "rest") > 0:
                    return released
                self.budget.spend(cost, now)
                self._waiting[lane] -= cost
                self._total -= cost
                released.append(self._lanes[lane].popleft())
        return released

    def _lane(self, entry: Send | SendAll) -> Lane:
        """Return the lane of a message. A cancel does not overtake the order that it cancels."""
        name = entry.sends[0].name if isinstance(entry, SendAll) else entry.name
        lane = _LANE_OF.get(name, "rest")
        if isinstance(entry, Send) and name in ("cancelOrder", "reqGlobalCancel"):
            order_id = entry.data.get("orderId") if name == "cancelOrder" else None
            if any(order_id is None or order_id in _orders(waiting) for waiting in self._lanes["orders"]):
                return "orders"
        return lane


def _sends(entry: Send | SendAll) -> tuple[Send, ...]:
    return entry.sends if isinstance(entry, SendAll) else (entry,)


def _cost(entry: Send | SendAll) -> int:
    return len(entry.sends) if isinstance(entry, SendAll) else 1


def _orders(entry: Send | SendAll) -> set[object]:
    """Return the numbers of the orders that the entry places or changes."""
    sends = entry.sends if isinstance(entry, SendAll) else (entry,)
    return {send.data.get("orderId", send.data.get("reqId")) for send in sends if send.name in _PLACING}
