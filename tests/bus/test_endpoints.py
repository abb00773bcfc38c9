"""Only this machine may reach the bus while there are no keys."""

from __future__ import annotations

import stat

import pytest
import zmq

from bridge.bus import endpoints
from bridge.bus.endpoints import EndpointRefused, check
from bridge.bus.sockets import Bus


@pytest.mark.parametrize(
    "endpoint",
    [
        "tcp://127.0.0.1:7501",
        "tcp://127.9.9.9:1",
        "tcp://localhost:*",
        "tcp://[::1]:7501",
        "tcp://lo:5",
        "ipc:///tmp/x",
    ],
)
def test_loopback_and_ipc_may_be_bound(endpoint):
    assert check(endpoint) == endpoint


@pytest.mark.parametrize(
    ("endpoint", "reason"),
    [
        ("tcp://0.0.0.0:7501", "CURVE"),
        ("tcp://*:7501", "CURVE"),
        ("tcp://192.168.1.5:7501", "CURVE"),
        ("tcp://[::]:7501", "CURVE"),
        ("tcp://eth0:7501", "CURVE"),
        ("tcp://example.org:7501", "CURVE"),
        ("tcp://127.0.0.1", "port"),
        ("tcp://127.0.0.1:99999", "port"),
        ("tcp://127.0.0.1:\u0667\u0665", "port"),
        ("tcp://::1:7501", "brackets"),
        ("udp://127.0.0.1:1", "expected"),
        ("inproc://x", "expected"),
        ("7501", "expected"),
        ("ipc://", "path"),
    ],
)
def test_anything_else_is_refused_with_the_reason(endpoint, reason):
    with pytest.raises(EndpointRefused, match=reason):
        check(endpoint)


@pytest.mark.parametrize(("group", "mode"), [(False, 0o600), (True, 0o660)])
def test_an_ipc_endpoint_admits_its_owner_or_its_group(tmp_path, group, mode):
    with zmq.Context() as context:
        bus = Bus(context, f"ipc://{tmp_path}/e", f"ipc://{tmp_path}/r", queue=10, ipc_group=group)
        modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("e", "r")]
        bus.close()
    assert modes == [mode, mode]


def test_an_abstract_ipc_endpoint_has_no_file():
    assert endpoints.ipc_path("ipc://@bridge") is None
    assert endpoints.ipc_path("tcp://127.0.0.1:1") is None
    endpoints.admit("ipc://@bridge", group=True)
