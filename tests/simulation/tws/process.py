"""TWS as a process: it starts, freezes, dies and comes back, reaches IBKR or does not, and answers on its connections.

What becomes of orders is the campaign's exchange (`tests/campaign/tws/`): this one runs it on virtual time, and adds
the market, subscriptions, outages of IBKR and the network.
"""

from __future__ import annotations

from random import Random
from typing import Any

from bridge.tws import Connection
from bridge.tws.errors import EncodeError
from bridge.tws.events import Message
from tests.campaign.tws.exchange import Exchange
from tests.campaign.tws.lists import Lists
from tests.campaign.tws.words import EventSocket
from tests.simulation.clock import Clock
from tests.simulation.network import Tcp
from tests.simulation.trace import Trace
from tests.simulation.tws.books import TruthBook, TwsClock
from tests.simulation.tws.moods import Moody
from tests.simulation.tws.sources import FARMS, Key, Sources, farm_of
from tests.simulation.tws.subs import CANCELS, KINDS, Subs

Data = dict[str, Any]
#: Questions and subscriptions, which TWS may lose in the seconds after its start; it never loses that for its time.
_LOSABLE = frozenset({*KINDS, "reqAllOpenOrders", "reqCompletedOrders", "reqExecutions"})
_EXECUTIONS = frozenset({"execDetails", "commissionAndFeesReport"})


class TwsLine:
    """One connection at TWS. `name` is its own; the exchange speaks to it as to an ear."""

    def __init__(self, tws: Tws, name: str, tcp: Tcp, version: int) -> None:
        self._tws = tws
        self.name = name
        self.tcp = tcp
        self.connection = Connection.server(version)
        self.client: int | None = None
        self.is_open = True
        self.deaf_until = 0.0
        #: What TWS says when it reaches IBKR again.
        self.behind: list[tuple[str, Data]] = []
        tcp.to_tws.deliver, tcp.tws_loses = self.read, self.lost

    @property
    def hears(self) -> bool:
        return self.is_open and not self.tcp.is_dark and not self._tws.is_frozen

    def send(self, name: str, data: Data) -> None:
        """Nothing where the connection is over. What this version cannot say is not said."""
        if not self.is_open:
            return
        try:
            self.connection.send(name, data)
        except EncodeError as error:
            if error.reason != "not connected":
                raise
        self.flush()

    def flush(self) -> None:
        if self.is_open and (data := self.connection.data_to_send()):
            self.tcp.to_bridge.write(data)

    def read(self, data: bytes) -> None:
        """What comes is read to its end, even where the connection is over by then."""
        if self.connection.server_version is None:
            self.connection.connection_time = self._tws.stamp()
        self.connection.receive_data(data)
        self.flush()
        for event in self.connection.events_received():
            if isinstance(event, Message):
                self._tws.on_message(self, event.name, event.data)

    def lost(self) -> None:
        if self.is_open:
            self._tws.on_lost(self)

    def hang_up(self, reason: str = "TWS closed the connection") -> None:
        if self.is_open:
            self._tws.on_lost(self)
            self.tcp.end_by_tws(reason)


