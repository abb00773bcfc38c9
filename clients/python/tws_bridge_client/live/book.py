"""What the client knows of the topics below one prefix, and the live objects that show it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from tws_bridge_client.calls import BridgeError
from tws_bridge_client.follow import Event
from tws_bridge_client.live.holds import Hold
from tws_bridge_client.naming import unknown_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def as_time(ts: int) -> datetime:
    """The time of `ts` nanoseconds since 1970 UTC."""
    return _EPOCH + timedelta(microseconds=ts // 1000)


class Book:
    """The values below one prefix. A gap empties it, and the snapshot after the gap fills it again."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        #: How many live objects show it.
        self.users = 0
        #: The bridge run of the newest event.
        self.epoch = ""

    def on_event(self, event: Event) -> None:
        """Take one event."""
        raise NotImplementedError

    def on_restart(self) -> None:
        """The next snapshot is of another bridge run."""

    def reset(self) -> None:
        """Forget all values: the snapshot that follows has all that hold."""
        raise NotImplementedError


class Owner(Protocol):
    """The methods of the hub that live objects use."""

    def now(self) -> float: ...
    def age_of(self, ts: int) -> float: ...
    def is_stale(self, hold: Hold | None, prefix: str) -> bool: ...
    def close(self, live: Live) -> None: ...
    def renew(self, prefix: str) -> None: ...


class Live:
    """The base class of live objects."""

    def __init__(self, owner: Owner, hold: Hold | None) -> None:
        self._owner = owner
        self._hold = hold
        self._is_open = True

    @property
    def prefixes(self) -> Iterable[str]:
        """The prefixes of the topics that the object shows; none before the bridge has named them."""
        raise NotImplementedError

    @property
    def stale(self) -> bool:
        """Whether the values may be out of date.

        True while TWS does not serve the stream, after lost events until the client has a new snapshot, while the
        bridge does not hold the stream for this client, while the client hears nothing from the bridge, and after
        `close`.
        """
        if not self._is_open:
            return True
        found = list(self.prefixes)
        return not found or any(self._owner.is_stale(self._hold, prefix) for prefix in found)

    @property
    def error(self) -> BridgeError | None:
        """Why the bridge does not serve the stream now; None if it does."""
        return None if self._hold is None else self._hold.error

    def close(self) -> None:
        """End the object: it is stale from now on.

        The client releases the stream if no other of its live objects needs it. A second call does nothing.
        """
        if self._is_open:
            self._is_open = False
            self._owner.close(self)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            raise unknown_of(self, name)

    # For the hub

    @property
    def hold(self) -> Hold | None:
        """The stream that the object needs; None if it needs none."""
        return self._hold
