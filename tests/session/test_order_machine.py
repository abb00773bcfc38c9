"""Whatever happens, in whatever order: clients place, change, cancel and give up; the disk stops, fills, loses power;
the bridge crashes; the connection goes; TWS rolls its ids back. Never two orders for a key, never an id twice, nothing
sent that is not on the disk, each request answered once, each execution numbered once for its owner."""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bridge.session import Effect, Send, SendAll
from bridge.session.orders.order_message import read
from bridge.session.orders.state import FREE, TABLE, Event
from bridge.session.rights.grants import Grant
from bridge.session.rights.permissions import Permissions
from tests.session.conftest import AAPL, Bench
from tests.session.fake_tws import FakeTws

#: What TWS says of an order that stands so.
SAYS: dict[str, Event] = {"Submitted": "shownWorking", "Filled": "toldFilled", "Cancelled": "toldCancelled"}
CLIENTS = st.sampled_from(["alice", "bob"])
KEYS = st.sampled_from(["k1", "k2"])
PRICES = st.sampled_from([5.0, 5.0, 5.0, 4.0])


class Wired(Bench):
    """A bench whose TWS is a wire: what is sent goes there in order, once it is sure that it was on the disk before."""

    def __init__(self, machine: OrderMachine, disk: Any = None) -> None:
        grants = {name: Grant(frozenset({"trade"})) for name in ("alice", "bob")}
        permissions = Permissions(grants | {"boss": Grant(frozenset({"admin"}))})
        super().__init__(disk=disk, settle_pause=60.0, permissions=permissions, halted=machine.halted)
        self.machine = machine

    def _sort(self, effect: Effect) -> None:
        match effect:
            case Send():
                self.machine.on_send(effect)
            case SendAll():
                for send in effect.sends:
                    self.machine.on_send(send)
            case _:
                super()._sort(effect)


class OrderMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.tws = FakeTws()
        self.connected = False
        self.asked: set[str] = set()
        self.placed: dict[int, str] = {}
        self.revisions: set[tuple[int, int]] = set()
        self.heard = 0
        self.numbers: dict[str, set[int]] = {}
        self.runs = 0
        self.methods: dict[str, Any] = {}
        self.halted: str | None = None
        self.account_mismatch = False
        self.denied: set[int] = set()  # orders of which TWS had said in two passes, and to a cancel, that it has none

    # What must hold for all that leaves

    def on_send(self, send: Send) -> None:
        assert self.connected, f"{send.name} was sent without a connection"
        assert not self.account_mismatch, f"{send.name} was sent to the TWS of another account"
        if send.name == "placeOrder":
            self._check_placed(send.data)
        self.tws.wire.append(send)

    def _check_placed(self, data: dict[str, Any]) -> None:
        order_id, ref = data["orderId"], data["order"]["orderRef"]
        tag = read(ref)
        record = self.bench.disk.orders.get(order_id)
        assert tag is not None and record is not None, "an order left that is not on the disk"
        assert (record.owner, record.key, record.tag) == (tag.owner, tag.key, tag.tag)
        assert self.bench.disk.high_water >= order_id
        if order_id in self.placed:
            assert self.placed[order_id] == tag.tag, "an order id was used again"
            assert record.revision > 0 and (order_id, record.revision) not in self.revisions, "a change was sent twice"
            assert record.order["lmtPrice"] == data["order"]["lmtPrice"], "a change left that is not on the disk"
        else:
            assert order_id > max(self.placed, default=0)
            assert record.revision == 0
            assert not self.halted, "an order left while trading was halted"
        if record.parent is not None:
            assert data["order"]["parentId"] in self.placed, "a child left without its parent"
            parent = self.bench.disk.orders[data["order"]["parentId"]]
            assert (parent.owner, parent.key) == (record.owner, record.parent)
        self.placed[order_id] = tag.tag
        self.revisions.add((order_id, record.revision))

    # The bridge, the connection, the disk

    @initialize()
    def begin(self) -> None:
        self.bench = Wired(self)
        self.bench.start()
        self._connect(100, told=True)

    def _connect(self, order_id: int, told: bool) -> None:
        self.tws.lose()
        self.connected = True
        self.bench.ready(order_id=order_id, told=False)
        if told:
            self.tws_works()

    @precondition(lambda self: self.connected)
    @rule(read_before=st.integers(0, 3))
    def lose_connection(self, read_before: int) -> None:
        for _ in range(min(read_before, len(self.tws.wire))):
            self.tws.read()
        self.tws.lose()
        self.connected = False
        self.bench.session.on_lost("end of file", self.bench.now)
        self.bench.collect()

    @precondition(lambda self: not self.connected)
    @rule(order_id=st.sampled_from([1, 100, 103]), told=st.booleans())
    def reconnect(self, order_id: int, told: bool) -> None:
        for _ in range(100):
            if self.bench.connects and self.bench.session._link.state == "connecting":
                break
            self.bench.wait(1)
        self._connect(order_id, told)

    @rule(
        written=st.integers(0, 3),
        read_before=st.integers(0, 3),
        order_id=st.sampled_from([1, 100, 104]),
        told=st.booleans(),
    )
    def crash(self, written: int, read_before: int, order_id: int, told: bool) -> None:
        for _ in range(min(read_before, len(self.tws.wire))):
            self.tws.read()
        disk, clock = self.bench.disk, self.bench.clock
        disk.write_unheard(written)
        disk.lose_power()
        self._look()
        self.connected = False
        self.bench = Wired(self, disk)
        self.bench.clock = clock + 1
        self.asked, self.heard = set(), 0
        self.bench.start()
        self._connect(order_id, told)

    @rule(held=st.booleans())
    def hold_disk(self, held: bool) -> None:
        self.bench.disk.held = held
        self.bench.collect()

    @rule(count=st.integers(1, 3))
    def disk_writes_some(self, count: int) -> None:
        held, self.bench.disk.held = self.bench.disk.held, True
        self.bench.disk.report(self.bench.session, self.bench.now, count)
        self.bench.collect()
        if not held:
            self.hold_disk(False)

    @rule(full=st.booleans())
    def fill_disk(self, full: bool) -> None:
        self.bench.disk.full = full

    @precondition(lambda self: self.connected)
    @rule(code=st.sampled_from([1100, 1102]))
    def ibkr(self, code: int) -> None:
        self.bench.error(-1, code)

    @rule(seconds=st.sampled_from([1, 6, 31, 61]))
    def wait(self, seconds: int) -> None:
        self.bench.wait(seconds)

    # Clients

    def _ask(self, method: str, client: str, timeout: float | None = None, **params: Any) -> None:
        self.runs += 1
        self.methods[f"q{self.runs}"] = (method, client, params, self.bench.clock)
        if timeout is not None:
            body = {"v": 1, "id": f"q{self.runs}", "client": client, "method": method, "params": params}
            self.bench.request({**body, "timeout": timeout}, client)
            self.asked.add(f"q{self.runs}")
            return
        self.asked.add(self.bench.ask(method, client=client, id=f"q{self.runs}", **params))

    @rule(client=CLIENTS, key=KEYS, price=PRICES)
    def place(self, client: str, key: str, price: float) -> None:
        self._ask("placeOrder", client, orderKey=key, contract=AAPL, order=_order(price))

    @rule(client=CLIENTS, price=PRICES)
    def place_bracket(self, client: str, price: float) -> None:
        child = {"orderKey": "exit", "parentKey": "entry", "contract": AAPL, "order": _order(price, action="SELL")}
        self._ask(
            "placeOrders", client, orders=[{"orderKey": "entry", "contract": AAPL, "order": _order(price)}, child]
        )

    @rule(client=CLIENTS, key=KEYS, revision=st.integers(1, 4), price=PRICES)
    def change(self, client: str, key: str, revision: int, price: float) -> None:
        self._ask("modifyOrder", client, orderKey=key, revision=revision, order=_order(price))

    @rule(client=CLIENTS, key=KEYS)
    def cancel(self, client: str, key: str) -> None:
        self._ask("cancelOrder", client, orderKey=key)

    @rule(client=CLIENTS, key=KEYS, price=PRICES, timeout=st.sampled_from([0.5, 5.0, 90.0]))
    def place_in_a_hurry(self, client: str, key: str, price: float, timeout: float) -> None:
        self._ask("placeOrder", client, timeout, orderKey=key, contract=AAPL, order=_order(price))

    @rule(client=CLIENTS, price=PRICES, parent=st.sampled_from(["k1", "k2", "entry"]))
    def place_child(self, client: str, price: float, parent: str) -> None:
        order = _order(price, action="SELL")
        self._ask("placeOrder", client, orderKey="late", parentKey=parent, contract=AAPL, order=order)

    @rule(client=CLIENTS, key=st.sampled_from(["entry", "exit", "late"]))
    def cancel_one_of_a_family(self, client: str, key: str) -> None:
        self._ask("cancelOrder", client, orderKey=key)

    @rule(client=CLIENTS, key=KEYS, price=PRICES, written=st.integers(0, 2))
    def place_and_cancel_on_the_way(self, client: str, key: str, price: float, written: int) -> None:
        self.hold_disk(True)
        self.place(client, key, price)
        self.cancel(client, key)
        if written:
            self.disk_writes_some(written)
        self.place(client, key, price)

    @rule(owner=CLIENTS, key=KEYS, revision=st.integers(1, 4), price=PRICES)
    def boss_changes(self, owner: str, key: str, revision: int, price: float) -> None:
        self._ask("modifyOrder", "boss", owner=owner, orderKey=key, revision=revision, order=_order(price))

    @precondition(lambda self: self.connected)
    @rule(client=CLIENTS, key=KEYS, price=PRICES, shares=st.sampled_from([0, 3, 10]))
    def place_immediate_or_cancel(self, client: str, key: str, price: float, shares: int) -> None:
        self.tws_works()
        self.tws.at_once = shares
        self.place(client, key, price)
        self.tws_works()
        self.tws.at_once = None

    @rule()
    def cancel_all(self) -> None:
        self._ask("reqGlobalCancel", "boss")

    @rule(halted=st.booleans())
    def halt(self, halted: bool) -> None:
        self.bench.ask("halt" if halted else "resume", client="boss", id=f"h{self.runs}")
        self.runs += 1
        self.halted = self.bench.halted

    @rule(client=CLIENTS)
    def cancel_mine(self, client: str) -> None:
        self._ask("cancelMine", client)

    @rule(client=CLIENTS, price=PRICES)
    def place_while_the_disk_waits(self, client: str, price: float) -> None:
        self.hold_disk(True)
        self.place(client, "k1", price)

    @rule(client=CLIENTS, key=KEYS, price=PRICES, read=st.integers(0, 2), until=st.sampled_from([0, 31, 110]))
    def place_and_hear_nothing(self, client: str, key: str, price: float, read: int, until: int) -> None:
        self.place(client, key, price)
        if self.connected:
            self.lose_connection(read)
            self.reconnect(1, True)
        self.wait(until)
        self.place(client, key, price)

    @rule(client=CLIENTS, key=KEYS, revision=st.integers(1, 2), then=st.sampled_from(["told", "gone", ""]))
    def place_and_change_twice(self, client: str, key: str, revision: int, then: str) -> None:
        self.place(client, key, 5.0)
        if self.connected:
            self.tws_works()
        self.change(client, key, revision, 4.0)
        if self.connected and then == "told":
            self.tws_works()
        elif self.connected and then == "gone":
            self.lose_connection(1)
            self.reconnect(1, True)
        self.change(client, key, revision, 4.0)

    @rule(client=CLIENTS, key=KEYS, price=PRICES, shares=st.sampled_from([3, 10]))
    def place_and_give_up_what_was_filled_unheard(self, client: str, key: str, price: float, shares: int) -> None:
        self.place(client, key, price)
        self.wait(31)
        if self.connected and self.tws.wire:
            self.abandon(client, key)
            while self.tws.wire:
                if self.tws.book:
                    self.tws.fill(list(self.tws.book.values())[-1], shares)
                self.tws.read()
            self.tws.out = type(self.tws.out)(said for said in self.tws.out if said[0] == "error")
            self.tws_works()
            self.lose_connection(0)
            self.reconnect(1, True)
            self.place(client, key, price)

    @rule(client=CLIENTS, key=KEYS)
    def abandon(self, client: str, key: str) -> None:
        self._ask("abandon", client, orderKey=key)

    @rule(client=CLIENTS, key=KEYS, again=st.booleans())
    def place_and_give_up_what_lives_after_all(self, client: str, key: str, again: bool) -> None:
        """TWS denies an order twice, its client gives it up, perhaps uses the key again; then TWS shows it."""
        self.place(client, key, 5.0)
        if not self.connected or not any(send.name == "placeOrder" for send in self.tws.wire):
            return
        self.tws.hide_next = True
        self.tws_works()
        self.tws.hide_next = False
        if not self.tws.hidden:
            return
        for _ in range(20):
            self.wait(10)
            self.tws_works()
        self.abandon(client, key)
        self.tws_works()
        if again:
            self.place(client, key, 4.0)
            self.tws_works()
        self.denied |= self.tws.hidden
        for order_id in list(self.tws.hidden):
            self.tws.show(order_id)

    @precondition(lambda self: not self.connected)
    @rule()
    def reconnect_to_another_account(self) -> None:
        self.account_mismatch = True
        for _ in range(100):
            if self.bench.connects and self.bench.session._link.state == "connecting":
                break
            self.bench.wait(1)
        self.connected = True
        self.bench.ready(order_id=500, told=False, accounts="U9")
        self._ask("cancelMine", "alice")
        self._ask("placeOrder", "bob", orderKey="k2", contract=AAPL, order=_order(5.0))
        self.bench.wait(31)
        self.connected = False
        self.bench.session.on_lost("end of file", self.bench.now)
        self.bench.collect()
        self.account_mismatch = False

    # TWS

    @precondition(lambda self: self.tws.book and not self.tws.twins)
    @rule(which=st.integers(0, 10))
    def tws_doubles(self, which: int) -> None:
        held = [held for held in self.tws.book.values() if held.status == "Submitted"]
        if held:
            self.tws.double(held[which % len(held)])

    @precondition(lambda self: self.connected and (self.tws.wire or self.tws.out))
    @rule()
    def tws_works(self) -> None:
        """Read and say all there is."""
        while self.tws.wire or self.tws.out:
            while self.tws.wire:
                self.tws.read()
            self.tws_speaks(10_000)

    @precondition(lambda self: self.connected and self.tws.wire)
    @rule(count=st.integers(1, 5), refuse=st.booleans())
    def tws_reads(self, count: int, refuse: bool) -> None:
        self.tws.refuse_next = refuse
        for _ in range(min(count, len(self.tws.wire))):
            self.tws.read()
        self.tws.refuse_next = False

    @precondition(lambda self: self.connected and self.tws.out)
    @rule(count=st.integers(1, 20))
    def tws_speaks(self, count: int) -> None:
        for _ in range(min(count, len(self.tws.out))):
            name, data = self.tws.out.popleft()
            self.bench.tws(name, **data)

    @precondition(lambda self: self.tws.book)
    @rule(which=st.integers(0, 10), shares=st.integers(1, 6))
    def fill(self, which: int, shares: int) -> None:
        held = [*self.tws.book.values(), *self.tws.twins]
        self.tws.fill(held[which % len(held)], shares)

    # What holds at all times

    @invariant()
    def nothing_is_doubled(self) -> None:
        names = [held.name for held in self.tws.book.values() if held.order_id not in self.denied]
        assert len(names) == len(set(names)), "two orders for one key"
        self._look()

    def _look(self) -> None:
        """Each request is answered once at most; what was published is on the disk, under its number, for its owner."""
        bench = self.bench
        finals = [reply.body["id"] for reply in bench.replies if "part" not in reply.body]
        assert len(finals) == len(set(finals)), "a request was answered twice"
        for topic, body in bench.events[self.heard :]:
            if "n" not in body:
                continue
            owner = topic.split(".")[1]
            record = bench.disk.log[owner, body["n"]]
            assert record.topic == topic and (record.data == body["data"] or body.get("replayed"))
            assert body.get("replayed") or body["n"] not in self.numbers.setdefault(owner, set()), "a number twice"
            self.numbers.setdefault(owner, set()).add(body["n"])
        self.heard = len(bench.events)

    def teardown(self) -> None:
        """Let all come to rest: everything is answered, and every execution is in its owner's log, once."""
        if not hasattr(self, "bench"):
            return
        self.bench.disk.full = self.bench.disk.held = False
        self.bench.collect()
        if not self.connected:
            self.reconnect(1, True)
        self.ibkr(1102)
        for _ in range(40):
            self.bench.wait(10)
            self.tws_works()
        self.nothing_is_doubled()
        answered = {reply.body["id"] for reply in self.bench.replies}
        assert self.asked <= answered, f"never answered: {[self.methods.get(i) for i in self.asked - answered]}"
        logged = [(r.owner, r.exec_id) for r in self.bench.disk.log.values() if r.event == "execDetails"]
        traded = [(held.name[0], execution["execId"]) for held, execution in self.tws.executions]
        assert sorted(logged) == sorted(traded)
        for record in self.bench.disk.orders.values():
            held = self.tws.under(record.order_id)
            assert record.state not in ("sent", "unknown"), "an order was never settled"
            if not held:
                assert record.state in ("notFound", "abandoned", "unsent", "rejected"), record
                continue
            said = next(word for word in SAYS if any(one.status == word for one in held))
            # The table has the say: what TWS says of the order must lead nowhere else than to where it is.
            assert TABLE[record.state][SAYS[said]].to == record.state, (record, held)
            if said == "Submitted":
                assert record.state == "acknowledged", (record, held)
            if any(one.filled for one in held):
                assert record.state not in FREE | {"rejected", "notFound"}, (record, held)
        assert not self.bench.session._trading.order_log.failure, "the ledger is stuck"
        if not self.halted:
            self._ask("placeOrder", "bob", orderKey="last", contract=AAPL, order=_order(5.0))
            self.tws_works()
            assert any(held.name == ("bob", "last") for held in self.tws.book.values()), "nobody can trade any more"


def _order(price: float, action: str = "BUY") -> dict[str, Any]:
    return {"action": action, "orderType": "LMT", "totalQuantity": 10, "lmtPrice": price}


#: `make fuzz`: for longer, and each time elsewhere. A commit is judged by the same examples wherever it is tested.
DEEP = os.environ.get("HYPOTHESIS_PROFILE") == "deep"
TestOrders = OrderMachine.TestCase
TestOrders.settings = settings(
    max_examples=3000 if DEEP else 60,
    derandomize=not DEEP,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
