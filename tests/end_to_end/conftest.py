from __future__ import annotations

import pytest

from bridge import keys
from bridge.simulator import simulator_process
from tests.end_to_end import processes

RIGHTS = {
    "alice": 'roles = ["account", "trade"]\nmax_order_size = 100',
    "eve": 'roles = ["observe"]',
    "boss": 'roles = ["admin"]',
}


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


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A configuration with three clients, and everybody's key files."""
    folder = tmp_path_factory.mktemp("identity")
    lines = [f'key = "{folder}/bridge.secret"']
    keys.write_new(folder, "bridge")
    keys.write_new(folder, "stranger")
    for name, rights in RIGHTS.items():
        pair, _, _ = keys.write_new(folder, name)
        lines.append(f'[clients.{name}]\npublic_key = "{pair.public}"\n{rights}')
    (folder / "bridge.toml").write_text("\n".join(lines))
    return folder


@pytest.fixture(scope="module")
def guarded(simulator, folder):
    """A bridge with that configuration for a whole module."""
    with processes.bridge(simulator.address, folder, "--config", str(folder / "bridge.toml")) as running:
        yield running


@pytest.fixture
def client(bridge):
    with bridge.client("alice") as client:
        yield client


def wait_until_ready(client):
    """A request to TWS waits until it is ready."""
    client.request("reqCurrentTime", timeout=15)
