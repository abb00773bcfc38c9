"""Frames come out the same however the bytes are cut."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.tws.errors import FramingError
from bridge.tws.framing import MAX_FRAME, FrameReader, frame


@given(st.lists(st.binary(min_size=1, max_size=60), max_size=8), st.data())
def test_any_cut_gives_the_same_frames(payloads: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(frame(payload) for payload in payloads)
    reader, got, start = FrameReader(), [], 0
    while start < len(stream):
        end = data.draw(st.integers(start + 1, len(stream)))
        got += reader.feed(stream[start:end])
        start = end
    assert got == payloads


def test_one_byte_at_a_time_and_many_at_once() -> None:
    stream = frame(b"ab") + frame(b"c" * 300) + frame(b"d")
    reader = FrameReader()
    single = [payload for byte in stream for payload in reader.feed(bytes([byte]))]
    assert single == FrameReader().feed(stream) == [b"ab", b"c" * 300, b"d"]


@pytest.mark.parametrize("size", [0, MAX_FRAME + 1, 0x41504900])
def test_an_impossible_length_is_refused(size: int) -> None:
    with pytest.raises(FramingError, match=str(size)):
        FrameReader().feed(frame(b"x") + struct.pack(">I", size))


@pytest.mark.parametrize("payload", [b"", b"x" * (MAX_FRAME + 1)])
def test_what_cannot_be_read_is_not_written(payload: bytes) -> None:
    with pytest.raises(FramingError):
        frame(payload)


def test_the_largest_frame_passes_in_small_chunks() -> None:
    payload = b"z" * MAX_FRAME
    stream, reader, got = frame(payload), FrameReader(), []
    for start in range(0, len(stream), 65536):
        got += reader.feed(stream[start : start + 65536])
    assert got == [payload]


def test_an_unfinished_frame_has_a_number_until_it_ends() -> None:
    reader = FrameReader()
    assert reader.unfinished is None
    reader.feed(frame(b"first") + frame(b"second")[:6])
    number = reader.unfinished
    assert number is not None
    reader.feed(b"c")
    assert reader.unfinished == number
    reader.feed(b"ond" + frame(b"third")[:6])
    assert reader.unfinished not in (None, number)
    reader.feed(frame(b"third")[6:])
    assert reader.unfinished is None
