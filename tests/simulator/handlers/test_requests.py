"""The other requests through the whole exchange: connecting, contracts, market data, accounts."""

from decimal import Decimal
from typing import Any

import pytest

from bridge.simulator.accounts.balances import MISSPELLED_TAGS, SUMMARY_TAGS
from bridge.simulator.core.refusals import Refused
from tests.simulator.world import AAPL, EURUSD, NS, World


def test_a_client_is_welcomed_as_by_a_real_tws() -> None:
    world = World()
    assert [name for _, name, _ in world.log] == ["managedAccounts", "nextValidId", "error", "error", "error"]
    assert [e["errorCode"] for e in world.events("error")] == [2104, 2106, 2158]
    with pytest.raises(Refused, match="326"):
        world.exchange.on_connect(1, world.now, 226)
    world.exchange.on_disconnect(1, world.now)
    assert world.exchange.on_connect(1, world.now, 226)


def test_at_most_thirty_two_clients() -> None:
    world = World(clients=tuple(range(32)))
    with pytest.raises(Refused, match="32"):
        world.exchange.on_connect(99, world.now, 226)


def test_contract_details_list_every_match() -> None:
    world = World()
    chain = world.ask("reqContractDetails", reqId=3, contract={"symbol": "AAPL", "secType": "OPT", "right": "C"})
    assert [name for name, _ in chain] == ["contractDetails"] * 10 + ["contractDetailsEnd"]
    apple = world.ask("reqContractDetails", reqId=4, contract=AAPL)[0][1]
    assert apple["contract"]["primaryExch"] == "NASDAQ" and apple["contractDetails"]["minTick"] == "0.01"
    details = apple["contractDetails"]
    assert len(details["marketRuleIds"].split(",")) == len(details["validExchanges"].split(","))
    bond = world.ask("reqContractDetails", reqId=5, contract={"symbol": "IBCID127128131", "secType": "BOND"})
    assert [name for name, _ in bond] == ["bondContractDetails", "contractDetailsEnd"]
    world.ask("reqContractDetails", reqId=6, contract={"symbol": "NONE", "secType": "STK"})
    world.ask("reqContractDetails", reqId=7, contract={"symbol": "AAPL"})
    world.ask("reqContractDetails", reqId=8)
    assert world.errors() == [(6, 200), (7, 321), (8, 321)]


def test_market_data_begins_with_what_stands_and_goes_on() -> None:
    world = World(ticks_per_second=1000)
    generic = "104,106,165,221,233,236"
    first = world.ask("reqMktData", reqId=1, contract=AAPL, genericTickList=generic)
    assert [name for name, _ in first[:2]] == ["tickReqParams", "marketDataType"]
    prices = {data["tickType"]: data["price"] for name, data in first if name == "tickPrice"}
    assert prices.keys() >= {1, 2, 4, 6, 7, 9, 14, 15, 20, 37}
    assert prices[1] < prices[2] and prices[7] <= prices[4] <= prices[6] and prices[19] < prices[20]
    assert {data["tickType"] for name, data in first if name == "tickString"} == {45, 48, 32, 33, 84}
    assert {data["tickType"] for name, data in first if name == "tickGeneric"} == {49, 23, 24, 46}
    world.run(5)
    feed = world.exchange.market.feeds[265598]
    last = {(data["tickType"]): data for data in world.events("tickPrice")}
    assert (last[1]["price"], last[2]["price"], last[4]["price"]) == (*world.quote, feed.price(feed.last))
    assert [d for d in world.events("tickSize") if d["tickType"] == 8][-1]["size"] == str(feed.volume)
    world.ask("cancelMktData", reqId=1)
    heard = len(world.log)
    world.run(1)
    assert len(world.log) == heard


