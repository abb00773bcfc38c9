"""Sockets that go wrong: one that waits behind a dialog, that is half-open, mute, or written in tiny pieces.

Knows no scenario and no exchange.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import TYPE_CHECKING

from bridge.simulator.server import Session
from bridge.tws.framing import MAX_FRAME, frame

if TYPE_CHECKING:
    from bridge.simulator.scenario.faulty import FaultySimulator

#: A frame of no message: its first four bytes are none of TWS's ids, read as a number or as text.
GARBAGE = frame(b"9999\0no message of TWS\0\xff")
FALSE_LENGTH = struct.pack(">I", MAX_FRAME) + b"\0"
OVERSIZE = struct.pack(">I", MAX_FRAME + 1) + b"\0"

_NO_LINGER = struct.pack("ii", 1, 0)


class FaultySession(Session):
    """A Session whose socket can be made to go wrong at any time."""

    simulator: FaultySimulator
    _unread = b""
    _waits = _is_dead = False
    _mute = False

    def __init__(self, simulator: FaultySimulator) -> None:
        """Made by the listening socket."""
        super().__init__(simulator)
        self._pieces = bytearray()
        self._pump: asyncio.Handle | None = None

    # What can be done to it

    def wait_behind_dialog(self) -> None:
        """Serve nothing until `serve`."""
        self._waits = True

    def serve(self) -> None:
        """The dialog has been answered."""
        if self._waits:
            self._waits = False
            unread, self._unread = self._unread, b""
            if unread:
                self.data_received(unread)

    def half_open(self) -> None:
        """Read and write nothing any more, and stay open."""
        self._is_dead = True
        self._pieces.clear()
        self.stop_reading()

    def stop_reading(self) -> None:
        """What the client sends stays in the kernel."""
        if not self.transport.is_closing():
            self.transport.pause_reading()

    def read_on(self) -> None:
        """Ends `stop_reading`."""
        if not self._is_dead and not self.transport.is_closing():
            self.transport.resume_reading()

    def say_nothing(self) -> None:
        """Throw whole messages away instead of writing them."""
        self._mute = True

    def talk(self) -> None:
        """Ends `say_nothing`."""
        self._mute = False

    def reset(self) -> None:
        """Close with RST: the client gets no word that is still on its way."""
        if not self.transport.is_closing():
            made: socket.socket = self.transport.get_extra_info("socket")
            made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self.transport.abort()

    # What happens to it

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Accepted."""
        super().connection_made(transport)
        self.simulator.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Closed by either side."""
        self._pieces.clear()
        super().connection_lost(exc)
        self.simulator.closed()

    def data_received(self, data: bytes) -> None:
        """Bytes of the client, unless nobody reads them."""
        if self._is_dead:
            return
        if self._waits:
            self._unread += data
            return
        super().data_received(data)

    def write(self, data: bytes) -> None:
        """Whole messages."""
        if self._mute or self._is_dead:
            return
        if self.simulator.piece is None and not self._pieces:
            super().write(data)
            return
        self._pieces += data
        if self._pump is None:
            self._pump = asyncio.get_running_loop().call_soon(self._write_piece)

    def _write_piece(self) -> None:
        """One piece in each round of the loop; all of it once output is not split any more."""
        self._pump = None
        size = self.simulator.piece or len(self._pieces)
        piece = bytes(self._pieces[:size])
        if not piece or self._is_dead or self.transport.is_closing():
            return
        del self._pieces[:size]
        super().write(piece)
        if self._pieces:
            self._pump = asyncio.get_running_loop().call_soon(self._write_piece)
