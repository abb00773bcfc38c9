"""The watchdog: whether the open connection to TWS is alive, and whether its socket still moves bytes.

If TWS is quiet, the watchdog sends a probe. If the connection is dead, it tells the link to close it. It knows no
socket: the shell reports the socket's state with each timer. Reading from TWS only sets the attribute `heard`; the
watchdog examines it on timers.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from bridge.session.link import Link, LinkTiming
from bridge.session.link_table import OPEN
from bridge.session.outbox import Outbox
from bridge.session.time_question import PROBE, TimeQuestion
from bridge.session.values import Instant

#: Seconds between two questions whether TWS reads.
AGAIN = 30.0
#: If more seconds pass between two looks, the bridge itself has stalled, and what TWS sent meanwhile is still unread.
STALL = 2.5
#: The most bytes that may wait for TWS. A TWS that reads more slowly is of no use, and the bridge's memory is limited.
MOST_UNSENT = 16 << 20


class SocketState(NamedTuple):
    """The state of the socket to TWS.

    `unsent`: bytes that wait to be written. `taken`: bytes that TWS has accepted so far. `unfinished`: the number of
    the frame that has arrived in part, or None.
    """

    unsent: int
    taken: int
    unfinished: int | None


class LinkWatchdog:
    """`heard`: when the bridge last read something from TWS, on the steady clock. The session sets it."""

    def __init__(self, link: Link, timing: LinkTiming, outbox: Outbox) -> None:
        self.heard = 0.0
        self._link = link
        self._timing = timing
        #: The question to a quiet TWS: any byte answers it.
        self._probe = TimeQuestion(outbox)
        #: The question to a TWS that sends, and may not read: only the time answers it.
        self._question = TimeQuestion(outbox)
        #: Since when bytes wait and TWS accepts none, and since when the same frame is unfinished.
        self._stuck: tuple[int, float] | None = None
        self._unfinished: tuple[int, float] | None = None
        self._looked = math.inf

    def retime(self, timing: LinkTiming) -> None:
        """These limits hold from now on."""
        self._timing = timing

    def begin(self) -> None:
        """A new connection begins: forget the state of the last one."""
        self._probe.withdraw()
        self._question.withdraw()
        self._stuck = self._unfinished = None

    def deadline(self) -> float | None:
        """Return when TWS has been quiet or silent for too long; None if the watchdog waits for nothing."""
        if not self._link.usable or self._probe.state == "waiting":
            return None
        at = self._probe.asked_at + self._timing.silence if self._awaits_answer else self.heard + self._timing.quiet
        return at if math.isfinite(at) else None

    def look(self, now: Instant) -> bool:
        """Call before anything else. Return whether the bridge itself stood still: that is no silence of TWS."""
        has_stalled = now.clock - self._looked > STALL
        self._looked = now.clock
        if has_stalled and self._link.state in OPEN:
            self.heard = now.clock - self._timing.quiet  # send a probe at once
            self._probe.withdraw()
            self._stuck = self._unfinished = None
            self._question.begin_anew(now)  # its answer may be among what is unread
        return has_stalled

    def on_timer(self, now: Instant) -> None:
        """If the deadline has passed, send a probe, or give the connection up."""
        due = self.deadline()
        if due is None or now.clock < due:
            return
        if self._awaits_answer:
            self._link.give_up(
                f"TWS has sent nothing for {now.clock - self.heard:.0f} s, and has not answered {PROBE}", now
            )
        else:  # TWS may have sent other messages since the last probe, and never have answered it
            self._probe.withdraw()
            self._probe.ask()

    def on_answer(self) -> None:
        """TWS has sent the time."""
        self._probe.tell()
        self._question.tell()

    def on_socket(self, state: SocketState, now: Instant) -> None:
        """Take the state of the socket at this moment. Call about once a second."""
        if self._link.state not in OPEN:
            return
        self._stuck = _since(self._stuck, state.taken if state.unsent else None, now.clock)
        self._unfinished = _since(self._unfinished, state.unfinished, now.clock)
        if self._stuck is not None and now.clock - self._stuck[1] >= self._timing.silence:
            waited = now.clock - self._stuck[1]
            self._link.give_up(f"TWS has accepted none of {state.unsent} bytes for {waited:.0f} s", now)
        elif state.unsent > MOST_UNSENT:
            self._link.give_up(f"TWS accepts bytes too slowly: {state.unsent} bytes wait", now)
        elif self._unfinished is not None and now.clock - self._unfinished[1] >= self._timing.frame:
            waited = now.clock - self._unfinished[1]
            self._link.give_up(
                f"TWS has not completed a frame within {waited:.0f} s: its length prefix may be wrong", now
            )

    def doubt(self, now: Instant) -> None:
        """TWS leaves orders without an answer, but may send other messages: find out whether it reads.

        Call it each second while that is so, and `trust` while it is not.
        """
        waited = now.clock - self._question.asked_at
        if self._question.state != "asked":
            if waited >= AGAIN:
                self._question.ask()
        elif waited >= self._timing.quiet + self._timing.silence:
            self._link.give_up(f"TWS sends, but has answered neither orders nor {PROBE} for {waited:.0f} s", now)

    def trust(self) -> None:
        """TWS answers orders: an earlier question proves nothing in a later doubt."""
        self._question.withdraw()

    @property
    def _awaits_answer(self) -> bool:
        """Whether TWS has sent nothing since the last probe."""
        return self._probe.state == "asked" and self.heard < self._probe.asked_at


def _since(known: tuple[int, float] | None, value: int | None, clock: float) -> tuple[int, float] | None:
    """Return the value, and since when it has been the same."""
    if value is None or (known is not None and known[0] == value):
        return None if value is None else known
    return value, clock
