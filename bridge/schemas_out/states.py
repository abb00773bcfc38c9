"""Pages in `docs/reference/` of things whose life is a `Machine`: states, events, a diagram, and the whole table."""

from __future__ import annotations

from bridge.schemas_out.markdown import diagram, table
from bridge.session.clients import CLIENT
from bridge.session.machine import Event, Machine, State
from bridge.session.streams.hold_life import HOLD
from bridge.session.streams.life import STREAM

_STREAM = """# The life of a stream

Written by `tws-bridge schemas` from `bridge/session/streams/life.py`; do not edit. A stream is one subscription that
clients hold together. What clients hold outlives the subscription at TWS: a `lost` stream is asked for again.

Values that TWS told before a stream became `doubtful` or `lost` are stale: snapshots mark them, and no limit is judged
by them. When TWS serves the stream again, what it has not told again is dropped.

"""
_HOLD = """# The life of a hold

Written by `tws-bridge schemas` from `bridge/session/streams/hold_life.py`; do not edit. A hold says that one client
wants one stream. It is on disk before the client gets the answer to its subscription, so that the bridge asks TWS for
the stream again after a restart, too. Where the disk fails, the answer says `kept: false`.

"""
_CLIENT = """# The life of a client

Written by `tws-bridge schemas` from `bridge/session/clients.py`; do not edit. The lease (30 s, setting `lease`) runs
from the client's last request. Where clients have keys, an open subscription to the events keeps a client's streams,
too. Without keys the bridge cannot know who listens: send `ping` every 10 s.

"""


def state_pages() -> dict[str, str]:
    """Each page by its file name."""
    return {
        "stream-states.md": _page(_STREAM, STREAM),
        "hold-states.md": _page(_HOLD, HOLD),
        "client-states.md": _page(_CLIENT, CLIENT),
    }


def _page(head: str, machine: Machine[State, Event]) -> str:
    moves = ((state, event, to) for state, row in machine.table.items() for event, to in row.items())
    rows = [
        (f"`{event}`", *(_cell(machine, state, event) for state in machine.about)) for event in machine.about_events
    ]
    return "".join(
        (
            head,
            "## States\n\n",
            table(("state", "meaning"), ((f"`{state}`", text) for state, text in machine.about.items())),
            "\n## Events\n\n",
            table(("event", "meaning"), ((f"`{event}`", text) for event, text in machine.about_events.items())),
            "\n## How it moves\n\n",
            diagram(machine.first, moves),
            "\n## Every pair of state and event\n\nA cell names the next state; `·` means that the state stays.\n\n",
            table(("event", *(f"`{state}`" for state in machine.about)), rows),
        )
    )


def _cell(machine: Machine[State, Event], state: State, event: Event) -> str:
    to = machine.table[state][event]
    return "·" if to == state else f"`{to}`"
