"""The page `docs/reference/stream-states.md`: the table of a stream's life, as a diagram and as a table."""

from __future__ import annotations

from bridge.schemas_out.markdown import diagram, table
from bridge.session.streams import life

_HEAD = """# The life of a stream

Written by `tws-bridge schemas` from `bridge/session/streams/life.py`; do not edit. A stream is one subscription that
clients hold together. What clients hold outlives the subscription at TWS: a `lost` stream is asked for again.

Values that TWS told before a stream became `doubtful` or `lost` are stale: snapshots mark them, and no limit is judged
by them. When TWS serves the stream again, what it has not told again is dropped.

"""


def stream_states() -> str:
    """The whole page."""
    rows = [(f"`{event}`", *(_cell(state, event) for state in life.STATES)) for event in life.EVENTS]
    return "".join(
        (
            _HEAD,
            "## States\n\n",
            table(("state", "meaning"), ((f"`{state}`", life.ABOUT[state]) for state in life.STATES)),
            "\n## Events\n\n",
            table(("event", "meaning"), ((f"`{event}`", life.ABOUT_EVENTS[event]) for event in life.EVENTS)),
            "\n## How a stream moves\n\n",
            diagram("new", ((state, event, row[event]) for state, row in life.TABLE.items() for event in life.EVENTS)),
            "\n## Every pair of state and event\n\nA cell names the next state; `·` means that the state stays.\n\n",
            table(("event", *(f"`{state}`" for state in life.STATES)), rows),
        )
    )


def _cell(state: life.StreamState, event: life.StreamEvent) -> str:
    to = life.TABLE[state][event]
    return "·" if to == state else f"`{to}`"
