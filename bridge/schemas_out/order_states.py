"""The page `docs/reference/order-states.md`: the three state tables of an order, and a diagram."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bridge.schemas_out.markdown import diagram, table
from bridge.session.orders import state as life

_HEAD = """# Order states

`tws-bridge schemas` writes this page from `bridge/session/orders/state.py`. Do not edit it. The bridge changes the
state of an order by these tables only. They list every pair of state and event. [order-safety.md](order-safety.md) says
what a strategy should do in each state.

An order has three states: the state of the **order**, the state of its newest **cancel**, and the state of its newest
**change**. The bridge publishes a state only after it is on disk. For `queued`, `written` and `withdrawn` the bridge
sends clients one word: `queued`.

"""
_PAIRS = """
## Every pair of state and event

A cell names the next state; `·` means that the state stays. The bridge writes an event to the order log where the cell
has **(c)** (a `conflict` event), (g) (an `orderGap` event) or (a) (an `abandoned` event). For an `impossible` pair the
bridge writes a `conflict` event and keeps the state. (result) and (error) say how the bridge answers a client whose
`placeOrder` request waits for TWS.

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
            "\nIf a part of the order was executed, the bridge treats ",
            ", ".join(f"`{event}` as `{instead}`" for event, instead in life.OF_EXECUTED.items()),
            ": an execution is stronger evidence than an error or a missing order.\n\n",
            "## Transitions\n\n",
            diagram("queued", _moves()),
            _PAIRS,
            _pairs(),
            "\nThe next two tables have no answers and no events. For a pair that they mark `impossible`, the bridge ",
            "logs an error and keeps the state.\n\n## The newest cancel\n\n",
            _side(life.ABOUT_CANCELS, life.ABOUT_CANCEL_EVENTS, life.CANCEL_TABLE),
            "\n## The newest change\n\n",
            _side(life.ABOUT_CHANGES, life.ABOUT_CHANGE_EVENTS, life.CHANGE_TABLE),
        )
    )


def _moves() -> Iterator[tuple[str, str, str]]:
    """From, event, to. Conflicts are in the table only: in the diagram they would cross every line."""
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
    """One of the two small tables: the meaning of its states, and every pair."""
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
        return "state of the previous change"
    return "·" if to == state else f"`{to}`"
