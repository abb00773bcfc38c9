"""The bounds: how much of each thing that clients make grow the session keeps at most, and how much of it is in use.

Of most things one client may have half, and each client may have a few even when the others have used up all. So a mad
client, or several, cannot take them from the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bridge.session.requests import Refused
from bridge.session.values import Data

#: What is in use (None: not known), the most (None: no bound of its own), and how often something was refused.
Figures = tuple[int | None, int | None, int]
_RESERVED = 10


@dataclass(frozen=True, slots=True)
class Bounds:
    """The bounds that are settings. `open_bytes` and `stored_bytes`: in bytes; the others are numbers.

    `open_requests` and `open_bytes`: requests without a final reply. `stored_replies` and `stored_bytes`: final replies
    kept for clients that send a request again. `snapshot_events`: events in one reply to `snapshot`.
    """

    clients: int = 1000
    open_requests: int = 20_000
    open_bytes: int = 32 << 20
    stored_replies: int = 50_000
    stored_bytes: int = 64 << 20
    streams: int = 2000
    log_reads: int = 100
    snapshot_events: int = 250_000


def share(most: int) -> int:
    """Return how much of `most` one client may have: half of it, and at least one."""
    return max(1, most // 2)


def reserved(most: int) -> int:
    """Return how much of `most` a client may always have, also when the others have used up all."""
    return min(_RESERVED, most // 10)


def limit_reached(bound: str, most: int, what: str, client: str | None = None) -> Refused:
    """Return the refusal when a bound is reached. `client`: the client whose half is used up; None: all is."""
    who = f"{client} has" if client is not None else "all clients together have"
    data: Data = {"bound": bound, "most": most}
    return Refused("limitReached", f"{bound}: {who} {what}, and the limit is {most}", **data)


class Usage:
    """What is in use of each bound, for `status`.

    `watch` registers a bound of the session. The shell reports its own with `report`: sockets and connections.
    """

    def __init__(self) -> None:
        self._watched: dict[str, tuple[Callable[[], int], int | None]] = {}
        self._reported: dict[str, tuple[int | None, int | None]] = {}
        self._refused: Counter[str] = Counter()

    def watch(self, bound: str, most: int | None, used: Callable[[], int]) -> None:
        """Show this bound. `most` None: nothing but the disk or another bound limits it."""
        self._watched[bound] = used, most

    def report(self, figures: Mapping[str, Figures]) -> None:
        """Take the figures of the shell, by bound."""
        for bound, (used, most, refused) in figures.items():
            self._reported[bound] = used, most
            self._refused[bound] = refused

    def count(self, refused: Refused) -> None:
        """Count a refusal, if a bound was its reason."""
        bound = refused.data.get("bound")
        if bound is not None:
            self._refused[bound] += 1

    def as_data(self) -> list[Data]:
        """Return the bounds as readers see them."""
        figures: dict[str, tuple[int | None, int | None]] = {
            bound: (used(), most) for bound, (used, most) in self._watched.items()
        }
        return [
            {"bound": bound, "refused": self._refused[bound]}
            | {name: figure for name, figure in (("used", used), ("most", most)) if figure is not None}
            for bound, (used, most) in (figures | self._reported).items()
        ]
