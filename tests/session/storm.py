"""A storm over one bench: clients, a disk, a connection and a TWS that says anything, all from one seed.

Nothing keeps TWS to a story. It repeats, forgets, contradicts itself and speaks of what it was never asked. What must
hold whatever it says is checked after every step; `rest` lets all come to rest and checks that nothing is stuck.
"""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

from bridge.session import Effect, Log, Reply, Send, SendAll
from bridge.session.orders.order_message import read
from bridge.session.orders.retention import RetentionRule
from bridge.session.records import OrderRecord, Record
from bridge.session.rights.grants import Grant
from bridge.session.rights.permissions import Permissions
from tests.session.conftest import AAPL, QUERIES, Bench
from tests.session.disk import Disk

Data = dict[str, Any]
TRADER = frozenset({"account", "trade"})
GRANTS = {"alice": Grant(TRADER), "bob": Grant(TRADER), "boss": Grant(frozenset({"admin"}))}
KEYS = ("k1", "k2", "entry", "exit")
ENDED = ("filled", "cancelled", "rejected")
FREE = ("abandoned", "unsent")
STATUSES = (
    "Submitted", "PreSubmitted", "PendingSubmit", "ApiPending", "PendingCancel", "Inactive", "Cancelled",
    "ApiCancelled", "Filled", "", "Strange",
)  # fmt: skip
CODES = (103, 104, 105, 110, 161, 200, 201, 202, 321, 399, 404, 434, 2109, 10147, 10148, 10999, 135)
FIGURES = ("0", "3", "4", "10", "0.5", "12", "10.0", "0.000000000000000001", None)
CLOCKS = ("20261122 07:10:00 UTC", "20261122 12:00:00 UTC", "20261123 00:00:01 UTC", "20261121 23:59:59 UTC", "", "odd")


#: What may be told while the disk has the other: it promises less.
CAUTIOUS = (("queued", "sent"), ("unsent", "queued"), ("unknown", "sent"))
#: What TWS may add to an order that is over.
SUITS = {
    "filled": ("Filled",),
    "cancelled": ("Cancelled", "ApiCancelled", "Inactive"),
    "rejected": ("Cancelled", "ApiCancelled", "Inactive"),
}


class Breach(AssertionError):
    """A promise of the contract is broken."""


class StormDisk(Disk):
    """Remembers how each order ever stood on it: what was told may be a little older than what it has."""

    def __init__(self) -> None:
        super().__init__()
        self.stood: dict[int, set[tuple[str, Decimal]]] = {}

    def _write(self, record: Record) -> None:
        super()._write(record)
        if isinstance(record, OrderRecord):
            self.stood.setdefault(record.order_id, set()).add((record.state, Decimal(record.filled)))


class StormBench(Bench):
    """A bench that shows a storm what leaves and what is answered."""

    astray = True
    disk: StormDisk
    retention = RetentionRule()

    def __init__(self, storm: Storm, disk: StormDisk) -> None:
        self.storm = storm
        super().__init__(
            disk=disk, settle_pause=20.0, permissions=Permissions(GRANTS), halted=storm.halted, retention=self.retention
        )

    def _sort(self, effect: Effect) -> None:
        match effect:
            case Send(name="placeOrder"):
                self.storm.on_placed(effect.data)
            case SendAll():
                for send in effect.sends:
                    self.storm.on_placed(send.data)
            case Reply():
                self.storm.on_reply(effect.body)
            case Log() if "Traceback" in effect.text or "impossible" in effect.text:
                raise Breach(f"the bridge logs a fault of its own: {effect.text}")
        super()._sort(effect)