def test_subscribers_see_the_same_market_whoever_else_watches() -> None:
    def prices(world: World, client: int) -> list[Any]:
        return [(d["tickType"], d["price"]) for d in world.events("tickPrice", client)]

    alone, crowd = World(ticks_per_second=500), World(clients=(1, 2, 3), ticks_per_second=500)
    for world, clients in ((alone, (1,)), (crowd, (1, 2, 3))):
        for client in clients:
            world.ask("reqMktData", client=client, reqId=client, contract=AAPL)
        world.run(5)
    assert prices(alone, 1) == prices(crowd, 1) == prices(crowd, 2) == prices(crowd, 3)


def test_how_the_caller_slices_time_does_not_matter() -> None:
    fine, coarse = World(ticks_per_second=500), World(ticks_per_second=500)
    for world, step in ((fine, 0.003), (coarse, 0.4)):
        world.ask("reqMktData", reqId=1, contract=AAPL)
        world.place(1, "BUY", "1000")
        world.run(4, step=step)
    assert fine.log == coarse.log


def test_after_a_long_stall_the_market_goes_on_from_now() -> None:
    world = World(ticks_per_second=50_000)
    world.ask("reqMktData", reqId=1, contract=AAPL)
    world.now += 3600 * NS
    assert len(world.exchange.on_time(world.now)) < 10
    assert world.exchange.next_time() <= world.now + NS


def test_snapshots_end() -> None:
    world = World()
    world.ask("reqMktData", reqId=1, contract=AAPL, snapshot=True)
    world.run(1)
    assert [d["reqId"] for d in world.events("tickSnapshotEnd")] == [1]
    heard = len(world.log)
    world.run(1)
    assert len(world.log) == heard
    world.ask("reqMktData", reqId=1, contract=AAPL, snapshot=True)
    world.ask("cancelMktData", reqId=1)
    world.run(1)
    assert len(list(world.events("tickSnapshotEnd"))) == 1


def test_delayed_data_has_tick_types_of_its_own() -> None:
    world = World(ticks_per_second=1000)
    world.ask("reqMarketDataType", marketDataType=3)
    told = world.ask("reqMktData", reqId=1, contract=AAPL)
    assert ("marketDataType", {"reqId": 1, "marketDataType": 3}) in told
    world.run(3)
    assert {d["tickType"] for d in world.events("tickPrice")} == {66, 67, 68, 72, 73, 75, 76}
    assert {d["tickType"] for d in world.events("tickSize")} == {69, 70, 74}
    assert {d["tickType"] for d in world.events("tickString")} == {88}


def test_options_tell_greeks_that_fit_the_underlying() -> None:
    world = World(ticks_per_second=2000)
    option = {"conId": 700000005, "exchange": "SMART"}
    first = world.ask("reqMktData", reqId=1, contract=option)
    computed = {d["tickType"]: d for name, d in first if name == "tickOptionComputation"}
    assert computed.keys() == {10, 11, 12, 13}
    prices = {d["tickType"]: d["price"] for name, d in first if name == "tickPrice"}
    assert computed[10]["optPrice"] == pytest.approx(prices[1], abs=1e-6)
    assert computed[10]["impliedVol"] < computed[13]["impliedVol"] < computed[11]["impliedVol"]
    assert computed[13]["undPrice"] == world.exchange.market.feeds[265598].mark
    world.run(3)
    assert len(list(world.events("tickOptionComputation"))) > 8


@pytest.mark.parametrize(
    ("request_data", "code"),
    [
        ({"contract": {"symbol": "NONE", "secType": "STK", "exchange": "SMART"}}, 200),
        ({"contract": {"symbol": "ES", "secType": "FUT", "exchange": "CME"}}, 200),
        ({"contract": {"conId": 265598}}, 321),
        ({"contract": {"symbol": "SPY", "secType": "BAG", "exchange": "SMART"}}, 321),
        ({"contract": AAPL, "genericTickList": "233,999"}, 321),
        ({"contract": AAPL, "genericTickList": "all"}, 321),
        ({"contract": AAPL, "genericTickList": "233", "snapshot": True}, 321),
        ({"contract": AAPL, "regulatorySnapshot": True}, 354),
        ({}, 321),
    ],
)
def test_impossible_subscriptions_are_refused(request_data: dict[str, Any], code: int) -> None:
    world = World()
    world.ask("reqMktData", reqId=4, **request_data)
    assert world.errors() == [(4, code)]


