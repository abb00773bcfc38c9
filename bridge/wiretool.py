"""Converts frames in hex to messages in JSON, and back, one per line: `tws-bridge decode` and `tws-bridge encode`.

A frame is the length (4 bytes, big endian) and the payload, as on the socket. JSON has no infinity, so an infinite
offset is written as `Infinity`, which Python and JavaScript can read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Literal

from bridge.catalogue import Catalogue, catalogue
from bridge.tws.codec import Codec
from bridge.tws.errors import EncodeError, FramingError
from bridge.tws.events import DecodeFailed, Message
from bridge.tws.framing import FrameReader, frame

Sender = Literal["tws", "client"]


def as_json(value: Any, indent: int | None = None) -> str:
    """JSON for a terminal: bytes are hex, and what is not printable is an escape of JSON."""
    text = json.dumps(value, ensure_ascii=False, indent=indent, default=lambda raw: raw.hex())
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() or sign == "\n" else json.dumps(sign)[1:-1] for sign in text)


def decode_lines(
    lines: Iterable[str], server_version: int, sender: Sender, known: Catalogue | None = None
) -> Iterator[str]:
    """Decode each line that is not blank. Yields a JSON object: `{"name": …, "data": …}` or `{"error": {…}}`.

    `"extra": COUNT` says that the message has this many text fields after the declared ones.
    """
    codec = Codec(known or catalogue(), server_version, "fromTws" if sender == "tws" else "toTws")
    for line in lines:
        if line.strip():
            yield as_json(_decoded(line, codec))


def _decoded(line: str, codec: Codec) -> dict[str, Any]:
    try:
        payloads = _payloads(bytes.fromhex(line))
    except (ValueError, FramingError) as error:
        return {"error": {"reason": str(error)}}
    event = codec.decode(payloads)
    if isinstance(event, Message):
        extra = {"extra": event.extra} if event.extra else {}
        return {"name": event.name, "data": event.data, **extra}
    if isinstance(event, DecodeFailed):
        place = {"message": event.message, "field": event.field}
        return {"error": {**{key: text for key, text in place.items() if text}, "reason": event.reason}}
    return {"error": {"id": event.id, "reason": "no declared message has this id and form"}}


def _payloads(data: bytes) -> bytes:
    payloads = FrameReader().feed(data)
    if len(payloads) != 1 or len(payloads[0]) + 4 != len(data):
        raise ValueError(f"{len(data)} bytes are not one complete frame: 4 bytes of length, then the payload")
    return payloads[0]


def encode_lines(
    lines: Iterable[str], server_version: int, sender: Sender, known: Catalogue | None = None
) -> Iterator[str]:
    """Encode JSON objects with `name` and `data`. Yields a frame in hex, or `{"error": {…}}` if encoding fails."""
    codec = Codec(known or catalogue(), server_version, "toTws" if sender == "tws" else "fromTws")
    for line in lines:
        if line.strip():
            yield _encoded(line, codec)


def _encoded(line: str, codec: Codec) -> str:
    try:
        asked = json.loads(line)
        if not isinstance(asked, dict) or not isinstance(asked.get("name"), str):
            raise ValueError('a line must be {"name": …, "data": …}')
        return frame(codec.encode(asked["name"], asked.get("data") or {})).hex()
    except EncodeError as error:
        place = {"message": error.message, "field": error.field}
        return json.dumps({"error": {**{key: text for key, text in place.items() if text}, "reason": error.reason}})
    except (ValueError, FramingError) as error:
        return json.dumps({"error": {"reason": str(error)}})
