"""A TWS for tests of orders: what it has taken it never forgets, what was on the wire in a loss may be gone. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

from bridge.session import Send
from bridge.session.orders.order_message import read

Data = dict[str, Any]
_OVER = ("Filled", "Cancelled")


@dataclass
class Held:
    """An order as TWS holds it."""

    order_id: int
    perm_id: str
    contract: Data
    order: Data
    status: str = "Submitted"
    filled: int = 0
    executions: int = 0

    @property
    def total(self) -> int:
        return int(float(self.order["totalQuantity"]))

    @property
    def name(self) -> tuple[str, str]:
        """Owner and key, from the tag."""
        tag = read(self.order["orderRef"])
        assert tag is not None
        return tag.owner, tag.key

    def open_order(self) -> Data:
        fields = {**self.order, "permId": self.perm_id, "clientId": 1, "filledQuantity": str(self.filled)}
        return {
            "orderId": self.order_id,
            "contract": self.contract,
            "order": fields,
            "orderState": {"status": self.status},
        }

    def order_status(self) -> Data:
        return {
            "orderId": self.order_id, "status": self.status, "filled": str(self.filled), "clientId": 1,
            "remaining": str(self.total - self.filled), "permId": self.perm_id,
        }  # fmt: skip


class FakeTws:
    """`wire` is what the bridge has sent and TWS not read; `out` what TWS has said and the bridge not heard."""

    def __init__(self) -> None:
        self.wire: deque[Send] = deque()
        self.out: deque[tuple[str, Data]] = deque()
        self.book: dict[int, Held] = {}
        self.executions: list[tuple[Held, Data]] = []
        self.refuse_next = False
        #: Second orders under the number of another, and numbers of orders that TWS does not know of yet: it neither
        #: tells them nor finds anything to cancel, and shows them later.
        self.twins: list[Held] = []
        self.hidden: set[int] = set()
        self.hide_next = False
        #: Immediate or cancel: so many shares trade, and the rest is gone, before TWS says a word of the order.
        self.at_once: int | None = None
        self._perm = 0

    def all(self) -> list[Held]:
        """Every order that TWS knows of."""
        return [held for held in (*self.book.values(), *self.twins) if held.order_id not in self.hidden]

    def under(self, order_id: int) -> list[Held]:
        return [held for held in (*self.book.values(), *self.twins) if held.order_id == order_id]

    def double(self, held: Held) -> None:
        """A change in an outage has left two orders of this number (nautilus_trader#4564)."""
        self._perm += 1
        self.twins.append(Held(held.order_id, str(self._perm), held.contract, dict(held.order)))
        self._tell(self.twins[-1])

    def show(self, order_id: int) -> None:
        self.hidden.discard(order_id)
        self._tell(self.book[order_id])

    def read(self) -> None:
        """Take one message off the wire."""
        send = self.wire.popleft()
        handler = getattr(self, f"_{send.name}", None)
        assert handler is not None, send.name
        handler(send.data)

    def lose(self) -> None:
        """The connection is gone, with all that was on its way."""
        self.wire.clear()
        self.out.clear()

    def error(self, order_id: int, code: int) -> None:
        self.out.append(("error", {"id": order_id, "errorTime": 1, "errorCode": code, "errorMsg": "why"}))

    def _tell(self, held: Held) -> None:
        self.out.append(("openOrder", held.open_order()))
        self.out.append(("orderStatus", held.order_status()))

    def _reqCurrentTime(self, _data: Data) -> None:
        self.out.append(("currentTime", {"currentTime": 1}))

    def _placeOrder(self, data: Data) -> None:
        held = self.book.get(data["orderId"])
        refused, self.refuse_next = self.refuse_next, False
        if refused or (held is not None and held.status in _OVER):
            self.error(data["orderId"], 201 if refused else 104)
            return
        if held is None:
            self._perm += 1
            held = self.book[data["orderId"]] = Held(data["orderId"], str(self._perm), data["contract"], data["order"])
            if self.hide_next:
                self.hide_next = False
                self.hidden.add(held.order_id)
                return
            if self.at_once is not None:
                self._trade_at_once(held, self.at_once)
                return
        else:
            assert held.order["orderRef"] == data["order"]["orderRef"], "a change that changes another order"
            held.order = data["order"]
        self._tell(held)

    def _trade_at_once(self, held: Held, shares: int) -> None:
        self.at_once = None
        said = len(self.out)
        self.fill(held, shares)
        kept = [word for n, word in enumerate(self.out) if n < said or word[0] not in ("openOrder", "orderStatus")]
        self.out = deque(kept)
        if held.status not in _OVER:
            held.status = "Cancelled"
        self._tell(held)

    def _cancelOrder(self, data: Data) -> None:
        found = [held for held in self.all() if held.order_id == data["orderId"]]
        living = [held for held in found if held.status not in _OVER]
        if not living:
            self.error(data["orderId"], 10148 if found else 10147)
        for held in living:
            self.end(held)

    def _reqGlobalCancel(self, _data: Data) -> None:
        for held in self.all():
            if held.status not in _OVER:
                self.end(held)

    def end(self, held: Held) -> None:
        held.status = "Cancelled"
        self.out.append(("orderStatus", held.order_status()))
        self.error(held.order_id, 202)

    def fill(self, held: Held, shares: int) -> None:
        """Some of the order trades."""
        shares = min(shares, held.total - held.filled)
        if held.status in _OVER or shares <= 0 or held.order_id in self.hidden:
            return
        held.filled += shares
        held.executions += 1
        execution = {
            "orderId": held.order_id, "clientId": 1, "permId": held.perm_id, "orderRef": held.order["orderRef"],
            "execId": f"{held.perm_id}.{held.executions}.01", "shares": str(shares),
        }  # fmt: skip
        if held.filled == held.total:
            held.status = "Filled"
        self.executions.append((held, execution))
        self.out.append(("execDetails", {"reqId": -1, "contract": held.contract, "execution": execution}))
        self._tell(held)
        self.out.append(("commissionAndFeesReport", {"execId": execution["execId"], "commissionAndFees": 1.0}))

    def _reqAllOpenOrders(self, _data: Data) -> None:
        for held in self.all():
            if held.status not in _OVER:
                self._tell(held)
        self.out.append(("openOrderEnd", {}))

    def _reqCompletedOrders(self, _data: Data) -> None:
        for held in self.all():
            if held.status in _OVER:
                told = held.open_order()
                del told["orderId"], told["order"]["clientId"]
                self.out.append(("completedOrder", told))
        self.out.append(("completedOrdersEnd", {}))

    def _reqExecutions(self, data: Data) -> None:
        for held, execution in self.executions:
            self.out.append(
                ("execDetails", {"reqId": data["reqId"], "contract": held.contract, "execution": execution})
            )
            self.out.append(("commissionAndFeesReport", {"execId": execution["execId"], "commissionAndFees": 1.0}))
        self.out.append(("execDetailsEnd", {"reqId": data["reqId"]}))

    def _reqPositions(self, _data: Data) -> None:
        """What was executed, in one account that trades one contract."""
        bought = sum(
            int(execution["shares"]) * (1 if held.order["action"] == "BUY" else -1)
            for held, execution in self.executions
        )
        if self.executions:
            contract = self.executions[0][0].contract
            self.out.append(("position", {"account": "DU1", "contract": contract, "position": str(bought)}))
        self.out.append(("positionEnd", {}))

    def _cancelPositions(self, _data: Data) -> None:
        """Silent, as TWS is."""
