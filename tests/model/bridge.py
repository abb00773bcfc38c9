"""What the bridge knows of the first order, and how it takes each event: by its real tables, read as in `telling.py`.

Only values: `Memory` is what the bridge has decided, `Record` what the ledger has on disk. A seeded fault is a `Bridge`
that does one thing otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar, Literal, NamedTuple

from bridge.session.orders.evidence import Absence, Judgement, judge
from bridge.session.orders.order_events import event_of
from bridge.session.orders.state import ENDED, FINAL, FREE, HERE, OF_EXECUTED, TABLE, Event, Row, State
from tests.model.tws import QUANTITY
from tests.model.words import Word

#: Whether a pass has to tell how much of an order that is over was executed: no, the next one, or the one under way.
Unsure = Literal["no", "next", "now"]


class Record(NamedTuple):
    """The order on disk. `fills`: its executions that have a number in the log, each with its shares. `final`: how much
    was executed, once that is sure.
    """

    state: State
    filled: int = 0
    fills: tuple[tuple[int, int], ...] = ()
    final: int | None = None
    heard: bool = False


class Memory(NamedTuple):
    """The order as the bridge has decided, and the evidence on it. Its first fields are those of the record.

    `cancel_left`: a cancel of it has left. `abandoning`: its client waits for `abandon`. `missed`: a pass that counts
    did not have it. `last_word`, `is_refused`: as in `Evidence`.
    """

    state: State = "queued"
    filled: int = 0
    fills: tuple[tuple[int, int], ...] = ()
    final: int | None = None
    heard: bool = False
    cancel_left: bool = False
    abandoning: bool = False
    missed: bool = False
    last_word: State | None = None
    is_refused: bool = False
    unsure: Unsure = "no"

    @property
    def total(self) -> int:
        return sum(shares for _, shares in self.fills)

    @property
    def executed(self) -> bool:
        return self.filled > 0 or bool(self.fills)

    def record(self) -> Record:
        """For the disk: what is about to leave is there as sent."""
        return Record("sent" if self.state in HERE else self.state, *self[1:5])


OPEN_ORDERS, COMPLETED, EXECUTIONS = LISTS = (1, 2, 4)


class Pass(NamedTuple):
    """A pass that is under way. `left`: lists that have not come. `is_spared`: TWS spoke of the order meanwhile, or it
    left meanwhile, so that the pass proves nothing of it. `counts`: it began so late that all that was on its way
    before has arrived, or never will; true where that does not matter. `executions`: those that TWS has listed.
    """

    left: int = OPEN_ORDERS | COMPLETED | EXECUTIONS
    is_spared: bool = False
    counts: bool = True
    executions: frozenset[int] = frozenset()

    def spare(self) -> Pass:
        return self._replace(is_spared=True, counts=True)

    def list(self, which: int) -> Pass:
        return self._replace(executions=self.executions | {which})


class Bridge:
    """How the bridge goes from memory to memory. `pairs`: the pairs of state and event that have happened."""

    table: ClassVar[Mapping[State, Row]] = TABLE
    of_executed: ClassVar[Mapping[Event, Event]] = OF_EXECUTED
    event_of: ClassVar[Callable[[str, str | None], Event]] = staticmethod(event_of)
    #: TWS's open orders are there before its completed orders and executions are asked for.
    asks_in_turn: ClassVar[bool] = True
    #: The time between two passes that count is measured to the beginning of the second, not to its end.
    spaces_beginnings: ClassVar[bool] = True

    def __init__(self) -> None:
        self.pairs: set[tuple[State, Event]] = set()
        self._heard: dict[tuple[Memory, Word, str, int], Memory] = {}

    # Rules that a fault may break

    def judge(self, absence: Absence) -> Judgement:
        return judge(absence)

    def may_abandon(self, memory: Memory) -> bool:
        return memory.state == "notFound"

    def is_free(self, memory: Memory, disk: Record | None) -> bool:
        """Whether the key may name another order."""
        return memory.state in FREE and (disk is None or disk.state in FREE)

    def tells(self, memory: Memory, disk: Record) -> Record:
        """What clients are told."""
        return disk

    def figure(self, known: int, told: int) -> int:
        """How much is filled, from what was known and what a status says."""
        return max(known, told)

    def on_202(self, memory: Memory) -> Memory:
        return memory

    def is_of_cancel(self, memory: Memory, code: str) -> bool:
        """Whether an error that rejects orders may be about a cancel: 201 may, once one has left."""
        return code != "103" and (memory.cancel_left or memory.abandoning)

    def keeps_refusal(self, memory: Memory, code: str) -> bool:
        """Whether the refusal of an order that TWS has counts once TWS no longer has it."""
        return memory.state == "acknowledged"

    def inactive_agrees(self, memory: Memory) -> bool:
        """Whether Inactive after a refusal is the rejection: not where that may have been about a cancel."""
        return memory.is_refused and not memory.cancel_left

    def has_all_executions(self, memory: Memory, listed: frozenset[int]) -> bool:
        """Whether TWS's list of executions has what it has told of, also by a figure alone."""
        return {which for which, _ in memory.fills} <= listed and memory.total >= memory.filled

    def notice(self, passing: Pass, word: Word, is_asked: bool) -> Pass:
        """TWS says this while a pass is under way. `is_asked`: as an answer to its questions."""
        if word.kind == "execution":
            return passing.list(word.figure) if is_asked else passing
        return passing.spare() if word.kind == "status" or word.text == "202" else passing

    def give_up(self, memory: Memory) -> Memory:
        """A cancel leaves for a client, or an admin, that gives the order up."""
        return memory._replace(abandoning=True, cancel_left=True)

    def show(self, memory: Memory) -> Memory:
        """An error that only an order gets that TWS has."""
        return self.happen(memory._replace(heard=True), "exists")

    def revived(self, memory: Memory) -> Memory:
        """TWS shows an order alive that was over: how much was executed is open again."""
        return memory._replace(final=None, unsure="no")

    def asks_how_much(self, memory: Memory) -> Memory:
        """Of an order that a pass has ended, or that is recalled as over, it has to be sure how much was executed."""
        return _ended(memory)

    def forget_words(self, memory: Memory) -> Memory:
        """What TWS said last counts on the connection on which it said it; a refusal counts on all."""
        return memory._replace(last_word=None)

    # An event

    def happen(self, memory: Memory, event: Event) -> Memory:
        if memory.executed:
            event = self.of_executed.get(event, event)
        self.pairs.add((memory.state, event))
        state = self.table[memory.state][event].to
        if state == memory.state:
            return memory
        if memory.state in FINAL and state not in FINAL:
            memory = self.revived(memory)
        return memory._replace(state=state)

    def hear(self, memory: Memory, word: Word, name: str, shares: int = 0) -> Memory:
        """A word of TWS arrives. `name`: the message that carries a status. `shares`: those of an execution."""
        key = (memory, word, name, shares)
        if key not in self._heard:
            self._heard[key] = self._hear(memory, word, name, shares)
        return self._heard[key]

    def _hear(self, memory: Memory, word: Word, name: str, shares: int) -> Memory:
        match word.kind:
            case "execution":
                return self._execution(memory, word.figure, shares)
            case "status":
                figure = None if name == "openOrder" else word.figure
                return self._status(memory, self.event_of(name, word.text), figure)
            case "error":
                return self._error(memory, word.text)

    # Executions

    def _execution(self, memory: Memory, which: int, shares: int) -> Memory:
        memory = memory._replace(heard=True)
        is_new = which not in dict(memory.fills)
        if is_new:
            memory = memory._replace(fills=tuple(sorted((*memory.fills, (which, shares)))))
            memory = memory._replace(filled=max(memory.filled, memory.total))
            if memory.final is not None and memory.total > memory.final:
                memory = memory._replace(final=None)
        if memory.total >= QUANTITY:
            return self._fill(memory)
        return _ended(self.happen(memory, "executed") if is_new else memory)

    def _fill(self, memory: Memory) -> Memory:
        return _ended(self.happen(memory, "executedInFull")._replace(final=memory.total))

    # Statuses

    def _status(self, memory: Memory, event: Event, figure: int | None) -> Memory:
        memory = memory._replace(missed=False, heard=True)
        if figure is None and event == "toldFilled":
            figure = QUANTITY
        if figure is not None and (filled := self.figure(memory.filled, figure)) != memory.filled:
            memory = self.happen(memory._replace(filled=filled), "executed")
        memory = self._enter(memory, event)
        if figure is not None and event in ("toldFilled", "toldCancelled"):
            memory = _final_figure(memory, figure)
        return self._fill(memory) if memory.total >= QUANTITY and memory.state not in FINAL else memory

    def _enter(self, before: Memory, event: Event) -> Memory:
        memory = self.happen(before, event)
        if event in ("shownWorking", "statusWorking"):
            memory = memory._replace(is_refused=False)
        elif memory.state == "inactive" and self.inactive_agrees(memory):
            memory = self.happen(memory, "rejects")
        if before.state in ENDED and memory.state not in ENDED:
            memory = memory._replace(last_word=before.state if before.state in FINAL else None)
        return _ended(memory)

    # Errors

    def _error(self, memory: Memory, code: str) -> Memory:
        match code:
            case "399":
                return self.show(memory)
            case "202":
                return self.on_202(self._enter(self.show(memory)._replace(missed=False), "toldCancelled"))
            case "10147":
                return self.happen(memory, "abandon") if memory.abandoning and self.may_abandon(memory) else memory
            case "10148":
                return self.show(memory)._replace(abandoning=False)
            case _:
                return self._refused(memory, code)

    def _refused(self, before: Memory, code: str) -> Memory:
        """TWS says no: to the order, or to a cancel of it."""
        if self.is_of_cancel(before, code):
            memory = before._replace(abandoning=False)
            memory = self.happen(memory, "silence") if memory.state == "sent" else memory
        elif (memory := self.happen(before, "rejects")).state != before.state:
            return memory
        return memory._replace(is_refused=True) if self.keeps_refusal(memory, code) else memory

    # The connection, the disk, and the end of the process

    def lost(self, memory: Memory) -> Memory:
        """The connection ends."""
        if memory.state == "sent":
            memory = self.happen(memory, "silence")
        abandoning = memory.abandoning and memory.state in ENDED
        return self.forget_words(memory._replace(abandoning=abandoning))

    def told(self, memory: Memory) -> Memory:
        """The record is on disk: who waits for `abandon` is answered where there is nothing more to wait for."""
        is_answered = memory.state in ENDED or memory.state in ("acknowledged", "inactive", "unknown")
        return memory._replace(abandoning=False) if is_answered else memory

    def recover(self, disk: Record | None) -> Memory:
        """The bridge starts, with what is on disk; what is not there was never asked for."""
        if disk is None:
            return Memory()
        return self.asks_how_much(self.happen(Memory(*disk), "recalled"))


def _ended(memory: Memory) -> Memory:
    """Where the order is over, it has to be sure how much was executed."""
    is_unsure = memory.state in ("filled", "cancelled") and memory.final is None and memory.unsure == "no"
    return memory._replace(unsure="next") if is_unsure else memory


def _final_figure(memory: Memory, figure: int) -> Memory:
    """What TWS says at the end was executed."""
    is_over = memory.state in ("filled", "cancelled")
    return memory._replace(final=figure) if is_over and figure >= max(memory.final or 0, memory.filled) else memory
