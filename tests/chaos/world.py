"""Simulators, bridges that may die, clients that do not give up, and the simulator's own book to count in."""

from __future__ import annotations

import contextlib
import resource
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bridge.tws import Connection
from bridge.tws.events import Message
from tests.end_to_end.processes import Bridge
from tws_bridge_client import BridgeClient, BridgeError

AAPL = {"conId": 265598, "symbol": "AAPL", "secType": "STK", "exchange": "SMART", "currency": "USD"}
FAR = {"action": "BUY", "orderType": "LMT", "totalQuantity": 1, "lmtPrice": 1.0}


def configured(folder: Path) -> Path:
    """A bridge that loses no time between its tries."""
    config = folder / "bridge.toml"
    config.write_text("settle_pause = 0.5\nfirst_backoff = 0.1\nlongest_backoff = 0.3\n")
    return config


@contextlib.contextmanager
def bridge(tws: str, folder: Path, *mortal: str, file_limit: int | None = None) -> Iterator[Bridge]:
    """A bridge on free ports; with a phase and a step it is one that dies there. `file_limit`: bytes for each file."""
    arguments = [sys.executable, "-m", *(("tests.chaos.mortal", *mortal) if mortal else ("bridge.cli",))]
    arguments += ["run", "--tws", tws, "--client-id", "1", "--state", str(folder / "state"), "--config"]
    arguments += [str(configured(folder)), "--events", "tcp://127.0.0.1:*", "--requests", "tcp://127.0.0.1:*"]
    log = folder / "bridge.log"
    with log.open("ab") as stderr:
        process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=stderr, text=True)
    if file_limit is not None:
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (file_limit, file_limit))
    try:
        line = process.stdout.readline().split()
        assert len(line) == 4, log.read_text()
        yield Bridge(process, line[1], line[3], log)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


class Book:
    """What the simulator itself has, asked by a client id of its own that shares nothing with the bridge."""

    def __init__(self, address: str) -> None:
        host, _, port = address.rpartition(":")
        self._socket = socket.create_connection((host, int(port)), timeout=5)
        self._connection = Connection.client(client_id=77)
        self._connection.connect()
        self._messages: list[Message] = []
        self._until("nextValidId")

    def close(self) -> None:
        self._socket.close()

    def __enter__(self) -> Book:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def orders(self) -> dict[str, dict[str, Any]]:
        """Every order that was ever taken, open or over, by its permId; each with its status as `status`."""
        found = {}
        for method, event, end in (
            ("reqAllOpenOrders", "openOrder", "openOrderEnd"),
            ("reqCompletedOrders", "completedOrder", "completedOrdersEnd"),
        ):
            for data in self._ask(method, {"apiOnly": False} if method == "reqCompletedOrders" else {}, event, end):
                found[data["order"]["permId"]] = {**data["order"], "status": data["orderState"]["status"]}
        return found

    def of(self, owner: str, key: str) -> list[dict[str, Any]]:
        """The orders that were placed for that key."""
        return [order for order in self.orders().values() if f":{owner}:{key}:" in order.get("orderRef", "")]

    def executions(self) -> list[str]:
        """All execIds."""
        params = {"reqId": 1, "executionFilter": {}}
        told = self._ask("reqExecutions", params, "execDetails", "execDetailsEnd")
        return [data["execution"]["execId"] for data in told]

    def _ask(self, method: str, params: dict[str, Any], event: str, end: str) -> list[dict[str, Any]]:
        self._connection.send(method, params)
        self._messages.clear()
        self._until(end)
        return [message.data for message in self._messages if message.name == event]

    def _until(self, name: str) -> None:
        deadline = time.monotonic() + 10
        while not any(message.name == name for message in self._messages):
            assert time.monotonic() < deadline, f"the simulator did not say {name}"
            self._socket.sendall(self._connection.data_to_send())
            if select.select([self._socket], [], [], 0.2)[0]:
                received = self._socket.recv(1 << 16)
                if not received:
                    raise ConnectionResetError("the simulator has closed the connection")
                self._connection.receive_data(received)
            events = self._connection.events_received()
            self._messages += [event for event in events if isinstance(event, Message)]
        self._socket.sendall(self._connection.data_to_send())


def attempt(client: BridgeClient, method: str, params: dict[str, Any], timeout: float = 5.0) -> dict[str, Any]:
    """One request: the result, or the error as `{code}` with what is known."""
    try:
        result: dict[str, Any] = client.request(method, params, timeout)
    except BridgeError as error:
        return {"code": error.code, "tws": error.tws_code, **error.data}
    return result


def insist_on_order(client: BridgeClient, key: str) -> dict[str, Any]:
    """What a careful strategy does: ask under one key until it is known, and begin anew only where nothing was."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        told = attempt(client, "placeOrder", {"orderKey": key, "contract": AAPL, "order": FAR})
        if told.get("state") in ("acknowledged", "filled", "cancelled"):
            return told
        if told.get("state") == "notFound":
            attempt(client, "abandon", {"orderKey": key})
        time.sleep(0.2)
    raise AssertionError(f"{key} was never settled: {told}")


def insist_on_change(client: BridgeClient, key: str, price: float) -> None:
    """Ask for a new limit until it is made: under a new revision only where it is known that the last was not."""
    deadline = time.monotonic() + 30
    change = {"orderKey": key, "revision": 1, "order": {**FAR, "lmtPrice": price}}
    while (told := attempt(client, "modifyOrder", change)).get("code") or "change" in told:
        assert time.monotonic() < deadline, told
        if told.get("change") in ("notApplied", "refused"):
            change["revision"] = told["revision"] + 1
        time.sleep(0.2)


def insist_on_cancel(client: BridgeClient, key: str) -> None:
    """Cancel until the order is over."""
    deadline = time.monotonic() + 30
    while insist_on_order(client, key)["state"] != "cancelled":
        assert time.monotonic() < deadline
        attempt(client, "cancelOrder", {"orderKey": key})
        time.sleep(0.2)
