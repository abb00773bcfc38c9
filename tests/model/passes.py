"""A pass over TWS's lists, as in the bridge's `passes.py` and `reconcile.py`: its beginning, three lists, and its end.

TWS makes each list at a moment of its own, and its words are told at once. A list that is told later is the same as
late words, which are delivered at any time.
"""

from __future__ import annotations

from collections.abc import Iterator

from bridge.session.orders.evidence import Absence
from bridge.session.orders.state import HERE, OPEN
from tests.model.bridge import COMPLETED, EXECUTIONS, LISTS, OPEN_ORDERS, Bridge, Memory, Pass, Record
from tests.model.tws import AT_TWS, ON_ITS_WAY, Tws
from tests.model.words import Word

NAMES = {OPEN_ORDERS: "open orders", COMPLETED: "completed orders", EXECUTIONS: "executions"}


def begin(bridge: Bridge, tws: Tws, memory: Memory) -> tuple[Pass, Memory]:
    """A pass begins. Of an order that was over before, it can tell how much was executed."""
    counts = not memory.missed or tws.at not in ON_ITS_WAY or not bridge.spaces_beginnings
    return Pass(counts=counts), memory._replace(unsure="now") if memory.unsure == "next" else memory


def due(bridge: Bridge, passing: Pass) -> Iterator[int]:
    """The lists that TWS may make next."""
    for one in LISTS:
        if passing.left & one:
            yield one
            if one == OPEN_ORDERS and bridge.asks_in_turn:
                return


def listing(tws: Tws, one: int) -> tuple[tuple[Word, str], ...]:
    """What TWS's list says of the order: words, each with the message that carries it."""
    if one == EXECUTIONS:
        return tuple((Word("execution", "", which), "execDetails") for which in tws.listed)
    is_there, name = (tws.at in AT_TWS, "openOrder") if one == OPEN_ORDERS else (tws.is_completed, "completedOrder")
    return ((Word("status", *tws.status()), name),) if is_there else ()


def end(
    bridge: Bridge, memory: Memory, disk: Record | None, passing: Pass, *, is_same_day: bool, lacks_others: bool
) -> Memory:
    """All lists have come. `lacks_others`: an execution of today, of another order, is not in them."""
    has_all = bridge.has_all_executions(memory, passing.executions)
    absence = Absence(
        state=memory.state,
        executed=memory.executed,
        executions_listed=has_all,
        heard=memory.heard,
        is_same_day=is_same_day,
        is_truncated=lacks_others or (is_same_day and not has_all),
        missed_before=memory.missed and passing.counts,
        last_word="rejected" if memory.is_refused else memory.last_word,
    )
    if memory.state in OPEN and memory.state not in HERE and not passing.is_spared:
        memory = _judge(bridge, memory, absence)
    memory = _make_sure(memory, absence.reaches)
    # The evidence on an order that is no longer open is forgotten, unless the disk is behind.
    is_live = memory.state in OPEN or memory.abandoning or (disk is not None and disk.state in OPEN)
    return memory if is_live else memory._replace(missed=False, last_word=None, is_refused=False)


def _judge(bridge: Bridge, memory: Memory, absence: Absence) -> Memory:
    event = bridge.judge(absence).event
    memory = memory._replace(missed=memory.missed or absence.reaches)
    if event == "provenOver":
        memory = memory._replace(final=memory.filled)
    return bridge.asks_how_much(bridge.happen(memory, event))


def _make_sure(memory: Memory, reaches: bool) -> Memory:
    """How much of an order that is over was executed: the pass has all of it where its lists reach back."""
    is_over = memory.state in ("filled", "cancelled") and memory.final is None
    if is_over and reaches and memory.unsure == "now":
        return memory._replace(final=memory.filled, unsure="no")
    return memory if is_over and reaches else memory._replace(unsure="no")
