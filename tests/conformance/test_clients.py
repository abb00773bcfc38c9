"""Unmodified clients of others against the simulator, each in a process of its own: they connect and get accounts,
ticks, contract details, history and positions, and a limit order through to its execution and commission.

What a client saw comes as JSON: `summary` and `values` by tag as [account, value, currency]; `prices` and `sizes` by
tick type; `bars` as [date, open, high, low, close, volume, WAP, count]; `positions` before and after the order, by
symbol as [account, position, cost]; `statuses` as [order id, status, filled, remaining, average price].
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from bridge.simulator import simulator_process

SCRIPTS = Path(__file__).parent / "clients"
IBAPI = "with_ibapi.py"
IB_ASYNC = "with_ib_async.py"

#: The client, what the simulator offers, and what the two then speak.
SESSIONS = [(IBAPI, version, version) for version in (176, 187, 200, 201, 204, 206, 208, 213, 226)]
SESSIONS += [(IB_ASYNC, 178, 178), (IB_ASYNC, 226, 178)]

#: Farms are OK: what TWS says to everyone who connects.
NOTICES = {2104, 2106, 2158}

Seen = dict[str, Any]


def session(script: str, version: int) -> Seen:
    """What the client saw of a simulator of its own; its complaints are shown if it printed nothing."""
    with simulator_process(server_version=version, seed=7, ticks_per_second=200) as running:
        done = subprocess.run(
            [sys.executable, str(SCRIPTS / script), running.host, str(running.port)],
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
    lines = done.stdout.splitlines()
    assert lines, done.stderr
    return {"complaints": done.stderr, **json.loads(lines[-1])}


@pytest.fixture(scope="module")
def sessions() -> Iterator[dict[tuple[str, int], Future[Seen]]]:
    """All sessions, begun at once, two at a time."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        yield {(script, offered): pool.submit(session, script, offered) for script, offered, _ in SESSIONS}


@pytest.fixture(params=SESSIONS, ids=lambda one: f"{one[0].removesuffix('.py')}-{one[1]}")
def seen(request: pytest.FixtureRequest, sessions: dict[tuple[str, int], Future[Seen]]) -> Seen:
    script, offered, _ = request.param
    return sessions[script, offered].result(timeout=110)


@pytest.fixture
def spoken(request: pytest.FixtureRequest) -> int:
    version: int = request.node.callspec.params["seen"][2]
    return version


def test_it_connects_and_hears_no_complaint(seen: Seen, spoken: int) -> None:
    assert seen["server_version"] == spoken
    assert seen["accounts"] == ["DU1234567"]
    assert seen["next_id"] >= 1
    assert {error[1] for error in seen["errors"]} <= NOTICES, seen["errors"]
    assert seen["complaints"] == ""
    assert seen["late"] == []


def test_it_gets_the_account(seen: Seen) -> None:
    account, value, currency = seen["values"]["NetLiquidation"]
    assert (account, currency) == ("DU1234567", "USD")
    assert float(value) == pytest.approx(1_000_000, rel=0.05)


def test_it_gets_the_account_summary(seen: Seen) -> None:
    account, value, currency = seen["summary"]["NetLiquidation"]
    assert (account, currency) == ("DU1234567", "USD")
    assert float(value) == pytest.approx(float(seen["values"]["NetLiquidation"][1]), rel=0.01)


def test_it_gets_contract_details(seen: Seen) -> None:
    assert seen["contracts"] == [
        {
            "conId": 265598,
            "symbol": "AAPL",
            "secType": "STK",
            "primaryExchange": "NASDAQ",
            "currency": "USD",
            "longName": "APPLE INC",
            "minTick": 0.01,
        }
    ]


def test_it_gets_ticks(seen: Seen) -> None:
    bid, ask = seen["prices"]["1"], seen["prices"]["2"]
    assert 200 < bid < ask < 260
    assert round(ask - bid, 2) <= 0.5
    assert round(bid, 2) == pytest.approx(bid)
    assert seen["sizes"]["0"] > 0
    assert seen["sizes"]["3"] > 0


def test_it_gets_history(seen: Seen) -> None:
    bars = seen["bars"]
    assert len(bars) >= 10
    assert sorted(bar[0] for bar in bars) == [bar[0] for bar in bars]
    for _, opened, high, low, closed, volume, wap, count in bars:
        assert low <= min(opened, closed) <= max(opened, closed) <= high
        assert low <= wap <= high
        assert volume > 0
        assert count > 0
    assert bars[-1][4] == pytest.approx(seen["prices"]["1"], rel=0.1)


def test_its_order_is_filled(seen: Seen) -> None:
    number, price = seen["next_id"], seen["limit"]
    shown = seen["open"][-1]
    assert (shown["orderId"], shown["conId"], shown["action"]) == (number, 265598, "BUY")
    assert (shown["orderType"], shown["totalQuantity"], shown["lmtPrice"]) == ("LMT", 100.0, price)
    assert (shown["tif"], shown["orderRef"]) == ("DAY", "conformance")
    assert shown["permId"] > 0
    last = seen["statuses"][-1]
    assert last[:4] == [number, "Filled", 100.0, 0.0]
    executions = seen["executions"]
    assert sum(execution["shares"] for execution in executions) == 100
    assert executions[-1]["cumQty"] == 100
    paid = sum(execution["shares"] * execution["price"] for execution in executions) / 100
    assert last[4] == pytest.approx(paid, abs=0.01)
    for execution in executions:
        assert (execution["orderId"], execution["side"], execution["conId"]) == (number, "BOT", 265598)
        assert execution["permId"] == shown["permId"]
        assert execution["price"] <= price


def test_its_executions_are_charged(seen: Seen) -> None:
    charged = seen["commissions"]
    assert charged.keys() == {execution["execId"] for execution in seen["executions"]}
    assert all(0 < amount < 10 and currency == "USD" for amount, currency in charged.values())


def test_its_position_follows(seen: Seen) -> None:
    before, after = seen["positions"]
    _, held, _ = before.get("AAPL", ["", 0.0, 0.0])
    account, now, cost = after["AAPL"]
    assert account == "DU1234567"
    assert now - held == 100
    assert held or cost == pytest.approx(seen["statuses"][-1][4], rel=0.01)
    assert {name: row for name, row in before.items() if name != "AAPL"} == {
        name: row for name, row in after.items() if name != "AAPL"
    }
