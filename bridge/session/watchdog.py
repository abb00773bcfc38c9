"""Whether the open connection to TWS is alive: what has come of late, and whether the socket still moves bytes.

Asks TWS for a word when it is quiet, and has the link give up a connection that is dead. Knows no socket: the shell
says with each timer how it stands. What is read costs one attribute, `heard`, and is looked at on timers alone.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import NamedTuple

from bridge.session.link import Link, Timing
from bridge.session.link_table import OPEN
from bridge.session.requests import Request
from bridge.session.values import Instant

#: What the bridge asks for a sign of life, and the callback that answers it.
PROBE, ANSWER = "reqCurrentTime", "currentTime"
#: Seconds between two looks after which the bridge itself has stood still: what TWS said meanwhile waits to be read.
STALL = 2.5
#: Bytes that wait for TWS at most: one that reads so slowly is of no use, and the bridge's memory has an end.
MOST_UNSENT = 16 << 20


class SocketState(NamedTuple):
    """How the socket to TWS stands.

    `unsent`: bytes that wait to be written. `taken`: how many the peer has taken so far. `unfinished`: the number of
    the frame of which a part has come, or None.
    """

    unsent: int
    taken: int
    unfinished: int | None


class LinkWatchdog:
    """`heard`: when something was last read from TWS, on the steady clock; whoever hands over what was read sets it."""

    def __init__(
        self,
        link: Link,
        timing: Timing,
        request: Callable[[Request], None],
        withdraw: Callable[[Request, Instant], None],
    ) -> None:
        self.heard = 0.0
        self._link = link
        self._timing = timing
        self._send_internal, self._withdraw = request, withdraw
        self._numbers = itertools.count(1)
        #: When TWS was last asked for a word, and that question.
        self._asked_at = -math.inf
        self._probe: Request | None = None
        #: Since when bytes wait of which the peer takes none, and since when the same frame is unfinished.
        self._stuck: tuple[int, float] | None = None
        self._unfinished: tuple[int, float] | None = None
        self._looked = math.inf

    def begin(self) -> None:
        """A new connection is made: nothing of the last one counts."""
        self._asked_at = -math.inf
        self._stuck = self._unfinished = None

    def deadline(self) -> float | None:
        """When TWS has been quiet, or silent, for too long; None where nothing is waited for."""
        if not self._link.usable:
            return None
        at = self._asked_at + self._timing.silence if self._waits else self.heard + self._timing.quiet
        return at if math.isfinite(at) else None

    def look(self, now: Instant) -> None:
        """Before each timer: where the bridge has stood still, nothing that TWS did not do in that time counts."""
        if now.clock - self._looked > STALL and self._link.state in OPEN:
            self.heard, self._asked_at = now.clock - self._timing.quiet, -math.inf  # ask TWS for a word at once
            self._stuck = self._unfinished = None
        self._looked = now.clock

    def on_timer(self, now: Instant) -> None:
        due = self.deadline()
        if due is None or now.clock < due:
            return
        if self._waits:
            self._link.give_up(
                f"TWS has said nothing for {now.clock - self.heard:.0f} s, and did not answer {PROBE}", now
            )
        else:
            self._ask(now)

    def on_socket(self, state: SocketState, now: Instant) -> None:
        """How the socket stands at this moment; to be told each second or so."""
        if self._link.state not in OPEN:
            return
        self._stuck = _since(self._stuck, state.taken if state.unsent else None, now.clock)
        self._unfinished = _since(self._unfinished, state.unfinished, now.clock)
        if self._stuck is not None and now.clock - self._stuck[1] >= self._timing.silence:
            waited = now.clock - self._stuck[1]
            self._link.give_up(f"TWS has taken none of {state.unsent} bytes that wait for {waited:.0f} s", now)
        elif state.unsent > MOST_UNSENT:
            self._link.give_up(f"TWS takes bytes too slowly: {state.unsent} of them wait", now)
        elif self._unfinished is not None and now.clock - self._unfinished[1] >= self._timing.frame:
            waited = now.clock - self._unfinished[1]
            self._link.give_up(
                f"a frame of TWS has not completed within {waited:.0f} s: its length prefix may be false", now
            )

    @property
    def _waits(self) -> bool:
        """Whether TWS was asked for a word and nothing has come since."""
        return self.heard < self._asked_at

    def _ask(self, now: Instant) -> None:
        """Ask TWS for a word. It may have said others since it was asked last, and never have answered that."""
        self._asked_at = now.clock
        if self._probe is not None and self._probe.answer is None:
            self._withdraw(self._probe, now)
        self._probe = Request("bridge", f"probe-{next(self._numbers)}", PROBE, {}, None, False, "", is_own=True)
        self._send_internal(self._probe)


def _since(known: tuple[int, float] | None, value: int | None, clock: float) -> tuple[int, float] | None:
    """The value, and since when it is the same."""
    if value is None or (known is not None and known[0] == value):
        return None if value is None else known
    return value, clock