def test_request_ids_and_lines_are_limited() -> None:
    world = World()
    for number in range(101):
        world.ask("reqMktData", reqId=number, contract=AAPL)
    world.ask("reqMktData", reqId=5, contract=AAPL)
    world.ask("cancelMktData", reqId=500)
    assert world.errors() == [(100, 101), (5, 102), (500, 300)]


def test_account_updates_follow_a_fill() -> None:
    world = World()
    first = world.ask("reqAccountUpdates", subscribe=True, acctCode="")
    assert first[-1] == ("accountDownloadEnd", {"accountName": "DU1234567"})
    world.ask("reqPositions")
    world.place(1, "BUY", "100")
    world.run(1)
    portfolio = list(world.events("updatePortfolio"))[-1]
    assert portfolio["position"] == "100" and portfolio["accountName"] == "DU1234567"
    position = list(world.events("position"))[-1]
    paid = next(world.events("execDetails"))["execution"]["price"]
    assert position["avgCost"] == pytest.approx(paid + 0.01)  # with the commission of 1.0 on 100 shares
    cash = [d for d in world.events("updateAccountValue") if (d["key"], d["currency"]) == ("TotalCashValue", "USD")]
    assert float(cash[-1]["value"]) == pytest.approx(1_000_000 - 100 * paid - 1, abs=0.01)
    world.ask("reqAccountUpdates", subscribe=False, acctCode="")
    world.ask("cancelPositions")
    heard = len(list(world.events("updatePortfolio")))
    world.place(2, "SELL", "100")
    world.run(1)
    assert len(list(world.events("updatePortfolio"))) == heard
    report = list(world.events("commissionAndFeesReport"))[-1]
    realized = world.exchange.accounts["DU1234567"].realized
    assert Decimal(str(report["realizedPNL"])) == realized


def test_accounts_are_kept_apart() -> None:
    world = World(accounts=("DU1", "DU2"))
    world.place(1, "BUY", "100")
    assert world.errors() == [(1, 435)]
    world.place(1, "BUY", "100", account="DU2")
    world.run(1)
    assert (world.position(account="DU1"), world.position(account="DU2")) == (0, 100)
    world.ask("reqAccountUpdates", subscribe=True, acctCode="DU1")
    world.ask("reqAccountUpdates", subscribe=True, acctCode="DU2")
    assert [e["errorCode"] for e in world.events("error")][-1] == 2100
    told = world.ask("reqPositionsMulti", reqId=3, account="DU1", modelCode="")
    assert [name for name, _ in told] == ["positionMultiEnd"]
    told = world.ask("reqPositionsMulti", reqId=4, account="All", modelCode="")
    assert [name for name, _ in told] == ["positionMulti", "positionMultiEnd"]


def test_every_summary_tag_has_a_value() -> None:
    asked = SUMMARY_TAGS | MISSPELLED_TAGS  # as the vendor's AccountSummaryTags.AllTags
    told = World().ask("reqAccountSummary", reqId=1, group="All", tags=",".join(asked))
    assert {data["tag"] for name, data in told if name == "accountSummary"} == SUMMARY_TAGS


def test_summaries_are_at_most_two_and_refreshed() -> None:
    world = World()
    for asked in (1, 2, 3):
        world.ask("reqAccountSummary", reqId=asked, group="All", tags="NetLiquidation,$LEDGER:USD")
    world.ask("cancelAccountSummary", reqId=2)
    world.ask("reqAccountSummary", reqId=4, group="All", tags="Nonsense")
    world.ask("reqAccountSummary", reqId=5, group="Nobody", tags="NetLiquidation")
    world.ask("reqAccountSummary", reqId=1, group="All", tags="NetLiquidation")
    assert world.errors() == [(3, 322), (4, 321), (5, 321), (1, 102)]
    world.place(1, "BUY", "100")
    before = len(list(world.events("accountSummary")))
    world.run(181, step=1)
    changed = list(world.events("accountSummary"))[before:]
    assert {d["tag"] for d in changed} >= {"NetLiquidation", "CashBalance"}
    assert {d["reqId"] for d in changed} == {1}


