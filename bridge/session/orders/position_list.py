"""The bridge's own question for all positions: asked with each pass, which neither waits for it nor fails with it.

At TWS it is a subscription, and there is one for all. Where a client holds it, its values go by and the bridge asks for
nothing. Else the bridge ends it when all has come, unless a client has taken it over by then.
"""

from __future__ import annotations

import itertools

from bridge.session.asks import Ask
from bridge.session.orders.passes import Inquiries
from bridge.session.orders.positions import LIST, Positions
from bridge.session.outlet import Outlet
from bridge.session.values import Data, Instant

#: Seconds after which a question without an answer is given up, and may be asked again.
PATIENCE = 60.0


class PositionList:
    def __init__(self, outlet: Outlet, inquiries: Inquiries, positions: Positions) -> None:
        self._outlet = outlet
        self._inquiries = inquiries
        self._positions = positions
        self._open: Ask | None = None
        self._numbers = itertools.count(1)

    def ask(self, now: Instant) -> None:
        """Ask TWS, unless it is asked already or a client holds the subscription."""
        if self._open is not None or self._inquiries.is_held(LIST):
            return
        ask = Ask("bridge", f"positions-{next(self._numbers)}", LIST, {}, None, False, "", is_own=True)
        ask.then = lambda outcome: self._ended(ask, outcome)
        self._open = ask
        self._positions.asked()
        self._outlet.agenda.at(now.clock + PATIENCE, lambda later: self._give_up(ask, later))
        self._inquiries.ask(ask)

    def _give_up(self, ask: Ask, now: Instant) -> None:
        if self._open is ask:
            self._inquiries.withdraw(ask, now)

    def _ended(self, ask: Ask, outcome: Data) -> None:
        """All has come, or never will; or a client has taken it over, and holds it now."""
        self._open = None
        is_lost = not outcome["ok"] and outcome["error"]["code"] == "connectionLost"
        if not outcome["ok"] and not is_lost:
            self._positions.cancelled()
        if not is_lost and not self._inquiries.is_held(LIST):
            self._outlet.send("cancelPositions", {}, ask)
