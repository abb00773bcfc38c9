"""Until when, and by whom, a client can be used: until `close`, in the process that made it, one thread at a time."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Callable
from types import TracebackType
from typing import Any, Protocol

import zmq

from tws_bridge_client.closed import Closed

#: So many seconds `close` waits for another thread to leave its call. After that this thread closes the sockets.
_LEAVE = 2.0


class Lifetime:
    """Whether a client can be used. `what` names the client in errors."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.is_closed = False
        self._pid = os.getpid()

    @property
    def is_over(self) -> bool:
        """Whether the client is closed, or this is a process that was forked from its own."""
        return self.is_closed or self.is_foreign

    @property
    def is_foreign(self) -> bool:
        """Whether another process has made the client. ZeroMQ's sockets do not survive a fork."""
        return self._pid != os.getpid()

    def check(self) -> None:
        """Raise Closed after `close`, and RuntimeError in a forked process."""
        if self.is_closed:
            raise Closed(self.what)
        if self.is_foreign:
            raise RuntimeError(f"{self.what} was made by another process: make a client after the fork")


class Closeable(Protocol):
    """A socket, or an alarm."""

    @property
    def closed(self) -> bool: ...
    def close(self) -> None: ...


def abandon(lifetime: Lifetime, context: zmq.Context[Any], opened: list[Closeable]) -> None:
    """The garbage collector takes a client that nobody has closed. The context would wait for its sockets for ever."""
    if lifetime.is_over:
        return
    lifetime.is_closed = True
    warnings.warn(f"{lifetime.what} was not closed", ResourceWarning, stacklevel=2)
    for one in opened:
        one.close()
    context.destroy(linger=0)


class Alarm:
    """A pipe by which one thread wakes another one that polls."""

    def __init__(self) -> None:
        self._out, self._in = os.pipe()
        self.closed = False

    def fileno(self) -> int:
        """What to poll."""
        return self._out

    def ring(self) -> None:
        """Wake the thread."""
        os.write(self._in, b"\0")

    def close(self) -> None:
        """Close both ends."""
        if not self.closed:
            self.closed = True
            os.close(self._out)
            os.close(self._in)


class CallGuard:
    """The calls of a blocking client: one thread at a time is in one, and may call again from a callback.

    `leave` closes the sockets. It is called once after `close`, as soon as no thread is in a call.
    """

    def __init__(self, lifetime: Lifetime, leave: Callable[[], None]) -> None:
        self._lifetime = lifetime
        self._leave = leave
        self._lock = threading.RLock()
        self._depth = 0
        self._has_left = False
        #: It wakes a thread in a call when another one closes the client.
        self.alarm = Alarm()

    @property
    def is_over(self) -> bool:
        """Whether the sockets are closed, or will be when the thread has left its call."""
        return self._lifetime.is_over

    def __enter__(self) -> None:
        self._lifetime.check()
        if not self._lock.acquire(blocking=False):
            raise RuntimeError(f"another thread is in a call of {self._lifetime.what}: make a client for each thread")
        self._depth += 1

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._depth -= 1
        if self._lifetime.is_closed:
            self._end()
        self._lock.release()

    def close(self) -> None:
        """End the client. If a thread is in a call, this call raises Closed. A second time does nothing."""
        if self._lifetime.is_closed:
            return
        self._lifetime.is_closed = True
        if self._lifetime.is_foreign:
            return
        if not self._lock.acquire(blocking=False):
            self.alarm.ring()
            if not self._lock.acquire(timeout=_LEAVE):
                return  # the thread is in a callback: its call closes the sockets
        self._end()
        self._lock.release()

    def _end(self) -> None:
        if self._depth == 0 and not self._has_left:
            self._has_left = True
            self.alarm.close()
            self._leave()
