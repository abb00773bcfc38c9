"""Sockets with faults: waiting behind a dialog, half open, silent, reset, or writing in small pieces."""

from __future__ import annotations

import asyncio
import socket
import struct

from bridge.simulator.shell.server import ClientSocket, Simulator
from bridge.tws.framing import MAX_FRAME, frame

#: A frame that contains no message: as a number or as text, its first four bytes are not an id of TWS.
GARBAGE = frame(b"9999\0no message of TWS\0\xff")
FALSE_LENGTH = struct.pack(">I", MAX_FRAME) + b"\0"
OVERSIZE = struct.pack(">I", MAX_FRAME + 1) + b"\0"

_NO_LINGER = struct.pack("ii", 1, 0)


class FaultySession(ClientSocket):
    """A ClientSocket whose socket can get faults at any time."""

    simulator: FaultySocketSimulator
    _unread = b""
    _waits = _is_dead = False
    _mute = False

    def __init__(self, simulator: FaultySocketSimulator) -> None:
        """Called by the listening socket."""
        super().__init__(simulator)
        self._pieces = bytearray()
        self._pump: asyncio.Handle | None = None

    # Faults

    def wait_behind_dialog(self) -> None:
        """Process nothing until `serve` is called."""
        self._waits = True

    def serve(self) -> None:
        """Called when the dialog has been answered: process what has arrived."""
        if self._waits:
            self._waits = False
            unread, self._unread = self._unread, b""
            if unread:
                self.data_received(unread)

    def half_open(self) -> None:
        """Read and write nothing any more, but keep the socket open."""
        self._is_dead = True
        self._pieces.clear()
        self.stop_reading()

    def stop_reading(self) -> None:
        """Stop reading. The kernel keeps what the client sends."""
        if not self.transport.is_closing():
            self.transport.pause_reading()

    def resume_reading(self) -> None:
        """End `stop_reading`."""
        if not self._is_dead and not self.transport.is_closing():
            self.transport.resume_reading()

    def mute(self) -> None:
        """Drop whole messages instead of writing them."""
        self._mute = True

    def unmute(self) -> None:
        """End `mute`."""
        self._mute = False

    def reset(self) -> None:
        """Close the socket with RST. The client does not receive messages that are still in transit."""
        if not self.transport.is_closing():
            made: socket.socket = self.transport.get_extra_info("socket")
            made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self.transport.abort()

    # Socket events

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called when the socket is open."""
        super().connection_made(transport)
        self.simulator.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called when either side has closed the socket."""
        self._pieces.clear()
        super().connection_lost(exc)
        self.simulator.closed()

    def data_received(self, data: bytes) -> None:
        """Process received bytes, unless the socket is half open or waits behind a dialog."""
        if self._is_dead:
            return
        if self._waits:
            self._unread += data
            return
        super().data_received(data)

    def write(self, data: bytes) -> None:
        """Write whole messages, or queue them if output is split into pieces."""
        if self._mute or self._is_dead:
            return
        if self.simulator.piece is None and not self._pieces:
            super().write(data)
            return
        self._pieces += data
        if self._pump is None:
            self._pump = asyncio.get_running_loop().call_soon(self._write_piece)

    def _write_piece(self) -> None:
        """Write one piece in each cycle of the event loop. Write everything if output is not split any more."""
        self._pump = None
        size = self.simulator.piece or len(self._pieces)
        piece = bytes(self._pieces[:size])
        if not piece or self._is_dead or self.transport.is_closing():
            return
        del self._pieces[:size]
        super().write(piece)
        if self._pieces:
            self._pump = asyncio.get_running_loop().call_soon(self._write_piece)


class FaultySocketSimulator(Simulator):
    """A Simulator whose sockets are FaultySessions. It observes when they open and close."""

    session = FaultySession
    sessions: set[FaultySession]  # type: ignore[assignment]
    piece: int | None = None
    """Most bytes in one write to a socket; None for no limit."""

    def opened(self, session: FaultySession) -> None:
        """Called when a client has opened a TCP connection."""

    def closed(self) -> None:
        """Called when a TCP connection has ended."""
