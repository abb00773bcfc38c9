"""A strategy on the C++ client, killed six times while it places 60 orders, on a bridge that is killed three times."""

from __future__ import annotations

import json

import pytest

from bridge.simulator import simulator_process
from tests.chaos.world import AAPL
from tests.clients.killed import Strategy, trade_and_die

ORDERS, CLIENT_KILLS, BRIDGE_KILLS = 60, 6, 3


@pytest.mark.timeout(300)
def test_each_execution_counts_once_and_no_order_is_doubled(cpp, tmp_path):
    command = [cpp / "program", "strategy", str(ORDERS), json.dumps(AAPL)]
    strategy = Strategy(command, tmp_path / "strategy.json")
    with simulator_process(ticks_per_second=1000) as simulator:
        executions = trade_and_die(
            strategy, simulator.address, tmp_path, orders=ORDERS, client_kills=CLIENT_KILLS,
            bridge_kills=BRIDGE_KILLS, seed=20261128,
        )  # fmt: skip
    stored = strategy.stored()
    assert len(executions) >= ORDERS
    assert sorted(stored["executions"]) == executions
    assert stored["gaps"] == 0
    assert strategy.kills == CLIENT_KILLS + 1  # and once at the end
