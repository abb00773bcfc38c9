"""The answer of `/api/topics`: some topics below a prefix, bounded in number and bytes."""

from __future__ import annotations

from bridge.http.answers import encoded
from bridge.session.topic_store import TopicSeen, TopicsSeen
from bridge.session.values import Data

#: The longest prefix, the longest value, and the bytes of all values together.
MOST_PREFIX = 200
MOST_VALUE = 2_000
MOST_BYTES = 256 << 10


def told_topics(prefix: str, seen: TopicsSeen) -> Data:
    """Return `{prefix, cut, topics}`. Each value is JSON in a string; a long one ends early and has `cut: true`."""
    room, topics = MOST_BYTES, list[Data]()
    for topic in seen.topics:
        told = _topic(topic)
        room -= len(topic.name) + sum(len(value["json"]) for value in told["values"])
        if room < 0:
            break
        topics.append(told)
    return {"prefix": prefix, "cut": seen.is_cut or len(topics) < len(seen.topics), "topics": topics}


def _topic(topic: TopicSeen) -> Data:
    values = []
    for data, ts, is_stale in topic.values:
        text = encoded(data).decode()
        value = {"json": text[:MOST_VALUE], "ts": ts}
        marks = {"stale": is_stale, "cut": len(text) > MOST_VALUE}
        values.append(value | {name: True for name, holds in marks.items() if holds})
    return {"topic": topic.name, "seq": topic.seq, "ts": topic.ts, "kept": topic.kept, "values": values}
