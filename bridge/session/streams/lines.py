"""Lines: how many subscriptions of a kind TWS serves at a time, and who uses them.

Source: IBKR's documentation (market data lines, market depth, tick-by-tick data, account summary) and TWS_RULES. TWS
refuses a subscription that is too much with error 101, 309, 10190 or 322. All clients of the bridge share its lines, so
the bridge refuses it before, and says who holds them. Snapshots use a line until TWS has answered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from bridge.session.requests import Refused
from bridge.session.rights.grants import Grant
from bridge.session.rights.limits import refusal
from bridge.session.streams.streams import Stream, Streams
from bridge.session.values import Data


class Lines:
    """`limits`: by kind of line, how many there are; a kind that is absent has no limit.

    `grant_of`: returns the rights of a client. `count_snapshots`: returns, by client, how many requests that are not
    subscriptions use a line of that kind.
    """

    def __init__(
        self,
        streams: Streams,
        limits: Mapping[str, int],
        grant_of: Callable[[str], Grant],
        count_snapshots: Callable[[str], Counter[str]],
    ) -> None:
        self._streams = streams
        self._limits = limits
        self._grant_of = grant_of
        self._count_snapshots = count_snapshots

    def replace(self, limits: Mapping[str, int]) -> None:
        """TWS has so many lines from now on. Subscriptions beyond that stay; the bridge refuses new ones."""
        self._limits = limits

    def check(self, line: str | None, client: str, stream: Stream | None = None) -> list[Stream]:
        """Check that the client may use a line, for that stream or, if None, for a new one.

        Return the streams without a client that must end first, so that there is a line. Raise Refused `notPermitted`
        with the rule `max_lines`, or `linesExhausted`.
        """
        if line is None or (stream is not None and client in stream.clients):
            return []
        self._check_grant(line, client)
        limit = self._limits.get(line)
        if stream is not None or limit is None:
            return []
        streams, snapshots = self._of(line), self._count_snapshots(line)
        over = len(streams) + snapshots.total() + 1 - limit
        unused = [stream for stream in streams if not stream.clients]
        if over > len(unused):
            holders = Counter(holder for stream in streams for holder in stream.clients) + snapshots
            raise Refused("linesExhausted", _message(line, limit, holders), line=line, limit=limit, holders=holders)
        return unused[: max(0, over)]

    def as_data(self) -> list[Data]:
        """Return the lines as readers see them: of each kind, how many there are and how many are in use."""
        return [
            {
                "line": line,
                "limit": limit,
                "used": len(streams := self._of(line)) + self._count_snapshots(line).total(),
                "unheld": sum(not (stream.holds or stream.waiting) for stream in streams),
            }
            for line, limit in self._limits.items()
        ]

    def _check_grant(self, line: str, client: str) -> None:
        most = (self._grant_of(client).max_lines or {}).get(line)
        if most is None:
            return
        held = sum(client in stream.clients for stream in self._of(line)) + self._count_snapshots(line)[client]
        if held + 1 > most:
            message = f"{client} uses {held} lines of the kind {line}, and its limit is {most}"
            raise refusal("max_lines", message, line=line, limit=most, asked=held + 1)

    def _of(self, line: str) -> list[Stream]:
        return [stream for stream in self._streams if stream.plan.line == line]


def _message(line: str, limit: int, holders: Mapping[str, int]) -> str:
    named = ", ".join(f"{client} {count}" for client, count in _by_count(holders.items()))
    return f"TWS serves {limit} subscriptions of the kind {line} at a time, and all are in use ({named})"


def _by_count(counts: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    return sorted(counts, key=lambda one: (-one[1], one[0]))
