"""An end-to-end recording: what a real bridge says to a client while that asks a simulated TWS for everything."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import zmq

from bridge.catalogue import catalogue
from bridge.simulator import simulator_process
from tests.end_to_end import processes
from tests.end_to_end.test_every_method import ACCOUNT, ORDERS, params
from tests.simulator.handlers.test_every_request import CONVERSATION
from tws_bridge_client.wire import pack
from tws_bridge_client.wire import unpack as unpack_event

Data = dict[str, Any]

STOCK = {"conId": 265598, "exchange": "SMART"}
#: What the conversation with TWS does not have: orders under keys, and the bridge's own methods.
OURS: list[tuple[str, Data]] = [
    ("hello", {"instance": "run-1"}),
    ("placeOrder", {
        "orderKey": "k1", "contract": STOCK, "order": {"action": "BUY", "orderType": "MKT", "totalQuantity": 5}}),
    ("placeOrder", {
        "orderKey": "k2", "contract": STOCK,
        "order": {"action": "BUY", "orderType": "LMT", "totalQuantity": "1", "lmtPrice": 1.0, "account": ACCOUNT}}),
    ("placeOrder", {"contract": STOCK, "order": {
        "action": "SELL", "orderType": "LMT", "totalQuantity": 1, "lmtPrice": 1000.0, "whatIf": True}}),
    ("awaitOrder", {"orderKey": "k1", "until": "ended"}),
    ("cancelOrder", {"orderKey": "k2"}),
    ("cancelMine", {}),
    ("orderLog", {"after": 0}),
    ("snapshot", {"prefix": "", "nonce": "n1"}),
    ("sequences", {"prefix": ""}),
    *((method, {}) for method in ("ping", "status", "methods", "clients")),
    ("reqMktData", {"contract": {}}),
    ("noSuchMethod", {}),
]  # fmt: skip


@dataclass
class Recording:
    """Requests, replies with the method that was asked, and events from each place where one appears."""

    requests: list[Data] = field(default_factory=list)
    replies: list[tuple[str, Data]] = field(default_factory=list)
    parts: list[Data] = field(default_factory=list)
    events: list[Data] = field(default_factory=list)


def record(folder: Path, version: int) -> Recording:
    """One conversation at that server version: 200 speaks text, 226 protobuf."""
    with (
        simulator_process(server_version=version, ticks_per_second=20) as simulator,
        processes.bridge(simulator.address, folder) as bridge,
        zmq.Context() as context,
        context.socket(zmq.SUB) as heard,
        context.socket(zmq.DEALER) as asked,
    ):
        heard.rcvhwm, heard.linger, asked.linger = 0, 0, 0
        heard.subscribe(b"")
        heard.connect(bridge.events)
        asked.connect(bridge.requests)
        return _converse(asked, heard, version)


def _converse(asked: zmq.Socket[bytes], heard: zmq.Socket[bytes], version: int) -> Recording:
    recording = Recording()
    for number, (method, data) in enumerate(_questions(version)):
        request = {"v": 1, "id": f"r{number}", "client": "alice", "method": method, "params": data, "timeout": 20}
        recording.requests.append(request | ({"stream": True} if number % 2 else {}))
        asked.send(pack(recording.requests[-1]))
        while "part" in (reply := _answer(asked, request["id"])):
            recording.parts.append(reply)
        recording.replies.append((method, reply))
        if method in ("orderLog", "snapshot") and reply["ok"]:
            recording.events += reply["result"]["events"]
    time.sleep(1.5)
    while heard.poll(200) and len(recording.events) < 200_000:
        _, body = heard.recv_multipart()
        recording.events.append(unpack_event(body))
    return recording


def _questions(version: int) -> Iterator[tuple[str, Data]]:
    """All methods of TWS but orders under its own numbers, and ours, once more at the end for what has come since."""
    known = catalogue().messages
    of_tws = ((name, params(name, data)) for name, data in CONVERSATION if name not in ORDERS)
    return itertools.chain((one for one in of_tws if known[one[0]].exists(version)), OURS, OURS[-10:])


def _answer(asked: zmq.Socket[bytes], id_: str) -> Data:
    """The next message to that request; one to an earlier request is passed over."""
    while asked.poll(40_000):
        reply = unpack_event(asked.recv_multipart()[-1])
        if reply["id"] == id_:
            return reply
    raise TimeoutError(f"no reply to {id_}")
