"""What must hold: while it happens, in between, and when all faults have been over for a while.

Each rule has a name; a breach says which one, and what broke it. Orders are judged by the campaign's judge once a day,
and by two rules at every word of the truth.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any, NamedTuple, cast

from bridge.session import Log
from bridge.session.tws_day import MARGIN
from bridge.session.values import Route
from tests.campaign.evidence import Evidence, Logged, Row, View
from tests.campaign.judge import intent_of
from tests.campaign.judge import judge as judge_orders
from tests.campaign.plan import Plan
from tests.campaign.tws.book import LIVE, Entry
from tests.simulation.bridge import LEASE, Bridge
from tests.simulation.bus import Bus
from tests.simulation.clients.holder import Hold, Holder
from tests.simulation.clients.trader import Trader
from tests.simulation.clock import Clock
from tests.simulation.tws.process import Tws, TwsLine
from tests.simulation.tws.sources import QUIET, Key

Data = dict[str, Any]

#: Seconds: what `quiet` and `silence` promise for a connection that is dead, and for what is on its way by then.
DETECTION = 5.0 + 9.0 + 6.0
#: What a subscriber that loses events may need besides, to see it (`clients/view.py`).
LOSS = 150.0 + 1.0 + 6.0
#: Until a stream is served again once TWS can be reached: three requests, ten seconds apart, and some to see 1102.
RENEWAL = 20.0 + 3 * 10.0 + 20.0
#: Longer than any request waits.
LONGEST = 120.0

RULES = {
    "stale": "a value that its holder takes for current is not, or its stream is not served",
    "dead": "a stream that is held is not served, though TWS can be reached",
    "hold": "a hold is lost that was not released",
    "doubled": "more of an intent is executed than was intended, or two orders of it live",
    "orders": "orders, fills, logs and what traders were told are not as at TWS",
    "answers": "a request is not answered exactly once",
    "heartbeat": "the bridge lives and does not say so each second",
    "defect": "the bridge logs a defect of its own",
    "rest": "not all has come to rest though nothing fails any more",
}


class Breach(AssertionError):
    """A rule is broken."""

    def __init__(self, rule: str, text: str) -> None:
        super().__init__(f"{rule} ({RULES[rule]}): {text}")
        self.rule = rule


class Parties(NamedTuple):
    holders: list[Holder]
    traders: list[Trader]


class Judge:
    """Looks at everybody. Raises Breach."""

    def __init__(self, clock: Clock, bridge: Bridge, bus: Bus, tws: Tws, parties: Parties) -> None:
        self._clock = clock
        self._bridge = bridge
        self._bus = bus
        self._tws = tws
        self._holders, self._traders = parties
        self.counts: dict[str, int] = defaultdict(int)
        self._since: dict[tuple[str, str, Key], tuple[float, str]] = {}
        self._asked: dict[tuple[Route, str], list[float]] = {}
        self._entries: dict[tuple[str, str], list[Entry]] = {}
        self._quantities: dict[tuple[str, str], int] = {}
        bridge.asked, bridge.answered, bridge.logged = self._on_asked, self._on_answered, self._on_log
        tws.book.heard = self._on_truth

    # At once

    def _on_log(self, log: Log) -> None:
        if "defect of the bridge" in log.text or "impossible" in log.text or "Traceback" in log.text:
            raise Breach("defect", log.text)

    def bridge_died(self) -> None:
        """Nothing that it was asked is answered any more."""
        self._asked.clear()

    def _on_asked(self, route: Route, request: Data) -> None:
        known = self._asked.setdefault((route, str(request["id"])), [self._clock.now, 0.0, 0.0])
        known[1] += 1

    def _on_answered(self, route: Route, body: Data) -> None:
        known = self._asked.get((route, str(body["id"])))
        if known is None:
            raise Breach("answers", f"{body['id']} on {route!r} was never asked")
        known[2] += 1
        if known[2] > known[1]:
            raise Breach("answers", f"{body['id']} on {route!r} is answered {known[2]:.0f} times")

    def _on_truth(self, line: Data) -> None:
        if line["what"] not in ("taken", "status", "executed"):
            return
        entry = self._tws.book.orders[line["perm"]]
        owner, key = entry.name
        name = (owner, intent_of(key))
        entries = self._entries.setdefault(name, [])
        if line["what"] == "taken":
            entries.append(entry)
        if line["what"] == "executed":
            self._tws.position()
            self.counts["executions"] += 1
            executed, intended = sum(entry.filled for entry in entries), self._intended(*name)
            if executed > intended:
                raise Breach("doubled", f"{executed} of {intended} of {name} executed")
        living = [entry.order_id for entry in entries if entry.status in LIVE]
        if len(living) > 1:
            raise Breach("doubled", f"orders {living} of {name} live at the same time")

    def _intended(self, owner: str, intent: str) -> int:
        trader = next(trader for trader in self._traders if trader.name == owner)
        return trader.intents[intent].quantity

    # In between

    def look(self) -> None:
        """At any moment."""
        self._look_at_beats()
        self._look_at_answers()
        for holder in self._holders:
            if holder.is_up and not holder.is_stopped:
                self._look_at_values(holder)
                for hold in holder.holds.values():
                    self._look_at_stream(holder, hold)
        self._look_at_holds()

    def _look_at_beats(self) -> None:
        silence = self._clock.now - max(self._bus.beat_at, self._bridge.running_since)
        if self._bridge.is_up and self._bridge.frozen_at is None and silence > 1.5:
            raise Breach("heartbeat", f"the last was {silence:.1f} s ago")

    def _look_at_answers(self) -> None:
        old = self._clock.now - LONGEST
        for (route, id_), (at, _asked, answered) in self._asked.items():
            if at < old and not answered:
                raise Breach("answers", f"{id_} on {route!r} was not answered in {LONGEST:g} s")
        self._asked = {name: known for name, known in self._asked.items() if not (known[0] < old and known[2])}

    def _look_at_values(self, holder: Holder) -> None:
        now, late = self._clock.now, DETECTION + self._grace(holder)
        for key, name, value in holder.fresh():
            self.counts["values"] += 1
            last = self._tws.subs.last_served(key)
            if now - max(last, self._bridge.running_since) > late:  # one that stood still notices nothing
                text = f"{holder.name} takes {name}={value} of {key} for current, not served for {now - last:.1f} s"
                raise Breach("stale", text)
            has_just_gone_on = now - self._bridge.running_since < late  # and tells only now what came meanwhile
            since = min(now, last) - late - (self._bridge.stood_still if has_just_gone_on else 0.0)
            if not self._tws.sources.was(key, name, value, since, now):
                known = self._tws.sources.history.get((key, name), ())
                text = f"{holder.name} takes {name}={value} of {key} for current, TWS tells {list(known)[-3:]}"
                raise Breach("stale", text)

    def _grace(self, holder: Holder) -> float:
        """Seconds that a holder has besides, where it has lost events of late."""
        has_lost = holder.plug is not None and self._clock.now - holder.plug.lost_at < LOSS + DETECTION
        return LOSS if has_lost else 0.0

    def can_reach(self, key: Key) -> bool:
        """Whether the bridge has a working connection to a TWS that reaches what that stream tells."""
        session = self._bridge.session
        line = self.line()
        is_running = session is not None and self._bridge.frozen_at is None
        is_connected = (
            is_running and session is not None and session._link.state in ("ready", "degraded") and line is not None
        )
        return is_connected and line is not None and line.hears and self._tws.reaches(key)

    def line(self) -> TwsLine | None:
        return next((line for line in self._tws.lines if line.client is not None), None)

    def _look_at_stream(self, holder: Holder, hold: Hold) -> None:
        key = hold.wish.key
        is_taken = any(sub.taken for sub in self._tws.subs.all if sub.key == key)
        is_over = self._bus.ended_at.get((hold.name, hold.prefix), -1.0) >= hold.granted_at
        is_lacking = (
            bool(hold.granted)
            and not is_over
            and self.can_reach(key)
            and not self._tws.subs.serves(key)
            and not is_taken
        )
        reached = self._clock.now - max(self._tws.reached_since, self._bridge.running_since)  # between two looks, too
        if min(reached, self._lasts("dead", holder, key, is_lacking)) > 2 * RENEWAL:
            raise Breach("dead", f"{key}, held by {holder.name}")

    def _lasts(self, what: str, holder: Holder, key: Key, holds: bool) -> float:
        """For how long that has held now, at each look, on one connection to TWS."""
        name, line = (what, holder.name, key), self.line()
        line_name = "" if line is None else line.name
        if not holds:
            self._since.pop(name, None)
            return 0.0
        since, of_line = self._since.setdefault(name, (self._clock.now, line_name))
        if of_line != line_name:
            since, _ = self._since[name] = (self._clock.now, line_name)
        return self._clock.now - since

    def _look_at_holds(self) -> None:
        session = self._bridge.session
        if session is None:
            return
        told = {(s.plan.name, s.name): s.clients for s in session._subscriptions.streams}
        for holder in self._holders:
            for key, hold in holder.holds.items():
                is_of_now = bool(hold.granted)
                is_alive = holder.is_up and not holder.is_stopped and self._clock.now - holder.heard_at < LEASE / 2
                is_held = holder.name in told.get((hold.wish.method, hold.name), ())
                is_over = self._bus.ended_at.get((hold.name, hold.prefix), -1.0) >= hold.granted_at
                is_lost = is_of_now and is_alive and not is_held and not is_over
                if self._lasts("hold", holder, key, is_lost) > 15.0 + self._grace(holder):
                    raise Breach("hold", f"{holder.name} does not hold {key} any more")

    # When nothing fails any more

    def rest(self) -> None:
        """All streams live and all that is known is true."""
        self.look()
        self._orders()
        session = self._bridge.session
        if session is None or session._link.state != "ready":
            raise Breach("rest", f"the connection to TWS: {self._bridge.state()}")
        if (not_tradable_reason := session._trading.not_tradable_reason()) is not None:
            raise Breach("rest", f"no order may leave: {not_tradable_reason}")
        for stream in session._subscriptions.streams:
            if stream.state != "live" and not stream.name.startswith(str(QUIET)):
                raise Breach("rest", f"{stream.name} is {stream.state}")
        for holder in self._holders:
            self._rest_of(holder)

    def _rest_of(self, holder: Holder) -> None:
        for wish in holder.wanted:
            hold = holder.holds[wish.key]
            if not hold.granted or (hold.in_gap and wish.key != ("market", str(QUIET))):
                raise Breach("rest", f"{holder.name} has {wish.key} {hold}")
            # The quiet stream is asked for again every five minutes: TWS may have that request, and not have begun.
            is_asked = any(sub.key == wish.key and not (sub.begun or sub.over) for sub in self._tws.subs.all)
            if not self._tws.subs.serves(wish.key) and not (is_asked and wish.key == ("market", str(QUIET))):
                raise Breach("rest", f"{wish.key} is not served to {holder.name}")
            known = {name: value for (key, name), value in holder.values.items() if key == wish.key}
            true = {name: (value, True) for name, value in self._tws.sources.known[wish.key].items()}
            if known != true and not self._is_zero(wish.key, known, true):
                raise Breach("rest", f"{holder.name} knows {known} of {wish.key}, true is {true}")

    @staticmethod
    def _is_zero(key: Key, known: Data, true: Data) -> bool:
        """A position of nothing may be told or not."""
        return key[0] == "positions" and {n: v for n, v in true.items() if v[0] != "0"} == {
            n: v for n, v in known.items() if v[0] != "0"
        }

    def _orders(self) -> None:
        """By the campaign's judge."""
        guilty = [(figure, fault) for figure, faults in judge_orders(self.evidence()).items() for fault in faults]
        if guilty:
            figure, fault = guilty[0]
            raise Breach("orders", f"{figure}: {fault.owner} {fault.intent}: {fault.text} ({len(guilty)} in all)")

    def evidence(self) -> Evidence:
        disk, book = self._bridge.disk, self._tws.book
        orders = disk.orders.values()
        rows = {r.order_id: Row(r.order_id, r.owner, r.key, r.state, r.status, r.filled, r.change) for r in orders}
        logs = {trader.name: [_logged(one) for one in disk.read_log(trader.name, 0, 10**9)] for trader in self._traders}
        lines = {trader.name: trader.lines for trader in self._traders}
        plan = Plan("", 0, {trader.name: trader.plan for trader in self._traders})
        view = View({}, [])
        for entry in book.live():
            view.orders[str(entry.perm)] = entry.status
        view.executions = [execution.exec_id for _, execution in book.executions()]
        truth = [_until_sure(line) if line["what"] == "day" else line for line in book.lines]
        return Evidence(plan, self._clock.ns() / 1e9, truth, view, rows, logs, logs, lines)


def _until_sure(day: Data) -> Data:
    """A midnight on a connection that lasts: the bridge may take it for the day before until it is sure of the new."""
    return day if day["away"] else {**day, "t": day["t"] + MARGIN.total_seconds()}


def _logged(event: Data) -> Logged:
    data = cast(Data, event["data"])
    exec_id = data["execution"]["execId"] if event["event"] == "execDetails" else None
    return Logged(event["n"], event["ts"] / 1e9, event["topic"].split(".")[2], event["event"], exec_id)