class Tws:
    """`reaches_ibkr`, `broken_farms`: what lies behind it. `is_frozen`: it reads and says nothing, its sockets stay."""

    def __init__(self, clock: Clock, dice: Random, trace: Trace, seed: int, version: int) -> None:
        self._clock = clock
        self._dice = dice
        self._trace = trace
        self._version = version
        self.is_up = self.reaches_ibkr = True
        self.broken_farms: set[str] = set()
        #: When it last came to reach more than before.
        self.reached_since = 0.0
        self.is_frozen = False
        self.calm = False
        self.lines: list[TwsLine] = []
        self._names = 0
        #: Calls it when it dies of an order.
        self.died = lambda: None
        self.book = TruthBook(clock)
        self._time = TwsClock(clock)
        ends = {"ear_of": self._ear_of, "hang_up": self._hang_up, "die": self._die}
        self.exchange = Exchange(str(seed), self.book, self._time, **ends)
        self.exchange.market = Moody(str(seed), self.book, self._time, self._ear_of)
        self.lists = Lists(self.book, self._time, forgets_ids=False)
        self.sources = Sources(clock, dice, self.reaches)
        self.subs = Subs(clock, dice, self.sources, self.reaches)
        self.sources.told = self.subs.tell
        self.exchange.begin_day(self._time.day(), is_away=False)
        self.sources.begin()

    def reaches(self, key: Key) -> bool:
        """Whether TWS reaches what streams of that key tell."""
        return self.is_up and self.reaches_ibkr and farm_of(key) not in self.broken_farms

    def state(self) -> str:
        up = "up" if self.is_up else "down"
        behind = " cut" * (not self.reaches_ibkr) + "".join(f" no {farm}" for farm in sorted(self.broken_farms))
        return f"tws {up}{' frozen' * self.is_frozen}{behind} lines {len(self.lines)} subs {len(self.subs.all)}"

    # Connections

    def accept(self, tcp: Tcp) -> None:
        """A frozen one lets its kernel do that, and says nothing."""
        self._names += 1
        self.lines.append(TwsLine(self, f"line-{self._names}", tcp, self._version))
        if self.is_frozen:
            tcp.to_tws.stall()
            tcp.to_bridge.stall()

    def stamp(self) -> str:
        return self._time.stamp()

    def on_message(self, line: TwsLine, name: str, data: Data) -> None:
        if not self.is_up:
            return
        if name == "startApi":
            self._start(line, data["clientId"])
        elif line.client is None:
            return
        elif name in _LOSABLE and self._clock.now < line.deaf_until and self._dice.random() < 0.7:
            self._trace.note(f"tws loses {name}")
        elif name in KINDS and line.is_open:
            self._subscribe(line, name, data)
        elif name in CANCELS:
            self.subs.cancel(line, name, data)
        elif name == "placeOrder":
            self._place(line, data)
        elif name == "cancelOrder":
            self._trace.note(f"tws reads cancelOrder {data['orderId']}")
            self.exchange.cancel(line, line.client, data["orderId"])
        else:
            self.lists.answer(line, line.client, name, data)

    def _start(self, line: TwsLine, client: int) -> None:
        if any(other.client == client and other.is_open for other in self.lines):
            text = "Unable to connect as the client id is already in use."
            line.send("error", {"id": -1, "errorTime": 1, "errorCode": 326, "errorMsg": text})
            line.hang_up()
            return
        line.client = client
        delay = self._dice.choice((0.01, 0.1, 1.0, 4.0, 25.0) if not self.calm else (0.01,))
        self._clock.after(delay, self._started, line)

    def _started(self, line: TwsLine) -> None:
        if not line.is_open or line.client is None:
            return
        line.deaf_until = self._clock.now + (0.0 if self.calm else self._dice.choice((0.0, 0.0, 1.0, 3.0, 8.0)))
        self.lists.start(line, line.client)
        if not self.reaches_ibkr:
            self.notice(1100, "Connectivity between IBKR and TWS has been lost.", line)
            return
        for farm in FARMS:
            self._tell_farm(farm, line)

    def _tell_farm(self, farm: str, line: TwsLine | None = None) -> None:
        code, state = (2103, "broken") if farm in self.broken_farms else (2104, "OK")
        self.notice(code, f"Market data farm connection is {state}:{farm}", line)

    def _subscribe(self, line: TwsLine, name: str, data: Data) -> None:
        if name == "reqMktData" and not self.calm and self._dice.random() < 0.01:
            refused = {"id": data["reqId"], "errorTime": 1, "errorCode": 354, "errorMsg": "not subscribed"}
            line.send("error", refused)
        else:
            self.subs.ask(line, name, data)

    def _place(self, line: TwsLine, data: Data) -> None:
        if not self.calm and self._dice.random() < 0.02:
            self._trace.note(f"tws loses placeOrder {data['orderId']}")
            return
        self._trace.note(f"tws reads placeOrder {data['orderId']}")
        self.exchange.place(line, line.client or 0, data)
        entry = self.book.by_number(line.client or 0, data["orderId"])
        if entry is not None and entry.is_live and self._dice.random() < 0.5:
            # The market moves: what rests is executed one day.
            self.exchange.market.plan(entry, self._dice.choice((30.0, 300.0, 2000.0)))

    def on_lost(self, line: TwsLine) -> None:
        self.subs.settle()
        line.is_open = False
        self.subs.disconnected(line)
        self.exchange.drop_held(line)
        self.lines.remove(line)

    def _ear_of(self, client: int) -> EventSocket | None:
        line = next((line for line in reversed(self.lines) if line.client == client), None)
        if line is None or not self.is_up:
            return None
        return line if self.reaches_ibkr else _Behind(line)

    @staticmethod
    def _hang_up(ear: EventSocket) -> None:
        line = ear.line if isinstance(ear, _Behind) else ear
        assert isinstance(line, TwsLine)
        line.hang_up()

    def _die(self) -> None:
        self.died()

    def notice(self, code: int, text: str, only: TwsLine | None = None) -> None:
        for line in [only] if only is not None else list(self.lines):
            if line.client is not None:
                line.send("error", {"id": -1, "errorTime": 1, "errorCode": code, "errorMsg": text})

    # Faults

    def stop(self) -> None:
        """It dies: sockets end, subscriptions are gone, orders that it only held are gone."""
        self._trace.note("tws dies")
        self.subs.settle()
        self.is_up = self.is_frozen = False
        for line in list(self.lines):
            line.hang_up("connection reset")

    def start(self, *, forgets_ids: bool) -> None:
        self._trace.note("tws starts")
        self.is_up, self.reaches_ibkr, self.broken_farms = True, True, set()
        self.reached_since = self._clock.now
        self.lists = Lists(self.book, self._time, forgets_ids=forgets_ids)
        for entry in self.book.held():
            self.exchange.market.set(entry, "Dropped", listed=False)
        self.sources.catch_up()

    def freeze(self) -> None:
        self.subs.settle()
        self.is_frozen = True
        for line in self.lines:
            line.tcp.to_tws.stall()
            line.tcp.to_bridge.stall()

    def thaw(self) -> None:
        """What had come meanwhile is read in the order in which its connections came."""
        self.is_frozen = False
        for line in list(self.lines):
            if not line.tcp.is_dark:
                line.tcp.to_tws.flow()
                line.tcp.to_bridge.flow()

    def cut(self, code: int) -> None:
        """1100 or 2110: IBKR is out of reach, and TWS says so."""
        if not self.is_up or not self.reaches_ibkr:
            return
        self.subs.settle()
        self.reaches_ibkr = False
        self.notice(code, "Connectivity lost")

    def restore(self, code: int) -> None:
        """1101: subscriptions are lost; 1102: they are kept, says TWS."""
        if not self.is_up or self.reaches_ibkr:
            return
        self.reaches_ibkr, self.reached_since = True, self._clock.now
        if code == 1101:
            self.subs.drop_all()
        elif not self.calm:
            self.subs.forget_some(0.15)
        self.notice(code, "Connectivity restored")
        for line in list(self.lines):
            behind, line.behind = line.behind, []
            for name, data in behind:
                line.send(name, data)
        self.sources.catch_up()
        self.subs.restored()

    def break_farm(self, farm: str) -> None:
        if not self.is_up or farm in self.broken_farms:
            return
        self.subs.settle()
        self.broken_farms.add(farm)
        self._tell_farm(farm)

    def mend_farm(self, farm: str) -> None:
        if not self.is_up or farm not in self.broken_farms:
            return
        self.broken_farms.remove(farm)
        self.reached_since = self._clock.now
        if not self.calm:
            self.subs.forget_some(0.15, farm)
        self._tell_farm(farm)
        self.sources.catch_up()
        self.subs.restored()

    def position(self) -> None:
        """What accounts hold has changed."""
        held: dict[str, int] = {}
        for entry in self.book.orders.values():
            con_id = str(entry.contract["conId"])
            held[con_id] = held.get(con_id, 0) + (1 if entry.order["action"] == "BUY" else -1) * entry.filled
        for con_id, shares in held.items():
            self.sources.set(("positions", ""), con_id, str(shares))


class _Behind:
    """A connection while TWS has lost IBKR: executions are said later, other words are not said at all."""

    def __init__(self, line: TwsLine) -> None:
        self.line = line
        self.name = line.name

    def send(self, name: str, data: Data) -> None:
        if name in _EXECUTIONS:
            self.line.behind.append((name, data))
