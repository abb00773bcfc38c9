"""The real bridge beside the model: it is led along the same steps, and must come to the same conclusions.

So the model explores the bridge that there is, and not one that was imagined. The bridge's own plans (when a pass
begins, when a request is overdue) do not ring here: the model says when.
"""

from __future__ import annotations

from typing import Any

from bridge.session.orders.order import Order
from bridge.session.orders.state import HERE, OPEN
from bridge.session.rights.grants import Grant
from bridge.session.rights.permissions import Permissions
from bridge.tws.events import Connected
from tests.model.bridge import LISTS, Memory, Record
from tests.model.tws import QUANTITY
from tests.model.words import Word
from tests.model.world import Step, World
from tests.session.conftest import AAPL, QUERIES, Bench
from tests.session.disk import Disk

ORDER = {"action": "BUY", "orderType": "LMT", "totalQuantity": str(QUANTITY), "lmtPrice": 5.0}
QUERY = dict(zip(LISTS, ("reqAllOpenOrders", "reqCompletedOrders", "reqExecutions"), strict=True))
ID, PERM_ID = 100, "77"
#: Longer than the pause between two passes that count.
PAUSE = 61.0
DAY = 86400.0
#: The request outlives every path: the model does not know that an order expires before it leaves.
TIMEOUT = 30 * DAY


