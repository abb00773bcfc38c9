"""Everything the exchange says can be said at every server version, and arrives."""

from functools import cache
from typing import Any

import pytest

from bridge.tws import Connection
from bridge.tws.events import Message
from tests.simulator.world import AAPL, EURUSD, World

VERSIONS = (176, 178, 187, 195, 196, 200, 201, 203, 206, 208, 213, 226)


@cache
def lively(version: int) -> World:
    """A session in which every kind of event occurs; to be looked at only."""
    world = World(version=version, ticks_per_second=500)
    world.ask("reqAccountUpdates", subscribe=True, acctCode="")
    world.ask("reqPositions")
    world.ask("reqPositionsMulti", reqId=30, account="", modelCode="")
    world.ask("reqPnL", reqId=31, account="", modelCode="")
    world.ask("reqPnLSingle", reqId=32, account="", modelCode="", conId=265598)
    world.ask("reqMktData", reqId=1, contract=AAPL, genericTickList="104,106,165,221,233,236")
    world.ask("reqMktData", reqId=2, contract={"conId": 700000005, "exchange": "SMART"})
    world.ask("reqMktData", reqId=3, contract=EURUSD, snapshot=True)
    history = {"contract": AAPL, "duration": "60 S", "whatToShow": "TRADES", "formatDate": 1, "keepUpToDate": True}
    world.ask("reqHistoricalData", reqId=4, barSizeSetting="5 secs", **history)
    world.ask("reqRealTimeBars", reqId=5, contract=AAPL, barSize=5, whatToShow="BID")
    bid, ask = world.quote
    world.place(1, "BUY", "500", "LMT", lmtPrice=round(ask + 1, 2), transmit=False, orderRef="réf")
    world.place(2, "SELL", "500", "TRAIL", auxPrice=0.5, parentId=1, transmit=False)
    world.place(3, "SELL", "500", "LMT", lmtPrice=round(bid + 9, 2), parentId=1)
    world.place(4, "BUY", "100", whatIf=True)
    world.place(5, "BUY", "10000000")
    world.place(6, "BUY", "1", contract={"conId": 127128131, "exchange": "SMART"})
    world.place(7, "BUY", "1", contract={"conId": 649180671, "exchange": "CME"}, conditions=_conditions())
    world.run(7)
    for asked, instrument in enumerate(world.exchange.universe, start=50):
        world.ask("reqContractDetails", reqId=asked, contract={"conId": instrument.conId})
    world.ask("reqAccountSummary", reqId=40, group="All", tags="NetLiquidation,$LEDGER:ALL")
    world.ask("reqAccountUpdatesMulti", reqId=41, account="", modelCode="", ledgerAndNLV=False)
    world.ask("reqExecutions", reqId=42, executionFilter={})
    for name in ("reqAllOpenOrders", "reqCompletedOrders", "reqCurrentTime", "reqCurrentTimeInMillis"):
        world.ask(name)
    world.ask("cancelOrder", orderId=99)
    return world


def _conditions() -> list[dict[str, Any]]:
    price = {"type": 1, "isMore": True, "price": 1.0, "conId": 265598, "exchange": "SMART", "triggerMethod": 0}
    return [price | {"isConjunctionConnection": True}, {"type": 3, "isMore": True, "time": "20990101 00:00:00"}]


def joined(version: int) -> tuple[Connection, Connection]:
    """A client and a server that have shaken hands at `version`."""
    client, server = Connection.client(client_id=1), Connection.server(server_version=version, connection_time="t")
    client.connect()
    for _ in range(2):
        server.receive_data(client.data_to_send())
        client.receive_data(server.data_to_send())
    assert client.server_version == server.server_version == version
    client.events_received()
    return client, server


@pytest.mark.parametrize("version", VERSIONS)
def test_every_event_arrives_at_every_version(version: int) -> None:
    world = lively(195 if version <= 195 else 196)  # the two ways in which the end of a history is told
    client, server = joined(version)
    kinds = set()
    for _, name, data in world.log:
        if name == "currentTimeInMillis" and version < 197:
            continue
        server.send(name, data)
        client.receive_data(server.data_to_send())
        (event,) = client.events_received()
        assert isinstance(event, Message) and (event.name, event.extra) == (name, 0), event
        kinds.add(name)
        for key, value in data.items():
            if not isinstance(value, dict | list) and value not in ("", False) and key != "errorTime":
                assert event.data.get(key) == value, (name, key)
        assert event.data.get("contract", {}).get("conId") == data.get("contract", {}).get("conId")
    expected = {
        "openOrder", "orderStatus", "execDetails", "commissionAndFeesReport", "tickPrice", "tickOptionComputation",
        "historicalDataUpdate", "realtimeBar", "bondContractDetails", "contractDetails", "completedOrder", "error",
        "accountSummary", "updatePortfolio", "position", "pnl", "pnlSingle", "positionMulti", "tickSnapshotEnd",
    }  # fmt: skip
    assert kinds >= expected, expected - kinds
