"""Test vectors of the wire: exact bytes with their meaning, so that the author of a client can test its decoder.

`schemas/generated/vectors/` has one file for events, one for requests, one for replies. The bridge's own codec packs
the samples (`vector_samples.py`). Their meaning comes from the samples themselves, not from the packed bytes.
"""

from __future__ import annotations

import json
from typing import Any

from bridge.bus.frames import Envelopes
from bridge.schemas_out.vector_samples import EVENTS, REPLIES, REQUESTS, EventSample, ReplySample, RequestSample
from bridge.session.topic_store import Topic
from tws_bridge_client.wire import pack

#: The largest integer that a JSON parser with 64-bit floats reads exactly.
SAFE = 2**53 - 1
FORM = {
    "frames": "The frames of one ZeroMQ message in order, each in hexadecimal.",
    "object": "A msgpack map. Keys are strings, in any order. No key of a map begins with $.",
    "number with a point or an exponent": "A 64-bit float.",
    "number without": "An integer of at most 53 bits.",
    "$int": 'A larger integer, in decimal: {"$int": "1760000000123456789"}. Read it without loss.',
    "$bytes": 'msgpack bin, in hexadecimal: {"$bytes": "00ff"}.',
}
_EMPTY = b""


def vectors() -> dict[str, str]:
    """File name -> text, for each file of vectors."""
    return {
        "vectors/events.json": _file(
            "Events as a SUB socket receives them: two frames, topic and body. The bridge sends exactly these bytes.",
            [_event(sample) for sample in EVENTS],
        ),
        "vectors/requests.json": _file(
            "Requests on the wire. REQ sends an empty frame before the body, and a DEALER may; the bridge takes both. "
            "A client may send other msgpack bytes with the same meaning.",
            [_request(sample) for sample in REQUESTS],
        ),
        "vectors/replies.json": _file(
            "Replies and parts on the wire. A reply has the empty frame if its request had it; REQ removes it. "
            "The bridge sends exactly these bytes.",
            [_reply(sample) for sample in REPLIES],
        ),
    }


def meaning(value: Any) -> Any:
    """A msgpack value in the JSON form of the vectors, which `FORM` states."""
    match value:
        case dict():
            return {key: meaning(item) for key, item in value.items()}
        case list():
            return [meaning(item) for item in value]
        case bool():
            return value
        case int() if abs(value) > SAFE:
            return {"$int": str(value)}
        case bytes():
            return {"$bytes": value.hex()}
        case _:
            return value


def _event(sample: EventSample) -> dict[str, Any]:
    topic = Topic(sample.topic, sample.event, None)
    frames = Envelopes(sample.epoch).pack((topic, sample.seq, sample.ts, sample.data, sample.more or None))
    envelope = {"v": 1, "epoch": sample.epoch, "seq": sample.seq, "ts": sample.ts, "event": topic.event}
    return _vector(sample, frames, {"topic": sample.topic, "body": {**envelope, "data": sample.data, **sample.more}})


def _request(sample: RequestSample) -> dict[str, Any]:
    body = pack(sample.body)
    frames = (body,) if sample.socket == "DEALER" else (_EMPTY, body)
    return _vector(sample, frames, {"body": sample.body}) | {"socket": sample.socket}


def _reply(sample: ReplySample) -> dict[str, Any]:
    body = pack(sample.body)
    frames = (_EMPTY, body) if sample.has_delimiter else (body,)
    return _vector(sample, frames, {"body": sample.body})


def _vector(
    sample: EventSample | RequestSample | ReplySample, frames: tuple[bytes, ...], means: dict[str, Any]
) -> dict[str, Any]:
    return {
        "name": sample.name,
        "about": sample.about,
        "frames": [frame.hex() for frame in frames],
        "meaning": meaning(means),
    }


def _file(about: str, made: list[dict[str, Any]]) -> str:
    body = {"about": about, "form": FORM, "vectors": made}
    return json.dumps(body, indent=1, ensure_ascii=False) + "\n"
