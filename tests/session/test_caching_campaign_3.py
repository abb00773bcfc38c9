"""A seeded campaign against kept reference data, shared streams, lines and the message budget together.

A TWS says of each contract on which day, to which login and by which version it was described, and forgets contracts.
It refuses generic ticks, is slow, drops requests, reports error 100 and ends the connection. Its days change at
midnight in its time zone, also on days with a change of clocks. The bridge's UTC clock is set, and the machine sleeps.
The cache file hangs, fails, and outlives the bridge.

What is checked: no answer is of another day, login or version, or of a contract that TWS has said it does not know;
each request gets one final reply, on the route of its client; orders and cancels leave at once however much is read;
no second has more messages than the budget; TWS never has more market data lines than it serves, nor a stream that
nobody has held for longer than the linger; and at the end nothing is left behind.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bridge.session import Effect, Instant, Send, SendAll
from bridge.session.rights.grants import Grant
from bridge.session.rights.permissions import Permissions
from bridge.session.streams.upstream import SubscriptionTiming
from tests.session.cache_file import CacheFile
from tests.session.conftest import AAPL, QUERIES, Bench
from tests.session.test_cache_attack import ThreadedFile
from tests.session.test_merge_attack import ORDER

CLIENTS = ("alice", "bob", "carol")
RIGHTS = {
    "alice": Grant(frozenset({"trade", "account"})), "bob": Grant(frozenset({"trade", "account"})),
    "carol": Grant(frozenset({"trade", "account"}), accounts=frozenset({"DU1"})),
}  # fmt: skip
RATE, LINES, LINGER, TRADED = 20, 4, 5.0, 99
#: Seconds of the bench at which its days begin: an ordinary evening in New York, and those before a change of clocks.
EVENINGS = ("20251009 22:30:00", "20251101 22:30:00", "20260307 22:30:00", "20251009 10:00:00")
BENCH_BEGINS = 1_760_000_000


class Wire(Bench):
    """A bench whose UTC clock may be wrong, and which knows when each message left."""

    skew = 0.0

    def __init__(self, **rules: Any) -> None:
        self.left: list[tuple[float, Send]] = []
        super().__init__(**rules)

    @property
    def now(self) -> Instant:
        return Instant(self.clock, int((BENCH_BEGINS + self.clock - 1000 + self.skew) * 1e9))

    def _sort(self, effect: Effect) -> None:
        match effect:
            case Send():
                self.left.append((self.clock, effect))
            case SendAll(sends):
                self.left += [(self.clock, send) for send in sends]
        super()._sort(effect)


def questions(con_id: int) -> list[tuple[str, dict[str, Any]]]:
    return [
        ("reqContractDetails", {"contract": {"conId": con_id}}),
        ("reqMarketRule", {"marketRuleId": con_id}),
        ("reqMatchingSymbols", {"pattern": f"P{con_id}"}),
        ("reqHeadTimeStamp", {"contract": {**AAPL, "conId": con_id}, "whatToShow": "TRADES", "useRTH": True,
                              "formatDate": 1}),
    ]  # fmt: skip


class Campaign:
    """One run. `slept`: seconds that have passed while the machine slept: they are in no clock that stands still."""

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)
        self.zone = ZoneInfo("US/Eastern")
        evening = datetime.strptime(self.dice.choice(EVENINGS), "%Y%m%d %H:%M:%S").replace(tzinfo=self.zone)
        self.clock = 1000 + evening.timestamp() - BENCH_BEGINS
        self.slept = self.skew = 0.0
        self.file: CacheFile = ThreadedFile() if self.dice.random() < 0.5 else CacheFile()
        self.version, self.accounts = 213, "DU1,DU2"
        self.unknown: set[int] = set()
        self.refused: set[int] = set()
        self.is_wild = seed % 2 == 1
        self.number = self.kept = self.replies = 0
        self.begin()

    def begin(self) -> None:
        self.bench = Wire(
            cache=self.file, caches=True, messages_per_second=RATE, lines={"marketData": LINES},
            permissions=Permissions(RIGHTS), patience=SubscriptionTiming(linger=LINGER),
        )  # fmt: skip
        self.bench.clock, self.bench.skew = self.clock, self.skew
        self.asked: dict[str, tuple[str, dict[str, Any]]] = {}
        self.slow_from = [float("-inf")]
        self.reads = 0
        self.connect()

    def connect(self) -> None:
        at = self.at_tws()
        self.wrong = ""
        self.open: list[Send] = []
        #: The market data streams that TWS serves: request id, contract; and how long nobody has held each contract.
        self.served: dict[int, int] = {}
        self.unheld_since: dict[int, float] = {}
        self.taken = len(self.bench.left)
        zone = "US/Eastern"
        self.bench.ready(self.version, accounts=self.accounts, time=f"{at:%Y%m%d %H:%M:%S} {zone}", told=False)
        self.gather()

    def at_tws(self) -> datetime:
        true = BENCH_BEGINS + self.bench.clock - 1000 + self.slept
        return datetime.fromtimestamp(true, UTC).astimezone(self.zone)

    def content(self, what: object) -> str:
        """What TWS would say now."""
        return f"{what} {self.at_tws():%Y%m%d} {self.accounts} {self.version}"

    def step(self) -> None:
        calm = {self.read: 12, self.answer: 14, self.wait: 6, self.subscribe: 3, self.release: 2, self.tick: 6,
                self.trade: 2, self.forget: 0.3, self.reconnect: 0.2, self.night: 0.4, self.restart: 0.3}  # fmt: skip
        wild = {self.read: 12, self.answer: 8, self.wait: 4, self.subscribe: 5, self.release: 3, self.tick: 4,
                self.trade: 2, self.forget: 1, self.reconnect: 0.5, self.night: 0.4, self.restart: 0.4, self.flood: 1,
                self.slow: 0.3, self.clocks: 0.5, self.hang: 0.4, self.drop: 2, self.refuse: 1, self.peep: 1,
                self.login: 0.2, self.upgrade: 0.2}  # fmt: skip
        steps = wild if self.is_wild else calm
        self.dice.choices([*steps], [*steps.values()])[0]()
        self.gather()
        self.look()

    # Clients

    def ask(self, method: str, client: str, params: dict[str, Any], **more: Any) -> str:
        self.number += 1
        id_ = f"q{self.number}"
        body = {"v": 1, "id": id_, "client": client, "method": method, "params": params, **more}
        self.asked[id_] = client, body
        self.bench.request(body, client)
        return id_

    def read(self) -> None:
        dice = self.dice
        method, params = dice.choice(questions(dice.randrange(1, 5)))
        more: dict[str, Any] = {"fresh": True} if dice.random() < 0.1 else {}
        more |= {"stream": True} if method == "reqContractDetails" and dice.random() < 0.3 else {}
        more |= {"timeout": dice.choice([0.5, 5, 100])} if dice.random() < 0.4 else {}
        more |= {"wait": False} if dice.random() < 0.1 else {}
        self.ask(method, dice.choice(CLIENTS), params, **more)

    def read_all(self) -> None:
        """Ask all questions about a contract. TWS answers them at once."""
        for method, params in questions(self.dice.randrange(1, 3)):
            self.ask(method, self.dice.choice(CLIENTS), params)
            self.bench.wait(0.2)
            self.gather()
            self.look()
            while self.open and self.dice.random() < 0.98:
                self.answer_one(self.open.pop())
                self.gather()
        self.look()

    def flood(self) -> None:
        for number in range(self.dice.randrange(150)):
            self.ask("reqHistogramData", "bob", {"contract": {"conId": number}, "useRTH": True, "timePeriod": "3 days"})

    def subscribe(self) -> None:
        contract = {**AAPL, "conId": self.dice.randrange(1, 7)}
        ticks = self.dice.choice(["", "", "233", "236", "100", "999"]) if self.is_wild else ""
        self.ask("reqMktData", self.dice.choice(CLIENTS), {"contract": contract, "genericTickList": ticks})

    def release(self) -> None:
        self.ask("release", self.dice.choice(CLIENTS), {"stream": str(self.dice.randrange(1, 7))})

    def trade(self) -> None:
        """An order and its cancel leave at once, however much is read and whatever the streams do."""
        if not self.bench.session._dispatcher._link.usable or self.bench.session._trading.not_tradable_reason():
            return
        if self.bench.clock < self.slow_from[-1] + 70:
            return
        before = len(self.bench.left)
        client, key = self.dice.choice(CLIENTS), f"k{self.number}"
        contract = {**AAPL, "conId": TRADED}
        order = {**ORDER, "account": "DU1"}
        self.ask("placeOrder", client, {"orderKey": key, "contract": contract, "order": order}, timeout=600)
        self.bench.wait(1.2)
        sent = [send for _, send in self.bench.left[before:] if send.name == "placeOrder"]
        assert len(sent) == 1, (key, [body for body in self.bench.answers(f"q{self.number}")])
        data = sent[0].data
        same = {"orderId": data["orderId"], "clientId": 1, "permId": str(10_000_000 + data["orderId"])}
        shown = {**order, **same}
        self.bench.tws("openOrder", orderId=data["orderId"], contract=data["contract"], order=shown,
                       orderState={"status": "Submitted"})  # fmt: skip
        self.bench.tws("orderStatus", **same, status="Submitted", filled="0", remaining="10")
        self.ask("cancelOrder", client, {"orderKey": key})
        self.bench.wait(1.2)
        assert [send.data["orderId"] for _, send in self.bench.left[before:] if send.name == "cancelOrder"] == [
            data["orderId"]
        ]
        self.bench.tws("orderStatus", **same, status="Cancelled", filled="0", remaining="10")

    def peep(self) -> None:
        """Carol may see one account."""
        method, params = self.dice.choice([
            ("reqAccountUpdatesMulti", {"account": "DU2", "modelCode": "", "ledgerAndNLV": False}),
            ("reqPnL", {"account": "DU2", "modelCode": ""}), ("reqPositions", {}), ("reqAllOpenOrders", {}),
            ("reqAccountSummary", {"group": "All", "tags": "NetLiquidation"}),
        ])  # fmt: skip
        self.ask(method, self.dice.choice(("alice", "carol")), params, timeout=2)

    # TWS

    def gather(self) -> None:
        """TWS takes the messages that have left."""
        while self.taken < len(self.bench.left):
            at, send = self.bench.left[self.taken]
            self.taken += 1
            name, data = send.name, send.data
            if name in QUERIES and self.bench.is_own(send):
                self.bench.tws(QUERIES[name], **({"reqId": data["reqId"]} if name == "reqExecutions" else {}))
            elif name == "reqMktData":
                self.served[data["reqId"]] = data["contract"]["conId"]
                assert len(self.served) <= LINES, (at, self.served)
                self.open.append(send)
            elif name == "cancelMktData":
                self.served.pop(data["reqId"], None)
                self.open = [one for one in self.open if one.data.get("reqId") != data["reqId"]]
            elif name.startswith("req"):
                self.open.append(send)

    def answer(self) -> None:
        for _ in range(self.dice.randrange(1, 8)):
            if not self.open:
                return
            self.answer_one(self.open.pop(self.dice.randrange(len(self.open)) if self.is_wild else 0))
            self.gather()

    def answer_one(self, send: Send) -> None:
        data, tws = send.data, self.bench.tws
        req_id = data.get("reqId")
        match send.name:
            case "reqContractDetails":
                contract = {**AAPL, **data["contract"]}
                if self.refuses_unknown(req_id, contract["conId"]):
                    return
                for _ in range(2):
                    tws("contractDetails", reqId=req_id, contract=contract,
                        contractDetails={"longName": self.content(contract["conId"])})  # fmt: skip
                tws("contractDetailsEnd", reqId=req_id)
            case "reqMarketRule":
                rule = data["marketRuleId"]
                day = int(f"{self.at_tws():%Y%m%d}")
                tws("marketRule", marketRuleId=rule, priceIncrements=[{"lowEdge": float(day), "increment": 0.01}])
            case "reqMatchingSymbols":
                found = {"contract": {**AAPL, "conId": 7, "description": self.content(data["pattern"])}}
                tws("symbolSamples", reqId=req_id, contractDescriptions=[found])
            case "reqHeadTimeStamp":
                if self.refuses_unknown(req_id, data["contract"]["conId"]):
                    return
                tws("headTimestamp", reqId=req_id, headTimestamp=self.content(data["contract"]["conId"]))
            case "reqMktData":
                if "999" in data.get("genericTickList", ""):
                    self.served.pop(req_id, None)
                    self.bench.error(req_id, 321, "Incorrect generic tick list of 999")
                else:
                    tws("tickPrice", reqId=req_id, tickType=1, price=1.0, size="1")
            case "reqHistogramData":
                tws("histogramData", reqId=req_id, histogramDataEntries=[])
            case _ if req_id is not None:
                self.bench.error(req_id, 321, "not here")

    def refuses_unknown(self, req_id: Any, con_id: int) -> bool:
        """TWS refuses a request about a contract that it does not know. From then on nothing that was kept holds."""
        if con_id not in self.unknown:
            self.refused.discard(con_id)
            return False
        self.refused.add(con_id)
        self.bench.error(req_id, 200, "No security definition has been found for the request")
        return True

    def tick(self) -> None:
        for req_id in [*self.served]:
            if all(one.data.get("reqId") != req_id for one in self.open):
                self.bench.tws("tickPrice", reqId=req_id, tickType=1, price=1.0, size="1")

    def drop(self) -> None:
        if self.open:
            send = self.open[self.dice.randrange(len(self.open))]
            if send.name != "reqMktData":
                self.open.remove(send)

    def refuse(self) -> None:
        if self.open and (req_id := self.open[0].data.get("reqId")) is not None and self.open[0].name != "reqMktData":
            self.open.pop(0)
            self.bench.error(req_id, 322, "server error")

    def forget(self) -> None:
        """TWS does not know a contract any more, or knows it again."""
        self.read_all()
        self.unknown ^= {self.dice.randrange(1, 3)}
        self.dice.choice([self.read_all, self.read])()

    def slow(self) -> None:
        if self.bench.clock > self.slow_from[-1] + 1.1:  # the reports of one second halve the limit once
            self.slow_from.append(self.bench.clock)
        self.bench.error(-1, 100, "Max rate of messages per second has been exceeded")

    # Time and failures

    def wait(self) -> None:
        end = self.bench.clock + self.dice.choice([0.1, 0.5, 2, 7, 12, 31])
        while self.bench.clock < end:
            self.bench.wait(min(1.0, end - self.bench.clock))
            for client in CLIENTS if self.dice.random() < 0.3 else ():
                self.bench.request({"v": 1, "id": "p", "client": client, "method": "ping"}, client)
            self.gather()
            self.watch()

    def night(self) -> None:
        """The time until shortly before or after midnight at TWS, or hours."""
        at = self.at_tws()
        left = 86_400 - (at.hour * 3600 + at.minute * 60 + at.second)
        seconds = self.dice.choice([left - 100, left - 10, left + 10, left + 4000, 3600, 20_000])
        self.read_all()
        self.pass_time(max(1.0, seconds))
        self.read_all()

    def pass_time(self, seconds: float) -> None:
        self.bench.clock += seconds
        self.bench.session.on_timer(self.bench.now)
        self.bench.collect()
        self.bench.wait(0.1)

    def clocks(self) -> None:
        """The UTC clock is set, or the machine sleeps. On one connection not both: then no clock would be right."""
        self.wrong = self.wrong or self.dice.choice(["set", "slept"])
        if self.wrong == "set":
            self.skew += self.dice.choice([-100_000, -3600, -300, 300, 3600, 100_000])
        else:
            asleep = self.dice.choice([600, 7200, 80_000])  # the steady clock stands still, the UTC clock does not
            self.slept += asleep
            self.skew += asleep
        self.bench.skew = self.skew

    def hang(self) -> None:
        self.file.hangs, self.file.fails = self.dice.choice([(True, False), (False, True), (False, False)])

    def reconnect(self, change: Callable[[], None] = lambda: None) -> None:
        """The connection is lost, and the next TWS may be another one."""
        self.bench.session.on_lost("gone", self.bench.now)
        self.bench.collect()
        self.served.clear()
        self.bench.wait(2.1)  # what is being read from the file is answered as before
        self.look()
        change()
        self.connect()
        self.read_all()

    def login(self) -> None:
        self.read_all()
        self.reconnect(lambda: setattr(self, "accounts", self.dice.choice(["DU1,DU2", "DU1", "DU1,DU2,DU3"])))

    def upgrade(self) -> None:
        self.read_all()
        self.reconnect(lambda: setattr(self, "version", self.version + 1))

    def restart(self) -> None:
        self.finish()
        self.clock, self.skew = self.bench.clock, self.bench.skew
        self.begin()

    # What is checked

    def look(self) -> None:
        """Check the new replies."""
        for reply in self.bench.replies[self.reads :]:
            body = reply.body
            if body["id"] not in self.asked:
                continue
            client, asked = self.asked[body["id"]]
            assert reply.route == (client.encode(),), (body, client)
            method = asked["method"]
            if client == "carol" and method in ("reqAccountUpdatesMulti", "reqPnL", "reqPositions", "reqAllOpenOrders"):
                allowed = self.accounts == "DU1" and "account" not in asked["params"]
                assert allowed or not body.get("ok"), body
            if body.get("cached"):
                self.kept += 1
                self.check_kept(asked, body)
        self.reads = len(self.bench.replies)
        self.watch()

    def check_kept(self, asked: dict[str, Any], body: dict[str, Any]) -> None:
        params, result = asked["params"], body["result"]
        match asked["method"]:
            case "reqContractDetails":
                con_id = params["contract"]["conId"]
                for part in result:
                    assert part["data"]["contractDetails"]["longName"] == self.content(con_id), (asked, body)
                assert con_id not in self.refused, (asked, body)
            case "reqMarketRule":
                assert result["priceIncrements"][0]["lowEdge"] == int(f"{self.at_tws():%Y%m%d}"), (asked, body)
            case "reqMatchingSymbols":
                said = result["contractDescriptions"][0]["contract"]["description"]
                assert said == self.content(params["pattern"]), (asked, body)
            case "reqHeadTimeStamp":
                assert result["headTimestamp"] == self.content(params["contract"]["conId"]), (asked, body)

    def watch(self) -> None:
        """Check the streams at TWS."""
        streams = {int(s.name): s for s in self.bench.session._subscriptions.streams if s.name.isdigit()}
        waiting = {s.data.get("reqId") for lane in self.bench.session._outbox.pacer._lanes.values() for s in lane
                   if isinstance(s, Send) and s.name == "cancelMktData"}  # fmt: skip
        for req_id, con_id in self.served.items():
            stream = streams.get(con_id)
            if stream is None or stream.req_id != req_id:
                assert req_id in waiting, (req_id, con_id)  # a message that ends a stream may wait for room
            if stream is None or stream.clients:
                self.unheld_since.pop(con_id, None)
            else:
                since = self.unheld_since.setdefault(con_id, self.bench.clock)
                assert self.bench.clock - since < LINGER + 3, (con_id, since, self.bench.clock)
        self.unheld_since = {one: at for one, at in self.unheld_since.items() if one in self.served.values()}

    def finish(self) -> None:
        """All is answered, once."""
        for _ in range(80):
            self.bench.wait(10)
            self.gather()
        self.look()
        self.budget()
        finals = Counter(r.body["id"] for r in self.bench.replies if "part" not in r.body)
        wrong = {id_: finals[id_] for id_ in self.asked if finals[id_] != 1}
        assert not wrong, {id_: (count, self.asked[id_]) for id_, count in wrong.items()}
        self.replies += len(self.asked)
        session = self.bench.session
        assert len(session._reference.bars) == session._dispatcher.waiting() == 0
        assert not session._reference._looking
        assert len(session._pending_requests) == 0, [*session._pending_requests._table]
        assert self.bench.session._outbox.requests.open == 0

    def budget(self) -> None:
        times = [at for at, _ in self.bench.left]
        first = 0
        for last, at in enumerate(times):
            while times[first] <= at - 1:
                first += 1
            assert last - first + 1 <= RATE, (at, [(t, s.name) for t, s in self.bench.left[first : last + 1]])
            if any(slow + 1.1 < at - 1 and at < slow + 60 for slow in self.slow_from):
                assert last - first + 1 <= RATE // 2, (at, self.slow_from)


def run(seed: int, steps: int = 150) -> Campaign:
    campaign = Campaign(seed)
    for _ in range(steps):
        campaign.step()
    campaign.finish()
    return campaign


@pytest.mark.parametrize("seed", range(6))
def test_campaign(seed: int) -> None:
    assert run(seed).kept > 0


if __name__ == "__main__":
    for number in range(int(sys.argv[1]), int(sys.argv[2])):
        try:
            done = run(number)
        except BaseException as problem:
            print(number, type(problem).__name__, str(problem)[:700], flush=True)
            if len(sys.argv) > 3:
                raise
        else:
            print(number, "ok", done.kept, done.replies, flush=True)
