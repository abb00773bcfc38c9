"""The iterators of both clients over a fill log."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Self

from tws_bridge_client.feeds import OrderFeed
from tws_bridge_client.live.fill_log import FillReader
from tws_bridge_client.live.fills import Fill

if TYPE_CHECKING:
    from tws_bridge_client.aio_feeds import AsyncOrderFeed


class FillLog:
    """Each execution of this client's orders once, over restarts of the program and of the bridge.

    An endless iterator of `Fill`; a correction of TWS is a fill with `replaces`. `client.fill_log(store)` makes it.

    The store takes a fill, and what the program has written with it, when the loop asks for the next one, or when a
    `with` block around the loop ends without an exception. If the program dies before, the fill comes again.

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

    def __iter__(self) -> Iterator[Fill]:
        while True:
            fill = self.poll(float("inf"))
            if fill is not None:
                yield fill

    @property
    def lost(self) -> list[str]:
        """What the log has lost and cannot deliver any more, as text for people."""
        return self._reader.lost

    def poll(self, timeout: float) -> Fill | None:
        """Wait for the next fill, for about `timeout` seconds at most; None if there is none. Stores the one before.

        Raises BridgeError as `OrderFeed.poll` does.
        """
        self._reader.settle()
        while (event := self._feed.poll(timeout)) is not None:
            fill = self._reader.take(event)
            if fill is not None:
                return fill
        return None

    def close(self) -> None:
        """End the log. The fill in hand, if there is one, comes again."""
        self._reader.abandon()
        self._feed.close()


class AsyncFillLog:
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

    async def __aiter__(self) -> AsyncIterator[Fill]:
        while True:
            yield await self.next()

    @property
    def lost(self) -> list[str]:
        """What the log has lost and cannot deliver any more, as text for people."""
        return self._reader.lost

    async def next(self) -> Fill:
        """Wait for the next fill, and store the one before. The caller may cancel it at any time."""
        self._reader.settle()
        while True:
            fill = self._reader.take(await self._feed.next())
            if fill is not None:
                return fill

    async def close(self) -> None:
        """End the log. The fill in hand, if there is one, comes again."""
        self._reader.abandon()
        await self._feed.close()
