"""A TWS that a test scripts: it answers what the bridge asks for itself from lists, and says what the test tells it.

Nothing happens by itself to an order: the test says every word on it. All that the bridge sends is recorded.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from bridge.session.orders import order_message
from bridge.tws import Connection
from bridge.tws.events import Message
from tests.end_to_end import processes
from tests.session.fake_tws import Held

Data = dict[str, Any]
#: One message of TWS: its name and its fields.
Word = tuple[str, Data]
T = TypeVar("T")

#: TWS's clock at a handshake: on one day, and on the next.
TODAY, TOMORROW = "20261122 10:00:00 UTC", "20261123 10:00:00 UTC"
#: The last server version that speaks text alone, and one that speaks protobuf wherever the bridge looks for orders.
TEXT, PROTOBUF = 187, 213
#: What the bridge asks in one pass.
PASS = ("reqAllOpenOrders", "reqCompletedOrders", "reqExecutions")
#: Seconds that a test waits for anything.
PATIENCE = 15.0


class Taken:
    """An order as TWS got it, and TWS's words on it."""

    def __init__(self, data: Data) -> None:
        self.order_id: int = data["orderId"]
        self.contract: Data = data["contract"]
        self.order: Data = data["order"]
        self.perm_id = str(900_000 + self.order_id)

    def _held(self, status: str, filled: int) -> Held:
        return Held(self.order_id, self.perm_id, self.contract, self.order, status, filled)

    def shown(self, status: str = "Submitted", filled: int = 0) -> Word:
        return "openOrder", self._held(status, filled).open_order()

    def stands(self, status: str = "Submitted", filled: int = 0) -> Word:
        return "orderStatus", self._held(status, filled).order_status()

    def completed(self, status: str, filled: int = 0) -> Word:
        """As completed orders are listed: without the number that the client gave."""
        told = self._held(status, filled).open_order()
        del told["orderId"], told["order"]["clientId"]
        return "completedOrder", told

    def executed(self, shares: int, exec_id: str = "x1.01") -> Word:
        execution = {
            "orderId": self.order_id, "clientId": 1, "permId": self.perm_id, "orderRef": self.order["orderRef"],
            "execId": exec_id, "shares": str(shares), "side": "BOT", "price": 5.0, "time": "20261122 10:00:05 UTC",
        }  # fmt: skip
        return "execDetails", {"reqId": -1, "contract": self.contract, "execution": execution}

    def error(self, code: int, text: str = "why") -> Word:
        return error(self.order_id, code, text)


def error(about: int, code: int, text: str = "why") -> Word:
    return "error", {"id": about, "errorTime": 1, "errorCode": code, "errorMsg": text}


def fee(exec_id: str = "x1.01") -> Word:
    return "commissionAndFeesReport", {"execId": exec_id, "commissionAndFees": 1.0, "currency": "USD"}


