"""Pages in `docs/reference/` about each `Machine`: its states, its events, a diagram, and the whole table."""

from __future__ import annotations

from bridge.schemas_out.markdown import diagram, table
from bridge.session.caching.bar_request import BAR_REQUEST
from bridge.session.clients import CLIENT
from bridge.session.machine import Event, Machine, State
from bridge.session.streams.hold_life import HOLD
from bridge.session.streams.life import STREAM
from bridge.session.time_question import QUESTION

_STREAM = """# Stream states

`tws-bridge schemas` writes this page from `bridge/session/streams/life.py`. Do not edit it. A stream is one
subscription at TWS, which several clients can hold. When TWS drops the subscription, the stream becomes `lost`, and the
bridge subscribes again for the clients that hold it.

When a stream becomes `doubtful` or `lost`, its values are stale. Snapshots mark them as stale, and the bridge does not
use them to check limits. When TWS serves the stream again, the bridge drops the values that TWS has not sent again.

"""
_HOLD = """# Hold states

`tws-bridge schemas` writes this page from `bridge/session/streams/hold_life.py`. Do not edit it. A hold records that
one client needs one stream. The bridge writes the hold to disk before it answers the subscription. After a restart it
can therefore subscribe at TWS again. If the disk fails, the answer has `kept: false`.

"""
_CLIENT = """# Client states

`tws-bridge schemas` writes this page from `bridge/session/clients.py`. Do not edit it. The lease (30 s, setting
`lease`) starts with each request of the client. If clients have CURVE keys, a client also keeps its streams while it
has a subscription to the events open. Without keys the bridge cannot know which client has a subscription: send `ping`
every 10 s.

"""
_BAR_REQUEST = """# States of a request for bars

`tws-bridge schemas` writes this page from `bridge/session/caching/bar_request.py`. Do not edit it. A client's
`reqHistoricalData` that the bridge may answer with kept bars has these states. A request that the cache does not know,
one with `fresh: true`, and any other request has none of them.

"""
_QUESTION = """# States of the bridge's question for the time

`tws-bridge schemas` writes this page from `bridge/session/time_question.py`. Do not edit it. The bridge sends TWS
`reqCurrentTime` for itself when TWS is quiet, when TWS leaves orders, cancels or changes without an answer although it
sends other messages, and when the clock of the bridge's machine has jumped. Each of the three has a question of its
own. Only a question in state `asked` can end the connection.

"""


def state_pages() -> dict[str, str]:
    """Each page by its file name."""
    return {
        "stream-states.md": _page(_STREAM, STREAM),
        "hold-states.md": _page(_HOLD, HOLD),
        "client-states.md": _page(_CLIENT, CLIENT),
        "bar-request-states.md": _page(_BAR_REQUEST, BAR_REQUEST),
        "time-question-states.md": _page(_QUESTION, QUESTION),
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
            "\n## Transitions\n\n",
            diagram(machine.first, moves),
            "\n## Every pair of state and event\n\nA cell names the next state; `·` means that the state stays.\n\n",
            table(("event", *(f"`{state}`" for state in machine.about)), rows),
        )
    )


def _cell(machine: Machine[State, Event], state: State, event: Event) -> str:
    to = machine.table[state][event]
    return "·" if to == state else f"`{to}`"