class Lockstep:
    """Alice's order k1 in a real session, on the bench."""

    def __init__(self) -> None:
        self._bench = self._start(Disk(), 1000.0)
        self._connect()
        for name in QUERIES:
            self._end_list(name)
        self._bench.disk.held = True
        self._bench.ask("placeOrder", orderKey="k1", contract=AAPL, order=ORDER)
        self._tag = self._order.record.tag

    @staticmethod
    def _start(disk: Disk, clock: float) -> Bench:
        roles = {"alice": Grant(frozenset({"trade"})), "boss": Grant(frozenset({"trade", "admin"}))}
        bench = Bench(disk, permissions=Permissions(roles), request_timeout=TIMEOUT)
        bench.clock = clock
        bench.start()
        return bench

    def _connect(self) -> None:
        bench, link = self._bench, self._bench.session._link
        if link.state == "backingOff":
            bench.clock = max(bench.clock, link.deadline() or 0.0)
            link.on_timer(bench.now)
            bench.collect()
        days, seconds = divmod(int(bench.clock), int(DAY))
        time = f"202611{22 + days} {7 + seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02} UTC"
        bench.session.on_opened(bench.now)
        bench.session.on_events([Connected(213, time)], bench.now)
        bench.tws("managedAccounts", accountsList="DU1")
        bench.tws("nextValidId", orderId=ID)
        self._end_list("reqPositions")

    @property
    def _order(self) -> Order:
        order = self._bench.session._trading._order_store.by_id(ID)
        assert order is not None
        return order

    # A step

    def go(self, before: World, step: Step) -> None:
        """Have the bridge do the same."""
        self._bench.clock += 1
        match step.actor:
            case "word" | "answer":
                for word, name in step.heard:
                    self._say(before, word, name)
            case "pass":
                self._pass(before, step)
            case "disk":
                self._write(before, step)
            case "break":
                self._break(before, step)
            case "link":
                self._bench.clock += _gap(step)
                self._connect()
            case "time":
                trading = self._bench.session._trading
                trading._new_orders.mark_unknown(self._order, "the time is over", self._bench.now)
                self._bench.collect()
            case "bridge":
                self._release()
            case "client" | "admin":
                self._ask(step.label)
            case "tws" if before.left.nights != step.world.left.nights:
                self._bench.clock += DAY

    def _release(self) -> None:
        self._bench.release()
        self._bench.disk.held = True

    def _write(self, before: World, step: Step) -> None:
        if step.world.memory.state == "unsent" and before.disk is None:
            self._bench.disk.full = True
            self._release()
            self._bench.disk.full = False
        elif before.disk is not None:
            self._release()  # the first time goes with the next step: what is on disk leaves at once

    def _break(self, before: World, step: Step) -> None:
        bench = self._bench
        if "killed" not in step.label:
            bench.session.on_lost("end of file", bench.now)
            bench.collect()
            return
        if before.memory.state in HERE and before.disk is not None:
            bench.disk.write_unheard(1)
        bench.disk.lose_power()
        self._bench = self._start(bench.disk, bench.clock)
        self._bench.disk.held = True

    def _ask(self, label: str) -> None:
        bench, named = self._bench, {"owner": "alice", "orderKey": "k1"}
        if "cancels" in label:
            bench.ask("cancelOrder", orderKey="k1")
        elif "an admin" in label:
            bench.ask("abandon", client="boss", force=True, **named)
        else:
            bench.ask("abandon", orderKey="k1")

    # What TWS says

    def _say(self, world: World, word: Word, name: str, req_id: int = -1) -> None:
        bench, number = self._bench, {"permId": PERM_ID, "clientId": 1, "orderId": ID}
        mine = {**number, "orderRef": self._tag}
        match word.kind, name:
            case "error", _:
                bench.error(ID, int(word.text.split()[0]), f"why {word.text}")
            case "execution", _:
                shares = str(world.tws.executions[word.figure])
                execution = {**mine, "execId": f"x{word.figure}.01", "shares": shares}
                bench.tws("execDetails", reqId=req_id, contract=AAPL, execution=execution)
            case _, "orderStatus":
                figures = {"filled": str(word.figure), "remaining": str(QUANTITY - word.figure)}
                bench.tws("orderStatus", status=word.text, **figures, **number)
            case _:
                fields: dict[str, Any] = {**ORDER, **mine}
                fields |= {"filledQuantity": str(word.figure)} if name == "completedOrder" else {}
                more = {"orderId": ID} if name == "openOrder" else {}
                bench.tws(name, contract=AAPL, order=fields, orderState={"status": word.text}, **more)

    # Passes

    def _pass(self, before: World, step: Step) -> None:
        bench, passing, after = self._bench, before.link.passing, step.world.link.passing
        if passing is None:
            bench.clock += _gap(step)
            bench.session._trading._reconciler._downloads._begin(bench.now)
            bench.collect()
            self._end_list("reqPositions")
        elif after is not None:
            one = passing.left - after.left
            for word, name in step.heard:
                self._say(before, word, name, req_id=self._query(QUERY[one]).get("reqId", -1))
            if after.left:
                self._end_list(QUERY[one])
        else:
            for name in [send.name for send in bench.internal_requests]:
                self._end_list(name)

    def _query(self, name: str) -> dict[str, Any]:
        return next(send.data for send in self._bench.internal_requests if send.name == name)

    def _end_list(self, name: str) -> None:
        bench = self._bench
        for send in [send for send in bench.internal_requests if send.name == name]:
            bench.internal_requests.remove(send)
            bench.tws(QUERIES[name], **({"reqId": send.data["reqId"]} if "reqId" in send.data else {}))

    # What it has come to

    def state(self) -> tuple[Memory, Record | None]:
        """The bridge's memory and its disk, as the model has them."""
        trading, order = self._bench.session._trading, self._order
        evidence = trading._reconciler._evidences.of(ID)
        fills = trading._lifecycle._fills._of(ID).shares
        known = tuple(sorted((int(root[1:]), int(shares)) for root, (_, shares) in fills.items()))
        record, is_open = order.record, order.record.state in OPEN
        memory = Memory(
            state=record.state,
            filled=int(record.filled),
            fills=known,
            final=None if record.final_filled is None else int(record.final_filled),
            heard=record.heard,
            abandoning=bool(order.abandoning),
            missed=is_open and evidence.misses > 0,
            last_word=evidence.last_word if is_open else None,
            is_refused=is_open and evidence.refusal is not None,
        )
        return memory, self._on_disk()

    def _on_disk(self) -> Record | None:
        record = self._bench.disk.orders.get(ID)
        if record is None:
            return None
        log = self._bench.disk.log.values()
        fills = {
            (int(entry.exec_id[1]), int(entry.shares or 0))
            for entry in log
            if entry.event == "execDetails" and entry.exec_id
        }
        final = None if record.final_filled is None else int(record.final_filled)
        state = "unknown" if record.state == "sent" else record.state
        return Record(state, int(record.filled), tuple(sorted(fills)), final, record.heard)


def _gap(step: Step) -> float:
    """How much time goes by before this pass begins."""
    passing = step.world.link.passing
    return PAUSE if passing is not None and passing.counts else 2.0


def is_shown(world: World) -> bool:
    """Whether the order is one that can be compared: it has left, or may have."""
    return world.memory.state not in HERE and world.memory.state != "unsent"


def expected(world: World) -> tuple[Memory, Record | None]:
    """The same of the model: what the bridge keeps elsewhere, or only while the order is open, left out."""
    memory = world.memory._replace(cancel_left=False, unsure="no")
    if memory.state not in OPEN:
        memory = memory._replace(missed=False, last_word=None, is_refused=False)
    disk = world.disk
    # A bridge that starts writes nothing for that: sent is as much as unknown.
    return memory, disk._replace(state="unknown") if disk is not None and disk.state == "sent" else disk
