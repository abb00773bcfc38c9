"""The state machine of an order: its states, its events, and the transition for each pair of state and event.

There are three tables: one for the order, one for its cancel, and one for its newest change. Each table lists every
pair of state and event. A pair that cannot happen changes nothing, and the bridge reports it. Only `OrderLife` changes
the three values of an order. `tws-bridge schemas` writes `docs/reference/order-states.md` from these tables.

This module does not read the content of orders, the disk or the clock. `order_events.py` translates the messages of TWS
into events. `evidence.py` decides what a reconciliation pass proves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, cast, get_args

State = Literal[
    "queued", "written", "withdrawn", "sent", "acknowledged", "inactive", "unknown", "notFound", "filled",
    "cancelled", "rejected", "abandoned", "unsent",
]  # fmt: skip
Event = Literal[
    "recorded", "notRecorded", "recalled", "left", "heldBack",
    "withdraw", "abandon", "force", "forceOver",
    "executed", "executedInFull", "corrected", "correctedUnconfirmed", "shownWorking", "statusWorking",
    "shownInactive", "toldInactive", "toldCancelled", "toldFilled", "rejects", "exists", "error", "doubled",
    "silence", "missed", "provenAbsent", "provenOver",
]  # fmt: skip
#: How the bridge answers the request that placed the order.
Answer = Literal["none", "result", "error"]
#: The entry that the bridge adds to the order log for a transition.
Timer = Literal["conflict", "orderGap", "abandoned"]

Cancel = Literal["none", "pending", "unanswered", "refused"]
CancelEvent = Literal["left", "notSent", "confirmed", "refuses", "silence", "shownWorking", "recalled"]

Change = Literal["none", "queued", "sent", "unknown", "refused", "notApplied", "orderEnded"]
ChangeEvent = Literal["asked", "left", "takenBack", "shownMade", "refuses", "silence", "notMade", "ended", "recalled"]

STATES: tuple[State, ...] = get_args(State)
EVENTS: tuple[Event, ...] = get_args(Event)
CANCELS: tuple[Cancel, ...] = get_args(Cancel)
CANCEL_EVENTS: tuple[CancelEvent, ...] = get_args(CancelEvent)
CHANGES: tuple[Change, ...] = get_args(Change)
CHANGE_EVENTS: tuple[ChangeEvent, ...] = get_args(ChangeEvent)

#: The states that clients see. Clients see `written` and `withdrawn` as `queued`.
TOLD: tuple[State, ...] = tuple(state for state in STATES if state not in ("written", "withdrawn"))
#: The bridge has not answered the request that placed the order.
WAITING: frozenset[State] = frozenset({"queued", "written", "withdrawn", "sent"})
#: The bridge has not sent the order. A cancel withdraws it, and TWS never gets it.
HERE: frozenset[State] = frozenset({"queued", "written", "withdrawn"})
#: The order is working at TWS, or may start to work.
OPEN: frozenset[State] = frozenset({"queued", "written", "withdrawn", "sent", "acknowledged", "inactive", "unknown"})
#: The order may or may not be at TWS.
IN_DOUBT: frozenset[State] = frozenset({"unknown", "notFound"})
#: The order has ended: TWS executes no more of it.
ENDED: frozenset[State] = frozenset({"filled", "cancelled", "rejected", "abandoned", "unsent"})
#: Another order may use the key of this one.
FREE: frozenset[State] = frozenset({"abandoned", "unsent"})
#: The order has ended, and TWS has said so.
FINAL: frozenset[State] = frozenset({"filled", "cancelled", "rejected"})

ABOUT: Mapping[State, str] = {
    "queued": "The bridge has accepted the order and is writing it to disk. The bridge has not sent it.",
    "written": "The order is on disk. The bridge sends it next.",
    "withdrawn": "The client cancelled the order, or its request timed out, before the bridge sent it. "
    "The bridge will not send it.",
    "sent": "The order is on disk, and TWS may have it. TWS has not answered.",
    "acknowledged": "TWS has the order, and the order is working.",
    "inactive": "TWS holds the order and does not work it. The order may become active.",
    "unknown": "The order may be working, or may have been executed. The bridge looks for it; `reason` says why the "
    "bridge does not know.",
    "notFound": "The bridge has proof that TWS never had the order. No other order can use its key until `abandon`.",
    "filled": "The order is executed in full.",
    "cancelled": "The order has ended. `filled` says how much of it was executed.",
    "rejected": "TWS rejected the order with an error.",
    "abandoned": "A client has abandoned the order. Its key is free.",
    "unsent": "The bridge never sent the order. Its key is free.",
}
ABOUT_EVENTS: Mapping[Event, str] = {
    "recorded": "The ledger has written the order to disk.",
    "notRecorded": "The ledger could not write the order, and will not try again.",
    "recalled": "The bridge starts and reads the order from the ledger.",
    "left": "The bridge has passed the bytes of the order to the connection.",
    "heldBack": "The bridge refuses to send the order: a limit, a halt, its parent, no connection, or it cannot be "
    "encoded.",
    "withdraw": "The client cancels the order, or its request times out, before the bridge sends the order.",
    "abandon": "TWS answers the cancel that `abandon` sent with error 10147, and nothing was executed.",
    "force": "An admin abandons the order without proof, or confirms its executed quantity. TWS reported no execution.",
    "forceOver": "The same as `force`, but TWS reported an execution of the order.",
    "executed": "TWS reports an execution or a filled quantity: a part of the order is executed.",
    "executedInFull": "The executions of the order add up to its quantity.",
    "corrected": "TWS corrects or busts an execution, and the executed quantity is lower.",
    "correctedUnconfirmed": "The same as `corrected`, but TWS has not reported status Filled: it may have made the "
    "correction before the last execution.",
    "shownWorking": "TWS sends an openOrder with a working status.",
    "statusWorking": "TWS sends an orderStatus with a working status. It may arrive late.",
    "shownInactive": "TWS sends an openOrder with status Inactive.",
    "toldInactive": "TWS sends an orderStatus with status Inactive.",
    "toldCancelled": "TWS reports status Cancelled or ApiCancelled, or error 202.",
    "toldFilled": "TWS reports status Filled.",
    "rejects": "TWS sends an error that rejects the order, and nothing was executed.",
    "exists": "TWS answers a cancel with an error that proves that TWS has the order, such as 10148.",
    "error": "TWS sends an error that proves nothing about the state of the order.",
    "doubled": "TWS reports one more order with the same order ID.",
    "silence": "The request times out, or the connection ends, before TWS answers.",
    "missed": "A complete reconciliation pass does not find the order in TWS's lists.",
    "provenAbsent": "Two passes do not find the order, their lists reach back to when the bridge sent it, and TWS "
    "never sent a message about it.",
    "provenOver": "The order is not open, and the lists reach back to when the bridge sent it and have all its "
    "executions.",
}


class OrderTransition(NamedTuple):
    """What the bridge does for one pair of state and event.

    `to`: the next state. `answer`: how the bridge answers the request that placed the order. `entry`: the entry that
    it adds to the order log. A transition that is not `possible` changes nothing; the bridge logs a conflict.
    """

    to: State
    answer: Answer = "none"
    entry: Timer | None = None
    possible: bool = True


Row = Mapping[Event, OrderTransition]


def _row(
    state: State, *, stay: str = "", go: Mapping[str, State] | None = None, odd: Mapping[str, State] | None = None,
    gap: Mapping[str, State] | None = None, forced: Mapping[str, State] | None = None, impossible: str = "",
) -> Row:  # fmt: skip
    """The transitions of one state, for every event. Raises ValueError where an event is missing or is there twice.

    `stay`: events that do not change the state. `go`: event -> next state. `odd`, `gap` and `forced` do the same as
    `go`, and add the entry `conflict`, `orderGap` or `abandoned` to the log. `impossible`: events that cannot happen.
    """
    row = {name: OrderTransition(state) for name in stay.split()}
    row |= {name: OrderTransition(to, _answer(state, to)) for name, to in (go or {}).items()}
    row |= {name: OrderTransition(to, _answer(state, to), "conflict") for name, to in (odd or {}).items()}
    row |= {name: OrderTransition(to, _answer(state, to), "orderGap") for name, to in (gap or {}).items()}
    row |= {name: OrderTransition(to, _answer(state, to), "abandoned") for name, to in (forced or {}).items()}
    row |= {name: OrderTransition(state, "none", "conflict", possible=False) for name in impossible.split()}
    if sorted(row) != sorted(EVENTS):
        raise ValueError(f"{state}: {sorted(set(row) ^ set(EVENTS))} must each be listed once")
    return cast(Row, row)


def _answer(state: State, to: State) -> Answer:
    if state not in WAITING or to in WAITING:
        return "none"
    return "error" if to in ("rejected", "unsent") else "result"


_TWS = (
    "executed executedInFull corrected correctedUnconfirmed shownWorking statusWorking shownInactive toldInactive "
    "toldCancelled toldFilled rejects exists error doubled"
)
_HERE = "recorded notRecorded left heldBack withdraw"

TABLE: Mapping[State, Row] = {
    "queued": _row(
        "queued",
        go={"recorded": "written", "notRecorded": "unsent", "withdraw": "withdrawn"},
        impossible=f"recalled left heldBack abandon force forceOver {_TWS} silence missed provenAbsent provenOver",
    ),
    "written": _row(
        "written",
        go={"left": "sent", "heldBack": "unsent"},
        impossible="recorded notRecorded recalled withdraw abandon force forceOver "
        f"{_TWS} silence missed provenAbsent provenOver",
    ),
    "withdrawn": _row(
        "withdrawn",
        stay="withdraw",
        go={"recorded": "unsent", "notRecorded": "unsent"},
        impossible=f"recalled left heldBack abandon force forceOver {_TWS} silence missed provenAbsent provenOver",
    ),
    "sent": _row(
        "sent",
        stay="error exists corrected correctedUnconfirmed",
        go={
            "heldBack": "unsent", "recalled": "unknown", "executed": "acknowledged", "executedInFull": "filled",
            "shownWorking": "acknowledged", "statusWorking": "acknowledged", "shownInactive": "inactive",
            "toldInactive": "inactive", "toldCancelled": "cancelled", "toldFilled": "filled", "rejects": "rejected",
            "silence": "unknown", "missed": "unknown",
        },
        odd={"doubled": "acknowledged"},
        impossible="recorded notRecorded left withdraw abandon force forceOver provenAbsent provenOver",
    ),
    "acknowledged": _row(
        "acknowledged",
        # While an order is working, an error that rejects is about its change or its cancel.
        stay="recalled executed corrected correctedUnconfirmed shownWorking statusWorking rejects exists error silence",
        go={
            "executedInFull": "filled", "shownInactive": "inactive", "toldInactive": "inactive",
            "toldCancelled": "cancelled", "toldFilled": "filled", "missed": "unknown",
        },
        odd={"doubled": "acknowledged"},
        impossible=f"{_HERE} abandon force forceOver provenAbsent provenOver",
    ),
    "inactive": _row(
        "inactive",
        stay="recalled shownInactive toldInactive corrected correctedUnconfirmed exists error silence",
        go={
            "executed": "acknowledged", "executedInFull": "filled", "shownWorking": "acknowledged",
            "statusWorking": "acknowledged", "toldCancelled": "cancelled", "toldFilled": "filled",
            "rejects": "rejected", "missed": "unknown",
        },
        odd={"doubled": "acknowledged"},
        impossible=f"{_HERE} abandon force forceOver provenAbsent provenOver",
    ),
    "unknown": _row(
        "unknown",
        # An execution proves that the order was at the exchange, not that it still is. The next pass decides.
        stay="recalled executed corrected correctedUnconfirmed exists error silence missed",
        go={
            "executedInFull": "filled", "shownWorking": "acknowledged", "statusWorking": "acknowledged",
            "shownInactive": "inactive", "toldInactive": "inactive", "toldCancelled": "cancelled",
            "toldFilled": "filled", "rejects": "rejected",
        },
        odd={"doubled": "acknowledged"},
        gap={"provenAbsent": "notFound", "provenOver": "cancelled"},
        forced={"force": "abandoned", "forceOver": "cancelled"},
        impossible=f"{_HERE} abandon",
    ),
    "notFound": _row(
        "notFound",
        stay="recalled error corrected correctedUnconfirmed silence missed provenAbsent",
        go={"abandon": "abandoned", "rejects": "rejected"},
        odd={
            "executed": "unknown", "executedInFull": "filled", "shownWorking": "acknowledged",
            "statusWorking": "acknowledged", "shownInactive": "inactive", "toldInactive": "inactive",
            "toldCancelled": "cancelled", "toldFilled": "filled", "exists": "unknown", "doubled": "acknowledged",
        },
        forced={"force": "abandoned"},
        impossible=f"{_HERE} forceOver provenOver",
    ),
    "filled": _row(
        "filled",
        stay="recalled error exists silence executed executedInFull shownWorking statusWorking shownInactive "
        "toldInactive toldCancelled toldFilled rejects",
        odd={"doubled": "acknowledged", "corrected": "filled", "correctedUnconfirmed": "unknown"},
        forced={"force": "filled", "forceOver": "filled"},
        impossible=f"{_HERE} abandon missed provenAbsent provenOver",
    ),
    "cancelled": _row(
        "cancelled",
        stay="recalled error exists corrected correctedUnconfirmed silence executed toldInactive toldCancelled rejects",
        odd={
            "executedInFull": "filled", "shownWorking": "acknowledged", "statusWorking": "cancelled",
            "shownInactive": "inactive", "toldFilled": "filled", "doubled": "acknowledged",
        },
        # The order has ended already. The admin confirms that the known executions are all.
        forced={"force": "cancelled", "forceOver": "cancelled"},
        impossible=f"{_HERE} abandon missed provenAbsent provenOver",
    ),
    "rejected": _row(
        "rejected",
        stay="recalled error exists corrected correctedUnconfirmed silence shownInactive toldInactive toldCancelled "
        "rejects",
        odd={
            "executed": "unknown", "executedInFull": "filled", "shownWorking": "acknowledged",
            "statusWorking": "rejected", "toldFilled": "filled", "doubled": "acknowledged",
        },
        impossible=f"{_HERE} abandon force forceOver missed provenAbsent provenOver",
    ),
    "abandoned": _row(
        "abandoned",
        stay="recalled error corrected correctedUnconfirmed silence toldCancelled rejects abandon force",
        odd={
            "executed": "unknown", "executedInFull": "filled", "shownWorking": "acknowledged",
            "statusWorking": "acknowledged", "shownInactive": "inactive", "toldInactive": "inactive",
            "toldFilled": "filled", "exists": "unknown", "doubled": "acknowledged",
        },
        impossible=f"{_HERE} forceOver missed provenAbsent provenOver",
    ),
    "unsent": _row(
        "unsent",
        stay="recalled",
        impossible=f"{_HERE} abandon force forceOver {_TWS} silence missed provenAbsent provenOver",
    ),
}  # fmt: skip

#: Event -> the event that counts instead, where a part of the order was executed. An execution is stronger evidence
#: than an error or a missing list entry.
OF_EXECUTED: Mapping[Event, Event] = {
    "rejects": "error", "abandon": "error", "force": "forceOver", "provenAbsent": "missed",
}  # fmt: skip


# The cancel

ABOUT_CANCELS: Mapping[Cancel, str] = {
    "none": "No cancel is pending.",
    "pending": "The bridge has sent a cancel, and TWS has not answered it. The client cannot change the order.",
    "unanswered": "TWS did not answer a cancel in time, or the connection ended before it answered.",
    "refused": "TWS refused the cancel: it had no such order, or the cancel was too late.",
}
ABOUT_CANCEL_EVENTS: Mapping[CancelEvent, str] = {
    "left": "The bridge sends a cancel.",
    "notSent": "The bridge could not encode the cancel.",
    "confirmed": "TWS reports that the order has ended.",
    "refuses": "TWS answers the cancel with an error.",
    "silence": "The request times out, or the connection ends, before TWS answers.",
    "shownWorking": "A pass that began after the bridge sent the cancel finds the order open, with a status other than "
    "PendingCancel.",
    "recalled": "The bridge starts. It does not store cancels on disk.",
}
CANCEL_TABLE: Mapping[Cancel, Mapping[CancelEvent, Cancel]] = {
    "none": {
        "left": "pending", "notSent": "none", "confirmed": "none", "refuses": "none", "silence": "none",
        "shownWorking": "none", "recalled": "none",
    },
    "pending": {
        "left": "pending", "notSent": "none", "confirmed": "none", "refuses": "refused", "silence": "unanswered",
        "shownWorking": "unanswered", "recalled": "none",
    },
    "unanswered": {
        "left": "pending", "notSent": "none", "confirmed": "none", "refuses": "refused", "silence": "unanswered",
        "shownWorking": "unanswered", "recalled": "none",
    },
    "refused": {
        "left": "pending", "notSent": "none", "confirmed": "none", "refuses": "refused", "silence": "refused",
        "shownWorking": "refused", "recalled": "none",
    },
}  # fmt: skip


# The newest change

ABOUT_CHANGES: Mapping[Change, str] = {
    "none": "There was no change, or TWS has applied it.",
    "queued": "The bridge is writing the change to disk. The bridge has not sent it.",
    "sent": "The change is on disk, and TWS may have it. TWS has not shown the changed order.",
    "unknown": "TWS may have applied the change. The bridge checks whether TWS shows the changed order.",
    "refused": "TWS refused the change. The order is as before.",
    "notApplied": "Two passes show the order without the change. The order is as before.",
    "orderEnded": "The order ended before TWS showed the change.",
}
ABOUT_CHANGE_EVENTS: Mapping[ChangeEvent, str] = {
    "asked": "The client requests a new revision of the order.",
    "left": "The bridge has passed the bytes of the change to the connection.",
    "takenBack": "The bridge has not sent the change, and will not send it.",
    "shownMade": "TWS shows the changed order.",
    "refuses": "TWS answers the change with an error that refuses it.",
    "silence": "The request times out, or the connection ends, before TWS shows the changed order.",
    "notMade": "Two passes, with a pause between them, show the order without the change.",
    "ended": "The order has ended.",
    "recalled": "The bridge starts and reads the change from the ledger.",
}


#: The target for a change that the bridge has not sent: the state that the change before it had.
BEFORE: Literal["before"] = "before"
ChangeTarget = Change | Literal["before"] | None


def _change(state: Change, **go: Change | Literal["before"]) -> Mapping[ChangeEvent, ChangeTarget]:
    """The transitions of one state, for every event. Raises ValueError for an event that does not exist.

    `None` stands for a pair that cannot happen: the bridge logs an error, and the change keeps its state.
    """
    row: dict[ChangeEvent, ChangeTarget] = {event: go.get(event) for event in CHANGE_EVENTS}
    if unknown := set(go) - set(CHANGE_EVENTS):
        raise ValueError(f"{state}: {unknown}")
    return row


#: A change in state `queued` is on disk as `sent`, because the bridge may have sent it just before it was killed.
CHANGE_TABLE: Mapping[Change, Mapping[ChangeEvent, ChangeTarget]] = {
    "none": _change("none", asked="queued", shownMade="none", silence="none", ended="none", recalled="none"),
    "queued": _change("queued", left="sent", takenBack=BEFORE, ended="queued", silence="queued"),
    "sent": _change(
        "sent", takenBack=BEFORE, shownMade="none", refuses="refused", silence="unknown", ended="orderEnded",
        recalled="unknown",
    ),
    "unknown": _change(
        "unknown", shownMade="none", refuses="refused", silence="unknown", notMade="notApplied", ended="orderEnded",
        recalled="unknown",
    ),
    "refused": _change(
        "refused", asked="queued", shownMade="none", silence="refused", ended="refused", recalled="refused"
    ),
    "notApplied": _change(
        "notApplied", asked="queued", shownMade="none", silence="notApplied", ended="notApplied",
        recalled="notApplied",
    ),
    "orderEnded": _change(
        "orderEnded", asked="queued", shownMade="none", silence="orderEnded", ended="orderEnded",
        recalled="orderEnded",
    ),
}  # fmt: skip


@dataclass(slots=True)
class OrderLife:
    """The state of one order, of its cancel and of its newest change. Only the methods of this class change them.

    `before`: the state of the change before the newest one.
    """

    state: State = "queued"
    cancel: Cancel = "none"
    change: Change = "none"
    before: Change = "none"

    def happen(self, event: Event, *, executed: bool) -> OrderTransition:
        """Apply an event to the order and return the transition. The caller answers the client and writes the log.

        `executed`: whether TWS had reported an execution of the order before this event.
        """
        if executed:
            event = OF_EXECUTED.get(event, event)
        transition = TABLE[self.state][event]
        self.state = transition.to
        return transition

    def on_cancel(self, event: CancelEvent) -> None:
        """Apply an event to the cancel."""
        self.cancel = CANCEL_TABLE[self.cancel][event]

    def on_change(self, event: ChangeEvent) -> bool:
        """Apply an event to the newest change. Returns False where the pair cannot happen; then nothing changes."""
        to = CHANGE_TABLE[self.change][event]
        if to is None:
            return False
        if event == "asked":
            self.before = self.change
        self.change = self.before if to == "before" else to
        return True
