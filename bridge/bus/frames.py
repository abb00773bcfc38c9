"""The bytes of the wire contract: envelopes of events, requests and replies. It knows no socket.

An event is two frames: the topic, and a msgpack map `{v, epoch, seq, ts, event, data, ...}`. The parts other than seq,
ts and data are the same for all events of a topic, so this module packs them once for each topic.
"""

from __future__ import annotations

import struct
from typing import Any

import msgpack  # type: ignore[import-untyped]

from bridge.session.requests import VERSION
from bridge.session.topic_store import Publication

#: The bridge answers a larger request with the error `tooLarge`, and drops one with more than `MOST_FRAMES` frames.
MOST_BYTES = 1 << 20
MOST_FRAMES = 4

#: How many bytes the frames between the routing id and the body may have together: they come back before the reply.
MOST_ROUTE_BYTES = 1024
#: How many values a request may have, in all its maps and lists, and how many one list or map may have.
MOST_VALUES = 20_000
_MOST_ITEMS = 10_000

#: How many packed heads are kept. When there are more, all are discarded and packed again as events come.
MOST_HEADS = 20_000

_UINT64 = struct.Struct(">BQ")
_UINT32 = struct.Struct(">BI")
_KEYS = 6


class BadBody(Exception):
    """The body is not a request. The text tells its sender what is wrong."""


class Envelopes:
    """Packs the publications of one epoch."""

    def __init__(self, epoch: str) -> None:
        self._epoch = epoch
        self._heads: dict[str, tuple[bytes, bytes]] = {}
        self._pack = msgpack.Packer(use_bin_type=True).pack
        self._ts = -1
        self._ts_and_data = b""

    def pack(self, publication: Publication) -> tuple[bytes, bytes]:
        """Returns the two frames of an event."""
        topic, seq, ts, data, extra = publication
        head = self._heads.get(topic.name)
        if head is None:
            head = self._head(topic.name, topic.event)
        if ts != self._ts:
            self._ts = ts
            self._ts_and_data = b"\xa2ts" + _UINT64.pack(0xCF, ts) + b"\xa4data"
        start = head[1]
        if extra is not None:
            start = bytes([start[0] + len(extra)]) + start[1:] + self._pack(extra)[1:]
        tail = self._ts_and_data
        if seq > 0xFFFFFFFF:
            return head[0], b"".join((start, b"\xa3seq", _UINT64.pack(0xCF, seq), tail, self._pack(data)))
        return head[0], b"".join((start, b"\xa3seq", _UINT32.pack(0xCE, seq), tail, self._pack(data)))

    def _head(self, name: str, event: str) -> tuple[bytes, bytes]:
        start = self._pack({"v": VERSION, "epoch": self._epoch, "event": event})
        head = (name.encode("ascii"), bytes([0x80 + _KEYS]) + start[1:])
        if not name.startswith("sync."):
            if len(self._heads) >= MOST_HEADS:
                self._heads.clear()
            self._heads[name] = head
        return head


def unpack(body: bytes) -> Any:
    """Unpack the body of a request.

    Raises BadBody if the body is not msgpack, has a key twice, has too many values, or has a value that no request has.
    """
    reading = _Reading()
    try:
        return msgpack.unpackb(
            body, raw=False, strict_map_key=False, object_pairs_hook=reading.map, list_hook=reading.list,
            ext_hook=_no_extension, timestamp=0, max_array_len=_MOST_ITEMS, max_map_len=_MOST_ITEMS,
        )  # fmt: skip
    except BadBody:
        raise
    except (ValueError, TypeError, RecursionError) as error:
        raise BadBody(f"the body is not a msgpack map: {str(error) or type(error).__name__}") from None


class _Reading:
    """Counts the values of one request while it is read, so that a request of very many small ones costs little."""

    __slots__ = ("_left",)

    def __init__(self) -> None:
        self._left = MOST_VALUES

    def map(self, pairs: list[tuple[Any, Any]]) -> dict[str, Any]:
        self._count(len(pairs))
        return _once(pairs)

    def list(self, items: list[Any]) -> list[Any]:
        self._count(len(items))
        return items

    def _count(self, items: int) -> None:
        self._left -= 1 + items
        if self._left < 0:
            raise BadBody(f"a request may have at most {MOST_VALUES} values")


def _once(pairs: list[tuple[Any, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if not isinstance(key, str):
            raise BadBody(f"the keys of a map must be strings, not {type(key).__name__}")
        if key in found:
            raise BadBody(f"the key {key} appears twice")
        found[key] = value
    return found


def _no_extension(code: int, _data: bytes) -> Any:
    raise BadBody(f"a request must not have the msgpack extension type {code}")


def peek_id(body: bytes) -> str:
    """Returns the id of a request that is too large to unpack; empty if it is not among the first keys."""
    unpacker = msgpack.Unpacker(raw=False, strict_map_key=False, max_buffer_size=len(body) + 1)
    unpacker.feed(body[: 1 << 16])
    try:
        for _ in range(unpacker.read_map_header()):
            if unpacker.unpack() == "id":
                found = unpacker.unpack()
                return found if isinstance(found, str) and len(found) <= 64 else ""
            unpacker.skip()
    except (msgpack.UnpackException, ValueError, TypeError):
        return ""
    return ""
