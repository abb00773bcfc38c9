"""Cuts a byte stream of length-prefixed frames into payloads. The bytes may arrive in any chunks."""

from __future__ import annotations

import struct

from bridge.tws.errors import FramingError

#: The largest frame that TWS and the vendor's clients send or accept (TWS_RULES: 0xFFFFFF bytes).
MAX_FRAME = 0xFFFFFF

_LENGTH = struct.Struct(">I")


def frame(payload: bytes) -> bytes:
    """Returns the length (4 bytes, big endian) and the payload. Raises FramingError if it is empty or too large."""
    _check(len(payload))
    return _LENGTH.pack(len(payload)) + payload


def _check(size: int) -> None:
    if not 0 < size <= MAX_FRAME:
        raise FramingError(f"a frame of {size} bytes: the length must be 1 to {MAX_FRAME}")


class FrameReader:
    """Collects bytes and returns complete payloads. Its cost is linear in the bytes, even if they come one by one."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._wanted = 4
        self._begun = 0

    @property
    def unfinished(self) -> int | None:
        """The number of the frame of which a part has arrived; None between frames. It may rise once within a frame."""
        return self._begun if self._rest else None

    def feed(self, data: bytes) -> list[bytes]:
        """Take bytes. Returns the payloads that they complete. After a FramingError nothing more can be read."""
        if not self._rest:
            return self._cut(data)
        self._rest += data
        if len(self._rest) < self._wanted:
            return []
        whole = bytes(self._rest)
        self._rest.clear()
        return self._cut(whole)

    def _cut(self, data: bytes) -> list[bytes]:
        payloads: list[bytes] = []
        start, end = 0, len(data)
        while end - start >= 4:
            (size,) = _LENGTH.unpack_from(data, start)
            if not 0 < size <= MAX_FRAME:
                _check(size)
            if end - start - 4 < size:
                self._wanted = size + 4
                break
            payloads.append(data[start + 4 : start + 4 + size])
            start += size + 4
        else:
            self._wanted = 4
        if start < end:
            self._rest += data[start:]
            self._begun += 1
        return payloads
