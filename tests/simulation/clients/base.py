"""A client as the contract wants it: requests under ids that are sent again until they are answered or too late, and
signs of life. What it does beyond that is in `holder.py` and `trader.py`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.simulation.bus import Bus, Plug
from tests.simulation.clock import Clock, Timer
from tests.simulation.trace import Trace
from tws_bridge_client.wire import pack

Data = dict[str, Any]
#: Called with the reply, or None where none came in time.
Done = Callable[[Data | None], None]

RESEND = 5.0
GRACE = 2.0
#: Seconds between signs of life; the lease is three times that.
KEEP_ALIVE = 40.0
#: Silence after which a client must count with having been given up.
LEASE_SILENCE = 120.0


@dataclass(eq=False)
class Call:
    """`deadline`, `resend`: when it is too late, and when it is sent again."""

    method: str
    body: bytes
    deadline: float
    resend: float
    done: Done


class Client:
    """One client; its runs die and start. `work` is called at each start."""

    def __init__(self, name: str, clock: Clock, dice: Random, trace: Trace, bus: Bus) -> None:
        self.name = name
        self._clock = clock
        self._dice = dice
        self._trace = trace
        self._bus = bus
        self.plug: Plug | None = None
        self._run = 0
        self._numbers = itertools.count(1)
        self._calls: dict[str, Call] = {}
        self._timer: Timer | None = None
        self._timer_at = float("inf")
        self._next_life = 0.0
        self.is_stopped = False
        #: When it has last shown that it lives, and it was read: its lease runs from then.
        self.heard_at = float("-inf")

    @property
    def is_up(self) -> bool:
        return self.plug is not None

    # Life and death

    def start(self) -> None:
        if self.plug is not None:
            return
        self._run += 1
        self._trace.note(f"{self.name} starts")
        self.plug = self._bus.plug(self)
        self._next_life = self._clock.now
        self.work()
        self.wake()

    def kill(self) -> None:
        if self.plug is None:
            return
        self._trace.note(f"{self.name} is killed")
        self._bus.unplug(self.plug)
        self.plug, self.is_stopped = None, False
        self._calls.clear()
        self.forget()

    def stop(self) -> None:
        """SIGSTOP."""
        if self.plug is not None:
            self._trace.note(f"{self.name} is stopped")
            self.is_stopped = self.plug.frozen = True

    def go_on(self) -> None:
        """SIGCONT."""
        if self.plug is not None and self.is_stopped:
            self._trace.note(f"{self.name} goes on")
            self.is_stopped = False
            self._bus.thaw(self.plug)
            self.wake()

    def work(self) -> None:
        """It has started: begin."""

    def forget(self) -> None:
        """It has died: what was in its memory is gone."""

    def tend(self) -> float:
        """Do what is due; when the next is."""
        return float("inf")

    # Time

    def wake(self) -> None:
        """Look at the time, and plan the next look."""
        if self.plug is None or self.is_stopped:
            return
        now = self._clock.now
        for id_, call in list(self._calls.items()):
            if now >= call.deadline:
                if self._calls.pop(id_, None) is not None:
                    call.done(None)
            elif now >= call.resend:
                call.resend = now + RESEND
                self._bus.send(self.plug, call.body)
        if now >= self._next_life:
            self._next_life = now + KEEP_ALIVE
            self.ask("ping", {}, 10.0, lambda _reply: None)
        due = min(self.tend(), self._next_life)
        for call in self._calls.values():
            due = min(due, call.deadline, call.resend)
        self._plan(due)

    def _plan(self, due: float) -> None:
        """Look at the time again by then."""
        if self._timer is not None:
            if self._timer_at <= due and self._timer_at > self._clock.now:
                return
            self._timer.cancel()
        self._timer_at = due
        self._timer = self._clock.at(due, self._ring, self._run)

    def _ring(self, run: int) -> None:
        self._timer, self._timer_at = None, float("inf")
        if run == self._run:
            self.wake()

    # Requests

    def ask(self, method: str, params: Data, timeout: float, done: Done) -> None:
        if self.plug is None:
            return
        id_ = f"{self._run}-{next(self._numbers)}"
        request = {"v": 1, "id": id_, "client": self.name, "method": method, "params": params, "timeout": timeout}
        now = self._clock.now
        call = self._calls[id_] = Call(method, pack(request), now + timeout + GRACE, now + RESEND, done)
        if method not in ("ping", "sequences"):
            self._trace.note(f"{self.name} asks {method} {brief(params)}")
        self._next_life = max(self._next_life, now + KEEP_ALIVE)
        self._bus.send(self.plug, call.body)
        self._plan(min(self._timer_at, call.resend, call.deadline))

    def on_reply(self, body: Data) -> None:
        if "part" in body:
            return
        call = self._calls.pop(str(body["id"]), None)
        if call is None:
            return
        self.heard_at = self._clock.now
        if call.method not in ("ping", "sequences", "snapshot"):
            outcome = brief(body["result"]) if body["ok"] else body["error"]["code"]
            self._trace.note(f"{self.name} is answered {call.method}: {outcome}")
        call.done(body)

    def on_events(self, events: list[tuple[str, Data]]) -> None:
        """Nothing is followed."""

    def on_reconnect(self) -> None:
        """Nothing is followed."""

    def is_idle_head(self, data: Data) -> bool:
        """Whether the head of the order log tells nothing new, so that it may be lost."""
        return True


def brief(data: Any) -> str:
    """Some words of params or of a result."""
    if not isinstance(data, dict):
        return ""
    names = (
        "orderKey",
        "state",
        "filled",
        "fillsFinal",
        "stream",
        "confirmed",
        "prefix",
        "until",
        "revision",
        "change",
    )
    told = [f"{name}={data[name]}" for name in names if name in data]
    if "contract" in data:
        told.append(str(data["contract"].get("conId")))
    return " ".join(told)
