"""ZeroMQ between clients and the bridge: requests and replies that are lost when the bridge dies, events that a slow
subscriber loses, connections that are made anew after each start.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from random import Random
from typing import Any, Protocol

from bridge.session.rights.permissions import Permissions
from bridge.session.topic_store import Publication
from bridge.session.values import Route
from tests.simulation.bridge import Bridge
from tests.simulation.clock import Clock
from tws_bridge_client.wire import unpack as unpack_event

Data = dict[str, Any]
#: Nobody follows it: each second one, all day.
HEARTBEAT = "system.heartbeat"
#: Events that a subscriber which does not read has room for.
ROOM = 200


class Party(Protocol):
    """A client's process: who it is, and what reaches it."""

    name: str

    def on_events(self, events: list[tuple[str, Data]]) -> None: ...
    def on_reply(self, body: Data) -> None: ...
    def on_reconnect(self) -> None: ...
    def is_idle_head(self, data: Data) -> bool: ...


@dataclass(eq=False)
class Plug:
    """The sockets of one run of a client. `loses`: the chance that an event is lost. `frozen`: it reads nothing."""

    party: Party
    route: Route
    slow: float
    prefixes: list[str] = field(default_factory=list)
    is_open: bool = True
    is_heard: bool = False
    #: When the last heartbeat came, where none comes any more: they are not handed over one by one.
    heard_until: float = float("-inf")
    loses: float = 0.0
    frozen: bool = False
    due_in: float = 0.0
    due_out: float = 0.0
    due_back: float = 0.0
    unsent: deque[bytes] = field(default_factory=deque)
    unread: list[tuple[str, Any]] = field(default_factory=list)
    #: When an event was last lost.
    lost_at: float = float("-inf")


