"""A bridge that kills itself (SIGKILL) at one step of placing, changing or cancelling its first order; or its TWS.

`python -m tests.chaos.mortal PHASE STEP[@PID] run ...`: phases `place`, `modify`, `cancel`; steps as in `STEPS`, in the
order in which they come. With a PID that process is killed, and the bridge goes on. The rest of the line is that of
`tws-bridge`.
"""

from __future__ import annotations

import functools
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any

from bridge import cli, service
from bridge.bus.sockets import Bus
from bridge.cache import Cache
from bridge.ledger import Ledger, Outcome
from bridge.session import Effect, Send, SendAll
from bridge.session.records import LogRecord, OrderRecord, Record
from bridge.settings import BridgeSettings
from bridge.tws.events import Message

STEPS = ("before-ledger", "after-ledger", "before-bytes", "after-bytes", "after-word", "before-log", "after-log")
#: A cancel has nothing to write before it leaves.
CANCEL_STEPS = STEPS[2:]


class MortalService(service.Service):
    def __init__(
        self,
        settings: BridgeSettings,
        bus: Bus,
        ledger: Ledger,
        cache: Cache | None = None,
        *,
        phase: str,
        step: str,
        victim: int,
    ) -> None:
        super().__init__(settings, bus, ledger, cache)
        self._phase, self._step = phase, step
        self._victim: int | None = victim
        self._has_left = False
        self._persist, self._commit = ledger.persist, ledger._commit
        ledger.persist = self._mortal_persist
        ledger._commit = self._mortal_commit
        self._on_events, self.session.on_events = self.session.on_events, self._mortal_events

    def _strike(self) -> None:
        """Kill the victim, once; nothing follows if that is this process."""
        victim, self._victim = self._victim, None
        if victim is not None:
            os.kill(victim, signal.SIGKILL)

    def _mortal_persist(self, token: int, records: tuple[Record, ...]) -> None:
        if self._is_at("before", records):
            self._strike()
        self._persist(token, records)

    def _mortal_commit(self, writes: list[Any]) -> list[Outcome]:
        outcomes = self._commit(writes)
        if any(self._is_at("after", write.records) for write in writes):
            self._strike()
        return outcomes

    def _is_at(self, when: str, records: Sequence[Record]) -> bool:
        """Whether these records are those of the step: the order's own, or the first of what TWS says of it."""
        if any(isinstance(record, LogRecord) for record in records):
            return self._step == f"{when}-log" and self._has_left
        orders = [record for record in records if isinstance(record, OrderRecord)]
        wanted = {"place": lambda r: r.state == "sent", "modify": lambda r: r.change == "sent"}.get(self._phase)
        return self._step == f"{when}-ledger" and wanted is not None and any(wanted(order) for order in orders)

    def _do(self, effect: Effect) -> None:
        sends = effect.sends if isinstance(effect, SendAll) else (effect,) if isinstance(effect, Send) else ()
        if any(self._is_wanted(send) for send in sends):
            if self._step == "before-bytes":
                self._strike()
            self._has_left = True
        super()._do(effect)
        if self._has_left and self._step == "after-bytes" and self._victim is not None:
            self._tws.flush()
            self._strike()

    def _is_wanted(self, send: Send) -> bool:
        if send.name == "placeOrder":
            return self._phase == ("place" if send.about.changing is None else "modify")
        return send.name == "cancelOrder" and self._phase == "cancel"

    def _mortal_events(self, events: Any, now: Any) -> None:
        words = [e for e in events if isinstance(e, Message) and e.name in ("openOrder", "orderStatus")]
        if words and self._has_left and self._step == "after-word":
            self._strike()
        self._on_events(events, now)


if __name__ == "__main__":
    phase, (step, _, pid) = sys.argv[1], sys.argv[2].partition("@")
    mortal = functools.partial(MortalService, phase=phase, step=step, victim=int(pid or os.getpid()))
    service.serve = functools.partial(service.serve, make=mortal)
    sys.exit(cli.main(sys.argv[3:]))
