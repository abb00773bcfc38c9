"""Rules that the check must find guilty: those of the bridge before step 4, and those that this check has found.

Each is the bridge with one rule put back. `within`: the smallest bounds in which it does harm.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

from bridge.session.orders.evidence import Absence, Judgement
from bridge.session.orders.state import FREE, TABLE, Event, OrderTransition, Row, State
from tests.model.bridge import Bridge, Memory, Pass, Record
from tests.model.words import Word
from tests.model.world import Bounds


def _table(*changes: tuple[State, Event, State]) -> Mapping[State, Row]:
    """The real table, with these transitions instead."""
    table = {state: dict(row) for state, row in TABLE.items()}
    for state, event, to in changes:
        table[state][event] = OrderTransition(to)
    return table


# Before step 4


class AnyDay(Bridge):
    """Absence in two passes is notFound, also when the day has changed."""

    def judge(self, absence: Absence) -> Judgement:
        return super().judge(absence._replace(is_same_day=True))


class Unheard(Bridge):
    """An order of which TWS has spoken may be notFound."""

    def judge(self, absence: Absence) -> Judgement:
        return super().judge(absence._replace(heard=False))


class Unexecuted(Bridge):
    """An order with executions may be notFound, and given up."""

    of_executed: ClassVar[Mapping[Event, Event]] = {}

    def judge(self, absence: Absence) -> Judgement:
        return super().judge(absence._replace(executed=False, heard=False))


class InactiveIsRejected(Bridge):
    """Inactive as the first word is answered as a rejection."""

    table = _table(("sent", "toldInactive", "rejected"), ("sent", "shownInactive", "rejected"))


class AbandonUnknown(Bridge):
    """One pass without the order, and 10147, suffice to give it up."""

    table = _table(("unknown", "abandon", "abandoned"))

    def may_abandon(self, memory: Memory) -> bool:
        return memory.state == "notFound" or (memory.state == "unknown" and memory.missed)


class FreeInMemory(Bridge):
    """A key is free before that is on disk."""

    def is_free(self, memory: Memory, disk: Record | None) -> bool:
        return memory.state in FREE


class ToldFromMemory(Bridge):
    """Clients are told what is not on disk yet."""

    def tells(self, memory: Memory, disk: Record) -> Record:
        return memory.record()


class AbandonedStaysFree(Bridge):
    """An order that was given up stays so when TWS says Filled."""

    table = _table(("abandoned", "toldFilled", "abandoned"), ("abandoned", "executed", "abandoned"))


class CancelledStaysOver(Bridge):
    """A cancelled order that TWS shows alive stays cancelled."""

    table = _table(("cancelled", "shownWorking", "cancelled"), ("cancelled", "shownInactive", "cancelled"))


class Final202(Bridge):
    """202 ends the order with what was executed by then, though executions are outstanding."""

    def on_202(self, memory: Memory) -> Memory:
        return memory._replace(final=memory.filled) if memory.state == "cancelled" else memory


class LastFigure(Bridge):
    """A late status lowers how much is filled."""

    def figure(self, known: int, told: int) -> int:
        return told


class OnePass(Bridge):
    """One pass without the order proves that TWS never had it."""

    def judge(self, absence: Absence) -> Judgement:
        return super().judge(absence._replace(missed_before=True))


class AnyLists(Bridge):
    """Lists that lack what was executed today are believed."""

    def judge(self, absence: Absence) -> Judgement:
        return super().judge(absence._replace(is_truncated=False, executions_listed=True))


# Found by this check


class CancelRejects(Bridge):
    """201 is a rejection of the order, also after a cancel (`Cannot cancel the filled order`)."""

    def is_of_cancel(self, memory: Memory, code: str) -> bool:
        return False

    def inactive_agrees(self, memory: Memory) -> bool:
        return memory.is_refused


class TextDecides(Bridge):
    """201 after a cancel is about the order unless its text has the word cancel."""

    def keeps_refusal(self, memory: Memory, code: str) -> bool:
        is_of_cancel = code == "201 cancel" and memory.cancel_left
        return super().keeps_refusal(memory, code) and not is_of_cancel

    def inactive_agrees(self, memory: Memory) -> bool:
        return memory.is_refused


class ForeignText(TextDecides):
    """The same, and TWS speaks another language."""

    def keeps_refusal(self, memory: Memory, code: str) -> bool:
        return super().keeps_refusal(memory, "201")


class UncountedCancels(Bridge):
    """A cancel that leaves to give the order up does not count as one: 201 may be about it all the same."""

    def give_up(self, memory: Memory) -> Memory:
        return memory._replace(abandoning=True)


class AllAtOnce(Bridge):
    """The three lists are asked for at once, and TWS may make that of the executions first."""

    asks_in_turn = False


class SpacedEnds(Bridge):
    """The time between two passes is measured from end to end, so that the second may begin too soon."""

    spaces_beginnings = False


class FiguresProveNothing(Bridge):
    """Lists without an execution that a figure of TWS speaks of are believed."""

    def has_all_executions(self, memory: Memory, listed: frozenset[int]) -> bool:
        return {which for which, _ in memory.fills} <= listed


class RepeatsAreListed(Bridge):
    """An execution that TWS repeats unasked counts as one that its list has."""

    def notice(self, passing: Pass, word: Word, is_asked: bool) -> Pass:
        return super().notice(passing, word, is_asked=True)


class FinalForEver(Bridge):
    """An order that lives again keeps what TWS had said was executed at its end."""

    def revived(self, memory: Memory) -> Memory:
        return memory


class SureTooSoon(Bridge):
    """A pass that began before an order ended for the second time tells how much was executed by then."""

    def revived(self, memory: Memory) -> Memory:
        return memory._replace(final=None)


class WarningsProveNothing(Bridge):
    """A warning about an order does not show that TWS has it."""

    def show(self, memory: Memory) -> Memory:
        return memory._replace(heard=True)


class NotAskedHowMuch(Bridge):
    """Of an order that a pass ends, or that was over when the bridge starts, nobody asks how much was executed."""

    def asks_how_much(self, memory: Memory) -> Memory:
        return memory


class RefusalsForgotten(Bridge):
    """A refusal counts on the connection alone on which TWS said it: an admin must settle the order."""

    def forget_words(self, memory: Memory) -> Memory:
        return memory._replace(last_word=None, is_refused=False)


class Fault(NamedTuple):
    """`finds`: what it leads to."""

    bridge: type[Bridge]
    within: Bounds
    finds: str


BEFORE: tuple[Fault, ...] = (
    Fault(AnyDay, Bounds(breaks=1, nights=1), "executed 3 of 2"),
    Fault(Unheard, Bounds(), "an order that TWS had is notFound"),
    Fault(Unexecuted, Bounds(), "executed 3 of 2"),
    Fault(InactiveIsRejected, Bounds(holds=1), "two orders of one intent live, the first is inactive"),
    Fault(AbandonUnknown, Bounds(breaks=1), "two orders of one intent live, the first is late"),
    Fault(FreeInMemory, Bounds(), "the ledger has two orders under one key, the first as sent"),
    Fault(ToldFromMemory, Bounds(), "the client is told rejected, and the disk has sent"),
    Fault(AbandonedStaysFree, Bounds(forces=1), "executed 4 of 2"),
    Fault(CancelledStaysOver, Bounds(returns=1), "two orders of one intent live, the first is working"),
    Fault(Final202, Bounds(), "executed 3 of 2"),
    Fault(LastFigure, Bounds(), "executed 3 of 2"),
    Fault(OnePass, Bounds(breaks=1), "two orders of one intent live, the first is working"),
    Fault(AnyLists, Bounds(breaks=1, forgets=1, has_witness=True), "executed 3 of 2"),
)
FOUND: tuple[Fault, ...] = (
    Fault(CancelRejects, Bounds(cancels=1), "executed 4 of 2"),
    Fault(ForeignText, Bounds(cancels=1, holds=1), "executed 4 of 2"),
    Fault(UncountedCancels, Bounds(forces=1, holds=1), "executed 4 of 2"),
    Fault(AllAtOnce, Bounds(breaks=1), "executed 3 of 2"),
    Fault(SpacedEnds, Bounds(breaks=1), "two orders of one intent live, the first is working"),
    Fault(FiguresProveNothing, Bounds(breaks=1, forgets=1), "executed 3 of 2"),
    Fault(RepeatsAreListed, Bounds(breaks=1, forgets=1), "executed 3 of 2"),
    Fault(FinalForEver, Bounds(nights=1, returns=1), "executed 3 of 2"),
    Fault(SureTooSoon, Bounds(returns=1), "executed 3 of 2"),
    Fault(WarningsProveNothing, Bounds(), "an order that TWS had is notFound"),
)
#: Of those that were found, the ones that the bridge still has; and the bridge with them, as it is.
UNMENDED: tuple[type[Bridge], ...] = ()
AsItIs: type[Bridge] = type("AsItIs", (*UNMENDED, Bridge), {})
