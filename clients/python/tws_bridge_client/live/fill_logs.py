"""The iterators of both clients over a fill log."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Generic, Self, TypeVar, cast

from tws_bridge_client.feeds import OrderFeed
from tws_bridge_client.live.fill_log import FillReader
from tws_bridge_client.live.fills import Commission, Fill

if TYPE_CHECKING:
    from tws_bridge_client.aio_feeds import AsyncOrderFeed


#: `Fill`, or `Fill | Commission` for a log with commissions.
EntryT = TypeVar("EntryT", bound=Fill | Commission)


class FillLog(Generic[EntryT]):
    """Each execution of this client's orders once, over restarts of the program and of the bridge.

    An endless iterator of `Fill`; a correction of TWS is a fill with `replaces`. `client.fill_log(store)` makes it.
    With `commissions=True` it is one of `Fill` and `Commission`: a fill comes at once, without its commission, and the
    commission as an entry of its own when TWS has sent it.

    The store takes an entry, and what the program has written with it, when the loop asks for the next one, or when a
    `with` block around the loop ends without an exception. If the program dies before, the entry comes again.

    Example:
        with client.fill_log(SqliteStore("fills.db")) as fills:
            for fill in fills:
                print(fill.key, fill.quantity, fill.price)
    """

    def __init__(self, feed: OrderFeed, reader: FillReader) -> None:
        self._feed = feed
        self._reader = reader

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if error is None:
            self._reader.settle()
        self.close()

    def __iter__(self) -> Iterator[EntryT]:
        while True:
            entry = self.poll(float("inf"))
            if entry is not None:
                yield entry

    @property
    def behind(self) -> bool:
        """Whether the log may have executions that the loop has not got yet. See `OrderFeed.behind`."""
        return self._feed.behind

    @property
    def lost(self) -> list[str]:
        """What the log has lost and cannot deliver any more, as text for people."""
        return self._reader.lost

    def poll(self, timeout: float) -> EntryT | None:
        """Wait for the next entry, for `timeout` seconds at most; None if there is none. Stores the one before.

        With 0 it takes only what has arrived. Raises BridgeError as `OrderFeed.poll` does.
        """
        end = time.monotonic() + timeout
        self._reader.settle()
        while (event := self._feed.poll(max(0.0, end - time.monotonic()))) is not None:
            entry = self._reader.take(event)
            if entry is not None:
                return cast(EntryT, entry)
        return None

    def close(self) -> None:
        """End the log. The entry in hand, if there is one, comes again."""
        self._reader.abandon()
        self._feed.close()


class AsyncFillLog(Generic[EntryT]):
    """The `FillLog` of the asyncio client, an asynchronous iterator."""

    def __init__(self, feed: AsyncOrderFeed, reader: FillReader) -> None:
        self._feed = feed
        self._reader = reader

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        if error is None:
            self._reader.settle()
        await self.close()

    async def __aiter__(self) -> AsyncIterator[EntryT]:
        while True:
            yield await self.next()

    @property
    def behind(self) -> bool:
        """Whether the log may have executions that the loop has not got yet. See `AsyncOrderFeed.behind`."""
        return self._feed.behind

    @property
    def lost(self) -> list[str]:
        """What the log has lost and cannot deliver any more, as text for people."""
        return self._reader.lost

    async def next(self) -> EntryT:
        """Wait for the next entry, and store the one before. The caller may cancel it at any time."""
        self._reader.settle()
        while True:
            entry = self._reader.take(await self._feed.next())
            if entry is not None:
                return cast(EntryT, entry)

    async def close(self) -> None:
        """End the log. The entry in hand, if there is one, comes again."""
        self._reader.abandon()
        await self._feed.close()
