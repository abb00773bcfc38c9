"""The clocks: whether the clock of the bridge's machine jumps, and by how much TWS's clock differs from it.

`expires` of a request is a time of the wall clock. If that clock is set, requests are judged late that are not, or late
ones are not refused. The steady clock never jumps, so the difference of the two shows a jump. Neither says which time
is the right one; TWS's clock does.
"""

from __future__ import annotations

import math

from bridge.session.requests import MOST_SECONDS
from bridge.session.values import Instant
from bridge.session.verdict_table import CLOCK_SKEW

#: The wall clock has jumped if it moves by more seconds than the steady clock from one look to the next. A clock that
#: is corrected slowly (NTP) moves by a thousandth of that.
JUMP = 5.0
#: Seconds for which a jump counts. No client waits longer for a reply, so what was sent before the jump is over then.
LASTS = MOST_SECONDS
#: Seconds within which TWS's time must come after the question, so that it shows the time of now.
PROMPT = 5.0


class Clocks:
    """`tws_ahead`: by how many seconds TWS's clock is ahead of the bridge's; None if that is not known."""

    def __init__(self) -> None:
        self.tws_ahead: float | None = None
        #: Wall clock minus steady clock at the last look.
        self._offset: float | None = None
        #: The sum of the jumps that count, and when the last of them was seen (steady clock).
        self._jump = 0.0
        self._jumped_at = -math.inf
        #: TWS has shown since then that the clock is right now.
        self._is_right = False
        #: When the question left whose answer was measured last (steady clock).
        self._measured = -math.inf

    def look(self, now: Instant) -> float | None:
        """Compare the clocks. Return by how many seconds the wall clock has jumped since the last look, if it has."""
        before, self._offset = self._offset, now.ts / 1e9 - now.clock
        jump = 0.0 if before is None else self._offset - before
        if abs(jump) <= JUMP:
            return None
        self._jump, self._jumped_at, self._is_right = (self.jump(now) or 0.0) + jump, now.clock, False
        if self.tws_ahead is not None:
            self.tws_ahead -= jump
        return jump

    def jump(self, now: Instant) -> float | None:
        """Return by how many seconds the clock has jumped in the last `LASTS` seconds. None: not, or it is back."""
        counts = now.clock - self._jumped_at <= LASTS and abs(self._jump) > JUMP
        return self._jump if counts else None

    def expires(self, expires: int | None, now: Instant) -> int | None:
        """Return when a request that arrives now expires by the bridge's clock.

        After the clock was set back a late request would seem to be in time. Until TWS has shown that the clock is
        right now, `expires` counts by the clock as it was, so the bridge rather refuses one request too many.
        """
        jump = self.jump(now)
        if expires is None or jump is None or jump > 0 or self._is_right:
            return expires
        return expires + round(jump * 1e9)

    # TWS's clock

    def on_handshake(self, seconds: float | None, now: Instant) -> None:
        """A connection begins: TWS has told this time (seconds since 1970), or none that the bridge can read."""
        self._set(None if seconds is None else seconds - now.ts / 1e9)
        self._measured = now.clock

    def needs_tws_time(self, now: Instant) -> bool:
        """Whether the clock has jumped, and TWS has not told its time since then."""
        return self.jump(now) is not None and self._measured < self._jumped_at

    def on_tws_time(self, seconds: object, asked_at: float, now: Instant) -> None:
        """TWS has sent its time. `asked_at`: when the bridge's question left (steady clock).

        A message that was under way for long says too early a time. So of several answers the latest time counts.
        """
        if not isinstance(seconds, int) or not 0 <= now.clock - asked_at <= PROMPT:
            return
        ahead = seconds - now.ts / 1e9
        if asked_at == self._measured and self.tws_ahead is not None:
            ahead = max(ahead, self.tws_ahead)
        self._set(ahead)
        self._measured = asked_at

    def _set(self, ahead: float | None) -> None:
        self.tws_ahead = ahead
        self._is_right = ahead is not None and abs(ahead) <= CLOCK_SKEW
