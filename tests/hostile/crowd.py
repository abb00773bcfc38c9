"""One mad client process: `python -m tests.hostile.crowd NAME REQUESTS EVENTS COUNT SEED`.

It sends `COUNT` attacks on several connections, reads the replies of most, and holds each reply against what the bridge
must answer. It prints a line of JSON: figures, and what was wrong.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from random import Random
from typing import Any

import msgpack
import zmq

from tests.hostile.attacks import Attacks, Expected
from tests.hostile.raw import Raw

#: How many replies may be outstanding on a connection.
WINDOW = 50
#: How long the last replies may take: a request has 2 s, and the crowd has hundreds of them open.
PATIENCE = 20.0
FIELD_CODES = frozenset({"invalidRequest", "invalidParams"})
MOST_FAULTS = 20


class Connection:
    """A DEALER socket, and what must still come on it."""

    def __init__(self, context: zmq.Context[Any], endpoint: str) -> None:
        self.socket = context.socket(zmq.DEALER)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.setsockopt(zmq.SNDHWM, 0)
        self.socket.connect(endpoint)
        self.expected: dict[str, Expected] = {}
        self.frames: dict[str, list[bytes]] = {}
        self.without_id = 0

    def send(self, frames: list[bytes], expected: Expected) -> None:
        """Send an attack, and note what must come."""
        self.socket.send_multipart(frames)
        if expected.id == "":
            self.without_id += 1
        elif expected.id not in (None, "?"):
            self.expected[expected.id] = expected
            self.frames[expected.id] = frames

    @property
    def outstanding(self) -> int:
        return len(self.expected) + self.without_id


class Crowd:
    """The connections of one mad client."""

    def __init__(self, name: str, requests: str, events: str, seed: int) -> None:
        self._context = zmq.Context()
        self._endpoint = requests
        self._attacks = Attacks(name, seed)
        self._chance = Random(f"crowd {seed} {name}")
        self._connections = [self._connect() for _ in range(4)]
        #: For messages of which it is not known what they mean: the replies are counted only.
        self._loose = self._connect()
        self._raw = Raw(self._context, requests, events, name, seed)
        self.told: Counter[str] = Counter()
        self.faults: list[str] = []
        self.answered = 0

    def run(self, count: int) -> None:
        """Send `count` attacks, with raw ones between them, and wait for the replies."""
        for number, (frames, expected) in zip(range(count), self._attacks.draw(), strict=False):
            connection = self._loose if expected.id == "?" else self._chance.choice(self._connections)
            connection.send(frames, expected)
            self.told[expected.what.partition(":")[0]] += 1
            if number % 100 == 50:
                self.told[self._raw.act()] += 1
            for other in (connection, self._loose):
                self._read(other, 0)
            while connection.outstanding > WINDOW and self._read(connection, PATIENCE):
                pass
            if connection.outstanding > WINDOW:
                self._fault(f"no reply for {PATIENCE:g} s")
                break
        print("sent", flush=True)
        self._finish()

    def _connect(self) -> Connection:
        return Connection(self._context, self._endpoint)

    def _finish(self) -> None:
        """Read until all is answered. What is not, is sent again once, as the contract advises (C5.22)."""
        for again in (True, False):
            end = time.monotonic() + PATIENCE
            while any(connection.outstanding for connection in self._connections) and time.monotonic() < end:
                for connection in self._connections:
                    self._read(connection, 0.02)
            for connection in self._connections if again else ():
                for id_ in connection.expected:
                    self.told["sent again"] += 1
                    connection.socket.send_multipart(connection.frames[id_])
        for connection in self._connections:
            for expected in connection.expected.values():
                self._fault(f"no reply to {expected.what} ({expected.id})")
            if connection.without_id > 0:
                self._fault(f"{connection.without_id} broken bodies without a reply")
        self._raw.close()
        self._context.destroy(linger=0)

    def _read(self, connection: Connection, seconds: float) -> bool:
        """Read what is there; wait so long for the first reply. Return whether there was one."""
        if not connection.socket.poll(int(seconds * 1000)):
            return False
        while connection.socket.poll(0):
            self._judge(connection, msgpack.unpackb(connection.socket.recv_multipart()[-1], strict_map_key=False))
        return True

    def _judge(self, connection: Connection, reply: dict[str, Any]) -> None:
        if "part" in reply:
            return
        self.answered += 1
        error = reply.get("error") or {}
        self.told[f"answer {error.get('code', 'ok')}"] += 1
        if connection is self._loose:
            return
        expected = connection.expected.pop(reply["id"], None)
        connection.frames.pop(reply["id"], None)
        if expected is None:
            self._unexpected(connection, reply)
            return
        if expected.codes and error.get("code") not in expected.codes:
            self._fault(f"{expected.what}: expected {sorted(expected.codes)}, got {str(reply)[:300]}")
        if error.get("code") in FIELD_CODES:
            field = (error.get("data") or {}).get("field")
            if field is None or not field.startswith(expected.field):
                self._fault(f"{expected.what}: the error names {field!r}, not {expected.field!r}: {str(reply)[:300]}")

    def _unexpected(self, connection: Connection, reply: dict[str, Any]) -> None:
        if reply["id"] == "" and connection.without_id > 0:
            connection.without_id -= 1
            if reply.get("error", {}).get("code") != "invalidRequest":
                self._fault(f"a broken body: {str(reply)[:300]}")
        elif not str(reply["id"]).endswith("-same"):
            self._fault(f"a reply that nothing asked for: {str(reply)[:300]}")

    def _fault(self, text: str) -> None:
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(text)


def main(name: str, requests: str, events: str, count: str, seed: str) -> None:
    crowd = Crowd(name, requests, events, int(seed))
    print("ready", flush=True)
    sys.stdin.readline()
    crowd.run(int(count))
    print(json.dumps({"told": crowd.told, "faults": crowd.faults, "answered": crowd.answered}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
