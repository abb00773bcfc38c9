"""One stream that live objects of this client need: what to ask the bridge for it, and when."""

from __future__ import annotations

from dataclasses import dataclass

from tws_bridge_client.calls import BridgeError
from tws_bridge_client.live.life import TABLE, HoldEvent, HoldState
from tws_bridge_client.struct import Data

#: The pause before the client asks again for a lost stream doubles from the first to the longest, in seconds. A stream
#: that was held for longer than STEADY begins with no pause.
FIRST_PAUSE, LONGEST_PAUSE, STEADY = 1.0, 60.0, 60.0

#: Errors of a subscription that can pass by themselves.
PASSING = frozenset({
    "noBridge", "refusedKey", "notConnected", "connectionLost", "noResponse", "notTradable", "limitReached",
    "linesExhausted", "streamConflict", "paced", "cancelled", "ledgerFailed",
})  # fmt: skip


@dataclass(slots=True, eq=False)
class Hold:
    """A subscription of this client.

    `method` and `params` are the request for it. `stream` and `topic` are those of the bridge's last answer, and
    `error` is the last error. `users` counts the live objects. `granted` is the token of the last request before the
    answer. `told` is the same for the newest word of the bridge about it, and `epoch` is the bridge run of that.
    """

    method: str
    params: Data
    state: HoldState = "asking"
    stream: str = ""
    topic: str = ""
    error: BridgeError | None = None
    users: int = 0
    granted: int = 0
    told: int = 0
    epoch: str = ""
    granted_at: float = float("-inf")
    pause: float = 0.0
    due: float = float("inf")

    @property
    def was_granted(self) -> bool:
        """Whether the bridge has ever served it."""
        return bool(self.stream)

    def on(self, event: HoldEvent) -> bool:
        """Go to the next state. Returns whether that is another one."""
        before, self.state = self.state, TABLE[self.state, event]
        return before != self.state

    def lose(self, event: HoldEvent, now: float) -> bool:
        """Take an event after which the client asks again, and plan when. Returns whether the state has changed."""
        if not self.on(event):
            return False
        steady = now - self.granted_at > STEADY
        self.pause = 0.0 if steady else min(LONGEST_PAUSE, max(FIRST_PAUSE, 2 * self.pause))
        self.due = now + self.pause
        return True

    def is_of(self, stream: str, topic: str) -> bool:
        """Whether this is the stream of that name, below that prefix."""
        return self.stream == stream and self.topic == topic
