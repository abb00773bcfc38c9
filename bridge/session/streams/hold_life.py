"""The life of a client's hold on a stream: its states, its events, and what follows from each pair of them.

The bridge writes a hold to disk before it tells the client, so that a restart of the bridge keeps it. Where the disk
fails or is slow, the bridge tells the client that, too. `docs/reference/hold-states.md` is generated from this file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from bridge.session.machine import Life, Machine, Row, machine

HoldState = Literal["asked", "keeping", "held", "volatile", "ended"]
HoldEvent = Literal["served", "recalled", "written", "notWritten", "slow", "over"]

_ABOUT: Mapping[HoldState, str] = {
    "asked": "The client has asked for the stream, and TWS has said nothing on it.",
    "keeping": "TWS serves the stream, and the disk has not confirmed the hold. The client is not told yet.",
    "held": "The hold is on disk, and the client is told. A restart of the bridge keeps it.",
    "volatile": "The client is told that it holds the stream, and that a restart of the bridge forgets it.",
    "ended": "The client has released it, its lease is over, or the stream has ended.",
}
_ABOUT_EVENTS: Mapping[HoldEvent, str] = {
    "served": "The bridge can answer the client's request: TWS has said a word, or the grace is over.",
    "recalled": "The bridge starts, and finds the hold on disk.",
    "written": "The disk confirms the hold.",
    "notWritten": "The disk refuses the hold.",
    "slow": "The disk has said nothing for two seconds.",
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
#: The client knows that it holds the stream.
TOLD: frozenset[HoldState] = frozenset({"held", "volatile"})


class Hold(Life[HoldState, HoldEvent]):
    """How one client's hold on one stream stands."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(HOLD)
