"""No bytes make the core raise, hang or grow: `make fuzz` looks for longer than the suite does."""

import time
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.catalogue import catalogue
from bridge.tws import Connection
from bridge.tws.codec import Codec
from bridge.tws.events import DecodeFailed, Event, Failed, Message, UnknownMessage
from bridge.tws.framing import frame

KNOWN = (Message, DecodeFailed, UnknownMessage)
VERSIONS = (176, 187, 200, 201, 206, 226)
IDS = {
    direction: sorted(id_ for way, id_ in catalogue().by_id if way == direction) for direction in ("fromTws", "toTws")
}

#: Text fields that have broken decoders before: counts, sentinels, words for numbers, escapes.
FIELDS = st.sampled_from(
    ["", "0", "1", "-1", "2", "3", "5", "99999999999", "9999999999999999999", "18446744073709551616",
     "1.5", "1e400", "nan", "Infinity", "None", "?", "BAG", "FUND", 
     "PEG BENCH", "1.7976931348623157E308", "2147483647", "\\u", "\\ud800", "a=b;c", "true", "٣"]
) | st.text(max_size=6)  # fmt: skip


def payload(version: int, id_: int, body: bytes, protobuf: bool) -> bytes:
    if version < 201:
        return b"%d\0" % id_ + body
    return (id_ + 200 * protobuf).to_bytes(4, "big") + body


@st.composite
def frames(draw: st.DrawFn, direction: str) -> tuple[int, bytes]:
    """A version, and a payload that begins like a declared message."""
    version, id_ = draw(st.sampled_from(VERSIONS)), draw(st.sampled_from(IDS[direction]))
    if draw(st.booleans()):
        body = b"".join(text.encode("utf-8", "replace") + b"\0" for text in draw(st.lists(FIELDS, max_size=140)))
        return version, payload(version, id_, body, False)
    return version, payload(version, id_, draw(st.binary(max_size=200)), True)


@pytest.mark.parametrize("direction", ["fromTws", "toTws"])
@given(data=st.data())
def test_no_frame_breaks_the_codec(direction: Any, data: st.DataObject) -> None:
    version, raw = data.draw(frames(direction))
    event = Codec(catalogue(), version, direction).decode(raw)
    assert isinstance(event, KNOWN)
    if isinstance(event, Message):
        assert msgpack.unpackb(msgpack.packb(event.data), strict_map_key=False) is not None
    if isinstance(event, DecodeFailed):
        assert event.reason
        assert event.payload == raw


@given(st.lists(st.binary(max_size=60), max_size=10), st.booleans(), st.booleans())
def test_no_stream_breaks_a_connection(chunks: list[bytes], is_server: bool, greeted: bool) -> None:
    side = Connection.server(226) if is_server else Connection.client(1)
    if greeted:
        side.receive_data(b"API\0" + frame(b"v176..226") if is_server else frame(b"226\x0020260101 12:00:00 UTC\0"))
    seen: list[Event] = []
    for chunk in chunks:
        side.receive_data(chunk)
        seen += side.events_received()
        side.data_to_send()
    assert sum(isinstance(event, Failed) for event in seen) == (1 if side.closed and any(map(is_failed, seen)) else 0)


def is_failed(event: Event) -> bool:
    return isinstance(event, Failed)


def bars(count: int) -> tuple[str, dict[str, Any]]:
    bar = {
        "date": "20260101",
        "open": 1.0,
        "high": 1.0,
        "low": 1.0,
        "close": 1.0,
        "volume": "5",
        "WAP": "1",
        "barCount": 1,
    }
    return "historicalData", {"reqId": 1, "historicalDataBars": [bar] * count}


def legs(count: int) -> tuple[str, dict[str, Any]]:
    leg = {"conId": 1, "ratio": 1, "action": "BUY", "exchange": "SMART", "perLegPrice": 1.5}
    return "openOrder", {"orderId": 1, "contract": {"secType": "BAG", "comboLegs": [leg] * count}, "order": {}}


def words(count: int) -> tuple[str, dict[str, Any]]:
    return "error", {"id": 1, "errorCode": 201, "errorMsg": "grün \\n" * count}


@pytest.mark.parametrize("version", [200, 226])
@pytest.mark.parametrize("made", [bars, legs, words])
def test_a_frame_is_decoded_in_time_linear_in_its_length(made: Any, version: int) -> None:
    """Ten times the elements may take ten times as long, and a margin for a busy machine; not a hundred times."""

    def spent(count: int) -> float:
        raw = Codec(catalogue(), version, "toTws").encode(*made(count))
        codec = Codec(catalogue(), version, "fromTws")
        assert isinstance(codec.decode(raw), Message)
        started = time.perf_counter()
        codec.decode(raw)
        return time.perf_counter() - started

    assert min(spent(20000) for _ in range(3)) < 40 * min(spent(2000) for _ in range(3))


def test_a_count_without_elements_fails_at_once() -> None:
    started = time.perf_counter()
    event = Codec(catalogue(), 200, "fromTws").decode(b"17\x001\x0099999999999\0")
    assert isinstance(event, DecodeFailed)
    assert time.perf_counter() - started < 1
