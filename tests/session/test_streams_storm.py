"""Seeded storms over streams: TWS serves, ends and forgets them at will, and a small model says what may be told.

The model knows what TWS serves by the requests and cancels that left, and what it told last under each subscription:
every value has a number of its own, so each one that a client sees leads to the subscription that it was told under.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

import pytest

from bridge.session import Effect, Log, Reply, Send, SendAll
from tests.depth import share
from tests.session.conftest import QUERIES, Bench

Data = dict[str, Any]
Key = tuple[str, str]
CLIENTS = ("alice", "bob", "carol")
CANCELS = {
    "cancelMktData": "reqMktData", "cancelMktDepth": "reqMktDepth", "cancelPositions": "reqPositions",
    "cancelAccountSummary": "reqAccountSummary", "cancelPnL": "reqPnL",
}  # fmt: skip
#: Requests without an id: TWS has one such subscription for a connection.
SINGLE = ("reqPositions", "reqAccountUpdates")
ENDS = {
    "reqPositions": "positionEnd",
    "reqAccountUpdates": "accountDownloadEnd",
    "reqAccountSummary": "accountSummaryEnd",
}
FARM = ("reqMktData", "reqMktDepth")
ASKS: dict[Key, Data] = {
    **{("reqMktData", str(n)): {"contract": {"conId": n, "exchange": "SMART"}} for n in (1, 2, 3)},
    ("reqMktDepth", "1"): {"contract": {"conId": 1, "exchange": "SMART"}, "numRows": 5},
    ("reqPositions", ""): {},
    ("reqAccountUpdates", "DU1"): {"subscribe": True, "acctCode": "DU1"},
    ("reqAccountSummary", "All"): {"group": "All", "tags": "A,B"},
    ("reqPnL", "DU2"): {"account": "DU2"},
}
#: Where its value is in an event.
PLACES = {
    "tickPrice": "price", "position": "position", "updateAccountValue": "value", "accountSummary": "value",
    "pnl": "dailyPnL",
}  # fmt: skip


class Breach(AssertionError):
    """A promise is broken."""


@dataclass(eq=False)
class Sub:
    """One subscription at TWS. `end`: why TWS has it no more; `words`: when it spoke; `told`: its values, by number."""

    key: Key
    req_id: int | None
    at: float
    end: str = ""
    cancelled: bool = False
    words: list[int] = field(default_factory=list)
    downloaded: bool = False
    told: dict[int, int] = field(default_factory=dict)
    void: int = -1
    doubted: int = -1
    born: int = 0


class StormBench(Bench):
    def __init__(self, storm: StreamStorm) -> None:
        self.storm = storm
        super().__init__()

    def _sort(self, effect: Effect) -> None:
        match effect:
            case Send():
                self.storm.on_sent(effect)
            case SendAll():
                for send in effect.sends:
                    self.storm.on_sent(send)
            case Reply():
                self.storm.on_reply(effect.body)
            case Log() if "Traceback" in effect.text or "impossible" in effect.text:
                raise Breach(f"the bridge logs a fault of its own: {effect.text}")
        super()._sort(effect)

    def collect(self) -> None:
        before = len(self.events)
        super().collect()
        for topic, event in self.events[before:]:
            self.storm.on_event(topic, event)


class StreamStorm:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.trace: list[str] = []
        self.subs: list[Sub] = []
        #: The subscription of each value, by its number.
        self.origin: dict[int, Sub] = {}
        self.tick = 0
        self.holds: dict[Key, set[str]] = {key: set() for key in ASKS}
        self.pending: dict[str, tuple[str, Key]] = {}
        self.names: dict[str, Key] = {}
        self.name_of: dict[Key, str] = {}
        self.gaps: dict[str, list[str]] = {}
        self.tries: dict[Key, int] = {}
        self.silent: dict[str, bool] = {}
        self.connected, self.cut, self.farm = True, False, False
        self.cut_by = 0
        #: When the last doubt of all streams began, and when the last ended.
        self.restored = self.farm_back = -1
        self.late = False
        self.others: dict[str, str] = {}
        self.bench = StormBench(self)
        self.bench.ready(accounts="DU1,DU2")

    def now(self) -> int:
        self.tick += 1
        return self.tick

    def note(self, *what: Any) -> None:
        self.trace.append(f"{self.bench.clock:8.2f} " + " ".join(map(str, what)))

    # What the bridge does

    def live(self, key: Key) -> Sub | None:
        found = [sub for sub in self.subs if sub.key == key and not sub.end]
        if len(found) > 1:
            raise Breach(f"two subscriptions to {key} at TWS")
        return found[0] if found else None

    def on_sent(self, send: Send) -> None:
        name, data = send.name, send.data
        if name in CANCELS or (name == "reqAccountUpdates" and not data["subscribe"]):
            self.note("  bridge:", name, data)
            self.on_cancel(CANCELS.get(name, name), data.get("reqId"))
        elif any(key[0] == name for key in ASKS):
            self.note("  bridge:", name, data)
            self.on_request(name, data, send)

    def on_request(self, name: str, data: Data, send: Send) -> None:
        key = (name, str(data.get("contract", {}).get("conId") or data.get("acctCode") or data.get("group")
               or data.get("account") or ""))  # fmt: skip
        if not self.connected:
            raise Breach(f"{name} is sent while there is no connection")
        old = self.live(key)
        if name == "reqPositions" and old is not None:
            old.downloaded = False
            return
        self.subs.append(Sub(key, data.get("reqId"), self.bench.clock, born=self.now()))
        self.live(key)
        if not (name in QUERIES and self.bench.is_own(send)):
            self.tries[key] = self.tries.get(key, 0) + 1
            if self.tries[key] > 3:
                raise Breach(f"{key} is asked for {self.tries[key]} times")

    def on_cancel(self, name: str, req_id: int | None) -> None:
        found = [sub for sub in self.subs if sub.key[0] == name and sub.req_id == req_id]
        if not found:
            raise Breach(f"{name} {req_id} is cancelled and was never asked for")
        sub = found[-1]
        if sub.cancelled and name == "reqPositions":
            return  # of the bridge's own question, which has no id either
        if sub.cancelled or sub.end in ("lost", "refused"):
            raise Breach(f"{name} {req_id} is cancelled, and was {sub.end}")
        sub.cancelled, sub.end = True, sub.end or "cancelled"

    def on_reply(self, body: Data) -> None:
        if body["id"] in self.others:
            self.others.pop(body["id"])
        if body["id"] not in self.pending:
            return
        client, key = self.pending.pop(body["id"])
        self.note(
            "  reply:", client, key, body.get("error", {}).get("code") or f"confirmed {body['result'].get('confirmed')}"
        )
        if not body["ok"]:
            return
        result = body["result"]
        self.names[result["stream"]], self.name_of[key] = key, result["stream"]
        self.holds[key].add(client)
        if result["confirmed"] and (fault := self.unconfirmed(key)):
            raise Breach(f"{key} is confirmed for {client}, and {fault}")
        for event in result["snapshot"]["events"]:
            self.hold_against(event)

    def unconfirmed(self, key: Key) -> str:
        sub = self.live(key)
        if sub is None:
            return "TWS does not serve it"
        if not sub.words:
            return "TWS has said nothing"
        if key[0] in ENDS and not sub.downloaded and key[0] != "reqPositions":
            return "its download has not ended"
        last = sub.words[-1]
        if self.cut and sub.born < self.cut_at:
            return "IBKR is away"
        back = self.restored
        if last < max(back, sub.doubted) or (key[0] in FARM and last < self.farm_at):
            return "nothing has flowed since it was in doubt"
        return ""

    def on_event(self, topic: str, event: Data) -> None:
        data, kind = event["data"], event["event"]
        if kind in ("gap", "recovered", "ended", "clientLost", "gone"):
            self.note("  event:", topic, data)
        if topic == "system.clientLost":
            for holders in self.holds.values():
                holders.discard(data["client"])
            self.settle()
        elif kind == "ended" and not topic.startswith("order."):
            key = self.names.get(data["stream"])
            if key is not None:
                self.holds[key].clear()
            self.settle()
        elif kind == "gap" and "streams" in data:
            for stream in data["streams"]:
                if stream in self.gaps.setdefault(topic, []):
                    raise Breach(f"a second gap for {stream} on {topic}")
                self.gaps[topic].append(stream)
        elif kind == "recovered":
            for stream in data["streams"]:
                told = self.gaps.get(topic.replace("recovered", "gap"), [])
                if stream in told:
                    told.remove(stream)
                else:
                    raise Breach(f"{stream} recovered on {topic} without a gap")
        elif self.late and topic.split(".", maxsplit=1)[0] in ("market", "depth", "account"):
            raise Breach(f"said under an old id, and published: {topic} {data}")

    def settle(self) -> None:
        """A gap is over for a stream that nobody holds. Without a connection, requests for it wait in the queue."""
        for streams in self.gaps.values():
            for stream in [*streams]:
                key = self.names.get(stream)
                is_wanted = self.connected and any(k == key for _, k in self.pending.values())
                if key is not None and not self.holds[key] and not is_wanted:
                    streams.remove(stream)
        for key, holders in self.holds.items():
            if not holders and not any(k == key for _, k in self.pending.values()):
                self.tries.pop(key, None)

    # What is checked

    def number(self, event: Data) -> int | None:
        data = event["data"]
        if event["event"] in PLACES:
            return int(float(data[PLACES[event["event"]]]))
        if event["event"] == "updateMktDepth":
            return int(data["marketDepthData"]["price"])
        return None

    def hold_against(self, event: Data) -> None:
        number = self.number(event)
        if number is None:
            return
        sub, said = self.origin[number], number
        what = f"value {number} of {sub.key} under {sub.req_id}"
        current = self.live(sub.key)
        if sub.void >= said:
            raise Breach(f"{what} is kept, and TWS has voided it")
        if event.get("stale"):
            served = current is not None and current is not sub and current.words
            if served and (sub.key[0] not in ENDS or current.downloaded):
                raise Breach(f"{what} is still kept, and TWS serves the stream anew")
            return
        if not self.connected or current is not sub:
            raise Breach(f"{what} is not stale, and that subscription is {sub.end or 'lost'}")
        last = sub.words[-1]
        if self.cut and said < self.cut_at:
            raise Breach(f"{what} is not stale, and IBKR is away")
        if said < self.cut_at and last < self.restored:
            raise Breach(f"{what} is not stale, and nothing has flowed since 1102")
        if sub.key[0] in FARM and said < self.farm_at and last < self.farm_at:
            raise Breach(f"{what} is not stale, and its farm is broken")
        if said < sub.doubted and last < sub.doubted:
            raise Breach(f"{what} is not stale, and a competing session has its data")

    cut_at = farm_at = -1

    def ask(self, method: str, client: str = "boss", **params: Any) -> Any:
        id_ = self.bench.ask(method, client=client, **params)
        return self.bench.result(id_)

    def check(self) -> None:
        self.settle()
        for prefix in ("market.", "depth.", "account."):
            for event in self.ask("snapshot", prefix=prefix)["events"]:
                self.hold_against(event)
        told: dict[Key, set[str]] = {}
        for stream in self.ask("status")["streams"]:
            arg = stream["stream"]
            key = self.names.get(arg) or self.guess(stream)
            told[key] = set(stream["holders"])
        for key, holders in self.holds.items():
            waiting = {client for client, k in self.pending.values() if k == key}
            has = told.get(key, set())
            if not holders <= has or not has <= holders | waiting:
                raise Breach(f"{key} is held by {holders}, waited for by {waiting}, and status says {has}")
            sub = self.live(key)
            own = key[0] == "reqPositions" and any(send.name == "reqPositions" for send in self.bench.internal_requests)
            if sub is not None and not holders and not waiting and not own:
                raise Breach(f"{key} is at TWS, and nobody holds it")

    def guess(self, stream: Data) -> Key:
        found = [key for key in ASKS if key[0] == stream["method"]]
        if len(found) > 1:
            found = [key for key in found if key[1] == stream["stream"]]
        self.names[stream["stream"]], self.name_of[found[0]] = found[0], stream["stream"]
        return found[0]

    # Steps

    def step(self) -> None:
        steps = [*[self.client] * 7, *[self.speak] * 9, *[self.wait] * 5, *[self.trouble] * 3]
        self.random.choice(steps)()
        self.check()

    def client(self) -> None:
        client = self.random.choice(CLIENTS)
        key = self.random.choice([*ASKS])
        if self.random.random() < 0.04:
            self.note(client, "vanishes")
            self.silent[client] = True
            return
        self.silent[client] = False
        if self.random.random() < 0.6 or key not in self.name_of:
            self.note(client, "asks", key)
            self.tries.pop(key, None)  # where TWS has said nothing to three requests, there may be three more
            id_ = f"s{self.now()}"
            self.pending[id_] = (client, key)
            self.bench.ask(key[0], client=client, id=id_, **ASKS[key])
        else:
            self.note(client, "releases", key)
            id_ = self.bench.ask("release", client=client, stream=self.name_of[key])
            (body,) = self.bench.answers(id_)
            if not body["ok"] and client in self.holds[key]:
                raise Breach(f"{client} may not release {key}: {body['error']}")
            if body["ok"]:
                self.holds[key].discard(client)
                self.pending = {i: p for i, p in self.pending.items() if p != (client, key)}

    def ping(self) -> None:
        for client in CLIENTS:
            if not self.silent.get(client):
                self.bench.ask("ping", client=client)
        self.bench.ask("ping", client="boss")

    def wait(self, seconds: float = 0) -> None:
        seconds = seconds or self.random.choice((0.05, 0.1, 0.5, 1, 2, 3, 6, 11, 20))
        self.note("wait", seconds)
        self.ping()
        self.bench.wait(seconds)
        self.ping()

    def trouble(self) -> None:
        if not self.connected:
            self.connect()
            return
        self.random.choice([self.lose, self.away, self.away, self.farms, self.farms, *[self.word_on_one] * 6])()

    def lose(self) -> None:
        self.note("connection lost")
        self.connected, self.cut, self.farm = False, False, False
        self.end_all("lost")
        self.bench.internal_requests.clear()
        self.bench.session.on_lost("end of file", self.bench.now)
        self.bench.collect()

    def connect(self) -> None:
        self.note("connects")
        self.bench.wait(0.001)
        for _ in range(80):
            if type(self.bench.connects[-1]).__name__ == "Connect" and self.bench.states()[-1] != "waiting":
                break
            self.wait(1)
        self.connected = True
        self.bench.ready(accounts="DU1,DU2", told=False)
        if self.bench.states()[-1] != "ready":
            self.lose()

    def end_all(self, why: str) -> None:
        for sub in self.subs:
            sub.end = sub.end or why
        self.tries.clear()

    def away(self) -> None:
        self.tries.clear()
        if not self.cut:
            code = self.random.choice((1100, 2110))
            self.note("TWS:", code)
            self.cut, self.cut_at, self.cut_by = True, self.now(), code
        else:
            code = self.random.choice((1101, 1102, 1102))
            self.note("TWS:", code)
            self.cut = False
            self.restored = self.now()
            if code == 1101:
                self.end_all("dropped")
        self.bench.error(-1, code, "why")

    def farms(self) -> None:
        self.tries.clear()
        code = 2104 if self.farm else 2103
        self.note("TWS:", code)
        self.farm = not self.farm
        if self.farm:
            self.farm_at = self.now()
        else:
            self.farm_back = self.now()
            if self.cut and self.cut_by == 2110:  # a farm that is back shows that IBKR is
                self.cut, self.restored = False, self.now()
        self.bench.error(-1, code, "Market data farm connection:usfarm")

    def word_on_one(self) -> None:
        """An error for one subscription: of now, or of before."""
        keyed = [sub for sub in self.subs if sub.req_id is not None]
        now, before = [s for s in keyed if not s.end], [s for s in keyed if s.end]
        if before and self.random.random() < 0.4:
            sub = self.random.choice(before[-8:])
            code = self.random.choice((300, 354, 200, 316, 317, 10197, 10225, 366))
            self.note("TWS late:", code, sub.key, sub.req_id)
            self.late = True
            self.bench.error(sub.req_id, code)
            self.late = False
        elif now:
            sub = self.random.choice(now)
            codes = [354, 200, *{"reqMktData": [10197] * 3, "reqMktDepth": [316, 317, 10225] * 2}.get(sub.key[0], [])]
            code = self.random.choice(codes)
            self.note("TWS:", code, sub.key, sub.req_id)
            self.tries.pop(sub.key, None)
            if code in (354, 200):
                sub.end = "refused"
            elif code in (316, 10225):
                sub.end = "dropped"
            elif code == 317:
                sub.void = self.now()
            else:
                sub.doubted = self.now()
            self.bench.error(sub.req_id, code)

    def speak(self) -> None:
        """TWS tells values, most of them under what it serves."""
        if not self.connected:
            return
        if self.bench.internal_requests and self.random.random() < 0.4:
            self.note("TWS answers", [send.name for send in self.bench.internal_requests])
            self.answer()
            return
        old = [sub for sub in self.subs if sub.req_id is not None and (sub.cancelled or sub.end == "refused")]
        if old and self.random.random() < 0.2:
            sub = self.random.choice(old[-8:])
            self.late = True
            self.tell(sub)
            self.late = False
            return
        now = [sub for sub in self.subs if not sub.end]
        if now:
            self.tell(self.random.choice(now))

    def answer(self) -> None:
        while self.bench.internal_requests:
            send = self.bench.internal_requests[0]
            sub = self.live(("reqPositions", ""))
            if send.name == "reqPositions" and sub is not None:
                self.tell(sub, end=True)
                self.bench.internal_requests = [s for s in self.bench.internal_requests if s.name != "reqPositions"]
                continue
            self.bench.internal_requests.pop(0)
            if send.name != "reqPositions":
                end = QUERIES[send.name]
                self.bench.tws(end, **({"reqId": send.data["reqId"]} if end == "execDetailsEnd" else {}))

    def tell(self, sub: Sub, end: bool | None = None) -> None:
        method = sub.key[0]
        for _ in range(self.random.choice((1, 1, 2))):
            number = self.now()
            self.origin[number] = sub
            if not sub.end:
                sub.words.append(number)
                self.tries.pop(sub.key, None)
            self.note("TWS late:" if sub.end else "TWS:", sub.key, sub.req_id, "tells", number)
            name, data = self.message(method, sub, number)
            self.bench.tws(name, **data)
        if method in ENDS and not sub.downloaded and (end or (end is None and self.random.random() < 0.4)):
            self.note("TWS:", ENDS[method], sub.req_id)
            named = {"reqPositions": {}, "reqAccountUpdates": {"accountName": "DU1"}}.get(method, {"reqId": sub.req_id})
            if not sub.end:
                sub.downloaded = True
                sub.words.append(self.now())
            if method == "reqPositions":
                self.bench.internal_requests = [s for s in self.bench.internal_requests if s.name != "reqPositions"]
            self.bench.tws(ENDS[method], **named)

    def message(self, method: str, sub: Sub, number: int) -> tuple[str, Data]:
        pick = self.random.choice
        match method:
            case "reqMktData":
                return "tickPrice", {
                    "reqId": sub.req_id,
                    "tickType": pick((1, 2, 4)),
                    "price": float(number),
                    "size": "1",
                }
            case "reqMktDepth":
                row = {"position": pick((0, 1)), "side": pick((0, 1)), "price": float(number)}
                return "updateMktDepth", {"reqId": sub.req_id, "marketDepthData": row}
            case "reqPositions":
                contract = {"conId": pick((1, 2, 3)), "symbol": "A"}
                return "position", {"account": "DU1", "contract": contract, "position": str(number), "avgCost": 1.0}
            case "reqAccountUpdates":
                value = {"key": pick("ABC"), "value": str(number), "currency": "USD", "accountName": "DU1"}
                return "updateAccountValue", value
            case "reqAccountSummary":
                value = {"account": "DU1", "tag": pick("AB"), "value": str(number), "currency": "USD"}
                return "accountSummary", {"reqId": sub.req_id, **value}
        return "pnl", {"reqId": sub.req_id, "dailyPnL": float(number)}

    def rest(self) -> None:
        """TWS serves all that it was asked for, and all comes to rest."""
        self.note("rest")
        if not self.connected:
            self.connect()
        if self.cut:
            self.cut = False
            self.restored = self.now()
            self.bench.error(-1, 1102, "why")
        if self.farm:
            self.farms()
        for _ in range(50):
            self.answer()
            for sub in [sub for sub in self.subs if not sub.end]:
                self.tell(sub, end=True)
            self.check()
            self.wait(1)
        for stream in self.ask("status")["streams"]:
            if stream["state"] != "live":
                raise Breach(f"at rest {stream} does not live")
        for prefix in ("market.", "depth.", "account."):
            for event in self.ask("snapshot", prefix=prefix)["events"]:
                if event.get("stale"):
                    raise Breach(f"at rest {event} is stale")
        for key, holders in self.holds.items():
            if bool(holders) != (self.live(key) is not None):
                raise Breach(f"at rest {key} is held by {holders}, and TWS serves {self.live(key)}")
        self.settle()
        if any(self.gaps.values()):
            raise Breach(f"at rest gaps have not ended: {self.gaps}")
        if self.pending:
            raise Breach(f"at rest not answered: {self.pending}")
        for key, holders in self.holds.items():
            for client in [*holders]:
                self.ask("release", client=client, stream=self.name_of[key])
        self.holds = {key: set() for key in ASKS}
        self.answer()
        self.check()
        if left := [sub for sub in self.subs if not sub.end]:
            raise Breach(f"TWS still serves {left}")


def run(seed: int, steps: int) -> None:
    storm = StreamStorm(seed)
    try:
        for _ in range(steps):
            storm.step()
        storm.rest()
    except Exception as fault:
        fault.add_note(f"seed {seed}:\n" + "\n".join(storm.trace))
        raise


@pytest.mark.parametrize("first", share(range(0, 150, 10), 4))
def test_no_storm_breaks_a_promise(first: int) -> None:
    for seed in range(first, first + 10):
        run(seed, 80)
