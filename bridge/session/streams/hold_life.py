"""The states of a client's hold on a stream, its events, and the next state for each pair of them.

The bridge writes a hold to disk before it answers the client, so that a restart of the bridge keeps it. If the disk
fails or is slow, the answer says so. `docs/reference/hold-states.md` is generated from this file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from bridge.session.machine import Life, Machine, Row, machine

HoldState = Literal["asked", "keeping", "held", "volatile", "ended"]
HoldEvent = Literal["served", "recalled", "written", "notWritten", "slow", "over"]

_ABOUT: Mapping[HoldState, str] = {
    "asked": "The client has requested the stream, and TWS has not answered.",
    "keeping": "TWS serves the stream, and the disk has not confirmed the hold. The client still waits for the answer.",
    "held": "The hold is on disk, and the bridge has answered the client. A restart of the bridge keeps the hold.",
    "volatile": "The bridge has answered the client that it holds the stream until the bridge restarts.",
    "ended": "The client has released it, its lease is over, or the stream has ended.",
}
_ABOUT_EVENTS: Mapping[HoldEvent, str] = {
    "served": "The bridge can answer the client's request: TWS has answered, or the grace is over.",
    "recalled": "The bridge has started, and has found the hold on disk.",
    "written": "The disk confirms the hold.",
    "notWritten": "The bridge could not write the hold to disk.",
    "slow": "The disk has not answered for two seconds.",
    "over": "The client releases the stream, its lease is over, or the stream ends.",
}


HOLD: Machine[HoldState, HoldEvent] = machine(
    "asked",
    _ABOUT,
    _ABOUT_EVENTS,
    {
        "asked": Row("written notWritten slow", {"served": "keeping", "recalled": "held", "over": "ended"}),
        "keeping": Row(
            "served recalled", {"written": "held", "notWritten": "volatile", "slow": "volatile", "over": "ended"}
        ),
        "held": Row("served recalled written notWritten slow", {"over": "ended"}),
        "volatile": Row("served recalled notWritten slow", {"written": "held", "over": "ended"}),
        "ended": Row(" ".join(_ABOUT_EVENTS), {}),
    },
)
#: The bridge has answered the client that it holds the stream.
TOLD: frozenset[HoldState] = frozenset({"held", "volatile"})


class Hold(Life[HoldState, HoldEvent]):
    """The state of one client's hold on one stream."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(HOLD)
