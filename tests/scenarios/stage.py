"""A bridge process on a scripted TWS, and the clients that trade through it."""

from __future__ import annotations

import contextlib
import signal
import time
from pathlib import Path
from typing import Any

from tests.chaos.world import AAPL, configured
from tests.end_to_end import processes
from tests.scenarios.scripted import PATIENCE, TODAY, Data, Taken, Tws
from tws_bridge_client import BridgeClient, BridgeError
from tws_bridge_client.calls import Call

#: The pause between two passes, as `configured` sets it.
PAUSE = 0.5
BUY = {"action": "BUY", "orderType": "LMT", "totalQuantity": 100, "lmtPrice": 5.0}
RIGHTS = {
    "alice": 'roles = ["account", "trade"]',
    "bob": 'roles = ["account", "trade"]',
    "boss": 'roles = ["admin"]',
}


class Asked:
    """A request under way."""

    def __init__(self, client: BridgeClient, call: Call) -> None:
        self._client = client
        self._call = call

    def told(self) -> Data:
        """The result, or the error as `{code, message, tws}` with its data."""
        while self._call.reply is None and time.monotonic() < self._call.deadline:
            self._client.pump(self._call.deadline)
        try:
            result: Data = self._call.result()
        except BridgeError as error:
            return {"code": error.code, "message": error.message, "tws": error.tws_code, **error.data}
        return result


class Stage:
    """`rights` replaces what RIGHTS gives a client, `settings` are more lines of TOML. `start`, and `close` at last."""

    bridge: processes.Bridge

    def __init__(self, folder: Path, tws: Tws, rights: dict[str, str], settings: str = "") -> None:
        self.tws = tws
        self._folder = folder
        self._exit = contextlib.ExitStack()
        self._clients: dict[str, BridgeClient] = {}
        self._config = configured(folder)
        clients = "".join(f"[clients.{name}]\n{said}\n" for name, said in {**RIGHTS, **rights}.items())
        self._config.write_text(f"{self._config.read_text()}{settings}\n{clients}")

    def start(self, *places: str) -> None:
        """Have a bridge run, until it is ready to trade."""
        connections, passes = self.tws.connections, self.tws.passes
        running = processes.bridge(self.tws.address, self._folder, "--config", str(self._config), *places)
        self.bridge = self._exit.enter_context(running)
        self._await_connection(connections)
        self._await_pass(passes)

    def close(self) -> None:
        for client in self._clients.values():
            client.close()
        self._exit.close()

    @property
    def log(self) -> str:
        """What the bridge has logged."""
        return self.bridge.log.read_text()

    # The bridge and its connection

    def restart(self, clock: str) -> None:
        """SIGKILL to the bridge, and a new one in its place; TWS's clock says this by then."""
        self.bridge.stop(signal.SIGKILL)
        self.tws.clock = clock
        self.start(*self.bridge.places)

    def drop(self, clock: str) -> None:
        """TWS drops the connection; the bridge is connected again, when TWS's clock says this."""
        connections = self.tws.connections
        self.tws.clock = clock
        self.tws.drop()
        self._await_connection(connections)

    def reconnect(self, clock: str) -> None:
        """The same, and the bridge has looked for its orders: one pass has ended."""
        passes = self.tws.passes
        self.drop(clock)
        self._await_pass(passes)

    def look_often(self, clock: str) -> None:
        """More passes than a conclusion from absence takes, each on a new connection, over two pauses."""
        end = time.monotonic() + 2 * PAUSE
        for _ in range(3):
            self.reconnect(clock)
        while time.monotonic() < end:
            self.reconnect(clock)

    def _await_connection(self, connections: int) -> None:
        self.tws.until(lambda: self.tws.connections > connections, "the bridge did not connect")
        self.heard()

    def _await_pass(self, passes: int) -> None:
        self.tws.until(lambda: self.tws.passes > passes, "the bridge made no pass")
        self.heard()

    def heard(self) -> None:
        """The bridge has taken all that TWS has said so far, and has it on disk.

        It answers a question that TWS was asked after that; and it has read the ledger twice since, behind a batch that
        was being written, and behind the batch that waited for it.
        """
        self.ask("reqCurrentTime", {}).told()
        self.order_log()
        self.order_log()

    # What clients ask

    def client(self, name: str) -> BridgeClient:
        if name not in self._clients:
            self._clients[name] = self.bridge.client(name)
        return self._clients[name]

    def leave(self, name: str) -> None:
        """The client dies."""
        self._clients.pop(name).close()

    def ask(self, method: str, params: Data, client: str = "alice", timeout: float = PATIENCE) -> Asked:
        asker = self.client(client)
        return Asked(asker, asker.send(method, params, timeout))

    def place(self, key: str, *, timeout: float = PATIENCE, client: str = "alice", **order: Any) -> Asked:
        params = {"orderKey": key, "contract": AAPL, "order": {**BUY, **order}}
        return self.ask("placeOrder", params, client, timeout)

    def facts(self, key: str) -> Data:
        """What the bridge says of the order of that key: it is asked to place it again, under the same key."""
        return self.place(key, timeout=5).told()

    def abandon(self, key: str) -> Data:
        return self.ask("abandon", {"orderKey": key}).told()

    def events(self, key: str, event: str) -> list[Data]:
        """What alice's order log, as it is on disk, has of that order under that name."""
        return [entry["data"] for entry in self.order_log() if entry["topic"] == f"order.alice.{key}.{event}"]

    def order_log(self) -> list[Data]:
        """Alice's order log."""
        events: list[Data] = self.ask("orderLog", {"after": 0, "limit": 1000}).told()["events"]
        return events

    # How tests begin

    def working(self, key: str = "k1") -> Taken:
        """An order that TWS has acknowledged."""
        asked = self.place(key)
        order = self.tws.order(key)
        self.tws.say(order.shown(), order.stands())
        told = asked.told()
        assert told.get("state") == "acknowledged", told
        return order

    def lost(self, key: str = "k1", clock: str = TODAY) -> Taken:
        """An order that has left, and of which TWS says nothing before it drops the connection."""
        asked = self.place(key)
        order = self.tws.order(key)
        self.reconnect(clock)
        told = asked.told()
        assert told.get("state") == "unknown", told
        return order

    def not_found(self, key: str = "k1") -> Taken:
        """An order that has left, and that two passes of the same day do not have."""
        order = self.lost(key)
        end, passes = time.monotonic() + PATIENCE, self.tws.passes
        while (told := self.facts(key)).get("state") != "notFound":
            assert time.monotonic() < end, told
            self._await_pass(passes)
            passes += 1
        return order
