from __future__ import annotations

import pytest

from bridge.simulator import simulator_process
from tests.end_to_end import processes


@pytest.fixture(scope="module")
def simulator():
    with simulator_process(ticks_per_second=400) as running:
        yield running


@pytest.fixture(scope="module")
def bridge(simulator, tmp_path_factory):
    """One bridge on one simulator for a whole module, ready."""
    with processes.bridge(simulator.address, tmp_path_factory.mktemp("bridge")) as running:
        with running.client("setup") as client:
            wait_until_ready(client)
        yield running


@pytest.fixture
def client(bridge):
    with bridge.client("alice") as client:
        yield client


def wait_until_ready(client):
    """A request to TWS waits until it is ready."""
    client.request("reqCurrentTime", timeout=15)
