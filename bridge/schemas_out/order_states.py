"""The page `docs/reference/order-states.md`: the three tables of an order's life, as diagrams and as tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bridge.schemas_out.markdown import diagram, table
from bridge.session.orders import state as life

_HEAD = """# The life of an order

Written by `tws-bridge schemas` from `bridge/session/orders/state.py`; do not edit. The bridge changes the state of an
order by these tables only. They list every pair of state and event. What a strategy should do in each state is in
[order-safety.md](order-safety.md).

An order has three values: its **state**, how its newest **cancel** stands, and how its newest **change** stands.
Clients are told a value when it is on disk, not before. To clients, `queued`, `written` and `withdrawn` are one state:
`queued`.

"""
_PAIRS = """
## Every pair of state and event

A cell names the next state; `·` means that the state stays. **(c)** writes a `conflict` event to the order log, (g) a
`orderGap` event, (a) an `abandoned` event. `impossible` pairs are told as a `conflict` and change nothing. (result) and
(error) say how a client that waits for TWS's word on its placement is answered.

"""
_ENTRIES = {"conflict": " **(c)**", "orderGap": " (g)", "abandoned": " (a)"}


def order_states() -> str:
    """The whole page."""
    return "".join(
        (
            _HEAD,
            "## States\n\n",
            table(("state", "meaning"), ((f"`{state}`", life.ABOUT[state]) for state in life.STATES)),
            "\n## Events\n\n",
            table(("event", "meaning"), ((f"`{event}`", life.ABOUT_EVENTS[event]) for event in life.EVENTS)),
            "\nWhere something of the order was executed, ",
            ", ".join(f"`{event}` counts as `{instead}`" for event, instead in life.OF_EXECUTED.items()),
            ": executions outrank errors and absence.\n\n",
            "## How an order moves\n\n",
            diagram("queued", _moves()),
            _PAIRS,
            _pairs(),
            "\nThe next two tables have no answers and no log entries. The bridge logs a pair that they mark ",
            "`impossible` as an error of its own, and changes nothing.\n\n## The newest cancel\n\n",
            _side(life.ABOUT_CANCELS, life.ABOUT_CANCEL_EVENTS, life.CANCEL_TABLE),
            "\n## The newest change\n\n",
            _side(life.ABOUT_CHANGES, life.ABOUT_CHANGE_EVENTS, life.CHANGE_TABLE),
        )
    )


def _moves() -> Iterator[tuple[str, str, str]]:
    """From, event, to. A conflict is left to the table: it would cross every line."""
    for state, row in life.TABLE.items():
        yield from ((state, event, step.to) for event, step in row.items() if step.entry != "conflict")


def _pairs() -> str:
    rows = [(f"`{event}`", *(_cell(state, life.TABLE[state][event]) for state in life.STATES)) for event in life.EVENTS]
    return table(("event", *(f"`{state}`" for state in life.STATES)), rows)


def _cell(state: life.State, transition: life.OrderTransition) -> str:
    entry = _ENTRIES.get(transition.entry or "", "")
    answer = f" ({transition.answer})" if transition.answer != "none" else ""
    if transition.to != state:
        return f"`{transition.to}`{entry}{answer}"
    return f"·{entry}" if transition.possible else "impossible"


def _side(states: Mapping[Any, str], events: Mapping[Any, str], targets: Mapping[Any, Mapping[Any, Any]]) -> str:
    """One of the two small tables: what its words mean, and every pair."""
    rows = [
        (f"`{event}`", meaning, *(_target(state, targets[state][event]) for state in states))
        for event, meaning in events.items()
    ]
    meanings = table(("state", "meaning"), ((f"`{state}`", meaning) for state, meaning in states.items()))
    return f"{meanings}\n{table(('event', 'meaning', *(f'`{state}`' for state in states)), rows)}"


def _target(state: str, to: str | None) -> str:
    if to is None:
        return "impossible"
    if to == life.BEFORE:
        return "as before it"
    return "·" if to == state else f"`{to}`"
