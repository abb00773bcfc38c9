"""Two bridges never share the file of an ipc endpoint: ZeroMQ alone would take it from the first."""

from __future__ import annotations

import errno
import socket

import pytest
import zmq

from bridge.bus.ipc_files import check_free
from tests.end_to_end import processes


def test_a_file_on_which_a_process_listens_is_in_use(tmp_path):
    path = tmp_path / "e"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        with pytest.raises(zmq.ZMQError) as caught:
            check_free(f"ipc://{path}")
    assert caught.value.errno == errno.EADDRINUSE
    check_free(f"ipc://{path}")  # the file is there still, and nobody listens
    check_free("tcp://127.0.0.1:1")
    check_free("ipc://@abstract")


def test_a_second_bridge_leaves_the_first_its_endpoint(tmp_path):
    (tmp_path / "second").mkdir()
    places = ("--events", f"ipc://{tmp_path}/e", "--requests", f"ipc://{tmp_path}/r")
    with processes.bridge("127.0.0.1:9", tmp_path, *places) as first:
        done = processes.run(
            "run", "--tws", "127.0.0.1:9", "--client-id", "2", "--state", f"{tmp_path}/second/state", *places
        )
        assert done.returncode != 0
        assert "in use" in done.stderr
        with first.client("alice") as client:
            assert client.request("ping", {}, 20)
