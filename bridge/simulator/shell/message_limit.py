"""The limit on messages: TWS counts the messages of each client, and disconnects a client that sends too fast.

Source: IBKR's documentation (pacing limitations). A client may send half as many messages per second as the user has
market data lines. Above that TWS sends error 100, and at the third one it closes the connection.
"""

from collections import deque
from enum import Enum

#: The window in ns.
_SECOND = 1_000_000_000
#: The error 100 after which TWS closes the connection.
_LAST = 3


class Verdict(Enum):
    """What TWS does with a message."""

    TAKEN = "taken"
    REFUSED = "refused"
    LAST = "refused, and the connection closes"


class MessageLimit:
    """Counts the messages of one client. `most` per second; 0 means no limit."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._taken: deque[int] = deque()
        self._refused = 0

    def count(self, now: int) -> Verdict:
        """Count one message, received at `now` (ns), and return what TWS does with it."""
        if not self.most:
            return Verdict.TAKEN
        while self._taken and self._taken[0] <= now - _SECOND:
            self._taken.popleft()
        if len(self._taken) < self.most:
            self._taken.append(now)
            return Verdict.TAKEN
        self._refused += 1
        return Verdict.LAST if self._refused >= _LAST else Verdict.REFUSED
