"""The small subscriber ends on SIGTERM by a handler of its own: the first process of a container has no default one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import zmq

from tests.source_tree import ROOT


def test_it_ends_with_0_while_it_waits_for_events():
    with zmq.Context() as context, context.socket(zmq.XPUB) as publisher:
        port = publisher.bind_to_random_port("tcp://127.0.0.1")
        program = [sys.executable, str(ROOT / "clients" / "minimal" / "subscribe.py"), f"tcp://127.0.0.1:{port}"]
        plain = {name: value for name, value in os.environ.items() if not name.startswith("TWS_BRIDGE_")}
        with subprocess.Popen(program, env=plain) as subscriber:
            assert publisher.poll(20_000), "its subscription has come, so it waits for events"
            subscriber.send_signal(signal.SIGTERM)
            assert subscriber.wait(20) == 0
