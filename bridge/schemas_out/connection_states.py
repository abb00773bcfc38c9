"""The page `docs/reference/connection-states.md`: the tables of the connection to TWS, as a diagram and as tables."""

from __future__ import annotations

from bridge.schemas_out.markdown import diagram, table
from bridge.session import link_table as link

_HEAD = """# Connection states

`tws-bridge schemas` writes this page from `bridge/session/link_table.py`. Do not edit it. The bridge changes the state
of its connection to TWS by these tables only. They list every pair of state and event. The bridge publishes each change
as `system.connection`.

"""
_PAIRS = """
## Every pair of state and event

A cell names the next state. `·` means that the state stays and the bridge publishes nothing. **published** means that
the state stays and the bridge publishes `system.connection` with a new reason. For an `impossible` pair the bridge logs
a defect and keeps the state.

"""
_OUTAGE = """
## The outage

TWS reports two kinds of outage, and both can last at the same time. During an outage the connection is `degraded`. A
cell names the outage after the event; `·` means that it stays the same.

"""


def connection_states() -> str:
    """The whole page."""
    moved = ((state, event, row[event].to) for state, row in link.TABLE.items() for event in link.EVENTS)
    return "".join(
        (
            _HEAD,
            "## States\n\n",
            table(("state", "meaning"), ((f"`{state}`", link.ABOUT[state]) for state in link.STATES)),
            "\n## Events\n\n",
            table(("event", "meaning"), ((f"`{event}`", link.ABOUT_EVENTS[event]) for event in link.EVENTS)),
            "\n## Transitions\n\n",
            diagram("stopped", moved),
            _PAIRS,
            _pairs(),
            _OUTAGE,
            table(("outage", "meaning"), ((f"`{outage}`", link.ABOUT_OUTAGES[outage]) for outage in link.OUTAGES)),
            "\n",
            _outages(),
        )
    )


def _pairs() -> str:
    rows = [(f"`{event}`", *(_cell(state, link.TABLE[state][event]) for state in link.STATES)) for event in link.EVENTS]
    return table(("event", *(f"`{state}`" for state in link.STATES)), rows)


def _cell(state: link.State, transition: link.LinkTransition) -> str:
    if transition.to != state:
        return f"`{transition.to}`"
    if not transition.possible:
        return "impossible"
    return "**published**" if transition.is_told else "·"


def _outages() -> str:
    rows = [
        (f"`{event}`", link.ABOUT_OUTAGE_EVENTS[event], *(_after(outage, event) for outage in link.OUTAGES))
        for event in link.OUTAGE_EVENTS
    ]
    return table(("event", "meaning", *(f"`{outage}`" for outage in link.OUTAGES)), rows)


def _after(outage: link.Outage, event: link.OutageEvent) -> str:
    to = link.OUTAGE_TABLE[outage][event]
    return "·" if to == outage else f"`{to}`"
