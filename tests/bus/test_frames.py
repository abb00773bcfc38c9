"""The bytes of the wire contract, read with plain msgpack as any subscriber would."""

from __future__ import annotations

import msgpack
import pytest

from bridge.bus.frames import BadBody, Envelopes, peek_id, unpack
from bridge.session.topic_store import TopicStore
from tws_bridge_client.wire import pack

TS = 1_760_000_000_123_456_789


def packed(data, times=1, **extra):
    topic_store = TopicStore()
    envelopes = Envelopes("epoch-1")
    topic = topic_store.topic("market.265598.", "tickPrice", None)
    for _ in range(times):
        topic_store.publish(topic, data, TS, extra or None)
    return [envelopes.pack(publication) for publication in topic_store.drain()]


def test_an_event_is_a_topic_and_a_map():
    ((topic, body),) = packed({"tickType": 1, "price": 1.5})
    assert topic == b"market.265598.tickPrice"
    assert msgpack.unpackb(body) == {
        "v": 1, "epoch": "epoch-1", "seq": 1, "ts": TS, "event": "tickPrice", "data": {"tickType": 1, "price": 1.5},
    }  # fmt: skip


def test_seq_counts_from_one_without_holes():
    assert [msgpack.unpackb(body)["seq"] for _, body in packed({}, times=300)] == list(range(1, 301))


def test_further_keys_of_the_envelope():
    body = msgpack.unpackb(packed({"a": 1}, re="r1", n=7, replayed=True)[0][1])
    assert (body["re"], body["n"], body["replayed"], body["data"]) == ("r1", 7, True, {"a": 1})
    assert len(body) == 9


def test_a_seq_beyond_32_bits():
    topic_store = TopicStore()
    topic = topic_store.topic("market.1.", "tickPrice", None)
    topic.seq = 2**32 + 4
    topic_store.publish(topic, {}, TS)
    assert msgpack.unpackb(Envelopes("e").pack(topic_store.drain()[0])[1])["seq"] == 2**32 + 5


def test_bytes_stay_bytes():
    assert msgpack.unpackb(packed({"payload": b"\xff"})[0][1])["data"] == {"payload": b"\xff"}


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"", "msgpack"),
        (b"\xc1", "msgpack"),
        (b"\x81\xa1a", "msgpack"),
        (b"\x80\x80", "msgpack"),
        (b"\x82\xa1a\x01\xa1a\x02", "twice"),
        (b"\x81\x01\x02", "strings"),
        (b"\x81\xa1a\xd4\x05\x00", "extension"),
        (b"\x81\xa1a\xc4\x01", "msgpack"),
        (b"\x81\xa1a\xa2\xff\xfe", "msgpack"),
        (b"\x91" * 5000 + b"\x01", "msgpack"),
    ],
)
def test_a_broken_body_says_what_is_wrong(body, word):
    with pytest.raises(BadBody, match=word):
        unpack(body)


def test_a_body_is_read_back():
    assert unpack(pack({"v": 1, "x": [1.5, None, True, "é"]})) == {"v": 1, "x": [1.5, None, True, "é"]}


def test_the_id_of_what_is_too_large_is_found_where_it_stands_early():
    big = {"x": "y" * 2_000_000}
    assert peek_id(pack({"v": 1, "id": "r9", "params": big})) == "r9"
    assert peek_id(pack({"params": big, "id": "r9"})) == ""
    assert peek_id(b"\xc1" * 2_000_000) == ""
