"""One bridge before a scripted TWS, and everything that names its troubles: status, doctor, HTTP, events."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bridge.doctor import examine
from bridge.status_text import status_lines
from tests.http.serving import Served
from tests.scenarios.scripted import Tws, Word
from tws_bridge_client import BridgeError

AAPL = {"conId": 265598, "exchange": "SMART"}
ORDER = {"action": "BUY", "orderType": "LMT", "totalQuantity": "1", "lmtPrice": 5.0}
#: Seconds within which each surface must name a trouble, and say that it is over. The settings below make the bridge
#: notice everything within two seconds; the rest is for a busy machine.
PATIENCE = 30.0
#: The bridge notices troubles sooner than by default, and tries again sooner.
QUICK = {
    "trading_mode": '"paper"', "connect_timeout": 1.0, "handshake_timeout": 0.5, "start_timeout": 0.5,
    "patience": 3600.0, "quiet": 0.3, "silence": 0.7, "first_backoff": 0.4, "longest_backoff": 0.4,
    "request_timeout": 0.5, "subscribe_verify": 600.0,
}  # fmt: skip


def configuration(more: str = "", **changes: object) -> str:
    """The text of the file: quick, with these changes."""
    return "".join(f"{name} = {value}\n" for name, value in {**QUICK, **changes}.items()) + more


class PunctualTws(Tws):
    """Its clock is right, plus `ahead`."""

    ahead = timedelta()

    def time(self) -> str:
        return f"{datetime.now(UTC) + self.ahead:%Y%m%d %H:%M:%S} UTC"

    def _answers(self, name: str, data: dict[str, Any]) -> list[Word]:
        if name == "reqCurrentTime":
            return [("currentTime", {"currentTime": int((datetime.now(UTC) + self.ahead).timestamp())})]
        return super()._answers(name, data)


@dataclass
class Site:
    """The bridge, its TWS and its configuration."""

    tws: PunctualTws | None
    served: Served
    folder: Path
    address: str = ""
    #: How many orders there were: each has a key of its own.
    orders: int = 0

    @property
    def config(self) -> Path:
        return self.folder / "bridge.toml"

    def configure(self, more: str = "", **changes: object) -> None:
        """Write the configuration, and have the bridge read it."""
        self.config.write_text(configuration(more, **changes))
        self.request("reload")

    def request(self, method: str, params: dict[str, Any] | None = None, timeout: float = PATIENCE) -> Any:
        with self.served.bridge.client("boss") as boss:
            return boss.request(method, params or {}, timeout)

    def reconnect(self) -> None:
        """TWS ends the connection; the bridge makes another."""
        self.tws.drop()

    def place(self) -> tuple[str, str | None]:
        """Send an order. Return its key, and the code of the bridge's refusal or doubt; None if TWS has taken it."""
        self.orders += 1
        key = f"order-{self.orders}"
        try:
            self.request("placeOrder", {"orderKey": key, "contract": AAPL, "order": ORDER}, 3.0)
        except BridgeError as error:
            return key, error.code
        return key, None

    def front(self, talk: Callable[[Any], None] | None) -> None:
        """TWS answers new connections like this from now on, and has ended the one that was open."""
        self.tws.front = talk
        self.tws.drop()

    # What the surfaces say

    def status(self) -> Any:
        return self.request("status")

    def doctor(self) -> dict[str, str]:
        """The codes that the doctor names, each with its result."""
        flags = {"tws": self.address or self.tws.address, "state": self.folder / "state"}
        found = examine(flags, self.config, lambda _settings: self.served.bridge.client("doctor"))
        assert not [check for check in found.checks if check.result == "failed" and not check.remedy]
        return {check.code: check.result for check in found.checks if check.code}

    def http(self, path: str) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.served.port, timeout=PATIENCE)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def readiness(self) -> tuple[int, str | None]:
        """The status and the code of `/readyz`."""
        status, told = self.http("/readyz")
        return status, told.get("code")

    def overview(self) -> Any:
        """The verdict that the console shows."""
        return self.http("/api/overview")[1]["verdict"]

    def verdict(self) -> Any:
        return self.status()["verdict"]

    def until(self, reached: Callable[[Any], bool], ask: Callable[[], Any] | None = None) -> Any:
        """Wait until the answer is like this, and return it. `ask`: whom to ask, by default `status`."""
        ask = ask or self.verdict
        end = time.monotonic() + PATIENCE
        while not reached(answer := ask()):
            assert time.monotonic() < end, (answer, self.served.bridge.log.read_text()[-3000:])
            time.sleep(0.05)
        return answer


def codes(verdict: Any) -> list[str]:
    """The conditions that hold, the one that stops trading first."""
    first = [] if verdict["trading"] else [verdict["code"]]
    return first + [other["code"] for other in verdict["also"]]


def lines(site: Site) -> list[str]:
    """`tws-bridge status` as a person reads it."""
    return status_lines(site.status())
