"""Troubles that a bridge has from its start or keeps to its end, so that each needs a bridge of its own."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterator

from tests.scenarios.scripted import Tws
from tests.troubles.outages import waits

#: Gives the place of a TWS with this trouble.
Place = Callable[[], contextlib.AbstractContextManager[str]]


@contextlib.contextmanager
def _deaf_port() -> Iterator[str]:
    """A port whose queue of new connections is full: Linux drops the packets of further ones."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(4):
            client = stack.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(server.getsockname())
        yield f"127.0.0.1:{server.getsockname()[1]}"


@contextlib.contextmanager
def _busy_tws() -> Iterator[str]:
    """Accepts connections, and says nothing yet."""
    tws = Tws()
    tws.front = waits
    with contextlib.closing(tws):
        yield tws.address


#: A `sitecustomize.py` for a bridge whose wall clock a test sets: it is ahead by the seconds in the file `ahead`.
WRONG_CLOCK = """
import time
from pathlib import Path

AHEAD, right = Path(__file__).with_name("ahead"), time.time_ns
time.time_ns = lambda: right() + int(AHEAD.read_text()) * 10**9
"""

PLACES: dict[str, Place] = {
    "unknownHost": lambda: contextlib.nullcontext("no-such-host.invalid:4002"),
    "unreachable": lambda: contextlib.nullcontext("224.0.0.1:4002"),
    "tcpTimeout": _deaf_port,
    "connecting": _busy_tws,
}
#: `tests/chaos/test_hung_files.py` makes `notStored`.
CODES = {*PLACES, "newerTws", "clockJumped", "notStored"}
