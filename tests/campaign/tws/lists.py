"""What the hostile TWS answers when it is asked what there is: always whole, and always current.

Open orders are those that live; completed orders and executions are the current day's.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.campaign.tws import words
from tests.campaign.tws.book import Book, Data
from tests.campaign.tws.clock import Clock
from tests.campaign.tws.words import EventSocket

ACCOUNT = "DU1"


class Lists:
    """`answer` is False for what this TWS does not know: it says nothing then."""

    def __init__(self, book: Book, clock: Clock, *, forgets_ids: bool) -> None:
        self._book = book
        self._clock = clock
        self._forgets_ids = forgets_ids
        self._asked: dict[str, int] = {}
        self._answers: dict[str, Callable[[EventSocket, int, Data], None]] = {
            "reqAllOpenOrders": self._open_orders,
            "reqOpenOrders": self._open_orders,
            "reqCompletedOrders": self._completed_orders,
            "reqExecutions": self._executions,
            "reqPositions": self._positions,
            "reqIds": self._ids,
            "reqCurrentTime": self._time,
            "reqContractDetails": self._contract,
        }

    def answer(self, ear: EventSocket, client: int, name: str, data: Data) -> bool:
        found = self._answers.get(name)
        if found is not None:
            found(ear, client, data)
        return found is not None

    def start(self, ear: EventSocket, client: int) -> None:
        """What a client hears after startApi."""
        ear.send("managedAccounts", {"accountsList": ACCOUNT})
        self._ids(ear, client, {})

    def _open_orders(self, ear: EventSocket, _client: int, _data: Data) -> None:
        for entry in self._book.live():
            ear.send("openOrder", words.open_order(entry, entry.status))
            ear.send("orderStatus", words.order_status(entry, entry.status))
        ear.send("openOrderEnd", {})

    def _completed_orders(self, ear: EventSocket, _client: int, _data: Data) -> None:
        for entry in self._book.completed():
            ear.send("completedOrder", words.completed_order(entry))
        ear.send("completedOrdersEnd", {})

    def _executions(self, ear: EventSocket, client: int, data: Data) -> None:
        """Noted in the book: what was in one list, when the next was asked for, has reached the asker."""
        told = self._book.executions()
        nth = self._asked[ear.name] = self._asked.get(ear.name, 0) + 1
        made = [execution.exec_id for _, execution in told]
        self._book.write("listed", client=client, line=ear.name, nth=nth, execIds=made)
        for entry, execution in told:
            ear.send("execDetails", words.exec_details(entry, execution, data["reqId"]))
            ear.send("commissionAndFeesReport", words.commission(execution))
        ear.send("execDetailsEnd", {"reqId": data["reqId"]})

    def _positions(self, ear: EventSocket, _client: int, _data: Data) -> None:
        held: dict[int, tuple[Data, int]] = {}
        for entry in self._book.orders.values():
            _, before = held.get(entry.contract["conId"], ({}, 0))
            side = 1 if entry.order["action"] == "BUY" else -1
            held[entry.contract["conId"]] = (entry.contract, before + side * entry.filled)
        for contract, shares in held.values():
            ear.send("position", {"account": ACCOUNT, "contract": contract, "position": str(shares), "avgCost": 10.0})
        ear.send("positionEnd", {})

    def _ids(self, ear: EventSocket, client: int, _data: Data) -> None:
        ear.send("nextValidId", {"orderId": 1 if self._forgets_ids else self._book.next_number(client)})

    def _time(self, ear: EventSocket, _client: int, _data: Data) -> None:
        ear.send("currentTime", {"currentTime": self._clock.seconds()})

    def _contract(self, ear: EventSocket, _client: int, data: Data) -> None:
        contract = {"secType": "STK", "exchange": "SMART", "currency": "USD", "symbol": "AAPL", "conId": 265598}
        details = {"marketName": "NMS", "minTick": "0.01", "longName": "APPLE INC"}
        ear.send("contractDetails", {"reqId": data["reqId"], "contract": contract, "contractDetails": details})
        ear.send("contractDetailsEnd", {"reqId": data["reqId"]})
