"""The life of an order: its states, the events that can happen to it, and what follows from each pair of them.

Everything about the life is in this file: three tables, of the order itself, of its cancel and of its newest change.
Each table is total: it lists every pair of state and event; a pair that cannot happen changes nothing, and is told.
Only `Life` writes the three values of an order. `docs/reference/order-states.md` is generated from the tables. Knows no
order's content, no disk and no clock: `telling.py` reads TWS's messages as events, `evidence.py` says what a pass over
TWS's lists proves.
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
    "executed", "executedInFull", "corrected", "shownWorking", "statusWorking", "shownInactive", "toldInactive",
    "toldCancelled", "toldFilled", "rejects", "exists", "error", "doubled",
    "silence", "missed", "provenAbsent", "provenOver",
]  # fmt: skip
#: How whoever waits for TWS's word on a placement is answered.
Answer = Literal["none", "result", "error"]
#: What the order log gets besides the event itself.
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

#: Those that clients are told: an order that has not left is `queued` to them.
TOLD: tuple[State, ...] = tuple(state for state in STATES if state not in ("written", "withdrawn"))
#: Whoever placed the order is not answered yet.
WAITING: frozenset[State] = frozenset({"queued", "written", "withdrawn", "sent"})
#: The order has not left: a cancel stops it here.
HERE: frozenset[State] = frozenset({"queued", "written", "withdrawn"})
#: It may live at TWS, or come to life there.
OPEN: frozenset[State] = frozenset({"queued", "written", "withdrawn", "sent", "acknowledged", "inactive", "unknown"})
#: It is over: nothing more of it will be executed.
ENDED: frozenset[State] = frozenset({"filled", "cancelled", "rejected", "abandoned", "unsent"})
#: Its key may name another order.
FREE: frozenset[State] = frozenset({"abandoned", "unsent"})
#: Those of which TWS has said that they are over.
FINAL: frozenset[State] = frozenset({"filled", "cancelled", "rejected"})

ABOUT: Mapping[State, str] = {
    "queued": "The bridge has accepted it and writes it to disk. It has not left.",
    "written": "It is on disk and about to leave.",
    "withdrawn": "It is cancelled, or its time is over, before it left. It will not leave.",
    "sent": "It is on disk and may be at TWS, which has not spoken of it.",
    "acknowledged": "TWS has it, and it lives.",
    "inactive": "TWS holds it and does not work it. It may come alive.",
    "unknown": "It may live, or have been executed. The bridge looks for it; `reason` says what is missing.",
    "notFound": "TWS provably never had it. Its key stays shut until `abandon`.",
    "filled": "It is executed in full.",
    "cancelled": "It is over. `filled` says how much was executed.",
    "rejected": "TWS refused it with an error that rejects.",
    "abandoned": "It was given up. Its key is free.",
    "unsent": "It never left. Its key is free.",
}
ABOUT_EVENTS: Mapping[Event, str] = {
    "recorded": "The ledger has it on disk.",
    "notRecorded": "The ledger could not write it, and will not.",
    "recalled": "The bridge starts and reads it from the ledger.",
    "left": "The bridge has handed its bytes to the connection.",
    "heldBack": "The bridge refuses it before it leaves: a limit, a halt, its parent, no connection, or no encoding.",
    "withdraw": "Its client cancels it, or its time is over, before it left.",
    "abandon": "TWS answers the cancel of `abandon` with 10147, and nothing of it was executed.",
    "force": "An admin gives it up, or closes what was executed of it, without proof. Nothing of it was executed.",
    "forceOver": "The same, of an order of which something was executed.",
    "executed": "An execution, or TWS's figure, shows that a part is executed.",
    "executedInFull": "Its executions add up to its quantity.",
    "corrected": "A correction or bust lowers what is executed.",
    "shownWorking": "TWS shows it alive: an openOrder with a working status.",
    "statusWorking": "An orderStatus says that it works. Such a word may be late.",
    "shownInactive": "TWS shows it in an openOrder as Inactive.",
    "toldInactive": "An orderStatus says Inactive.",
    "toldCancelled": "TWS says Cancelled or ApiCancelled, or error 202.",
    "toldFilled": "TWS says Filled.",
    "rejects": "TWS sends an error that rejects orders, and nothing of it was executed.",
    "exists": "TWS answers a cancel with an error that only an order it has gets, such as 10148.",
    "error": "TWS sends an error that proves nothing about its state.",
    "doubled": "TWS shows one more order of its number.",
    "silence": "The time of the request, or the connection, ends without TWS's word.",
    "missed": "A complete pass over TWS's lists does not have it.",
    "provenAbsent": "Two passes whose lists reach back to when it left do not have it, and TWS never spoke of it.",
    "provenOver": "It is not open, and the lists reach back and have all its executions.",
}


class Transition(NamedTuple):
    """What follows: the next state, the answer to whoever waits for the placement, an entry of the order log.

    One that is not `possible` changes nothing, and is told as a conflict.
    """

    to: State
    answer: Answer = "none"
    entry: Timer | None = None
    possible: bool = True


Row = Mapping[Event, Transition]


def _row(
    state: State, *, stay: str = "", go: Mapping[str, State] | None = None, odd: Mapping[str, State] | None = None,
    gap: Mapping[str, State] | None = None, forced: Mapping[str, State] | None = None, impossible: str = "",
) -> Row:  # fmt: skip
    """One state's transitions: `stay` in it, `go` on, `odd` is told as a conflict, `gap` and `forced` are logged so."""
    row = {name: Transition(state) for name in stay.split()}
    row |= {name: Transition(to, _answer(state, to)) for name, to in (go or {}).items()}
    row |= {name: Transition(to, _answer(state, to), "conflict") for name, to in (odd or {}).items()}
    row |= {name: Transition(to, _answer(state, to), "orderGap") for name, to in (gap or {}).items()}
    row |= {name: Transition(to, _answer(state, to), "abandoned") for name, to in (forced or {}).items()}
    row |= {name: Transition(state, "none", "conflict", possible=False) for name in impossible.split()}
    if sorted(row) != sorted(EVENTS):
        raise ValueError(f"{state}: {sorted(set(row) ^ set(EVENTS))} not listed once")
    return cast(Row, row)