class Bus:
    def __init__(self, clock: Clock, dice: Random, bridge: Bridge, permissions: Permissions) -> None:
        self._clock = clock
        self._dice = dice
        self._bridge = bridge
        self._permissions = permissions
        self._plugs: dict[Route, Plug] = {}
        self._runs = 0
        self._listeners: dict[str, tuple[Plug, ...]] = {}
        #: Counts heartbeats: when the last one was published.
        self.beat_at = 0.0
        #: When the bridge last told that a stream is over, by name and topic.
        self.ended_at: dict[tuple[str, str], float] = {}
        bridge.publish, bridge.reply, bridge.died = self._publish, self._reply, self._on_death

    # Connections

    def plug(self, party: Party) -> Plug:
        """A client starts."""
        self._runs += 1
        route = (f"{party.name}-{self._runs}".encode(),)
        plug = self._plugs[route] = Plug(party, route, self._dice.choice((0.001, 0.01, 0.1)))
        if self._bridge.is_up:
            self._clock.after(self._dice.uniform(0.01, 0.5), self._connect, plug, self._bridge.epoch)
        return plug

    def unplug(self, plug: Plug) -> None:
        """It dies."""
        plug.is_open = plug.is_heard = False
        del self._plugs[plug.route]
        self._listeners.clear()

    def bridge_started(self) -> None:
        for plug in list(self._plugs.values()):
            self._clock.after(self._dice.uniform(0.01, 0.5), self._connect, plug, self._bridge.epoch)

    def _connect(self, plug: Plug, epoch: str) -> None:
        """Its sockets are connected: it hears from now on, and what it asked meanwhile goes out."""
        if not plug.is_open or plug.is_heard or epoch != self._bridge.epoch or not self._bridge.is_up:
            return
        plug.is_heard = True
        self._listeners.clear()
        unsent, plug.unsent = plug.unsent, deque()
        for body in unsent:
            self.send(plug, body)
        self._hand(plug, ("reconnect", None))

    def _on_death(self) -> None:
        for plug in self._plugs.values():
            if plug.is_heard:
                plug.is_heard, plug.heard_until = False, self.beat_at
        self._listeners.clear()

    def last_beat(self, plug: Plug) -> float:
        """When the client has last heard that the bridge lives."""
        return self.beat_at if plug.is_heard and not plug.frozen else plug.heard_until

    def turn_to(self, plug: Plug, prefix: str) -> None:
        """Subscribe. It takes a moment, and requests made after it come after it."""
        delay = self._dice.random() * plug.slow
        self._clock.after(delay, self._turned, plug, prefix, True)

    def turn_off(self, plug: Plug, prefix: str) -> None:
        self._turned(plug, prefix, False)

    def _turned(self, plug: Plug, prefix: str, on: bool) -> None:
        if on:
            plug.prefixes.append(prefix)
        elif prefix in plug.prefixes:
            plug.prefixes.remove(prefix)
        self._listeners.clear()

    # Requests

    def send(self, plug: Plug, body: bytes) -> None:
        if not plug.is_heard:
            plug.unsent.append(body)
            return
        plug.due_in = max(plug.due_in, self._clock.now + self._dice.random() * plug.slow)
        self._clock.at(plug.due_in, self._arrive, plug, body, self._bridge.epoch)

    def _arrive(self, plug: Plug, body: bytes, epoch: str) -> None:
        if epoch == self._bridge.epoch:
            self._bridge.request(plug.route, body, plug.party.name)

    def _reply(self, route: Route, body: bytes) -> None:
        plug = self._plugs.get(route)
        if plug is None:
            return
        plug.due_back = max(plug.due_back, self._clock.now + self._dice.random() * plug.slow)
        self._clock.at(plug.due_back, self._hand_reply, plug, body, self._bridge.epoch)

    def _hand_reply(self, plug: Plug, body: bytes, epoch: str) -> None:
        """What was on its way when the bridge died may come, or not."""
        if plug.is_open and ((self._bridge.is_up and epoch == self._bridge.epoch) or self._dice.random() < 0.5):
            self._hand(plug, ("reply", unpack_event(body)))

    # Events

    def _publish(self, publications: list[Publication]) -> None:
        batches: dict[Route, tuple[Plug, list[tuple[str, Data]]]] = {}
        for topic, seq, ts, data, extra in publications:
            name = topic.name
            if name == HEARTBEAT:
                self.beat_at = self._clock.now
                continue
            if topic.event == "ended":
                self.ended_at[data["stream"], data["topic"]] = self._clock.now
            listeners = self._listeners.get(name)
            if listeners is None:
                listeners = self._listeners[name] = self._who_hears(name)
            for plug in listeners:
                if topic.event == "head" and plug.party.is_idle_head(data):
                    continue
                if plug.loses and self._dice.random() < plug.loses:
                    plug.lost_at = self._clock.now
                    continue
                event: Data = {"v": 1, "epoch": self._bridge.epoch, "seq": seq, "ts": ts, "event": topic.event}
                event["data"] = data
                if extra:
                    event |= extra
                batches.setdefault(plug.route, (plug, []))[1].append((name, event))
        for plug, batch in batches.values():
            plug.due_out = max(plug.due_out, self._clock.now + self._dice.random() * plug.slow)
            self._clock.at(plug.due_out, self._hand_events, plug, batch)

    def _who_hears(self, name: str) -> tuple[Plug, ...]:
        found = []
        for plug in self._plugs.values():
            is_wanted = plug.is_heard and name.startswith(tuple(plug.prefixes))
            if is_wanted and name.startswith(self._permissions.hears(plug.party.name)):
                found.append(plug)
        return tuple(found)

    def _hand_events(self, plug: Plug, batch: list[tuple[str, Data]]) -> None:
        if plug.frozen and len(plug.unread) >= ROOM:
            plug.lost_at = self._clock.now
        elif plug.is_open:
            self._hand(plug, ("events", batch))

    # Reading

    def _hand(self, plug: Plug, item: tuple[str, Any]) -> None:
        if plug.frozen:
            plug.unread.append(item)
        elif plug.is_open:
            kind, what = item
            if kind == "events":
                plug.party.on_events(what)
            elif kind == "reply":
                plug.party.on_reply(what)
            else:
                plug.party.on_reconnect()

    def thaw(self, plug: Plug) -> None:
        plug.frozen = False
        unread, plug.unread = plug.unread, []
        for item in unread:
            self._hand(plug, item)
