"""Positions, portfolio and account values, and how they lose what is gone."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.client.live.desk import Desk, subscription
from tws_bridge_client.live import shared


def position(con_id=1, size="5", account="DU1"):
    return {"account": account, "contract": {"conId": con_id, "symbol": f"S{con_id}"}, "position": size}


def value(key, text, currency="", account="DU1"):
    return {"key": key, "value": text, "accountName": account, **({"currency": currency} if currency else {})}


@pytest.fixture
def desk():
    return Desk()


def begin(desk, live, method, *events):
    desk.collect()
    desk.answer(method, subscription("x", "account."))
    desk.join("account.", *events)
    return live


def test_positions_are_those_that_are_open(desk):
    positions = begin(desk, shared.new_positions(desk.hub, ""), "reqPositions",
                      ("DU1.position", position()), ("DU2.position", position(2, "-3", "DU2")))  # fmt: skip
    assert [(item.account, item.position) for item in positions] == [("DU1", 5), ("DU2", -3)]
    assert (len(positions), positions.get(2).position, positions.get(2, "DU1"), positions.get(9)) == (2, -3, None, None)
    desk.hear("account.DU1.position", position(size="0"))
    assert [item.contract.symbol for item in positions] == ["S2"]
    desk.hear("account.DU2.gone", {"event": "position", "data": position(2, "-3", "DU2")})
    assert list(positions) == []


def test_an_account_shows_its_own_only(desk):
    positions = begin(desk, shared.new_positions(desk.hub, "DU2"), "reqPositions",
                      ("DU1.position", position()), ("DU2.position", position(1, "7", "DU2")))  # fmt: skip
    assert [item.position for item in positions] == [7]
    assert next(iter(positions)) in positions


def test_a_position_that_was_closed_during_a_loss_is_gone(desk):
    positions = begin(desk, shared.new_positions(desk.hub, ""), "reqPositions",
                      ("DU1.position", position()), ("DU1.position", position(2)))  # fmt: skip
    desk.hear("account.DU1.position", position(3), skip=1)
    assert positions.stale
    desk.join("account.", ("DU1.position", position(2)), ("DU1.position", position(3)))
    assert sorted(item.contract.conId for item in positions) == [2, 3]


def test_portfolio_and_values_share_one_stream_and_are_read_by_key(desk):
    row = {"accountName": "DU1", "contract": {"conId": 1}, "position": "5", "marketValue": 500.0}
    portfolio = shared.new_portfolio(desk.hub, "")
    account = shared.new_account(desk.hub, "")
    begin(desk, account, "reqAccountUpdates", ("DU1.updatePortfolio", row),
          ("DU1.updateAccountValue", value("NetLiquidation", "1000.50", "USD")),
          ("DU1.updateAccountValue", value("CashBalance", "7", "EUR")),
          ("DU1.updateAccountValue", value("CashBalance", "9", "BASE")),
          ("DU1.updateAccountValue", value("AccountType", "INDIVIDUAL")))  # fmt: skip
    assert portfolio.hold is account.hold
    assert [item.marketValue for item in portfolio] == [500.0]
    assert account.value("NetLiquidation") == Decimal("1000.50")
    assert (account["CashBalance"], account.text("CashBalance", "EUR"), account.text("CashBalance", "JPY")) == (
        "9",
        "7",
        None,
    )
    assert (account.value("AccountType"), account.value("NoSuchKey"), "NoSuchKey" in account) == (None, None, False)
    assert list(account) == ["NetLiquidation", "CashBalance", "AccountType"]
    portfolio.close()
    desk.collect()
    assert not desk.asked("release")
    account.close()
    desk.collect()
    assert [ask.params for ask in desk.asked("release")] == [{"stream": "x", "method": "reqAccountUpdates"}]


def drain(desk):
    """What a loop over the client shows: event and origin."""
    found = []
    while (event := desk.hub.unread.take()) is not None:
        found.append((event.envelope["event"], event.origin))
    return found


def test_positions_that_begin_again_show_what_tws_has_now_although_another_object_kept_the_book(desk):
    positions = begin(desk, shared.new_positions(desk.hub, ""), "reqPositions",
                      ("DU1.position", position()), ("DU1.position", position(2)))  # fmt: skip
    account = shared.new_account(desk.hub, "")
    begin(desk, account, "reqAccountUpdates", ("DU1.position", position()), ("DU1.position", position(2)),
          ("DU1.updateAccountValue", value("NetLiquidation", "7")))  # fmt: skip
    positions.close()
    desk.collect()
    drain(desk)
    again = shared.new_positions(desk.hub, "")
    desk.collect()
    desk.answer("reqPositions", subscription("x", "account."))
    assert again.stale
    assert not shared.has_begun(desk.hub, again), "the values that it finds may be from before"
    desk.join("account.", ("DU1.position", position(2)), ("DU1.updateAccountValue", value("NetLiquidation", "8")))
    assert (again.stale, [item.contract.conId for item in again]) == (False, [2])
    assert (account.stale, account["NetLiquidation"]) == (False, "8")
    assert drain(desk) == [("position", "snapshot"), ("updateAccountValue", "snapshot")], "nothing was lost: no gap"


def test_a_snapshot_from_before_the_grant_does_not_count(desk):
    account = begin(desk, shared.new_account(desk.hub, ""), "reqAccountUpdates", ("DU1.position", position()))
    desk.hear("account.DU1.position", position(2), skip=1)
    late = desk.asked("snapshot", "account.")[-1]
    positions = shared.new_positions(desk.hub, "")
    desk.collect()
    desk.answer("reqPositions", subscription("x", "account."))
    newest = desk.asked("snapshot", "account.")[-1]
    assert newest.params["nonce"] != late.params["nonce"]
    assert f"sync.{late.params['nonce']}" not in desk.subscribed
    desk.join("account.")
    assert (list(positions), positions.stale, account.stale) == ([], False, False)
    assert ("gap", "gap") in drain(desk), "events were lost before"


def test_a_stream_that_was_lost_begins_anew_and_its_other_objects_with_it(desk):
    positions = begin(desk, shared.new_positions(desk.hub, ""), "reqPositions", ("DU1.position", position()))
    ended = {"stream": "x", "topic": "account.", "method": "reqPositions", "reason": "the lease is over"}
    drain(desk)
    desk.hear("account.DU1.ended", ended)
    desk.wait(2)
    desk.answer("reqPositions", subscription("x", "account."))
    assert positions.stale
    desk.join("account.")
    assert (list(positions), positions.stale) == ([], False)
    assert ("gap", "gap") in drain(desk)


def test_portfolio_and_account_of_one_stream_take_one_snapshot(desk):
    begin(desk, shared.new_account(desk.hub, ""), "reqAccountUpdates")
    asked = desk.asked("snapshot", "account.")
    portfolio = shared.new_portfolio(desk.hub, "")
    desk.collect()
    assert desk.asked("snapshot", "account.") == asked
    assert shared.has_begun(desk.hub, portfolio)
