"""Tables, and so DataFrames, of live objects."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from tests.client.live.desk import Desk, subscription
from tests.client.live.test_accounts import begin, position, value
from tws_bridge_client import frames, tables
from tws_bridge_client.live import shared

VALUES = (
    ("DU1.updateAccountValue", value("NetLiquidation", "1000.50", "USD")),
    ("DU1.updateAccountValue", value("CashBalance", "7", "EUR")),
    ("DU1.updateAccountValue", value("CashBalance", "9", "BASE")),
    ("DU2.updateAccountValue", value("AccountType", "INDIVIDUAL", account="DU2")),
)


@pytest.fixture
def desk():
    return Desk()


def test_values_of_an_account_with_all_currencies(desk):
    account = begin(desk, shared.new_account(desk.hub, ""), "reqAccountUpdates", *VALUES)
    table = tables.account_summary(account)
    assert [(*row[:1], *row[2:5]) for row in table.rows] == [
        ("DU1", "NetLiquidation", "USD", "1000.50"), ("DU1", "CashBalance", "EUR", "7"),
        ("DU1", "CashBalance", "BASE", "9"), ("DU2", "AccountType", "", "INDIVIDUAL"),
    ]  # fmt: skip
    only = shared.new_account(desk.hub, "DU2")
    assert tables.account_summary(only).values("account") == ["DU2"]


def test_no_values_are_no_rows(desk):
    account = begin(desk, shared.new_account(desk.hub, ""), "reqAccountUpdates")
    assert tables.account_summary(account).rows == []


def test_positions_portfolio_and_fills(desk):
    positions = begin(desk, shared.new_positions(desk.hub, "DU1"), "reqPositions",
                      ("DU1.position", position()), ("DU2.position", position(2, "3", "DU2")))  # fmt: skip
    assert tables.positions(positions).values("conId") == [1]
    portfolio = shared.new_portfolio(desk.hub, "")
    desk.collect()
    desk.answer("reqAccountUpdates", subscription("y", "account."))
    row = {"accountName": "DU1", "contract": {"conId": 4}, "position": "5", "marketValue": 500.0}
    desk.join("account.", ("DU1.updatePortfolio", row))
    assert tables.portfolio(portfolio).values("marketValue") == [500.0]
    fills = shared.new_fills(desk.hub, None)
    desk.collect()
    execution = {"execId": "a.1", "time": "20260105-09:30:00", "side": "BOT", "shares": "3", "price": 2.0}
    desk.join("order.me.", ("k.execDetails", {"reqId": -1, "contract": {"conId": 5}, "execution": execution}))
    assert tables.executions(fills).values("execId") == ["a.1"]


def test_a_dataframe_of_the_values_of_an_account(desk, monkeypatch):
    """With a stand-in for pandas, which the tests do not install."""
    stand_in = SimpleNamespace(Series=lambda values, dtype: list(values), DataFrame=dict)
    monkeypatch.setitem(sys.modules, "pandas", stand_in)
    monkeypatch.setattr(frames, "find_spec", lambda name: name == "pandas")
    account = begin(desk, shared.new_account(desk.hub, ""), "reqAccountUpdates", *VALUES)
    assert frames.account_summary(account)["number"] == [1000.5, 7.0, 9.0, None]


def test_an_object_that_is_no_table_is_an_error_with_what_is_one(desk):
    with pytest.raises(TypeError, match=r"account_summary\(\) does not take Ticker: it takes AccountSummary"):
        tables.account_summary(desk.ticker())
    positions = begin(desk, shared.new_positions(desk.hub, ""), "reqPositions", ("DU1.position", position()))
    with pytest.raises(ValueError, match=r"account_summary\(\) does not show Position"):
        tables.account_summary(positions)
