"""What the hostile TWS says of orders unasked: openOrder, orderStatus, execDetails, errors; lost, late or repeated.

A word goes to the connection of the client id that placed the order, or to nobody. What comes late is what was true
when it was said. Executions come late at the most: they are lost with a connection only.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Protocol

from tests.campaign.tws.book import Book, Data, Entry, Execution
from tests.campaign.tws.clock import Clock
from tests.campaign.tws.manners import Manner

#: The longest that a word is late, in seconds.
LATEST = 2.2


class EventSocket(Protocol):
    """A connection that hears. `name` is its own."""

    name: str

    def send(self, name: str, data: Data) -> None: ...


def open_order(entry: Entry, status: str) -> Data:
    shown = {name: value for name, value in entry.order.items() if name != "transmit"}
    shown |= {
        "clientId": entry.client, "orderId": entry.order_id, "permId": str(entry.perm), "account": "DU1",
        "filledQuantity": str(entry.filled),
    }  # fmt: skip
    return {"orderId": entry.order_id, "contract": entry.contract, "order": shown, "orderState": {"status": status}}


def order_status(entry: Entry, status: str) -> Data:
    return {
        "orderId": entry.order_id, "status": status, "filled": str(entry.filled), "permId": str(entry.perm),
        "remaining": str(max(0, entry.total - entry.filled)), "avgFillPrice": 10.0, "lastFillPrice": 10.0,
        "parentId": entry.parent_id, "clientId": entry.client, "mktCapPrice": 0.0,
    }  # fmt: skip


def completed_order(entry: Entry) -> Data:
    """It has neither order id nor client id. A rejected order is Inactive here, as at the vendor's."""
    status = "Inactive" if entry.status == "Rejected" else entry.status
    told = open_order(entry, status)
    order = {name: value for name, value in told["order"].items() if name not in ("orderId", "clientId", "parentId")}
    if entry.status == "Filled":
        order["totalQuantity"] = "0"
    state = {"status": status, "completedStatus": entry.status, "completedTime": f"{entry.over_day} 16:00:00 UTC"}
    return {"contract": entry.contract, "order": order, "orderState": state}


def exec_details(entry: Entry, execution: Execution, req_id: int = -1) -> Data:
    made = {
        "execId": execution.exec_id, "orderId": entry.order_id, "clientId": entry.client, "permId": str(entry.perm),
        "orderRef": entry.order.get("orderRef", ""), "shares": str(execution.shares), "price": execution.price,
        "time": execution.time, "side": "BOT" if entry.order["action"] == "BUY" else "SLD", "acctNumber": "DU1",
        "exchange": "ISLAND", "cumQty": str(entry.filled), "avgPrice": execution.price,
    }  # fmt: skip
    return {"reqId": req_id, "contract": entry.contract, "execution": made}


def commission(execution: Execution) -> Data:
    return {"execId": execution.exec_id, "commissionAndFees": 1.0, "currency": "USD"}


class Words:
    """`ear_of` finds the connection of a client id. `manner_of` knows how an order's words fare."""

    def __init__(
        self,
        seed: str,
        book: Book,
        clock: Clock,
        *,
        ear_of: Callable[[int], EventSocket | None],
        manner_of: Callable[[Entry], Manner],
    ) -> None:
        self._seed = seed
        self._rngs: dict[int, Random] = {}
        self._book = book
        self._clock = clock
        self._ear_of = ear_of
        self._manner_of = manner_of

    def shown(self, entry: Entry, status: str | None = None) -> None:
        """openOrder and orderStatus, each on its own way."""
        self._say(entry, "openOrder", open_order(entry, status or entry.status))
        self.status(entry, status)

    def status(self, entry: Entry, status: str | None = None) -> None:
        self._say(entry, "orderStatus", order_status(entry, status or entry.status))

    def refuse(self, entry: Entry, code: int, text: str) -> None:
        """An error on an order that TWS has, which fares as its statuses do."""
        self._say(entry, "error", self._error(entry.order_id, code, text))

    def answer(self, ear: EventSocket, order_id: int, code: int, text: str) -> None:
        """An error that answers what this connection has just asked."""
        ear.send("error", self._error(order_id, code, text))

    def executed(self, entry: Entry, execution: Execution) -> None:
        delays = [self._rng(entry).uniform(0.1, LATEST)] if self._manner_of(entry).slow_executions else [0.0]
        self._send_after(entry, delays, "execDetails", exec_details(entry, execution))
        self._send_after(entry, delays, "commissionAndFeesReport", commission(execution))

    def _error(self, order_id: int, code: int, text: str) -> Data:
        return {"id": order_id, "errorTime": self._clock.seconds() * 1000, "errorCode": code, "errorMsg": text}

    def _say(self, entry: Entry, name: str, data: Data) -> None:
        delays = self._delays(entry)
        status = data.get("status") or data.get("orderState", {}).get("status") or data.get("errorCode")
        fate = ", ".join("at once" if not late else f"after {late:.1f} s" for late in delays) or "lost"
        if self._ear_of(entry.client) is None:
            fate = "nobody is connected"
        owner, key = entry.name
        self._book.write("said", perm=entry.perm, owner=owner, key=key, word=f"{name} {status}", fate=fate)
        self._send_after(entry, delays, name, data)

    def _rng(self, entry: Entry) -> Random:
        """The order's own, so that what becomes of its words does not hang on what is said of others."""
        owner, key = entry.name
        return self._rngs.setdefault(entry.perm, Random(f"{self._seed}/{owner}/{key}/{entry.nth}/words"))

    def _delays(self, entry: Entry) -> list[float]:
        """When a word is said: never, at once, late, or twice."""
        rng = self._rng(entry)
        match self._manner_of(entry).words:
            case "silent":
                return []
            case "lossy":
                return [] if rng.random() < 0.45 else [0.0]
            case "late":
                return [rng.uniform(0.1, LATEST)] if rng.random() < 0.6 else [0.0]
            case "repeated":
                return [0.0, *(rng.uniform(0.1, LATEST) for _ in range(rng.choice((0, 1, 2))))]
            case _:
                return [0.0]

    def _send_after(self, entry: Entry, delays: list[float], name: str, data: Data) -> None:
        ear = self._ear_of(entry.client)
        if ear is None:
            return
        for delay in delays:
            if delay:
                self._clock.later(delay, lambda: ear.send(name, data))
            else:
                ear.send(name, data)
