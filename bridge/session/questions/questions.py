"""Requests that are answered and then over: asked from TWS, collected, answered, given up.

Decides what becomes of each flight; `flights` knows which answers are whose. Knows no stream and no order.
"""

from __future__ import annotations

from bridge.session import codes
from bridge.session.asks import Ask
from bridge.session.outlet import Outlet
from bridge.session.questions.flights import Flight, Flights, Ids
from bridge.session.rights.permissions import changes
from bridge.session.values import Data, Instant
from bridge.session.vocabulary import RequestPlan

#: Seconds for which a lane waits on for the answer that nobody waits for any more: it must not answer the next.
LINGER = 30.0
#: TWS may drop what it is sent in the first seconds after nextValidId (connectivity.md). What it was sent within
#: `EARLY` seconds, and has said nothing on after `AGAIN`, is sent once more, where that does no harm.
EARLY = 5.0
AGAIN = 8.0


class Questions:
    def __init__(self, outlet: Outlet, ids: Ids) -> None:
        self._outlet = outlet
        self._flights = Flights(ids)
        #: What was sent while the connection was new; None: it is not.
        self._early: list[Flight] | None = None
        self._is_connected = False

    def __len__(self) -> int:
        return len(self._flights)

    def ask(self, plan: RequestPlan, params: Data, ask: Ask, server_version: int) -> None:
        """Ask TWS, now or when it is this question's turn."""
        if plan.completes == "none" and not plan.answers:
            self._outlet.send(plan.name, params, ask)
            self._outlet.afterwards(lambda: self._outlet.succeed(ask, {"sent": True}))
            return
        flight = self._flights.launch(plan, params, ask, plan.endings(server_version))
        if flight is not None:
            self._send(flight)

    # What TWS may have dropped

    def connected(self, now: Instant) -> None:
        """TWS takes requests; what it is sent next is early only where it took none before."""
        if self._is_connected:
            return
        self._is_connected = True
        early: list[Flight] = []
        self._early = early
        self._outlet.agenda.at(now.clock + EARLY, lambda _later: self._settle(early))
        self._outlet.agenda.at(now.clock + AGAIN, lambda _later: self._send_again(early))

    def _settle(self, early: list[Flight]) -> None:
        if self._early is early:
            self._early = None

    def _send_again(self, early: list[Flight]) -> None:
        for flight in early:
            if flight.has_word or not _may_repeat(flight) or not self._flights.is_under_way(flight):
                continue
            before = self._flights.renew(flight)
            if before is not None and flight.plan.cancel is not None:
                self._outlet.send(flight.plan.cancel, {"reqId": before})
            self._send(flight)

    # What TWS says

    def on_event(self, name: str, data: Data, now: Instant) -> bool:
        """Take a callback that answers a question; False where it answers none."""
        req_id = data.get("reqId")
        flight = self._flights.by_id(req_id) if req_id is not None else None
        if flight is None:
            flight = self._flights.by_event(name)
        if flight is None:
            if name == "commissionAndFeesReport":
                return self._on_commission(data, now)
            return self._flights.is_retired(req_id)
        flight.has_word = True
        for ask in flight.asks:
            self._outlet.tell(ask, name, data, now)
        if name == "execDetails":
            flight.executions.add(str(data.get("execution", {}).get("execId")))
        if flight.is_over_with(name, data):
            if name not in flight.ends or data.keys() - {"reqId"}:
                self._collect(flight, name, data)
            self._answer(flight, data)
            self._over(flight, now)
        else:
            self._collect(flight, name, data)
        return True

    def is_own(self, name: str) -> bool:
        """Whether this callback, which has no id, answers what the bridge alone asks."""
        flight = self._flights.by_event(name)
        return flight is not None and all(ask.is_own for ask in flight.asks)

    def _on_commission(self, data: Data, now: Instant) -> bool:
        """A commission has no request id: it belongs to who asked for its execution."""
        flights = self._flights.by_execution(str(data.get("execId")))
        for flight in flights:
            for ask in flight.asks:
                self._outlet.tell(ask, "commissionAndFeesReport", data, now)
            self._collect(flight, "commissionAndFeesReport", data)
        return bool(flights)

    def on_error(self, req_id: int, data: Data, now: Instant) -> bool:
        """Take an error that names a question's id: a notice on it, or its end."""
        flight = self._flights.by_id(req_id)
        if flight is None:
            return self._flights.is_retired(req_id)
        flight.has_word = True
        for ask in flight.asks:
            self._outlet.tell(ask, "error", data, now)
        code = data.get("errorCode", 0)
        if not codes.is_warning(code):
            for ask in flight.asks:
                self._outlet.fail(ask, "rejectedByTws", data.get("errorMsg", ""), code)
            self._land(flight, now)
        return True

    def on_stray_error(self, data: Data, now: Instant) -> None:
        """An error without an id that refuses a request: it ends the only question that has none.

        That is a client's, or the bridge's own for a subscription: nothing waits for that.
        """
        flight = self._flights.alone_without_id()
        if data.get("errorCode") not in codes.INVALID_REQUEST or flight is None:
            return
        if any(ask.is_own for ask in flight.asks) and flight.plan.completes != "stream":
            return
        for ask in flight.asks:
            self._outlet.fail(ask, "rejectedByTws", data.get("errorMsg", ""), data.get("errorCode"))
        self._land(flight, now)

    # What else ends a question

    def unsendable(self, flight: Flight, message: str, now: Instant) -> None:
        for ask in flight.asks:
            self._outlet.fail(ask, "invalidParams", message)
        self._land(flight, now)

    def give_up(self, ask: Ask, now: Instant) -> None:
        """The ask was answered otherwise (too late, cancelled): free what it holds at TWS."""
        flight = self._flights.of(ask)
        if flight is None or any(other.answer is None for other in flight.asks):
            return
        if flight.req_id is None:
            if self._flights.is_waiting(flight):
                self._land(flight, now)
            else:
                self._outlet.agenda.at(now.clock + LINGER, lambda later: self._land(flight, later))
            return
        if flight.plan.cancel is not None:
            self._outlet.send(flight.plan.cancel, {"reqId": flight.req_id})
        self._land(flight, now)

    def give_way(self, plan: RequestPlan) -> list[Data]:
        """A client has subscribed to what the bridge asks for itself: end that. What TWS has told so far, as parts."""
        parts: list[Data] = []
        for flight in self._flights.own(plan):
            self._flights.land(flight)
            if any(ask.answer is None for ask in flight.asks):  # one that was given up told what is old by now
                parts += flight.parts
            for ask in flight.asks:
                if ask.answer is None:
                    self._outlet.succeed(ask, [])
        return parts

    def connection_lost(self, reason: str) -> None:
        self._early, self._is_connected = None, False
        for flight in self._flights.ground():
            for ask in flight.asks:
                self._outlet.fail(ask, "connectionLost", f"the connection to TWS was lost before the answer: {reason}")

    def _send(self, flight: Flight) -> None:
        key: Data = {} if flight.req_id is None else {"reqId": flight.req_id}
        self._outlet.send(flight.plan.name, {**key, **flight.params}, flight)
        if self._early is not None:
            self._early.append(flight)

    def _collect(self, flight: Flight, name: str, data: Data) -> None:
        part = {"event": name, "data": data}
        if any(not ask.stream for ask in flight.asks):
            flight.parts.append(part)
        if flight.plan.completes != "one":
            for ask in flight.asks:
                if ask.stream:
                    self._outlet.part(ask, part)

    def _answer(self, flight: Flight, data: Data) -> None:
        for ask in flight.asks:
            if flight.plan.completes == "one":
                self._outlet.succeed(ask, data)
            else:
                self._outlet.succeed(ask, [] if ask.stream else flight.parts)

    def _over(self, flight: Flight, now: Instant) -> None:
        """It is answered. One that was sent twice without an id may be answered twice: that must not end the next."""
        if flight.owed == 0:
            self._land(flight, now)
            return
        flight.owed -= 1
        flight.asks, flight.parts = [], []
        self._outlet.agenda.at(now.clock + LINGER, lambda later: self._land(flight, later))

    def _land(self, flight: Flight, now: Instant) -> None:
        waiting = self._flights.land(flight)
        if waiting is not None:
            self._send(waiting)


def _may_repeat(flight: Flight) -> bool:
    """Whether it does no harm, and costs nothing, where TWS gets it twice."""
    is_costly = flight.plan.once or bool(flight.params.get("regulatorySnapshot"))
    return not is_costly and not changes(flight.plan.name, flight.plan)
