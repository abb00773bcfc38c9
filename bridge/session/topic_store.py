"""The topic store: all topics with their sequence numbers and last values, and the publications not yet taken.

It knows no message by name: the caller says on which topic to publish, and by which key values replace each other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable
from itertools import islice
from sys import intern
from typing import Any, NamedTuple

from bridge.session.sequence_memory import MOST, SequenceMemory
from bridge.session.values import Data

#: Returns the key by which a new value replaces an older one. None in its place: the topic keeps nothing.
Key = Callable[[Data], Hashable]

#: Returns whether a value belongs to the selected stream.
Owns = Callable[[Data], bool]

#: topic, seq, ts, data, further keys of the envelope or None.
Publication = tuple["Topic", int, int, Data, Data | None]

#: How many values a topic keeps; above this number the oldest is dropped. No account or order book seen is near it.
KEPT = 10_000
#: For a person who looks: how many names the store reads, how many topics it returns, and how many values of each.
MOST_LOOKED_AT = 20_000
MOST_SEEN = 100
MOST_VALUES = 20


class TopicSeen(NamedTuple):
    """A topic for a person who looks. `kept`: how many values it keeps. `values`: some, each `(data, ts, is_stale)`."""

    name: str
    seq: int
    ts: int
    kept: int
    values: list[tuple[Data, int, bool]]


class TopicsSeen(NamedTuple):
    """Some topics for a person who looks. `is_cut`: there are more, or there may be more."""

    topics: list[TopicSeen]
    is_cut: bool


class Topic:
    """One topic. `seq`: the number of its newest event. `last`: the newest publication for each key. `ts`: when its
    newest event in this run was published (ns since 1970 UTC); 0 for none. `family`: the first token of its name.

    `stale`: for each value that may no longer be true, its `seq` and since when (ns since 1970 UTC). `provisional`: the
    same for values received in an outage. They are stale until the outage is over, and true after it.
    """

    __slots__ = ("event", "family", "key", "last", "name", "provisional", "seq", "stale", "ts")

    def __init__(self, name: str, event: str, key: Key | None, seq: int = 0) -> None:
        self.name = name
        self.family = intern(name.partition(".")[0])
        self.event = event
        self.key = key
        self.seq = seq
        self.ts = 0
        self.last: dict[Hashable, Publication] = {}
        self.stale: dict[Hashable, tuple[int, int]] = {}
        self.provisional: dict[Hashable, tuple[int, int]] = {}

    def stale_since(self, key: Hashable, publication: Publication) -> int | None:
        """Return since when the value may no longer be true; None if it is true."""
        for marks in (self.stale, self.provisional):
            seq, since = marks.get(key, (0, 0))
            if seq == publication[1]:
                return since
        return None

    def fresh(self) -> list[Publication]:
        """Return the values that are true."""
        return [value for key, value in self.last.items() if self.stale_since(key, value) is None]

    def doubt(self, ts: int, owns: Owns) -> None:
        """Mark the values that `owns` selects as stale since `ts` (ns since 1970 UTC), unless they are already."""
        for key, value in self.last.items():
            if owns(value[3]) and self.stale.get(key, (0, 0))[0] != value[1]:
                seq, since = self.provisional.pop(key, (0, 0))
                self.stale[key] = (value[1], since if seq == value[1] else ts)

    def take(self, data: Data, since: int) -> None:
        """Mark the value just published as received in an outage that began at `since` (ns since 1970 UTC)."""
        if self.key is not None and (value := self.last.get(key := self.key(data))) is not None:
            self.provisional[key] = (value[1], since)

    def settle(self, owns: Owns) -> None:
        """The outage is over: the values that `owns` selects and that were received in it are true."""
        self.provisional = {key: mark for key, mark in self.provisional.items() if not self._owned(key, owns)}

    def _owned(self, key: Hashable, owns: Owns) -> bool:
        return key not in self.last or owns(self.last[key][3])

    def trust(self, owns: Owns) -> None:
        """The values that `owns` selects have been true all along: they are no longer stale."""
        self.stale = {key: mark for key, mark in self.stale.items() if not self._owned(key, owns)}
        self.settle(owns)

    def drop(self, owns: Owns) -> None:
        """Drop the values that `owns` selects."""
        self.last = {key: value for key, value in self.last.items() if not owns(value[3])}

    def drop_stale(self, owns: Owns) -> list[Data]:
        """Drop the stale values that `owns` selects, and return their data."""
        gone = [key for key, value in self.last.items() if self.stale_since(key, value) is not None and owns(value[3])]
        self.stale = {key: told for key, told in self.stale.items() if key in self.last and key not in gone}
        return [self.last.pop(key)[3] for key in gone]


class TopicStore:
    """The topics of one epoch. `publish` numbers an event, remembers it, and queues it for the event bus."""

    def __init__(self, remembered: int = MOST) -> None:
        """`remembered`: how many names of dropped topics are remembered with their numbers."""
        self._topics: dict[str, Topic] = {}
        #: The same topics by their first two tokens: there may be very many topics, but a stream has few.
        self._groups: dict[str, dict[str, Topic]] = {}
        #: The names of the topics with exactly this prefix.
        self._names: dict[str, list[str]] = {}
        self.dropped = SequenceMemory(remembered)
        self._unpublished: list[Publication] = []

    def __len__(self) -> int:
        return len(self._topics)

    def topic(self, prefix: str, event: str, key: Key | None) -> Topic:
        """Return the topic `prefix` + `event`; create it if it does not exist. `prefix` ends with a dot."""
        name = prefix + event
        found = self._topics.get(name)
        if found is None:
            group = _group(name)
            found = self._topics[name] = Topic(name, event, key, self.dropped.take(group, name))
            self._groups.setdefault(group, {})[name] = found
            self._names.setdefault(prefix, []).append(name)
        return found

    def publish(self, topic: Topic, data: Data, ts: int, extra: Data | None = None) -> None:
        """Publish `data` on `topic`. `ts`: ns since 1970 UTC. `extra`: further keys of the envelope."""
        topic.seq = seq = topic.seq + 1
        topic.ts = ts
        publication = (topic, seq, ts, data, extra)
        if topic.key is not None:
            last = topic.last
            last[topic.key(data)] = publication
            if len(last) > KEPT:
                del last[next(iter(last))]
        self._unpublished.append(publication)

    def announce(self, name: str, event: str, data: Data, ts: int) -> None:
        """Publish one event on a topic that is not used again. The store keeps nothing of it."""
        self._unpublished.append((Topic(name, event, None), 1, ts, data, None))

    def drain(self) -> list[Publication]:
        """Return the publications since the last call, in order."""
        unpublished = self._unpublished
        if unpublished:
            self._unpublished = []
        return unpublished

    def drop(self, prefix: str) -> None:
        """Drop the topics of a group (`market.265598.`), because nothing is published on them now.

        If they come back, their numbers continue.
        """
        group = _group(prefix)
        names = [name for name in self._groups.get(group, ()) if name.startswith(prefix)]
        if names:
            dropped = [self._remove(group, name) for name in names]
            for topic in dropped:
                self._names.pop(topic.name.removesuffix(topic.event), None)
            self.dropped.keep(group, {topic.name: topic.seq for topic in dropped})

    def forget(self, prefix: str) -> None:
        """Drop the topics with exactly this prefix, and their numbers: nothing more is expected on them.

        If they come back, they begin above the floor of their first token, and so above all their earlier numbers.
        """
        group = _group(prefix)
        dropped = [self._remove(group, name) for name in self._names.pop(prefix, ())]
        if dropped:
            self.dropped.raise_floor(group, max(topic.seq for topic in dropped))

    def _remove(self, group: str, name: str) -> Topic:
        topics = self._groups[group]
        del topics[name]
        if not topics:
            del self._groups[group]
        return self._topics.pop(name)

    def retract(self, name: str, data: Data) -> None:
        """Drop the last value that has the same key as `data` on this topic."""
        topic = self._topics[name]
        if topic.key is not None:
            topic.last.pop(topic.key(data), None)

    def sequences(self, *prefixes: str) -> dict[str, int]:
        """Return the newest sequence number of every topic below one of `prefixes`, by topic name.

        Dropped topics are included while they are remembered: a subscriber that missed their last event sees it here.
        """
        dropped = self.dropped.under(prefixes, _groups(*prefixes))
        return dropped | {topic.name: topic.seq for topic in self._under(*prefixes)}

    def floors(self) -> dict[str, int]:
        """Return, by first token, the number after which a topic begins that `sequences` does not list; 0 if absent."""
        return dict(self.dropped.floors)

    def count(self, *prefixes: str) -> int:
        """Return how many events a snapshot of these prefixes has."""
        return sum(len(topic.last) for topic in self._under(*prefixes))

    def snapshot(self, *prefixes: str) -> Data:
        """Return `{sequences, floors, events}`: the newest numbers, and the last values, oldest first within a topic.

        A value that may no longer be true has `stale: true` and `staleSince`.
        """
        events: list[Any] = []
        for topic in self._under(*prefixes):
            since = {seq: since for marks in (topic.stale, topic.provisional) for seq, since in marks.values()}
            for _, seq, ts, data, extra in sorted(topic.last.values(), key=_by_seq):
                event = {"topic": topic.name, "seq": seq, "ts": ts, "event": topic.event, "data": data}
                if seq in since:
                    event |= {"stale": True, "staleSince": since[seq]}
                events.append(event if extra is None else event | extra)
        return {"sequences": self.sequences(*prefixes), "floors": self.floors(), "events": events}

    def look(self, prefix: str) -> TopicsSeen:
        """Return some topics below `prefix`, each with some values. It costs little, however many topics there are."""
        groups = _groups(prefix)
        one = None if groups is None else self._groups.get(groups[0], {})
        names = self._topics if one is None else one
        looked = list(islice(names, MOST_LOOKED_AT))
        found = list(islice((name for name in looked if name.startswith(prefix)), MOST_SEEN + 1))
        return TopicsSeen(
            [_seen(names[name]) for name in found[:MOST_SEEN]],
            len(found) > MOST_SEEN or len(looked) < len(names),
        )

    def kept(self, prefix: str, events: Collection[str]) -> list[Topic]:
        """Return the topics of these events below `prefix` that keep values."""
        return [topic for topic in self._under(prefix) if topic.last and topic.event in events]

    def _under(self, *prefixes: str) -> list[Topic]:
        groups = _groups(*prefixes)
        if groups is None:
            return [topic for name, topic in self._topics.items() if name.startswith(prefixes)]
        found = (topic for group in groups for topic in self._groups.get(group, {}).values())
        return [topic for topic in found if topic.name.startswith(prefixes)]


def _seen(topic: Topic) -> TopicSeen:
    newest = []
    for key, value in islice(reversed(topic.last.items()), MOST_VALUES):
        newest.append((value[3], value[2], topic.stale_since(key, value) is not None))
    return TopicSeen(topic.name, topic.seq, topic.ts, len(topic.last), newest)


def _groups(*prefixes: str) -> list[str] | None:
    """Return the groups of all topics below these prefixes; None if a prefix covers any number of groups."""
    if all(prefix.count(".") > 1 for prefix in prefixes):
        return list(dict.fromkeys(map(_group, prefixes)))
    return None


def _group(name: str) -> str:
    """Return the first two tokens: `market.265598` of `market.265598.tickPrice`."""
    first, _, rest = name.partition(".")
    return f"{first}.{rest.partition('.')[0]}"


def _by_seq(publication: Publication) -> int:
    return publication[1]