def _answer(state: State, to: State) -> Answer:
    if state not in WAITING or to in WAITING:
        return "none"
    return "error" if to in ("rejected", "unsent") else "result"


_TWS = (
    "executed executedInFull corrected shownWorking statusWorking shownInactive toldInactive toldCancelled toldFilled "
    "rejects exists error doubled"
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
        stay="error exists corrected",
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
        # A rejecting error about an order that works is about its change or its cancel.
        stay="recalled executed corrected shownWorking statusWorking rejects exists error silence",
        go={
            "executedInFull": "filled", "shownInactive": "inactive", "toldInactive": "inactive",
            "toldCancelled": "cancelled", "toldFilled": "filled", "missed": "unknown",
        },
        odd={"doubled": "acknowledged"},
        impossible=f"{_HERE} abandon force forceOver provenAbsent provenOver",
    ),
    "inactive": _row(
        "inactive",
        stay="recalled shownInactive toldInactive corrected exists error silence",
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
        # An execution proves that it was at the market, not that it still is: the next pass tells.
        stay="recalled executed corrected exists error silence missed",
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
        stay="recalled error corrected silence missed provenAbsent",
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
        odd={"doubled": "acknowledged", "corrected": "filled"},
        forced={"force": "filled", "forceOver": "filled"},
        impossible=f"{_HERE} abandon missed provenAbsent provenOver",
    ),
    "cancelled": _row(
        "cancelled",
        stay="recalled error exists corrected silence executed toldInactive toldCancelled rejects",
        odd={
            "executedInFull": "filled", "shownWorking": "acknowledged", "statusWorking": "cancelled",
            "shownInactive": "inactive", "toldFilled": "filled", "doubled": "acknowledged",
        },
        # It stays over; the admin says that no more of it was executed than is known.
        forced={"force": "cancelled", "forceOver": "cancelled"},
        impossible=f"{_HERE} abandon missed provenAbsent provenOver",
    ),
    "rejected": _row(
        "rejected",
        stay="recalled error exists corrected silence shownInactive toldInactive toldCancelled rejects",
        odd={
            "executed": "unknown", "executedInFull": "filled", "shownWorking": "acknowledged",
            "statusWorking": "rejected", "toldFilled": "filled", "doubled": "acknowledged",
        },
        impossible=f"{_HERE} abandon force forceOver missed provenAbsent provenOver",
    ),
    "abandoned": _row(
        "abandoned",
        stay="recalled error corrected silence toldCancelled rejects abandon force",
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

#: What an event is for an order of which something was executed: executions outrank errors and absence.
OF_EXECUTED: Mapping[Event, Event] = {
    "rejects": "error", "abandon": "error", "force": "forceOver", "provenAbsent": "missed",
}  # fmt: skip


# The cancel

ABOUT_CANCELS: Mapping[Cancel, str] = {
    "none": "No cancel is under way.",
    "pending": "A cancel has left, and TWS has not answered it. The order cannot be changed.",
    "unanswered": "TWS did not answer a cancel in time, or the connection ended first.",
    "refused": "TWS had nothing to cancel, or it was too late.",
}
ABOUT_CANCEL_EVENTS: Mapping[CancelEvent, str] = {
    "left": "The bridge sends a cancel.",
    "notSent": "The cancel could not be encoded.",
    "confirmed": "TWS says that the order is over.",
    "refuses": "TWS answers the cancel with an error.",
    "silence": "The time of the request, or the connection, ends without an answer.",
    "shownWorking": "A pass that began after the cancel left shows the order alive, and not PendingCancel.",
    "recalled": "The bridge starts. A cancel is not on disk.",
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
    "none": "There was none, or TWS shows it made.",
    "queued": "The bridge writes it to disk. It has not left.",
    "sent": "It is on disk and may be at TWS, which does not show it yet.",
    "unknown": "It may be made. The bridge looks whether TWS shows it.",
    "refused": "TWS refused it. The order is what it was.",
    "notApplied": "TWS shows the order without it, in two passes. The order is what it was.",
    "orderEnded": "The order ended before TWS showed the change.",
}
ABOUT_CHANGE_EVENTS: Mapping[ChangeEvent, str] = {
    "asked": "The client asks for a new revision.",
    "left": "The bridge has handed its bytes to the connection.",
    "takenBack": "It has not left, and will not.",
    "shownMade": "TWS shows the order as changed.",
    "refuses": "TWS answers the change with an error that refuses it.",
    "silence": "The time of the request, or the connection, ends before TWS shows it.",
    "notMade": "Two passes, some time apart, show the order without it.",
    "ended": "The order is over.",
    "recalled": "The bridge starts and reads it from the ledger.",
}


#: The target of a change that has not left: the change before it stands as it stood.
BEFORE: Literal["before"] = "before"
ChangeTarget = Change | Literal["before"] | None


def _change(state: Change, **go: Change | Literal["before"]) -> Mapping[ChangeEvent, ChangeTarget]:
    """`None` marks a pair that cannot happen: it is logged as an error, and the change stays as it is."""
    row: dict[ChangeEvent, ChangeTarget] = {event: go.get(event) for event in CHANGE_EVENTS}
    if unknown := set(go) - set(CHANGE_EVENTS):
        raise ValueError(f"{state}: {unknown}")
    return row


#: A change of `queued` is on disk as `sent`: it may have left when the bridge is killed.
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
class Life:
    """Where one order stands, how its cancel and its newest change stand. Only its methods change these values.

    `before`: how the change before the newest one stood.
    """

    state: State = "queued"
    cancel: Cancel = "none"
    change: Change = "none"
    before: Change = "none"

    def happen(self, event: Event, *, executed: bool) -> Transition:
        """An event happens to the order. `executed`: something of it was executed, as far as is known before it.

        Returns what follows; the caller answers and logs.
        """
        if executed:
            event = OF_EXECUTED.get(event, event)
        transition = TABLE[self.state][event]
        self.state = transition.to
        return transition

    def on_cancel(self, event: CancelEvent) -> None:
        self.cancel = CANCEL_TABLE[self.cancel][event]

    def on_change(self, event: ChangeEvent) -> bool:
        """Something happens to the change; False where that cannot be, and nothing changed."""
        to = CHANGE_TABLE[self.change][event]
        if to is None:
            return False
        if event == "asked":
            self.before = self.change
        self.change = self.before if to == "before" else to
        return True
