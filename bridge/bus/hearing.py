"""What each connection subscribed to and what of it was granted: so that one prefix given up takes no other with it.

ZeroMQ keeps a set of prefixes for each connection, and a client that asked for `` and `market.` was granted `market.`
once. Pure: user ids and frames go in, changes come out.
"""

from __future__ import annotations

from collections.abc import Callable

from bridge.bus.gate import name_of
from bridge.session.rights.grants import cut

#: Connections remembered at most. ZeroMQ does not say when one ends; it clears that one's subscriptions by itself.
_MOST = 10_000


class Hearing:
    """`hears`: client's name -> prefixes of the topics that it may hear."""

    def __init__(self, hears: Callable[[str], tuple[str, ...]]) -> None:
        self._hears = hears
        self._asked: dict[str, set[bytes]] = {}

    def subscribe(self, user_id: str, prefix: bytes) -> list[bytes]:
        """The prefixes to grant to a connection that asks for this one."""
        self._of(user_id).add(prefix)
        return self._cut(user_id, prefix)

    def unsubscribe(self, user_id: str, prefix: bytes) -> list[bytes]:
        """The prefixes to take back, which nothing else that the connection asked for needs."""
        asked = self._of(user_id)
        asked.discard(prefix)
        needed = {granted for other in asked for granted in self._cut(user_id, other)}
        return [granted for granted in self._cut(user_id, prefix) if granted not in needed]

    def _cut(self, user_id: str, prefix: bytes) -> list[bytes]:
        return cut(prefix, tuple(topic.encode("ascii") for topic in self._hears(name_of(user_id))))

    def _of(self, user_id: str) -> set[bytes]:
        asked = self._asked.pop(user_id, set())
        self._asked[user_id] = asked
        if len(self._asked) > _MOST:
            del self._asked[next(iter(self._asked))]
        return asked
