"""Whether the ledger can be written: the whole table, and what a session does with it."""

from __future__ import annotations

from typing import get_args

import pytest

from bridge.session.orders.ledger_health import HANGS, RETRY, STATES, TABLE, HealthEvent, HealthState
from tests.session.conftest import AAPL

ORDER = {"action": "BUY", "orderType": "LMT", "totalQuantity": "10", "lmtPrice": 5.0}


def test_the_table_is_total():
    assert set(TABLE) == {(state, event) for state in get_args(HealthState) for event in get_args(HealthEvent)}
    assert set(STATES) == set(get_args(HealthState))


@pytest.mark.parametrize("state", get_args(HealthState))
def test_the_last_answer_of_the_disk_counts(state):
    assert TABLE[state, "written"] == "writes"
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
    assert verdict(ready)["trading"]
