"""The simulated TWS, the bridge, and the programs of one run of the demo."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

from bridge.demo import direct
from bridge.demo.claim import DemoFailed, check
from bridge.demo.processes import Program, Running
from bridge.settings import BridgeSettings
from tws_bridge_client import BridgeClient

#: The largest quantity of one order of the client `desk`.
MOST = 100
#: TWS and the bridge are started first.
_SERVERS = 2
#: The client ID of the demo's own look at TWS.
_LOOK = 99

#: The bridge tries to reach TWS again sooner than by default, so that the demo is short.
_SETTINGS = """
trading_mode = "paper"
first_backoff = 0.2
longest_backoff = 0.5
{http}
[clients.screen]
roles = ["observe"]
[clients.recorder]
roles = ["observe"]
[clients.strategy]
roles = ["trade"]
[clients.desk]
roles = ["account", "trade"]
max_order_size = {most}
[clients.first]
roles = ["trade"]
[clients.admin]
roles = ["admin"]
"""


class Stage:
    """The processes of one run. `begin` starts TWS and the bridge; `close` or `abandon` ends all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._control = f"ipc://{folder}/control"
        self._started: list[Running] = []
        self._readers: dict[str, Program] = {}
        self.requests, self.events = f"ipc://{folder}/requests", f"ipc://{folder}/events"
        self.console = _console()

    def begin(self, most: int) -> None:
        """Start TWS and the bridge. `most`: the largest quantity of one order of the client `desk`."""
        self._tws = self._start_tws("127.0.0.1:0")
        self.tws_address = self._tws.line().removeprefix("listening on ")
        self._start_bridge(most)

    def _start_tws(self, listen: str) -> Running:
        return self._command(
            "TWS", "simulate", "--listen", listen, "--seed", "7", "--state", str(self._folder / "tws"),
            "--control", self._control,
        )  # fmt: skip

    def _start_bridge(self, most: int) -> None:
        config = self._folder / "bridge.toml"
        http = "" if self.console is None else f'http = "{self.console}"'
        config.write_text(_SETTINGS.format(http=http, most=most), encoding="utf-8")
        bridge = self._command(
            "bridge", "run", "--tws", self.tws_address, "--client-id", "1", "--state", str(self._folder / "state"),
            "--config", str(config), "--events", self.events, "--requests", self.requests,
        )  # fmt: skip
        bridge.line()

    # Processes

    def _add(self, running: Any) -> Any:
        self._started.append(running)
        return running

    def _log(self, name: str) -> Path:
        return self._folder / f"{name}.log"

    def _command(self, name: str, *arguments: str) -> Running:
        running: Running = self._add(Running(name, self._log(name), "command", *arguments))
        return running

    def call(self, client: str, method: str, params: str) -> str:
        """Run `tws-bridge call` as this client. Returns what it prints. Raises DemoFailed."""
        arguments = ("--client", client, "--requests", self.requests, "--events", self.events, method, params)
        return self._command(f"call-{method}", "call", *arguments).rest()

    def tell_tws(self, phrase: str) -> None:
        """Run `tws-bridge tws`: the simulated TWS does what the phrase says. Raises DemoFailed."""
        said = self._command("tell-tws", "tws", "--control", self._control, phrase).rest()
        check(said == "ok", f"TWS has answered {said!r} to {phrase!r}")

    def program(self, kind: str, name: str, *arguments: str) -> Program:
        """Start a program that uses the bridge under this name."""
        log = self._log(name)
        program: Program = self._add(Program(name, log, kind, name, self.requests, self.events, *arguments))
        return program

    def direct(self, name: str, client_id: int) -> Program:
        """Start a program that uses TWS without the bridge."""
        log = self._log(f"{name}-direct")
        program: Program = self._add(Program(name, log, "direct", self.tws_address, str(client_id)))
        return program

    def reader(self, name: str) -> Program:
        """The reader of that name. It is started when it is needed first, and runs until the end of the demo."""
        if name not in self._readers:
            self._readers[name] = self.program("reader", name)
        return self._readers[name]

    def script(self, path: Path) -> str:
        """Run a Python file with the endpoints of the bridge. Returns what it prints. Raises DemoFailed."""
        running: Running = self._add(
            Running(path.name, self._log(path.stem), "script", str(path), self.requests, self.events)
        )
        return running.rest()

    def client(self, name: str) -> BridgeClient:
        """A client of the bridge in this process."""
        return BridgeClient(name, self.requests, self.events)

    # TWS

    def kill_tws(self) -> int:
        """`kill -9` of TWS. Returns the number of its process."""
        self._tws.kill()
        return self._tws.pid

    def start_tws(self) -> None:
        """Start TWS again, where it was. Returns when it listens."""
        self._tws = self._start_tws(self.tws_address)
        self._tws.line()

    def orders_at_tws(self, owner: str = "", key: str = "") -> int:
        """Ask TWS, past the bridge, how many orders are open, of all clients or under one key of one."""
        wanted = f":{owner}:{key}:" if key else ""
        return sum(wanted in order.get("orderRef", "") for order in direct.open_orders(self.tws_address, _LOOK))

    # The end

    def close(self) -> None:
        """End all processes, the bridge and TWS after their clients. Raises DemoFailed if one does not end well."""
        wrong = self._end()
        if wrong:
            raise DemoFailed("; ".join(wrong))

    def abandon(self) -> None:
        """End all processes, whatever they say: something else has gone wrong already."""
        self._end()

    def _end(self) -> list[str]:
        for one in self._started[_SERVERS:]:
            one.terminate()
        return [problem for one in reversed(self._started) if (problem := one.end()) is not None]


def _console() -> str | None:
    """A free HOST:PORT for the bridge's console; None if this version of the bridge has no console."""
    if "http" not in BridgeSettings.model_fields:
        return None
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"127.0.0.1:{free.getsockname()[1]}"
