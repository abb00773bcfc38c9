"""A seeded random campaign on pacing: clients ask, TWS answers late, the disk hangs, the connection breaks."""

from __future__ import annotations

import random
from collections import defaultdict, deque
from typing import Any

import pytest

from bridge.session.effects import Reply, Send, SendAll
from tests.depth import share
from tests.session.conftest import AAPL, QUERIES, Bench

CLIENTS = ("alice", "bob", "carol", "mad")
DENIALS = ("paced", "notTradable", "notConnected", "cancelled")
STREAMS = 12
#: Steps, and how often each comes.
STEPS = {
    "place": 2, "again": 1, "group": 1, "cancel": 1, "cancelId": 1, "mine": 1, "await": 1, "sub": 2, "unsub": 2,
    "details": 2, "flood": 1, "modify": 1, "burst": 1, "status": 1, "endRequest": 1, "wait": 3, "lose": 1, "hold": 1,
    "e100": 1,
}  # fmt: skip


class Campaign(Bench):
    """A bench that records when each message left, with a TWS that answers late."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.rate = self.random.choice([1, 3, 10, 10, 50])
        self.left: list[tuple[float, Send]] = []
        self.due: list[tuple[float, Send]] = []
        self.problems: list[str] = []
        self.connection = 0
        self.asked: dict[str, dict[str, Any]] = {}
        self.order_of: dict[str, list[str]] = defaultdict(list)
        self.price: dict[str, float] = {}
        self.revisions: dict[str, int] = defaultdict(int)
        self.placed: dict[float, list[tuple[float, int]]] = defaultdict(list)
        self.numbers: dict[int, str] = {}
        self.served: dict[int, str] = {}
        self.ended: set[int] = set()
        self.seen: dict[str, float] = {}
        self.count = 0
        self.answered_at: dict[str, float] = {}
        self.next_number = 100
        self.is_up = True
        super().__init__(messages_per_second=self.rate, lease=100_000.0)

    def _sort(self, effect: Any) -> None:
        if isinstance(effect, Send | SendAll):
            for send in effect.sends if isinstance(effect, SendAll) else (effect,):
                self._take(send)
        if isinstance(effect, Reply):
            self.answered_at.setdefault(effect.body["id"], self.clock)
        try:
            super()._sort(effect)
        except AssertionError as error:  # a code that the contract does not list for the method
            self.problems.append(f"CODE {error}")
            if isinstance(effect, Reply):
                self.replies.append(effect)

    def _take(self, send: Send) -> None:
        self.left.append((self.clock, send))
        if not self.is_up:
            self.problems.append(f"{send.name} left without a connection")
            return
        self.due.append((self.clock + self.random.choice([0.0, 0.01, 0.1, 0.5, 3.0]), send))
        data = send.data
        match send.name:
            case "placeOrder":
                key = data["order"].get("lmtPrice")
                before = {number for _, number in self.placed[key]}
                number = data["orderId"]
                if number in self.ended:
                    self.problems.append(f"order {number} is placed after its cancel was answered")
                if number not in self.numbers:
                    if before:
                        self.problems.append(f"key {key} was sent under {before} and {number}")
                    self.numbers[number] = str(key)
                    self.placed[key].append((self.clock, number))
                self.next_number = max(self.next_number, number + 1)
            case "cancelOrder":
                if data["orderId"] not in self.numbers:
                    self.problems.append(f"cancel of {data['orderId']} before its order")
            case "reqMktData":
                self.served[data["reqId"]] = str(data["contract"]["conId"])
            case "cancelMktData":
                if self.served.pop(data["reqId"], None) is None:
                    self.problems.append("cancelMktData before reqMktData")

    def answer_due(self) -> None:
        due = [entry for entry in self.due if entry[0] <= self.clock]
        self.due = [entry for entry in self.due if entry[0] > self.clock]
        for _, send in due:
            self._answer_one(send)

    def _answer_one(self, send: Send) -> None:
        if not self.is_up:
            return
        data = send.data
        match send.name:
            case "placeOrder" if data["orderId"] not in self.ended:
                if self.random.random() < 0.1 and len(self.placed[data["order"].get("lmtPrice")]) == 1 and (
                    sum(send.data.get("orderId") == data["orderId"] for _, send in self.left) == 1
                ):  # fmt: skip
                    self.ended.add(data["orderId"])
                    self.error(data["orderId"], 201, "Order rejected")
                    return
                self._status(data["orderId"], "Submitted")
            case "cancelOrder":
                self.ended.add(data["orderId"])
                self._status(data["orderId"], "Cancelled")
            case "reqMktData" if self.random.random() < 0.8 and data["reqId"] in self.served:
                self.tws("tickPrice", reqId=data["reqId"], tickType=1, price=1.0, size="1")
            case "reqContractDetails":
                self.tws("contractDetailsEnd", reqId=data["reqId"])
            case name if name in QUERIES:
                if name == "reqAllOpenOrders":
                    for number in list(self.numbers):
                        if number not in self.ended:
                            self._status(number, "Submitted")
                end = QUERIES[name]
                self.tws(end, **({"reqId": data["reqId"]} if end == "execDetailsEnd" else {}))

    def _status(self, number: int, status: str) -> None:
        self.tws("orderStatus", orderId=number, status=status, filled="0", remaining="10", permId=str(number),
                 clientId=1)  # fmt: skip

    def run(self, seconds: float) -> None:
        end = self.clock + seconds
        while self.clock < end:
            self.wait(min(0.05 if self.due else 0.5, end - self.clock))
            self.answer_due()

    # The steps

    def put(self, method: str, client: str, **params: Any) -> str:
        self.count += 1
        id_ = f"q{self.count}"
        body = {"v": 1, "id": id_, "client": client, "method": method, "params": params}
        if self.random.random() < 0.15:
            body["wait"] = False
        if self.random.random() < 0.4:
            body["timeout"] = self.random.choice([0.2, 1.0, 3.0])
        self.asked[id_] = {**body, "at": self.clock}
        self.request(body, client)
        return id_

    def key(self, client: str) -> str:
        self.count += 1
        key = f"{client}{self.count}"
        self.price[key] = float(self.count)
        return key

    def order(self, key: str, **more: Any) -> dict[str, Any]:
        order = {"action": "BUY", "orderType": "LMT", "totalQuantity": "10", "lmtPrice": self.price[key]}
        return {"orderKey": key, "contract": AAPL, **more, "order": order}

    def step(self) -> None:
        rng = self.random
        client = rng.choice(CLIENTS)
        mine = [key for key in self.price if key.startswith(client)][-8:]
        match rng.choices(list(STEPS), list(STEPS.values()))[0]:
            case "place":
                key = self.key(client)
                self.order_of[key].append(self.put("placeOrder", client, **self.order(key)))
            case "burst":
                for _ in range(rng.randrange(2, 2 * self.rate + 3)):
                    key = self.key(client)
                    self.order_of[key].append(self.put("placeOrder", client, **self.order(key)))
            case "again" if mine:
                key = rng.choice(mine)
                if not self.order_of[key] or "orders" not in self.asked[self.order_of[key][0]]["params"]:
                    self.order_of[key].append(self.put("placeOrder", client, **self.order(key)))
            case "group":
                keys = [self.key(client) for _ in range(min(3, self.rate))]
                orders = [self.order(key, **({"parentKey": keys[0]} if n else {})) for n, key in enumerate(keys)]
                id_ = self.put("placeOrders", client, orders=orders)
                for key in keys:
                    self.order_of[key].append(id_)
            case "cancel" if mine:
                self.put("cancelOrder", client, orderKey=rng.choice(mine))
            case "cancelId" if mine and (ids := [n for k in mine for _, n in self.placed[self.price[k]]]):
                self.put("cancelOrder", client, orderId=rng.choice(ids))
            case "mine":
                self.put("cancelMine", client)
            case "await" if mine:
                self.put("awaitOrder", client, orderKey=rng.choice(mine), until=rng.choice(["acknowledged", "ended"]))
            case "modify" if mine:
                key = rng.choice(mine)
                self.revisions[key] += 1
                order = {**self.order(key)["order"], "totalQuantity": "11"}
                self.put("modifyOrder", client, orderKey=key, revision=self.revisions[key], order=order)
            case "sub":
                self.put("reqMktData", client, contract={**AAPL, "conId": rng.randrange(1, STREAMS)})
            case "unsub":
                self.put("cancelMktData", client, stream=str(rng.randrange(1, STREAMS)))
            case "endRequest":
                open_ = [i for i, b in self.asked.items() if b["client"] == client and b["method"] == "reqMktData"][-3:]
                if open_:
                    self.put("cancelMktData", client, id=rng.choice(open_))
            case "details":
                self.put("reqContractDetails", client, contract={**AAPL, "conId": rng.randrange(1000, 2000)})
            case "flood":
                for _ in range(rng.randrange(2, 3 * self.rate)):
                    self.put("reqContractDetails", "mad", contract={**AAPL, "conId": rng.randrange(1000, 2000)})
            case "status":
                if not self.answers(self.put("status", client)):
                    self.problems.append("status waits")
            case "wait":
                self.run(rng.choice([0.02, 0.3, 1.0, 3.0]))
            case "lose" if rng.random() < 0.3:
                self.lose()
            case "hold":
                self.disk.held = True
                self.run(rng.choice([0.05, 0.3])) if rng.random() < 0.5 else None
                if rng.random() < 0.7:
                    self.release()
            case "e100" if rng.random() < 0.3:
                self.error(-1, 100, "Max rate of messages per second has been exceeded")

    def lose(self) -> None:
        self.is_up = False
        self.due.clear()
        self.served.clear()
        self.session.on_lost("end of file", self.now)
        self.collect()
        self.wait(self.random.choice([0.0, 0.5, 2.0]))
        for _ in range(self.random.randrange(3)):
            self.step_down()
        while self.states()[-1] == "backingOff":
            self.wait(1)
        self.is_up = True
        self.ready(order_id=self.next_number, told=False)

    def step_down(self) -> None:
        client = self.random.choice(CLIENTS)
        for _ in range(self.random.randrange(self.rate * 3)):
            self.put("reqContractDetails", client, contract={**AAPL, "conId": self.random.randrange(1000, 2000)})
        key = self.key(client)
        self.order_of[key].append(self.put("placeOrder", client, **self.order(key)))

    # The checks

    def finish(self) -> None:
        self.release()
        self.run(30)
        self.run(90)
        self.wait(200)
        self.answer_due()
        self.run(60)
        for _ in range(60):  # at a limit of one message per second, a pass over the orders takes its time
            if len(self.session._pacer):
                self.run(1)

    def check(self) -> list[str]:
        window: deque[float] = deque()
        for at, _send in self.left:
            window.append(at)
            while window[0] <= at - 1.0:
                window.popleft()
            if len(window) > self.rate:
                self.problems.append(f"{len(window)} messages in a second at {at}")
                break
        final: dict[str, Any] = {}
        for reply in self.replies:
            if "part" not in reply.body:
                if reply.body["id"] in final:
                    self.problems.append(f"{reply.body['id']} is answered twice")
                final[reply.body["id"]] = reply.body
        for id_, body in self.asked.items():
            if id_ not in final:
                self.problems.append(f"{id_} {body['method']} has no answer")
        if len(self.session._dispatcher._queue):
            self.problems.append(f"{len(self.session._dispatcher._queue)} in the queue")
        if len(self.session._pacer):
            self.problems.append(f"in the pacer: {[list(lane) for lane in self.session._pacer._lanes.values()]}"[:200])
        for key, ids in self.order_of.items():
            sent = self.placed[self.price[key]]
            codes = [None if id_ not in final or final[id_]["ok"] else final[id_]["error"]["code"] for id_ in ids]
            denied = [code for code in codes if code in DENIALS]
            if sent and denied and len(denied) == len(ids):
                self.problems.append(f"DENIED {key} {codes} was sent {sent}")
            for id_, code in zip(ids, codes, strict=True):
                if code in DENIALS and sent and sent[0][0] < self.answered_at[id_]:
                    self.problems.append(
                        f"LATE DENIAL {key} {codes} was sent at {sent[0]}, {id_} {self.answered_at[id_]}"
                    )
        for id_, body in self.asked.items():
            if body["method"] == "cancelOrder" and id_ in final and final[id_]["ok"]:
                result = final[id_]["result"]
                key = result.get("orderKey")
                asked = list(self.asked)
                is_last = all(asked.index(placing) < asked.index(id_) for placing in self.order_of[key])
                if result.get("state") == "unsent" and is_last and self.placed[self.price.get(key, -1.0)]:
                    self.problems.append(f"UNSENT {key} was sent")
        streams = {s.req_id: s for s in self.session._subscriptions.streams if s.plan.name == "reqMktData"}
        for req_id, con_id in self.served.items():
            if req_id not in streams:
                self.problems.append(f"TWS serves {con_id}, which nobody holds")
        for stream in streams.values():
            if stream.clients and stream.req_id not in self.served:
                self.problems.append(f"TWS does not serve {stream.name} {stream.state}")
        held: dict[tuple[str, str], bool] = {}
        for reply in self.replies:
            body = self.asked.get(reply.body["id"])
            if body is not None and reply.body["ok"]:
                if body["method"] == "reqMktData":
                    held[body["client"], reply.body["result"]["stream"]] = True
                elif body["method"] == "cancelMktData" and "released" in reply.body["result"]:
                    held[body["client"], reply.body["result"]["released"]] = False
        for stream in streams.values():
            for client in stream.clients:
                if not held.get((client, stream.name)):
                    self.problems.append(f"{client} holds {stream.name} without knowing it")
        for (client, name), is_held in held.items():
            if is_held and not any(s.name == name and client in s.clients for s in streams.values()):
                self.problems.append(f"{client} has lost {name}")
        self.problems += [f"LOG {log.text}" for log in self.logs if log.level == "error" and "ledger" not in log.text]
        return self.problems


def run(seed: int) -> list[str]:
    bench = Campaign(seed)
    bench.ready()
    bench.run(3)
    for _ in range(bench.random.randrange(20, 80)):
        bench.step()
    bench.finish()
    return bench.check()


@pytest.mark.parametrize("seed", share(range(100), 4))
def test_campaign(seed: int) -> None:
    assert run(seed) == []
