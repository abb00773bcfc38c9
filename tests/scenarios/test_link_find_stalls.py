"""Finds of the hostile tester: a bridge that stood still takes what lies in its own socket for silence of TWS."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time

import pytest

from bridge.tws.events import Message
from tests.end_to_end import processes

QUICK = {"TWS_BRIDGE_QUIET": "1", "TWS_BRIDGE_SILENCE": "2", "TWS_BRIDGE_FRAME_TIMEOUT": "2"}
STANDS_STILL = 5.0


class Late:
    """A TWS that says the rest of what it has to say when `goes_on` is set; it answers all probes after that."""

    def __init__(self, cut: bool) -> None:
        self.cut = cut
        self.begun, self.goes_on = threading.Event(), threading.Event()
        self._listener = processes.ScriptedTws(self._serve)
        self.address = self._listener.address
        self.close = self._listener.close

    def _serve(self, client):
        connection = processes.started(client)
        if self.cut:
            time.sleep(0.3)
            connection.send("error", {"id": -1, "errorTime": 1, "errorCode": 2107, "errorMsg": "x" * 30})
            frame = connection.data_to_send()
            client.sendall(frame[:10])
            time.sleep(1.2)
            self.begun.set()
            self.goes_on.wait(10)
            client.sendall(frame[10:])
        while data := client.recv(65536):
            connection.receive_data(data)
            for event in connection.events_received():
                if isinstance(event, Message) and event.name == "reqCurrentTime":
                    self.begun.set()
                    self.goes_on.wait(10)
                    connection.send("currentTime", {"currentTime": 1})
            client.sendall(connection.data_to_send())


@pytest.mark.parametrize("cut", [False, True], ids=["the answer to a probe", "the rest of a frame"])
def test_what_came_while_the_bridge_stood_still_counts(tmp_path, cut):
    with (
        contextlib.closing(Late(cut)) as tws,
        processes.bridge(tws.address, tmp_path, **QUICK) as bridge,
    ):
        assert tws.begun.wait(10)
        time.sleep(0.3)  # the bridge waits in its selector, which a stop and a continue end without a word on sockets
        os.kill(bridge.process.pid, signal.SIGSTOP)
        time.sleep(0.3)
        tws.goes_on.set()
        time.sleep(STANDS_STILL)
        os.kill(bridge.process.pid, signal.SIGCONT)
        time.sleep(1.5)
        assert "connection lost" not in bridge.log.read_text()


def test_async_connect_may_come_from_the_environment(tmp_path):
    told = processes.run("run", "--tws", "127.0.0.1:1", "--client-id", "1", "--state", str(tmp_path / "state"),
                         "--check-config", TWS_BRIDGE_ASYNC_CONNECT="true")  # fmt: skip
    assert told.returncode == 0, told.stderr
