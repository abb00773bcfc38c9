"""Everything in one process and on one clock: IBKR and TWS, the network, the bridge, its disk, and its clients.

A day runs from midnight to midnight. Only a seed decides what happens.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.simulation import plan
from tests.simulation.bridge import Bridge, rules
from tests.simulation.bus import Bus
from tests.simulation.clients.base import Client
from tests.simulation.clients.holder import Holder
from tests.simulation.clients.trader import Trader
from tests.simulation.clock import Clock, dice, until_time
from tests.simulation.disk import SimulatedDisk
from tests.simulation.judge import Judge, Parties
from tests.simulation.network import Manner, Tcp
from tests.simulation.plan import Change, Day, Fault
from tests.simulation.trace import Trace
from tests.simulation.tws.process import Tws, TwsLine
from tests.simulation.tws.sources import FARMS

VERSIONS = (187, 213)
#: Seconds for which the market rests before the judge looks at the end of a day.
STILL = 10.0
#: Seconds between two looks of the judge, in trouble and in quiet hours.
LOOKS = (3.0, 90.0)


class World:
    """All that there is, of one seed. `path`: where each event is written with the state of everybody."""

    def __init__(self, seed: int, *, path: Path | None = None) -> None:
        self.seed = seed
        self.clock = Clock()
        self.trace = Trace(self.clock, path)
        self._dice = dice(seed, "world")
        self._network = dice(seed, "network")
        names = [*plan.TRADERS, *plan.HOLDERS]
        version = self._dice.choice(VERSIONS)
        self.tws = Tws(self.clock, dice(seed, "tws"), self.trace, seed, version)
        self.disk = SimulatedDisk(self.clock, dice(seed, "disk"))
        self.bridge = Bridge(self.clock, dice(seed, "bridge"), self.trace, self.disk, names)
        self.bus = Bus(self.clock, dice(seed, "bus"), self.bridge, rules(names).permissions)
        forget, self.bridge.died = self.bridge.died, self._bridge_died
        self._forget = forget
        self.bridge.dial, self.tws.died = self._dial, self._tws_died
        made = (self.clock, dice(seed, "clients"), self.trace, self.bus)
        self.holders = [Holder(name, *made) for name in plan.HOLDERS]
        self.traders = [Trader({"name": n, "contract": plan.CONTRACT, "intents": []}, *made) for n in plan.TRADERS]
        self.clients: dict[str, Client] = {c.name: c for c in (*self.holders, *self.traders)}
        parties = Parties(self.holders, self.traders)
        self.judge = Judge(self.clock, self.bridge, self.bus, self.tws, parties)
        self.trace.states = self.state
        self._manner = Manner(0.002, tears=True)
        self._refuses_until = 0.0
        self._restart: float | None = None
        self._troubled_until = 0.0
        self._is_calm = False
        self.faults = 0
        self._questions = dice(seed, "asks")
        #: How questions about reference data have ended.
        self.questions: Counter[str] = Counter()
        self.tws.sources.pause = self._dice.choice((20.0, 60.0, 200.0))
        self.bridge.start()
        for client in self.clients.values():
            client.start()
        self.clock.after(1.0, self._look)

    def state(self) -> str:
        """How everybody stands, on one line."""
        clients = " ".join(
            f"{c.name}{'' if c.is_up else ' down'}{' stopped' * c.is_stopped}" for c in self.clients.values()
        )
        return f"{self.bridge.state()} | {self.tws.state()} | {clients}"

    # Days

    def run_day(self, day: Day, until: float = float("inf")) -> None:
        """To the next midnight, or only until then; raises Breach."""
        at, number = self.clock.at, day.number
        self.begin(day)
        at(until_time(number, plan.CALM), self.calm)
        at(until_time(number, plan.CLOSE), self._close, True)
        at(until_time(number, plan.JUDGED) - STILL, self._be_still)
        at(until_time(number, plan.JUDGED), self._judge)
        at(until_time(number, plan.JUDGED + 0.01), self._close, False)
        at(until_time(number + 1, 0.0), self._midnight)
        self.clock.run(min(until, until_time(number + 1, 0.0) + 0.001))

    def run_hour(self, day: Day, until: float) -> None:
        """Only until then: then faults end, and the judge looks when all has had time to rest."""
        self.begin(day)
        self.clock.run(until)
        self.calm()
        self.clock.at(until + 360.0, self._close, True)
        self.clock.run(until + 1500.0 - STILL)
        self._be_still()
        self.clock.run(until + 1500.0)
        self._judge()

    def begin(self, day: Day) -> None:
        """Plan what the day brings."""
        at = self.clock.at
        for fault in day.faults:
            at(fault.at, self._fault, fault)
        for change in day.changes:
            at(change.at, self._change, change)
        for when, whom in day.questions:
            at(max(self.clock.now, when), self._question, self.clients[whom])
        at(max(self.clock.now, until_time(day.number, 0.3)), self._unrest)
        for trader in self.traders:
            evening = until_time(day.number, plan.JUDGED)
            trader.add([wish for wish in day.intents[trader.name] if wish["starts"] < evening])
            at(evening + 1.0, trader.add, [wish for wish in day.intents[trader.name] if wish["starts"] >= evening])

    def _midnight(self) -> None:
        self.trace.note("midnight")
        self.tws.exchange.begin_day(self.clock.moment().strftime("%Y%m%d"), is_away=not self.tws.is_up)

    def _look(self) -> None:
        self.judge.look()
        soon, late = LOOKS
        self.clock.after(
            self._dice.uniform(0.5, 2) * (soon if self.clock.now < self._troubled_until else late), self._look
        )

    def _unrest(self) -> None:
        """Things may fail from now on."""
        self._is_calm = self.tws.calm = self.disk.calm = False
        self.tws.exchange.market.calm = False

    def calm(self) -> None:
        """All faults end, and nothing fails any more."""
        self.trace.note("calm")
        self._is_calm = self.tws.calm = self.disk.calm = True
        self._manner = Manner(0.002, tears=True)
        self._refuses_until = 0.0
        self.bridge.fuse = None
        self.bridge.thaw()
        self._start_bridge()
        self._start_tws(forgets=False)
        self.tws.thaw()
        for line in list(self.tws.lines):
            line.tcp.lighten()
        self.tws.restore(1102)
        for farm in FARMS:
            self.tws.mend_farm(farm)
        for sub in list(self.tws.subs.all):
            self.tws.subs.give_back(sub)
        self.disk.full, self.disk.hangs_until = False, 0.0
        for client in self.clients.values():
            client.start()
            client.go_on()
            if client.plug is not None:
                client.plug.loses = 0.0
        self.tws.exchange.begin_calm()

    def _close(self, closes: bool) -> None:
        for trader in self.traders:
            trader.closes = closes
            trader.wake()

    def _be_still(self) -> None:
        """The market rests for a moment, so that nothing is on its way when the judge looks."""
        self.tws.sources.is_still = True

    def _judge(self) -> None:
        self.trace.note("the judge looks")
        self.judge.rest()
        self.tws.sources.is_still = False

    def _change(self, change: Change) -> None:
        holder = next(holder for holder in self.holders if holder.name == change.whom)
        self.trace.note(f"{change.whom} {'wants' if change.wanted else 'releases'} {change.wish.key}")
        (holder.want if change.wanted else holder.release)(change.wish)

    def _question(self, client: Client) -> None:
        """One asks for reference data. TWS does not answer histories here: these are given up."""
        dice = self._questions
        contract = {**plan.CONTRACT, "conId": plan.CONTRACT["conId"] + dice.choice((0, 0, 0, 1, 2))}
        method, params = "reqContractDetails", {"contract": contract}
        if dice.random() < 0.3:
            method = "reqHistoricalData"
            params |= {"endDateTime": "", "duration": "5 D", "barSizeSetting": "1 hour", "whatToShow": "TRADES"}
        if not client.is_stopped:
            client.ask(method, params, dice.choice((0.3, 3.0, 30.0)), self._answered)

    def _answered(self, body: dict[str, Any] | None) -> None:
        if body is not None:
            outcome = "cached" if body.get("cached") else "told" if body["ok"] else body["error"]["code"]
            self.questions[outcome] += 1

    # The network

    def _dial(self, opened: Callable[[Tcp], None], refused: Callable[[str], None]) -> None:
        self.clock.after(self._network.uniform(0.0005, 0.02), self._dialed, opened, refused)

    def _dialed(self, opened: Callable[[Tcp], None], refused: Callable[[str], None]) -> None:
        if not self.tws.is_up or self.clock.now < self._refuses_until:
            refused("cannot connect: connection refused")
            return
        tcp = Tcp(self.clock, self._network, self._manner)
        self.tws.accept(tcp)
        opened(tcp)

    # Deaths

    def _bridge_died(self) -> None:
        """Whoever has killed it: it starts again."""
        self._forget()
        self.judge.bridge_died()
        delay = self._restart if self._restart is not None else self._dice.uniform(0.2, 20.0)
        self._restart = None
        self.clock.after(delay, self._start_bridge)

    def _start_bridge(self) -> None:
        if not self.bridge.is_up:
            self.bridge.start()
            self.bus.bridge_started()

    def _tws_died(self) -> None:
        """Of an order."""
        self.trace.note("tws dies of an order")
        self._stop_tws(self._dice.uniform(1.0, 60.0), forgets=self._dice.random() < 0.2)

    def _stop_tws(self, seconds: float, *, forgets: bool) -> None:
        if self.tws.is_up:
            self.tws.stop()
            self.clock.after(seconds, lambda: self._start_tws(forgets=forgets))

    def _start_tws(self, *, forgets: bool) -> None:
        if not self.tws.is_up:
            self.tws.start(forgets_ids=forgets)

    # Faults

    def _fault(self, fault: Fault) -> None:
        is_night = fault.at > until_time(int((self.clock.now + 300) // 86400), plan.JUDGED)
        if self._is_calm and not is_night:
            return
        self.faults += 1
        self._troubled_until = max(self._troubled_until, self.clock.now + fault.seconds + 120.0)
        self.trace.note(f"fault {fault.what} {fault.whom} for {fault.seconds:.1f} s")
        getattr(self, f"_{fault.what}")(fault)

    def _killBridge(self, fault: Fault) -> None:
        self._restart = fault.seconds
        self.bridge.kill()
        self._restart = None

    def _fuseBridge(self, fault: Fault) -> None:
        """It dies some effects from now, amid what it does."""
        if self.bridge.is_up:
            self._restart = fault.seconds
            self.bridge.fuse = fault.number % 40

    def _freezeBridge(self, fault: Fault) -> None:
        self.bridge.freeze()
        self.clock.after(fault.seconds, self.bridge.thaw)

    def _killTws(self, fault: Fault) -> None:
        self._stop_tws(fault.seconds, forgets=fault.number % 4 == 0)

    def _freezeTws(self, fault: Fault) -> None:
        if self.tws.is_up:
            self.tws.freeze()
            self.clock.after(fault.seconds, self.tws.thaw)

    def _darkness(self, fault: Fault) -> None:
        self.tws.subs.settle()
        for line in self.tws.lines:
            line.tcp.darken()
            self.clock.after(fault.seconds, self._end_darkness, line)

    def _end_darkness(self, line: TwsLine) -> None:
        """The network works again; a TWS that is frozen reads and says nothing all the same."""
        line.tcp.lighten()
        if self.tws.is_frozen:
            line.tcp.to_tws.stall()
            line.tcp.to_bridge.stall()

    def _reset(self, _fault: Fault) -> None:
        for line in list(self.tws.lines):
            line.tcp.reset()

    def _refuse(self, fault: Fault) -> None:
        self._reset(fault)
        self._refuses_until = self.clock.now + fault.seconds

    def _garbage(self, fault: Fault) -> None:
        for line in list(self.tws.lines):
            data = bytes(self._network.randrange(256) for _ in range(1 + fault.number % 40))
            line.tcp.spoil(data)

    def _cut1100(self, fault: Fault) -> None:
        self.tws.cut(1100)
        self.clock.after(fault.seconds, self.tws.restore, 1101 if fault.number % 3 == 0 else 1102)

    def _cut2110(self, fault: Fault) -> None:
        self.tws.cut(2110)
        self.clock.after(fault.seconds, self.tws.restore, 1102)

    def _farm(self, fault: Fault) -> None:
        farm = FARMS[fault.number % len(FARMS)]
        self.tws.break_farm(farm)
        self.clock.after(fault.seconds, self.tws.mend_farm, farm)

    def _taken(self, fault: Fault) -> None:
        subs = [sub for sub in self.tws.subs.all if sub.key[0] == "market" and sub.begun]
        if subs:
            sub = subs[fault.number % len(subs)]
            self.tws.subs.take(sub)
            self.clock.after(fault.seconds, self.tws.subs.give_back, sub)

    def _dropped(self, fault: Fault) -> None:
        subs = [sub for sub in self.tws.subs.all if sub.key[0] in ("market", "depth")]
        if subs:
            sub = subs[fault.number % len(subs)]
            self.tws.subs.drop(sub, 316 if sub.key[0] == "depth" else 10225)

    def _bookReset(self, fault: Fault) -> None:
        subs = [sub for sub in self.tws.subs.all if sub.key[0] == "depth" and sub.begun and not sub.forgotten]
        if subs:
            self.tws.subs.reset(subs[fault.number % len(subs)])

    def _diskHangs(self, fault: Fault) -> None:
        self.disk.hangs_until = self.clock.now + fault.seconds

    def _diskFull(self, fault: Fault) -> None:
        self.disk.full = True
        self.clock.after(fault.seconds, setattr, self.disk, "full", False)

    def _killClient(self, fault: Fault) -> None:
        client = self.clients[fault.whom]
        client.kill()
        self.clock.after(fault.seconds, client.start)

    def _stopClient(self, fault: Fault) -> None:
        client = self.clients[fault.whom]
        client.stop()
        self.clock.after(fault.seconds, client.go_on)

    def _slowSubscriber(self, fault: Fault) -> None:
        plug = self.clients[fault.whom].plug
        if plug is not None:
            plug.loses = (0.05, 0.3, 0.8)[fault.number % 3]
            self.clock.after(fault.seconds, setattr, plug, "loses", 0.0)

    def _slowNetwork(self, fault: Fault) -> None:
        """Connections that are made from now on."""
        self._manner = Manner((0.05, 0.5, 1.2)[fault.number % 3], tears=True)
        self.clock.after(fault.seconds, setattr, self, "_manner", Manner(0.002, tears=True))
