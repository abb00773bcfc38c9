"""The answers that are valid for one day at TWS, in memory: a bounded copy of what the cache file has.

This module knows no client and sends nothing.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from bridge.session.caching.answers import KeptAnswer, login_of
from bridge.session.stored_replies import footprint
from bridge.session.tws_day import TwsDay
from bridge.session.values import Data, Instant

#: About how many bytes of memory the answers take at most. The cache file has the others.
MOST_BYTES = 128 << 20


class DayCache:
    """The answers by key, the one that was used longest ago first."""

    def __init__(self) -> None:
        self._day = TwsDay()
        self._version: int | None = None
        self._login: str | None = None
        self._answers: OrderedDict[str, KeptAnswer] = OrderedDict()
        self._sizes: dict[str, int] = {}
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._answers)

    @property
    def login(self) -> str | None:
        """The login at TWS; None between the handshake and TWS's list of accounts."""
        return self._login

    def connected(self, connection_time: str, server_version: int, now: Instant) -> None:
        """TWS has answered the handshake: from here the day and the version are known."""
        self._day.connected(connection_time, now)
        self._version, self._login = server_version, None

    def logged_in(self, accounts: Iterable[str], now: Instant) -> None:
        """TWS manages these accounts. Forget the answers that are not valid for this TWS."""
        self._login = login_of(accounts)
        for key in [key for key, answer in self._answers.items() if not self.is_valid(answer, now)]:
            self.drop(key)

    def today(self, now: Instant) -> str | None:
        """Return the day at TWS; None if it is unknown, so that no answer may be kept."""
        return self._day.today(now)

    def new(
        self, callbacks: tuple[tuple[str, Data], ...], server_version: int, tags: tuple[str, ...], now: Instant
    ) -> KeptAnswer | None:
        """Return an answer that TWS has given now, as it is kept; None if it is not certain how long it is valid."""
        day = self.today(now)
        if day is None or self._login is None:
            return None
        return KeptAnswer(callbacks, now.ts, day, server_version, self._login, tags)

    def is_valid(self, answer: KeptAnswer, now: Instant) -> bool:
        """Return whether TWS would certainly give this answer again, as far as day, version and login say."""
        is_same = (answer.version, answer.login) == (self._version, self._login)
        return is_same and self._day.is_still(answer.day, now)

    def find(self, key: str, now: Instant) -> KeptAnswer | None:
        """Return the valid answer under this key, or None."""
        answer = self._answers.get(key)
        if answer is None:
            return None
        if not self.is_valid(answer, now):
            self.drop(key)
            return None
        self._answers.move_to_end(key)
        return answer

    def put(self, key: str, answer: KeptAnswer) -> None:
        """Keep the answer in place of an earlier one. If too much is kept, forget what was used longest ago."""
        self.drop(key)
        self._answers[key] = answer
        self._sizes[key] = sum(footprint(data) for _, data in answer.callbacks)
        self.bytes += self._sizes[key]
        while self.bytes > MOST_BYTES and len(self._answers) > 1:
            self.drop(next(iter(self._answers)))

    def drop(self, key: str) -> None:
        """Forget the answer under this key."""
        answer = self._answers.pop(key, None)
        if answer is not None:
            self.bytes -= self._sizes.pop(key)

    def drop_tagged(self, tags: Iterable[str]) -> None:
        """Forget the answers about these contracts."""
        gone = set(tags)
        for key in [key for key, answer in self._answers.items() if gone.intersection(answer.tags)]:
            self.drop(key)
