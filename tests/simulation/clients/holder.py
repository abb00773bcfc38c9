"""A strategy that holds streams: it asks for them, follows them, and knows of each value whether it may be old.

What it believes is what the judge reads: `fresh()`. It calls a value fresh where nothing that the contract gives it
speaks against that: no `stale`, no `gap` without its `recovered`, no `ended`, no hole, no new epoch.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any, NamedTuple

from tests.simulation.bus import HEARTBEAT, Bus
from tests.simulation.clients.base import LEASE_SILENCE, Client
from tests.simulation.clients.view import View
from tests.simulation.clock import Clock
from tests.simulation.trace import Trace
from tests.simulation.tws.sources import ACCOUNT, INSTRUMENTS, Key
from tests.simulation.tws.subs import read

Data = dict[str, Any]


class Wish(NamedTuple):
    """A stream that one can hold. `listens`: below which prefix one hears it."""

    key: Key
    method: str
    params: Data
    listens: str


def _contract(con_id: int) -> Data:
    return {"conId": con_id, "secType": "STK", "exchange": "SMART", "currency": "USD", "symbol": f"S{con_id}"}


WISHES: tuple[Wish, ...] = (
    *(Wish(("market", str(n)), "reqMktData", {"contract": _contract(n)}, f"market.{n}.") for n in INSTRUMENTS),
    *(Wish(("depth", str(n)), "reqMktDepth", {"contract": _contract(n), "numRows": 5}, f"depth.{n}-5rows.")
      for n in INSTRUMENTS[:2]),
    Wish(("positions", ""), "reqPositions", {}, f"account.{ACCOUNT}."),
    Wish(("summary", "All"), "reqAccountSummary", {"group": "All", "tags": "AvailableFunds,NetLiquidation"},
         f"account.{ACCOUNT}."),
    Wish(("pnl", ACCOUNT), "reqPnL", {"account": ACCOUNT}, f"account.{ACCOUNT}."),
    Wish(("updates", ACCOUNT), "reqAccountUpdates", {"subscribe": True, "acctCode": ACCOUNT}, f"account.{ACCOUNT}."),
)  # fmt: skip
RETRY = 20.0
#: Seconds without a heartbeat after which a bridge counts as dead.
HEARTBEATS = 3.5


@dataclass(eq=False)
class Hold:
    """What the client knows of one stream that it wants. `granted`: the epoch in which it was told that it holds it.

    `in_gap`: it was told a gap, or waits for a snapshot, which tells better: what is in one and not stale is current.
    """

    wish: Wish
    asking: bool = False
    due: float = 0.0
    granted: str = ""
    granted_at: float = 0.0
    name: str = ""
    prefix: str = ""
    in_gap: bool = True
    #: Whether the bridge has it on disk, and keeps it over a new start of its own.
    is_kept: bool = False


class Holder(Client):
    """What it holds outlives the bridge: it does not ask again after a new start of that."""

    def __init__(self, name: str, clock: Clock, dice: Random, trace: Trace, bus: Bus) -> None:
        super().__init__(name, clock, dice, trace, bus)
        self.wanted: list[Wish] = []  # outlives a run: its own state
        self.holds: dict[Key, Hold] = {}
        self._views: dict[str, View] = {}
        self.values: dict[tuple[Key, str], tuple[str, bool]] = {}
        self._system: View | None = None
        self._awake_at = 0.0

    # Life

    def work(self) -> None:
        self._system = View("system.", f"{self.name}-{self._run}-system", self.ask, self._turn, HEARTBEAT)
        self._system.taken, self._system.settled = self._on_system, self._on_system_settled
        self._system.planned = self._plan
        self._system.join(self._clock.now, "")
        for wish in self.wanted:
            self.holds[wish.key] = Hold(wish)

    def forget(self) -> None:
        self.holds.clear()
        self._views.clear()
        self.values.clear()
        self._system = None

    def go_on(self) -> None:
        """After a stop it may have been given up: it asks again for all."""
        was_long = self.is_stopped and self._clock.now - self._awake_at > LEASE_SILENCE / 2
        super().go_on()
        if was_long:
            for hold in self.holds.values():
                hold.granted, hold.asking, hold.due = "", False, 0.0
            self.wake()

    def stop(self) -> None:
        self._awake_at = self._clock.now
        super().stop()

    def want(self, wish: Wish) -> None:
        if wish not in self.wanted:
            self.wanted.append(wish)
            if self.is_up:
                self.holds[wish.key] = Hold(wish)
                self.wake()

    def release(self, wish: Wish) -> None:
        if wish not in self.wanted:
            return
        self.wanted.remove(wish)
        hold = self.holds.pop(wish.key, None)
        if hold is not None and self.is_up and hold.name:
            self._clear(wish.key)
            params = {"stream": hold.prefix if hold.prefix != "account." else hold.name}
            self.ask("release", params, 10.0, lambda _reply: None)

    # What it asks

    def tend(self) -> float:
        now, due = self._clock.now, float("inf")
        views = list(self._views.values())
        if self._system is not None:
            views.append(self._system)
        for view in views:
            view.on_time(now)
            due = min(due, view.due)
        for hold in list(self.holds.values()):
            if hold.asking or hold.granted:
                continue
            if now >= hold.due:
                self._ask_for(hold)
            else:
                due = min(due, hold.due)
        return due

    def _ask_for(self, hold: Hold) -> None:
        hold.asking, hold.due = True, self._clock.now + RETRY

        def done(reply: Data | None) -> None:
            if self.holds.get(hold.wish.key) is not hold or not hold.asking:
                return
            hold.asking = False
            if reply is not None and reply["ok"]:
                self._granted(hold, reply["result"])
            else:
                self._retry(hold, RETRY)

        self.ask(hold.wish.method, hold.wish.params, 30.0, done)

    def _retry(self, hold: Hold, pause: float) -> None:
        """It holds the stream no more, and asks again."""
        hold.granted, hold.due = "", self._clock.now + pause
        self._plan(hold.due)

    def _granted(self, hold: Hold, result: Data) -> None:
        """The snapshot in the answer is passed over: one that is taken with a marker follows."""
        hold.granted = self._epoch() or "?"
        hold.granted_at = self._clock.now
        hold.is_kept = result["kept"]
        hold.name, hold.prefix = result["stream"], result["topic"]
        hold.in_gap = True
        view = self._views.get(hold.wish.listens)
        if view is None:
            name = f"{self.name}-{self._run}-{len(self._views)}"
            view = self._views[hold.wish.listens] = View(hold.wish.listens, name, self.ask, self._turn)
            view.taken, view.planned = self._on_value, self._plan
            view.settled = lambda why, view=view: self._on_settled(view, why)  # type: ignore[misc]
            view.gaps = self._on_gaps
            view.marked = lambda view=view: self._on_marker(view)  # type: ignore[misc]
        view.join(self._clock.now, "granted")

    def _epoch(self) -> str:
        return "" if self._system is None else self._system.epoch

    # What it hears

    def _turn(self, prefix: str, on: bool) -> None:
        if self.plug is not None:
            (self._bus.turn_to if on else self._bus.turn_off)(self.plug, prefix)

    def on_reconnect(self) -> None:
        for view in [*self._views.values(), *([self._system] if self._system is not None else [])]:
            view.join(self._clock.now, "the client has reconnected to the bridge")

    def on_events(self, events: list[tuple[str, Data]]) -> None:
        now = self._clock.now
        for topic, event in events:
            if topic.startswith("sync."):
                for view in [*self._views.values(), *([self._system] if self._system is not None else [])]:
                    view.on_event(topic, event, now)
            elif topic.startswith("system.") and self._system is not None:
                self._system.on_event(topic, event, now)
            else:
                for view in list(self._views.values()):
                    if topic.startswith(view.prefix):
                        view.on_event(topic, event, now)

    def _on_system(self, topic: str, event: Data, live: bool) -> None:
        """Take an event about several streams, or about a client."""
        if not live:
            return
        match event["event"]:
            case "gap" | "recovered" | "ended":
                self._on_outage(event)
            case "clientLost" if event["data"]["client"] == self.name:
                for hold in self.holds.values():
                    self._retry(hold, 0.0)

    def _on_system_settled(self, why: str) -> None:
        """Some gap or end may be lost: all values are looked at anew, and what it holds."""
        for hold in self.holds.values():
            if hold.granted and hold.granted != self._epoch() and not hold.is_kept:
                self._retry(hold, 0.0)
            elif hold.granted:
                hold.granted = self._epoch()
        if why:
            self._trace.note(f"{self.name} looks again at all: {why}")
            self._look_again()
            self.ask("status", {}, 10.0, self._on_status)

    def _on_status(self, reply: Data | None) -> None:
        """Ask again for what it does not hold any more."""
        if reply is None or not reply["ok"]:
            return
        held = {(stream["stream"], stream["topic"]) for stream in reply["result"]["streams"] if stream["held"]}
        for hold in self.holds.values():
            if hold.granted and (hold.name, hold.prefix) not in held:
                self._retry(hold, 0.0)

    def _look_again(self) -> None:
        for hold in self.holds.values():
            hold.in_gap = True
        for view in self._views.values():
            view.join(self._clock.now, "a gap may be lost")

    def _on_outage(self, event: Data) -> None:
        data, kind = event["data"], event["event"]
        self._trace.note(f"{self.name} hears {kind} {data.get('topics', data.get('topic'))} {data.get('reason', '')}")
        if kind == "ended":
            named = {(data["stream"], data["topic"])}
        else:
            named = set(zip(data["streams"], data["topics"], strict=True))
        for hold in self.holds.values():
            if (hold.name, hold.prefix) not in named:
                continue
            if kind == "gap":
                hold.in_gap = True
            elif kind == "recovered":
                self._views[hold.wish.listens].join(self._clock.now, "recovered")
            else:
                self._retry(hold, RETRY)
                self._clear(hold.wish.key)

    def _on_settled(self, view: View, _why: str) -> None:
        """A snapshot is there: nothing of before counts."""
        self._trace.note(f"{self.name} has a snapshot of {view.prefix}")
        for hold in self.holds.values():
            if hold.wish.listens == view.prefix:
                self._clear(hold.wish.key)

    def _on_marker(self, view: View) -> None:
        """The snapshot is of this moment: what gaps there were shows in it, and those that come now count."""
        for hold in self.holds.values():
            if hold.wish.listens == view.prefix:
                hold.in_gap = False

    def _on_gaps(self, gaps: list[Data]) -> None:
        """These were out when the snapshot was taken."""
        named = {(gap["stream"], gap["topic"]) for gap in gaps}
        for hold in self.holds.values():
            if (hold.name, hold.prefix) in named:
                hold.in_gap = True

    def _clear(self, key: Key) -> None:
        for known in [known for known in self.values if known[0] == key]:
            del self.values[known]

    def _on_value(self, topic: str, event: Data, live: bool) -> None:
        if event["event"] in ("gap", "recovered", "ended"):
            if live:
                self._on_outage(event)
            return
        if event["event"] == "gone":
            told = read(event["data"]["event"], event["data"]["data"])
            if told is not None and live:
                self.values.pop((self._key(told[0], topic), told[1]), None)
            return
        told = read(event["event"], event["data"])
        if told is None:
            return
        key = self._key(told[0], topic)
        self.values[key, told[1]] = (told[2], not event.get("stale", False))

    @staticmethod
    def _key(kind: str, topic: str) -> Key:
        """The stream of a value: for accounts there is one of a kind."""
        subject = topic.split(".")[1].removesuffix("-5rows") if kind in ("market", "depth") else ""
        return kind, subject or {"summary": "All", "pnl": ACCOUNT, "updates": ACCOUNT}.get(kind, "")

    # What it believes

    def looked_at(self, key: Key) -> float:
        """When the snapshot was taken that it has of that stream."""
        hold = self.holds.get(key)
        view = None if hold is None else self._views.get(hold.wish.listens)
        return 0.0 if view is None else view.marked_at

    def believes(self, hold: Hold) -> bool:
        """Whether it has reason to take the stream for served."""
        view = self._views.get(hold.wish.listens)
        if self.plug is None or self._clock.now - self._bus.last_beat(self.plug) > HEARTBEATS:
            return False
        is_known = bool(hold.granted) and hold.granted == self._epoch() and view is not None and not view.joining
        is_told = any(key == hold.wish.key and is_fresh for (key, _), (_, is_fresh) in self.values.items())
        return is_known and view is not None and view.epoch == hold.granted and is_told and not hold.in_gap

    def fresh(self) -> Iterator[tuple[Key, str, str]]:
        """The values that it takes for current."""
        believed = {key for key, hold in self.holds.items() if self.believes(hold)}
        for (key, name), (value, is_fresh) in self.values.items():
            if is_fresh and key in believed:
                yield key, name, value