class Storm:
    #: The bench under the storm.
    bench_class: type[StormBench] = StormBench

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self._talkative, self._trouble = self.random.choice((1, 4, 14)), self.random.choice((0, 1))
        self._same_day = self.random.random() < 0.5
        self.placed: dict[int, Data] = {}
        self.asked: dict[str, tuple[str, Data]] = {}
        self.answered: set[str] = set()
        #: By order and root of the execId: the number of the newest correction, and its shares.
        self.executions: dict[int, dict[str, tuple[int, Decimal]]] = {}
        self.corrected: set[int] = set()
        self.halted: str | None = None
        self.trace: list[str] = []
        self.connected = True
        self._runs = 0
        self._shares: dict[str, str] = {}
        self._troubled = 0.0
        self._seen: dict[int, Any] = {}
        self._heard = 0
        self.bench = self.bench_class(self, StormDisk())
        self.bench.ready()

    # What is checked as it happens

    def on_placed(self, data: Data) -> None:
        tag = read(data["order"]["orderRef"])
        record = self.bench.disk.orders.get(data["orderId"])
        if tag is None or record is None:
            raise Breach("an order leaves that is not on the disk")
        if data["orderId"] not in self.placed:
            for other in self.bench.disk.orders.values():
                same = (other.owner, other.key) == (tag.owner, tag.key) and other.order_id != data["orderId"]
                if same and other.state not in FREE:
                    raise Breach(f"a second order leaves under {tag.key}, the first is {other.state}")
                if same and self.total(other.order_id) > 0:
                    raise Breach(f"a second order leaves under {tag.key}, the first was executed")
        self.placed[data["orderId"]] = data

    def on_reply(self, body: Data) -> None:
        if "part" in body:
            return
        if body["id"] in self.answered:
            raise Breach(f"{body['id']} is answered twice")
        self.answered.add(body["id"])
        facts = body["result"] if body["ok"] else body["error"].get("data", {})
        if isinstance(facts, dict) and "state" in facts and "orderId" in facts:
            self._hold_against_disk(facts)

    def _hold_against_disk(self, facts: Data) -> None:
        stood = self.bench.disk.stood.get(facts["orderId"], {("queued", Decimal(0))})
        told = {facts["state"], *(disk for said, disk in CAUTIOUS if said == facts["state"])}
        if not any((state, Decimal(facts.get("filled", "0"))) in stood for state in told):
            raise Breach(f"told is what the disk never had: {facts}")
        if facts["state"] in ENDED and facts.get("change") == "unknown":
            raise Breach(f"the change of an order that has ended is unknown: {facts}")

    def total(self, order_id: int) -> Decimal:
        return sum((shares for _, shares in self.executions.get(order_id, {}).values()), Decimal(0))

    def check(self) -> None:
        """What must hold after every step."""
        conflicts, settled = self._conflicts(), self._settled()
        for order_id, record in self.bench.disk.orders.items():
            before = self._seen.get(order_id)
            self._seen[order_id] = record
            if settled and self.total(order_id) > 0 and record.state in ("notFound", "rejected", *FREE):
                raise Breach(f"order {order_id} is {record.state}, and {self.total(order_id)} of it were executed")
            if settled and Decimal(record.filled) < self.total(order_id):
                raise Breach(f"order {order_id} has filled {record.filled} of {self.total(order_id)} executed")
            if record.state in ENDED and record.change == "unknown":
                raise Breach(f"the change of order {order_id} is unknown, and it is {record.state}")
            if before is None:
                continue
            if Decimal(record.filled) < Decimal(before.filled) and order_id not in self.corrected:
                raise Breach(f"order {order_id}: filled falls from {before.filled} to {record.filled}")
            if before.state in (*ENDED, "abandoned") and record.state != before.state and order_id not in conflicts:
                raise Breach(f"order {order_id} goes from {before.state} to {record.state} without a conflict")
            stale = record.status != before.status and record.status not in SUITS.get(record.state, ())
            if before.state == record.state and record.state in ENDED and stale and order_id not in conflicts:
                raise Breach(f"order {order_id} is {record.state}: {before.status} becomes {record.status}")
        if settled:
            self.corrected.clear()

    def _settled(self) -> bool:
        """The disk has worked for so long that all is on it."""
        disk = self.bench.disk
        if disk.held or disk.full:
            self._troubled = self.bench.clock
        return self.bench.clock >= self._troubled + 5

    def _conflicts(self) -> set[int]:
        """The orders of which the log has a conflict that it had not at the last look."""
        log = [*self.bench.disk.log.values()]
        fresh, self._heard = log[self._heard :], len(log)
        return {entry.order_id for entry in fresh if entry.event == "conflict"}

    # Steps

    def step(self) -> None:
        actions = [
            *[self._word] * self._talkative, *[self._client] * 8, *[self._pass] * 3, *[self._wait] * 3,
            *[self._disk, self._disk, self._drop, self._ibkr, self._crash] * self._trouble,
        ]  # fmt: skip
        self.random.choice(actions)()
        self.check()

    def _note(self, *what: Any) -> None:
        self.trace.append(" ".join(map(str, what)))

    def _chance(self, part: float) -> bool:
        return self.random.random() < part

    def _wait(self) -> None:
        seconds = self.random.choice((0.1, 1, 4, 6, 21, 31, 61))
        self._note("wait", seconds)
        self.bench.wait(seconds)

    def _disk(self) -> None:
        disk = self.bench.disk
        match self.random.randrange(4):
            case 0:
                self._note("disk held")
                disk.held = True
            case 1:
                self._note("disk full")
                disk.full = True
            case 2:
                self._note("disk writes one")
                held, disk.held = disk.held, True
                disk.report(self.bench.session, self.bench.now, 1)
                self.bench.collect()
                disk.held = held
                self.bench.collect()
            case _:
                self._heal()

    def _heal(self) -> None:
        self._note("disk works")
        self.bench.disk.held = self.bench.disk.full = False
        self.bench.collect()

    def _drop(self) -> None:
        if not self.connected:
            return self._reconnect()
        self._note("drop")
        self.bench.internal_requests.clear()
        self.connected = False
        self.bench.session.on_lost("end of file", self.bench.now)
        self.bench.collect()
        if self._chance(0.7):
            self._reconnect()
        return None

    def _reconnect(self, clock: str | None = None) -> None:
        for _ in range(100):
            if self.bench.session._link.state == "connecting":
                break
            self.bench.wait(1)
        clock = clock or (CLOCKS[0] if self._same_day else self.random.choice(CLOCKS))
        order_id = self.random.choice((1, 100, 103, 120))
        self._note("connected", repr(clock), order_id)
        self.connected = True
        self.bench.internal_requests.clear()
        self.bench.ready(time=clock, order_id=order_id, told=self._chance(0.3))

    def _crash(self) -> None:
        written = self.random.randrange(4)
        self._note("crash", written)
        disk, clock = self.bench.disk, self.bench.clock
        disk.write_unheard(written)
        disk.lose_power()
        self._forget_unwritten(disk)
        self.answered |= set(self.asked)
        self.connected = False
        self.bench = self.bench_class(self, disk)
        self.bench.clock = clock + 1
        self.bench.start()
        self._reconnect()

    def _forget_unwritten(self, disk: Disk) -> None:
        """TWS would tell again what was not written; this one does not."""
        self.executions.clear()
        for entry in disk.log.values():
            if entry.event == "execDetails" and entry.exec_id and entry.shares:
                root, _, nth = entry.exec_id.rpartition(".")
                known = self.executions.setdefault(entry.order_id, {})
                known[root] = max(known.get(root, (0, Decimal(0))), (int(nth), Decimal(entry.shares)))
        self._troubled = self.bench.clock

    def _ibkr(self) -> None:
        if self.connected:
            code = self.random.choice((1100, 1102, 1102))
            self._note("ibkr", code)
            self.bench.error(-1, code)

    # Clients

    def _ask(self, method: str, client: str, **params: Any) -> None:
        self._runs += 1
        id_ = f"s{self._runs}"
        self.asked[id_] = (method, params)
        timeout = self.random.choice((0.3, 3.0, 30.0, 90.0))
        self._note(id_, client, method, params.get("orderKey", ""), f"timeout {timeout}")
        body = {"v": 1, "id": id_, "client": client, "method": method, "params": params, "timeout": timeout}
        self.bench.request(body, client)

    def _client(self) -> None:
        pick = self.random.choice
        client, key = pick(("alice", "alice", "bob")), pick(KEYS)
        whose = {"orderKey": key}
        if self._chance(0.15):
            client, whose = "boss", {"orderKey": key, "owner": "alice"}
        match self.random.randrange(12):
            case 0 | 1 | 2 | 3 | 4:
                self._ask("placeOrder", pick(("alice", "bob")), orderKey=key, contract=AAPL, order=self._order())
            case 5:
                child = {"orderKey": "exit", "parentKey": "entry", "contract": AAPL, "order": order("SELL")}
                parent = {"orderKey": "entry", "contract": AAPL, "order": order()}
                self._ask("placeOrders", pick(("alice", "bob")), orders=[parent, child])
            case 6:
                changed = {**order(), "lmtPrice": pick((4.0, 6.0)), "totalQuantity": pick(("10", "10", "6", "14"))}
                self._ask("modifyOrder", client, **whose, revision=self.random.randrange(1, 5), order=changed)
            case 7 | 8:
                self._ask("cancelOrder", client, **whose)
            case 9:
                self._ask("cancelMine", pick(("alice", "bob")))
            case 10 if self._give_up():
                pass
            case 10:
                force = {"force": True} if client == "boss" and self._chance(0.5) else {}
                self._ask("abandon", client, **whose, **force)
            case 11:
                self._ask("awaitOrder", client, **whose, until=pick(("acknowledged", "ended")))

    def _give_up(self) -> bool:
        """Abandon an order that was not found, and TWS has nothing to cancel; whether there was one."""
        lost = [one for one in self.bench.disk.orders.values() if one.state == "notFound"]
        if not lost or not self.connected:
            return False
        record = self.random.choice(lost)
        self._ask("abandon", record.owner, orderKey=record.key)
        if self._chance(0.8):
            self._say("error", id=record.order_id, errorTime=1, errorCode=10147, errorMsg="why")
        if self._chance(0.8):
            self._ask("placeOrder", record.owner, orderKey=record.key, contract=AAPL, order=order())
        return True

    def _order(self) -> Data:
        return order() if self._chance(0.9) else {**order(), "lmtPrice": 7.0}

    # TWS

    def _word(self) -> None:
        if not self.connected or not self.placed:
            return
        newest = sorted(self.placed)[-4:]
        order_id = self.random.choice(newest)
        self.random.choice((self._status, self._status, self._opened, self._executed, self._executed, self._error))(
            order_id
        )

    def _say(self, name: str, **data: Any) -> None:
        self._note("  TWS:", name, data.get("orderId", data.get("id", "")), _short(name, data))
        self.bench.tws(name, **{key: value for key, value in data.items() if value is not None})

    def _perm(self, order_id: int) -> str | None:
        return self.random.choice((None, "0", *[str(9000 + order_id)] * 8))

    def _status(self, order_id: int) -> None:
        self._say(
            "orderStatus", orderId=order_id, status=self.random.choice(STATUSES), filled=self.random.choice(FIGURES),
            permId=self._perm(order_id), clientId=1,
        )  # fmt: skip

    def _opened(self, order_id: int) -> None:
        fields = {**self.placed[order_id]["order"], "permId": self._perm(order_id), "clientId": 1}
        fields = {key: value for key, value in fields.items() if value is not None}
        state = {"status": self.random.choice(STATUSES)}
        self._say("openOrder", orderId=order_id, contract=AAPL, order=fields, orderState=state)

    def _completed(self, order_id: int) -> None:
        fields = {**self.placed[order_id]["order"], "permId": self._perm(order_id) or "0"}
        if (figure := self.random.choice(FIGURES)) is not None:
            fields["filledQuantity"] = figure
        state = {"status": self.random.choice(("Filled", "Cancelled", "Inactive"))}
        self._say("completedOrder", contract=AAPL, order=fields, orderState=state)

    def _executed(self, order_id: int, req_id: int = -1) -> None:
        nth = self.random.choice((1, 1, 1, 2, 3))
        root = f"x{order_id}.{self.random.randrange(3)}"
        shares = self.random.choice(("1", "2", "3", "0.25", "10")) if nth == 1 else self.random.choice(("0", "1", "2"))
        known = self.executions.setdefault(order_id, {})
        shares = self._shares.setdefault(f"{root}.{nth}", shares)
        if root in known and known[root][0] >= nth:
            nth, shares = known[root][0], str(known[root][1])  # TWS tells the same again
        elif root in known:
            self.corrected.add(order_id)
        known[root] = (nth, Decimal(shares))
        execution = {
            "orderId": order_id, "clientId": 1, "permId": str(9000 + order_id), "execId": f"{root}.{nth:02}",
            "shares": shares, "orderRef": self.placed[order_id]["order"]["orderRef"],
        }  # fmt: skip
        self._say("execDetails", reqId=req_id, contract=AAPL, execution=execution)
        if self._chance(0.5):
            self._say("commissionAndFeesReport", execId=execution["execId"], commissionAndFees=1.0)

    def _error(self, order_id: int) -> None:
        self._say("error", id=order_id, errorTime=1, errorCode=self.random.choice(CODES), errorMsg="why")

    def _pass(self) -> None:
        """Answer some of what the bridge asks for itself, with anything."""
        if not self.connected:
            return
        for _ in range(self.random.choice((1, 3, 3, 3))):
            if not self.bench.internal_requests:
                return
            send = self.bench.internal_requests.pop(0)
            for order_id in self.random.sample(sorted(self.placed), min(2, len(self.placed))):
                match send.name:
                    case "reqAllOpenOrders" if self._chance(0.03 * self._talkative):
                        self._opened(order_id)
                    case "reqCompletedOrders" if self._chance(0.02 * self._talkative):
                        self._completed(order_id)
                    case "reqExecutions" if self._chance(0.02 * self._talkative):
                        self._executed(order_id, send.data["reqId"])
            self._end(send)

    def _end(self, send: Send) -> None:
        end = QUERIES[send.name]
        self._note("  TWS:", end)
        self.bench.tws(end, **({"reqId": send.data["reqId"]} if end == "execDetailsEnd" else {}))

    # The end

    def rest(self) -> None:
        """All works again, and TWS answers each pass: every request is answered, and others can trade."""
        self._note("rest")
        self._heal()
        if not self.connected:
            self._reconnect("20261122 13:00:00 UTC")
        self.bench.error(-1, 1102)
        for _ in range(30):
            self.bench.wait(10)
            while self.bench.internal_requests:
                self._end(self.bench.internal_requests.pop(0))
            self.check()
        if missing := set(self.asked) - self.answered:
            raise Breach(f"never answered: {[(id_, *self.asked[id_]) for id_ in missing]}")
        before = len(self.placed)
        self._ask("placeOrder", "bob", orderKey=f"last{self._runs}", contract=AAPL, order=order())
        self.bench.wait(1)
        if len(self.placed) == before:
            raise Breach(f"no order leaves any more: {self.bench.replies[-1].body}")


def _short(name: str, data: Data) -> Any:
    match name:
        case "orderStatus":
            return data["status"], data["filled"], data["permId"]
        case "openOrder" | "completedOrder":
            return data["orderState"]["status"], data["order"].get("permId"), data["order"].get("filledQuantity")
        case "execDetails":
            return data["execution"]["execId"], data["execution"]["shares"]
        case "error":
            return data["errorCode"]
    return ""


def order(action: str = "BUY") -> Data:
    return {"action": action, "orderType": "LMT", "totalQuantity": "10", "lmtPrice": 5.0}
