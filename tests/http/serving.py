"""A bridge with its HTTP server as a process, and a small HTTP client that can be rude."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from tests.end_to_end import processes

TOKEN = "0123456789abcdef0123456789abcdef"


class Told(NamedTuple):
    """An answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    def text(self) -> str:
        return self.body.decode()


@dataclass
class Served:
    """A bridge with HTTP on this port."""

    bridge: processes.Bridge
    port: int

    def get(self, path: str, method: str = "GET", timeout: float = 20.0, **headers: str) -> Told:
        """Send one request on a connection of its own. `_` in the name of a header is `-`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        with contextlib.closing(connection):
            connection.request(method, path, headers={name.replace("_", "-"): text for name, text in headers.items()})
            answer = connection.getresponse()
            return Told(answer.status, {name.lower(): text for name, text in answer.getheaders()}, answer.read())

    def socket(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)


@contextlib.contextmanager
def served(tws: str, folder: Path, *more: str, **environment: str) -> Iterator[Served]:
    """A bridge with HTTP on a free port of loopback, for the length of a `with` block."""
    with processes.bridge(tws, folder, "--http", "127.0.0.1:0", *more, **environment) as bridge:
        assert bridge.logs("HTTP on http://127.0.0.1:"), bridge.log.read_text()
        assert bridge.logs("httpStarted")
        port = int(bridge.log.read_text().rpartition("HTTP on http://127.0.0.1:")[2].partition("/")[0])
        yield Served(bridge, port)
