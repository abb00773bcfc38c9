"""Only this machine may reach the bus while there are no keys."""

from __future__ import annotations

import pytest

from bridge.bus.endpoints import EndpointRefused, check


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
