"""The iterators of both clients over a fill log."""

from __future__ import annotations

import math
import sys
import time
from dis import opmap
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Generic, Self, TypeVar, cast

from tws_bridge_client.feeds import OrderFeed
from tws_bridge_client.live.fill_log import FillReader
from tws_bridge_client.live.fills import Commission, Fill
from tws_bridge_client.values import seconds

if TYPE_CHECKING:
    from tws_bridge_client.aio_feeds import AsyncOrderFeed


#: `Fill`, or `Fill | Commission` for a log with commissions.
EntryT = TypeVar("EntryT", bound=Fill | Commission)


#: The instructions with which CPython drops the iterator of a loop that ends with `break` or `return`.
_ENDS_OF_LOOPS = frozenset(opmap[name] for name in ("POP_TOP", "POP_ITER") if name in opmap)


class _Log(Generic[EntryT]):
    """What both logs do when a program leaves a loop."""

    def __init__(self, reader: FillReader) -> None:
        self._reader = reader
        self._has_failed = False

    @property
    def lost(self) -> list[str]:
        """What the log has lost and cannot deliver any more, as text for people."""
        return self._reader.lost

    def on_left(self, frame: FrameType) -> None:
        """A loop has been left while this frame ran. If not by `break` or `return`, an exception has ended its body."""
        if self._reader.has_pending and frame.f_code.co_code[frame.f_lasti] not in _ENDS_OF_LOOPS:
            self._has_failed = True

    def _settled(self) -> EntryT | None:
        """The caller asks for the next entry: store the last one, or return it again if the caller has failed."""
        if self._has_failed:
            self._has_failed = False
            return cast(EntryT | None, self._reader.again())
        self._reader.settle()
        return None

    def _ended(self, error: BaseException | None) -> None:
        if error is None and not self._has_failed:
            self._reader.settle()


class _Loop(Generic[EntryT]):
    """One loop over a log. Its end tells the log how the program has left it: a generator would not know that."""

    def __init__(self, log: FillLog[EntryT]) -> None:
        self._log = log

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> EntryT:
        while (entry := self._log.poll(math.inf)) is None:
            pass
        return entry

    def __del__(self) -> None:
        self._log.on_left(sys._getframe(1))


class _AsyncLoop(Generic[EntryT]):
    """The same for the asyncio client."""

    def __init__(self, log: AsyncFillLog[EntryT]) -> None:
        self._log = log

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> EntryT:
        return await self._log.next()

    def __del__(self) -> None:
        self._log.on_left(sys._getframe(1))


class FillLog(_Log[EntryT]):
    """Each execution of this client's orders once, over restarts of the program and of the bridge.

    An endless iterator of `Fill`; a correction of TWS is a fill with `replaces`. `client.fill_log(store)` makes it.
    With `commissions=True` it is one of `Fill` and `Commission`: a fill comes at once, without its commission, and the
    commission as an entry of its own when TWS has sent it.

    The store takes an entry, and what the program has written with it, when the loop asks for the next one, or when a
    `with` block around the loop ends without an exception. If the program dies before, the entry comes again. If an
    exception leaves the loop, the store drops what was written for the entry, and the entry comes again: in the next
    loop or `poll`, or at the next start. After `poll` outside of a loop, the next `poll` counts as success.

    Example:
        with client.fill_log(SqliteStore("fills.db")) as fills:
            for fill in fills:
                print(fill.key, fill.quantity, fill.price)
    """

    def __init__(self, feed: OrderFeed, reader: FillReader) -> None:
        super().__init__(reader)
        self._feed = feed

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ended(error)
        self.close()

    def __iter__(self) -> _Loop[EntryT]:
        return _Loop(self)

    @property
    def behind(self) -> bool:
        """Whether the log may have executions that the loop has not got yet. See `OrderFeed.behind`."""
        return self._feed.behind

    def poll(self, timeout: float) -> EntryT | None:
        """Wait for the next entry, for `timeout` seconds at most; None if there is none. Stores the one before.

        With 0 it takes only what has arrived. Raises BridgeError as `OrderFeed.poll` does.
        """
        end = time.monotonic() + seconds(timeout, is_wait=True)
        if (again := self._settled()) is not None:
            return again
        while (event := self._feed.poll(max(0.0, end - time.monotonic()))) is not None:
            entry = self._reader.take(event)
            if entry is not None:
                return cast(EntryT, entry)
        return None

    def close(self) -> None:
        """End the log. The entry in hand, if there is one, comes again."""
        self._reader.abandon()
        self._feed.close()


class AsyncFillLog(_Log[EntryT]):
    """The `FillLog` of the asyncio client, an asynchronous iterator."""

    def __init__(self, feed: AsyncOrderFeed, reader: FillReader) -> None:
        super().__init__(reader)
        self._feed = feed

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._ended(error)
        await self.close()

    def __aiter__(self) -> _AsyncLoop[EntryT]:
        return _AsyncLoop(self)

    @property
    def behind(self) -> bool:
        """Whether the log may have executions that the loop has not got yet. See `AsyncOrderFeed.behind`."""
        return self._feed.behind

    async def poll(self, timeout: float) -> EntryT | None:
        """Wait for the next entry as `next`, for `timeout` seconds at most; None if there is none."""
        import asyncio  # noqa: PLC0415 - the blocking client does without it

        try:
            async with asyncio.timeout(None if timeout == math.inf else seconds(timeout, is_wait=True)):
                return await self.next()
        except TimeoutError:
            return None

    async def next(self) -> EntryT:
        """Wait for the next entry, and store the one before. The caller may cancel it at any time."""
        if (again := self._settled()) is not None:
            return again
        while True:
            entry = self._reader.take(await self._feed.next())
            if entry is not None:
                return cast(EntryT, entry)

    async def close(self) -> None:
        """End the log. The entry in hand, if there is one, comes again."""
        self._reader.abandon()
        await self._feed.close()