def test_multi_updates_and_profit_and_loss() -> None:
    world = World(ticks_per_second=2000)
    multi = world.ask("reqAccountUpdatesMulti", reqId=1, account="", modelCode="", ledgerAndNLV=True)
    assert multi[-1] == ("accountUpdateMultiEnd", {"reqId": 1})
    assert {data.get("currency") for name, data in multi[:-1]} == {"USD", "BASE"}
    assert [name for name, _ in world.ask("reqPnL", reqId=2, account="DU1234567", modelCode="")] == ["pnl"]
    assert [name for name, _ in world.ask("reqPnLSingle", reqId=3, account="", modelCode="", conId=265598)] == [
        "pnlSingle"
    ]
    world.place(1, "BUY", "100")
    world.run(5)
    single = list(world.events("pnlSingle"))[-1]
    assert single["position"] == "100"
    assert single["dailyPnL"] == pytest.approx(single["unrealizedPnL"])
    assert len(list(world.events("pnl"))) > 2
    for name, asked in (("cancelPnL", 2), ("cancelPnLSingle", 3), ("cancelAccountUpdatesMulti", 1)):
        assert world.ask(name, reqId=asked) == []
    heard = len(list(world.events("pnl")))
    world.run(3)
    assert len(list(world.events("pnl"))) == heard
    world.ask("reqPnL", reqId=5, account="NOBODY")
    world.ask("reqPnLSingle", reqId=6, account="", conId=5)
    assert world.errors() == [(5, 321), (6, 321)]


def test_forex_moves_cash_in_two_currencies() -> None:
    world = World()
    world.place(1, "BUY", "20000", contract=EURUSD)
    world.run(1)
    account = world.exchange.accounts["DU1234567"]
    assert account.cash["EUR"] == 20_000 and account.cash["USD"] < 1_000_000 - 20_000
    told = world.ask("reqAccountSummary", reqId=1, group="All", tags="$LEDGER:ALL")
    assert {data["currency"] for name, data in told if name == "accountSummary"} == {"USD", "EUR", "BASE"}


def test_smaller_requests() -> None:
    world = World(clients=(0, 1))
    assert world.ask("reqCurrentTime") == [("currentTime", {"currentTime": world.now // NS})]
    assert world.ask("reqCurrentTimeInMillis") == [
        ("currentTimeInMillis", {"currentTimeInMillis": world.now // 1_000_000})
    ]
    assert world.ask("reqManagedAccts") == [("managedAccounts", {"accountsList": "DU1234567"})]
    world.ask("setServerLogLevel", logLevel=9)
    world.ask("reqMarketDataType", marketDataType=9)
    world.ask("startApi", clientId=1)
    world.ask("reqAutoOpenOrders", autoBind=True)
    assert world.ask("reqAutoOpenOrders", client=0, autoBind=True) == []
    assert [e["errorCode"] for e in world.events("error", 1)][3:] == [321, 321, 321, 327]


def test_a_client_that_leaves_is_forgotten_but_not_its_orders() -> None:
    world = World(clients=(1, 2))
    bid, _ = world.quote
    world.place(1, "BUY", "100", "LMT", lmtPrice=round(bid - 10, 2))
    world.ask("reqMktData", reqId=1, contract=AAPL)
    world.exchange.on_disconnect(1, world.now)
    world.run(1)
    assert world.ask("reqAllOpenOrders", client=2)[0][0] == "openOrder"
    again = world.exchange.on_connect(1, world.now, 226)
    assert (1, "nextValidId", {"orderId": 2}) in again
    assert [name for name, _ in world.ask("reqOpenOrders")] == ["openOrder", "orderStatus", "openOrderEnd"]
