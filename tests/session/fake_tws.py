"""A TWS for tests of orders: what it has taken it never forgets, what was on the wire in a loss may be gone. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

from bridge.session import Send
from bridge.session.orders.marks import read

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
        self._perm = 0

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

    def _placeOrder(self, data: Data) -> None:
        held = self.book.get(data["orderId"])
        refused, self.refuse_next = self.refuse_next, False
        if refused or (held is not None and held.status in _OVER):
            self.error(data["orderId"], 201 if refused else 104)
            return
        if held is None:
            self._perm += 1
            held = self.book[data["orderId"]] = Held(data["orderId"], str(self._perm), data["contract"], data["order"])
        else:
            assert held.order["orderRef"] == data["order"]["orderRef"], "a change that changes another order"
            held.order = data["order"]
        self._tell(held)

    def _cancelOrder(self, data: Data) -> None:
        held = self.book.get(data["orderId"])
        if held is None:
            self.error(data["orderId"], 10147)
        elif held.status in _OVER:
            self.error(data["orderId"], 10148)
        else:
            held.status = "Cancelled"
            self.out.append(("orderStatus", held.order_status()))
            self.error(held.order_id, 202)

    def fill(self, held: Held, shares: int) -> None:
        """Some of the order trades."""
        shares = min(shares, held.total - held.filled)
        if held.status in _OVER or shares <= 0:
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
        for held in self.book.values():
            if held.status not in _OVER:
                self._tell(held)
        self.out.append(("openOrderEnd", {}))

    def _reqCompletedOrders(self, _data: Data) -> None:
        for held in self.book.values():
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
