"""The three tables of an order's life, every pair of state and event: what holds whatever happens."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import bridge.session
from bridge.session.orders.order import Order
from bridge.session.orders.positions import Positions
from bridge.session.orders.state import (
    CANCEL_EVENTS,
    CANCEL_TABLE,
    CANCELS,
    CHANGE_EVENTS,
    CHANGE_TABLE,
    CHANGES,
    ENDED,
    EVENTS,
    FINAL,
    FREE,
    HERE,
    OF_EXECUTED,
    OPEN,
    STATES,
    TABLE,
    WAITING,
    Event,
    OrderLife,
    OrderTransition,
    State,
)
from bridge.session.records import OrderRecord

SESSION = Path(bridge.session.__file__).parent
#: What only TWS can say of an order.
WORDS: tuple[Event, ...] = (
    "executed", "executedInFull", "corrected", "correctedUnconfirmed", "shownWorking", "statusWorking",
    "shownInactive", "toldInactive", "toldCancelled", "toldFilled", "rejects", "exists", "error", "doubled",
)  # fmt: skip
#: What an order with an execution never is.
UNEXECUTED: frozenset[State] = frozenset({"notFound", "rejected", "abandoned"})
PAIRS: list[tuple[State, Event, OrderTransition]] = [(s, e, TABLE[s][e]) for s in STATES for e in EVENTS]


def reached(start: State) -> set[State]:
    """All states that can follow."""
    known, work = {start}, [start]
    while work:
        following = {transition.to for transition in TABLE[work.pop()].values()} - known
        known |= following
        work += following
    return known


# Totality


def test_every_pair_is_listed_in_each_table() -> None:
    assert set(TABLE) == set(STATES)
    assert all(set(row) == set(EVENTS) for row in TABLE.values())
    assert set(CANCEL_TABLE) == set(CANCELS)
    assert all(set(row) == set(CANCEL_EVENTS) for row in CANCEL_TABLE.values())
    assert set(CHANGE_TABLE) == set(CHANGES)
    assert all(set(row) == set(CHANGE_EVENTS) for row in CHANGE_TABLE.values())


def test_the_sets_of_states_agree() -> None:
    assert HERE < WAITING < OPEN
    assert FINAL | FREE == ENDED
    assert not ENDED & OPEN
    assert set(STATES) - OPEN - ENDED == {"notFound"}


@pytest.mark.parametrize(("state", "event", "transition"), [pair for pair in PAIRS if not pair[2].possible])
def test_what_cannot_happen_changes_nothing_and_is_told(
    state: State, event: Event, transition: OrderTransition
) -> None:
    assert transition == OrderTransition(state, "none", "conflict", possible=False)


# What follows


@pytest.mark.parametrize(("state", "event", "transition"), PAIRS)
def test_who_waits_is_answered_once_and_by_what_it_has_become(
    state: State, event: Event, transition: OrderTransition
) -> None:
    is_answered = state in WAITING and transition.to not in WAITING
    assert (transition.answer != "none") == is_answered
    assert (transition.answer == "error") == (is_answered and transition.to in ("rejected", "unsent"))


@pytest.mark.parametrize("event", WORDS)
@pytest.mark.parametrize("state", sorted(ENDED | {"notFound"}))
def test_no_word_of_tws_takes_an_order_out_of_its_end_in_silence(state: State, event: Event) -> None:
    transition = TABLE[state][event]
    if transition.to != state and (state, event) != ("notFound", "rejects"):  # that agrees with what was known
        assert transition.entry == "conflict"


@pytest.mark.parametrize("event", ["shownWorking", "executedInFull", "toldFilled"])
@pytest.mark.parametrize("state", sorted(set(STATES) - HERE - {"unsent", "filled"}))
def test_what_tws_shows_alive_or_filled_is_believed_in_every_state(state: State, event: Event) -> None:
    assert TABLE[state][event].to == ("acknowledged" if event == "shownWorking" else "filled")


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("state", sorted(set(STATES) - UNEXECUTED))
def test_an_order_with_an_execution_is_never_absent_refused_or_given_up(state: State, event: Event) -> None:
    life = OrderLife(state)
    life.happen(event, executed=True)
    assert life.state not in UNEXECUTED


@pytest.mark.parametrize("state", sorted(UNEXECUTED))
def test_an_execution_takes_an_order_out_of_such_a_state(state: State) -> None:
    life = OrderLife(state)
    life.happen("executed", executed=True)
    assert life.state == "unknown"
    life.happen("executedInFull", executed=True)
    assert life.state == "filled"


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("state", STATES)
def test_executions_change_the_meaning_of_nothing_but_what_they_outrank(state: State, event: Event) -> None:
    plain, executed = OrderLife(state), OrderLife(state)
    first, second = plain.happen(event, executed=False), executed.happen(event, executed=True)
    assert first == second or event in OF_EXECUTED


# Ways in and out


def test_every_state_can_be_reached() -> None:
    assert reached("queued") == set(STATES)


@pytest.mark.parametrize("state", sorted(set(STATES) - ENDED))
def test_every_state_leads_to_an_end(state: State) -> None:
    assert reached(state) & FINAL or reached(state) & FREE
    assert any(transition.possible and transition.to != state for transition in TABLE[state].values())


@pytest.mark.parametrize(
    ("state", "executed", "end"),
    [
        ("unknown", False, "abandoned"),
        ("unknown", True, "cancelled"),
        ("notFound", False, "abandoned"),
        ("cancelled", False, "cancelled"),
        ("cancelled", True, "cancelled"),
        ("filled", False, "filled"),
    ],
)
def test_an_admin_leads_out_of_what_evidence_may_not_settle(state: State, executed: bool, end: State) -> None:
    life = OrderLife(state)
    assert life.happen("force", executed=executed).entry == "abandoned"
    assert life.state == end


@pytest.mark.parametrize(("state", "event"), [(s, e) for s, e, t in PAIRS if t.to == "abandoned" and s != "abandoned"])
def test_an_order_is_given_up_by_proof_or_by_an_admin_alone(state: State, event: Event) -> None:
    assert (state, event) in {("notFound", "abandon"), ("notFound", "force"), ("unknown", "force")}


@pytest.mark.parametrize(("state", "event"), [(s, e) for s, e, t in PAIRS if t.to == "unsent" and s != "unsent"])
def test_only_what_has_not_left_is_unsent(state: State, event: Event) -> None:
    assert (event in ("recorded", "notRecorded") and state in HERE) or event == "heldBack"


@pytest.mark.parametrize("stored", STATES)
@pytest.mark.parametrize("decided", STATES)
def test_a_key_is_free_when_the_state_is_and_that_is_on_disk(decided: State, stored: State) -> None:
    record = OrderRecord(order_id=1, owner="alice", key="k1", digest="", tag="", state=decided, contract={}, order={})
    order = Order.new(record, Positions())
    order.stored = record._replace(state=stored)
    assert order.is_free == (decided in FREE and stored in FREE)


# The cancel and the change


@pytest.mark.parametrize("cancel", CANCELS)
def test_an_order_that_is_over_has_no_cancel_under_way(cancel: str) -> None:
    assert CANCEL_TABLE[cancel]["confirmed"] == "none"
    assert CANCEL_TABLE[cancel]["left"] == "pending"


@pytest.mark.parametrize("change", CHANGES)
def test_no_change_of_an_order_that_is_over_is_unknown(change: str) -> None:
    assert CHANGE_TABLE[change]["ended"] not in ("sent", "unknown", None)


@pytest.mark.parametrize("change", ["sent", "unknown"])
def test_a_change_that_may_be_made_is_settled_by_what_tws_shows_or_says(change: str) -> None:
    row = CHANGE_TABLE[change]
    assert (row["shownMade"], row["refuses"], row["ended"]) == ("none", "refused", "orderEnded")


@pytest.mark.parametrize("change", CHANGES)
def test_a_new_change_begins_only_where_none_is_open(change: str) -> None:
    assert (CHANGE_TABLE[change]["asked"] == "queued") == (change not in ("queued", "sent", "unknown"))


# The only writer


def sources() -> Iterator[tuple[str, ast.AST]]:
    """Every file of the session but those that may write a life, as it was parsed."""
    for path in sorted(SESSION.rglob("*.py")):
        name = path.relative_to(SESSION).as_posix()
        if name not in ("orders/state.py", "orders/order.py"):
            yield name, ast.parse(path.read_text())


def writes(tree: ast.AST) -> Iterator[int]:
    """Lines that set a value of a life otherwise than by an event. `stored` is no life: it is what the disk has."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Attribute(attr="stored"), attr="_replace")):
                continue
            case ast.Call(func=ast.Attribute(attr="_replace" | "update")):
                if any(keyword.arg in ("state", "change") for keyword in node.keywords):
                    yield node.lineno
            case ast.Call(func=ast.Name(id="Life")) | ast.Call(func=ast.Attribute(attr="Life")):
                yield node.lineno
            case ast.Attribute(value=ast.Name(id=of) | ast.Attribute(attr=of), ctx=ast.Store()):
                if of in ("life", "record"):
                    yield node.lineno


@pytest.mark.parametrize(
    "line",
    ["record._replace(state='sent')", "order.update(change='none')", "order.life.state = 'filled'", "Life('filled')"],
)
def test_the_search_finds_what_it_looks_for(line: str) -> None:
    assert list(writes(ast.parse(line))) == [1]


def test_nothing_but_an_event_writes_a_life() -> None:
    found = [f"{name}:{line}" for name, tree in sources() for line in writes(tree)]
    assert not found
