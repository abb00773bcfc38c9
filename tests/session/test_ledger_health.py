"""Whether the ledger can be written: the whole table, and what a session does with it."""

from __future__ import annotations

from typing import get_args

import pytest

from bridge.session import Persist
from bridge.session.orders.ledger_health import HANGS, QUICK, RETRY, STATES, TABLE, HealthEvent, HealthState
from bridge.session.records import Fact
from tests.session.conftest import AAPL

ORDER = {"action": "BUY", "orderType": "LMT", "totalQuantity": "10", "lmtPrice": 5.0}


def test_the_table_is_total():
    assert set(TABLE) == {(state, event) for state in get_args(HealthState) for event in get_args(HealthEvent)}
    assert set(STATES) == set(get_args(HealthState))


@pytest.mark.parametrize("state", get_args(HealthState))
def test_any_write_can_show_that_the_disk_is_ill_and_only_the_probe_that_it_is_well(state):
    assert TABLE[state, "written"] == state
    assert TABLE[state, "probed"] == "writes"
    assert TABLE[state, "notWritten"] == "fails"
    assert TABLE[state, "late"] == "hangs"


def verdict(bench):
    return bench.result(bench.ask("status"))["verdict"]


def test_an_order_that_could_not_be_written_stops_trading_until_the_disk_is_well(ready):
    """Nothing else waits for the disk: the bridge tries it itself."""
    ready.disk.full = True
    assert ready.failure(ready.ask("placeOrder", orderKey="k1", contract=AAPL, order=ORDER))["code"] == "ledgerFailed"
    assert verdict(ready)["code"] == "ledgerUnwritable"
    ready.wait(10 * RETRY)
    assert verdict(ready)["code"] == "ledgerUnwritable"
    assert ready.failure(ready.ask("placeOrder", orderKey="k1", contract=AAPL, order=ORDER))["code"] == "ledgerFailed"
    assert [log.event for log in ready.logs].count("ledgerFailed") == 1
    ready.disk.full = False
    ready.wait(RETRY + 0.1)
    assert verdict(ready)["trading"]
    assert [log.event for log in ready.logs].count("ledgerRecovered") == 1
    ready.ask("placeOrder", orderKey="k1", contract=AAPL, order=ORDER)
    assert [send.name for send in ready.sent][-1] == "placeOrder"


def test_a_disk_that_hangs_stops_trading_until_it_answers(ready):
    ready.disk.held = True
    ready.ask("placeOrder", orderKey="k1", contract=AAPL, order=ORDER)
    ready.wait(HANGS + 2)
    assert verdict(ready)["code"] == "ledgerUnwritable"
    ready.release()
    ready.wait(2 * RETRY + 0.1)
    assert verdict(ready)["trading"]


def test_the_probe_writes_something_else_each_time_so_that_a_full_disk_refuses_it(ready):
    ready.disk.full = True
    ready.ask("placeOrder", orderKey="k1", contract=AAPL, order=ORDER)
    probes = []
    take = ready.disk.take

    def watch(effect):
        if isinstance(effect, Persist):
            probes.extend(record for record in effect.records if record[0] == "probe")
        take(effect)

    ready.disk.take = watch
    ready.wait(3 * RETRY + 0.1)
    assert len(probes) == 3
    assert len(set(probes)) == 3
    assert all(isinstance(probe, Fact) and len(probe.value) > 4 * 4096 for probe in probes)


def test_small_writes_that_succeed_do_not_hide_that_the_disk_is_full(ready):
    """On a full disk the bridge can still write what fits into the space that the ledger has."""
    ready.disk.full = True
    ready.ask("placeOrder", orderKey="k1", contract=AAPL, order=ORDER)
    ready.disk.full = False
    ready.ask("reqAccountUpdates", subscribe=True, acctCode="DU1")  # its hold is written
    assert verdict(ready)["code"] == "ledgerUnwritable"
    ready.wait(RETRY + 0.1)
    assert verdict(ready)["trading"]


def test_a_disk_that_takes_seconds_for_each_write_does_not_flap(ready):
    ready.disk.held = True
    ready.ask("placeOrder", orderKey="k1", contract=AAPL, order=ORDER)
    ready.wait(HANGS + 2)
    assert verdict(ready)["code"] == "ledgerUnwritable"
    for _ in range(5):  # each write takes longer than QUICK, and less than HANGS
        ready.wait(RETRY + QUICK + 0.5)
        ready.release()
        ready.disk.held = True
        assert verdict(ready)["code"] == "ledgerUnwritable"
    assert [log.event for log in ready.logs].count("ledgerRecovered") == 0
    ready.release()
    ready.wait(2 * RETRY + 0.1)
    assert verdict(ready)["trading"]


def test_a_bridge_that_stood_still_does_not_blame_the_disk(ready):
    """SIGSTOP: the disk has answered meanwhile, and the bridge looks at the time first."""
    ready.disk.held = True
    ready.ask("placeOrder", orderKey="k1", contract=AAPL, order=ORDER)
    ready.wait(1)
    ready.clock += 60
    ready.session.on_timer(ready.now)
    ready.collect()
    ready.release()
    assert [log.event for log in ready.logs].count("ledgerFailed") == 0
    assert verdict(ready)["trading"]


def test_an_idle_ledger_whose_files_are_gone_stops_trading(ready):
    ready.disk.full = True
    ready.session.on_ledger_unusable("the file has been removed", ready.now)
    ready.collect()
    assert "removed" in verdict(ready)["because"]
    ready.disk.full = False
    ready.wait(RETRY + 0.1)
    assert verdict(ready)["trading"]