class Tws:
    """Listens on a free port; talks to one bridge at a time. The test may change every public field at any time.

    `version`, `clock`, `accounts` and `next_order_id` hold from the next connection on. `front`, if it is set, gets
    each new socket instead of TWS. `open_orders`, `completed_orders`, `executions` (with their fees) and `positions`
    are what TWS lists; `contracts` are what it describes by conId. `reactions` say what TWS says at once when it gets
    a message of that name.
    """

    def __init__(self, version: int = PROTOBUF) -> None:
        self.version = version
        self.clock = TODAY
        self.accounts = "DU1"
        self.next_order_id = 1
        self.front: Callable[[socket.socket], None] | None = None
        self.open_orders: list[Word] = []
        self.completed_orders: list[Word] = []
        self.executions: list[Word] = []
        self.positions: list[Word] = []
        self.contracts: dict[int, Data] = {}
        self.reactions: dict[str, Callable[[Data], list[Word]]] = {}
        self.received: list[Message] = []
        self.connections = 0
        self._answered: Counter[str] = Counter()
        self._held: list[Message] | None = None
        self._changed = threading.Condition()
        self._client: socket.socket | None = None
        self._deaf: socket.socket | None = None
        self._connection: Connection | None = None
        self.listener = processes.ScriptedTws(self._serve)
        self.address = self.listener.address

    def close(self) -> None:
        self.listener.close()
        self.drop()

    def time(self) -> str:
        """Its clock at a handshake."""
        return self.clock

    # What the test does

    def say(self, *words: Word) -> None:
        """Say these words, in one piece."""
        with self._changed:
            self._say(words)

    def say_bytes(self, data: bytes) -> None:
        """Say these bytes, whatever they mean."""
        with self._changed:
            assert self._client is not None, "no bridge is connected"
            self._client.sendall(data)

    def go_deaf(self) -> None:
        """Read no more from the connection that is open now; the next one is served."""
        with self._changed:
            self._deaf = self._client

    def drop(self) -> None:
        """Close the connection to the bridge."""
        with self._changed:
            client, self._client, self._connection = self._client, None, None
            if client is not None:
                with contextlib.suppress(OSError):
                    client.shutdown(socket.SHUT_RDWR)

    def knows_no_order(self) -> None:
        """From now on TWS has nothing to cancel: it answers each cancel with 10147."""
        self.reactions["cancelOrder"] = lambda data: [error(data["orderId"], 10147, "OrderId is not found")]

    @contextlib.contextmanager
    def holding(self) -> Iterator[None]:
        """TWS holds back its answers to a pass within the block, and gives them at its end."""
        with self._changed:
            self._held = []
        yield
        with self._changed:
            held, self._held = self._held or [], None
            for question in held:
                self._answer(question)

    # What the test looks at

    def sent(self, name: str) -> list[Data]:
        """The messages of that name that the bridge has sent, on all connections."""
        with self._changed:
            return [message.data for message in self.received if message.name == name]

    def placed(self, key: str) -> list[Data]:
        """The placeOrder messages for that key: new orders, and changes."""
        return [data for data in self.sent("placeOrder") if _key(data) == key]

    @property
    def passes(self) -> int:
        """How many passes TWS has answered, on all connections."""
        with self._changed:
            return min(self._answered[name] for name in PASS)

    def order(self, key: str, nth: int = 1) -> Taken:
        """The order that the bridge has sent, or sends soon, under that key; of several messages the nth."""
        self.until(lambda: len(self.placed(key)) >= nth, f"the bridge sent no placeOrder number {nth} for {key}")
        return Taken(self.placed(key)[nth - 1])

    def taken(self, order_id: int) -> Taken:
        """The order of that number, as it was placed."""
        return Taken(next(data for data in self.sent("placeOrder") if data["orderId"] == order_id))

    def until(self, reached: Callable[[], T], otherwise: str) -> T:
        """What `reached` gives, as soon as that is true."""
        deadline = time.monotonic() + PATIENCE
        with self._changed:
            while not (found := reached()):
                assert time.monotonic() < deadline, otherwise
                self._changed.wait(0.05)
        return found

    # How it talks

    def _serve(self, client: socket.socket) -> None:
        if self.front is not None:
            self.front(client)
            return
        connection = processes.started(client, self.version, self.next_order_id, self.time(), self.accounts)
        with self._changed:
            self._client, self._connection = client, connection
            self._held = None if self._held is None else []
            self.connections += 1
            self._changed.notify_all()
        while data := client.recv(65536):
            with self._changed:
                while self._deaf is client and self._client is client:
                    self._changed.wait(0.05)
                if self._client is not client:
                    return
                connection.receive_data(data)
                for event in connection.events_received():
                    assert isinstance(event, Message), event
                    self._take(event)
                self._changed.notify_all()

    def _take(self, message: Message) -> None:
        self.received.append(message)
        if self._held is not None and message.name in PASS:
            self._held.append(message)
        else:
            self._answer(message)

    def _answer(self, message: Message) -> None:
        self._answered[message.name] += 1
        self._say(self._answers(message.name, message.data))
        self._changed.notify_all()

    def _answers(self, name: str, data: Data) -> list[Word]:
        match name:
            case "reqAllOpenOrders":
                return [*self.open_orders, ("openOrderEnd", {})]
            case "reqCompletedOrders":
                return [*self.completed_orders, ("completedOrdersEnd", {})]
            case "reqExecutions":
                req_id = {"reqId": data["reqId"]}
                told = [(word, {**told, **req_id} if "reqId" in told else told) for word, told in self.executions]
                return [*told, ("execDetailsEnd", req_id)]
            case "reqPositions":
                return [*self.positions, ("positionEnd", {})]
            case "reqContractDetails":
                return self._describe(data["reqId"], data["contract"])
            case "reqCurrentTime":
                return [("currentTime", {"currentTime": 1})]
        return self.reactions[name](data) if name in self.reactions else []

    def _describe(self, req_id: int, asked: Data) -> list[Word]:
        contract = self.contracts.get(asked.get("conId", 0))
        if contract is None:
            return [error(req_id, 200, "No security definition has been found for the request")]
        details = {"reqId": req_id, "contract": contract, "contractDetails": {"marketName": "NMS"}}
        return [("contractDetails", details), ("contractDetailsEnd", {"reqId": req_id})]

    def _say(self, words: list[Word] | tuple[Word, ...]) -> None:
        assert self._connection is not None and self._client is not None, "no bridge is connected"
        for name, data in words:
            self._connection.send(name, data)
        self._client.sendall(self._connection.data_to_send())


def _key(data: Data) -> str | None:
    tag = order_message.read(data["order"].get("orderRef"))
    return None if tag is None else tag.key
