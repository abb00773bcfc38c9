"""Mistakes that a type checker finds: in each line marked with `wrong`, and in no other."""

from __future__ import annotations

from tws_bridge_client import AsyncBridgeClient, BridgeClient
from tws_bridge_client.generated import messages as m
from tws_bridge_client.generated import types as t

CONTRACT = t.Contract(symbol="AAPL", secType="STK")


def mistakes(client: BridgeClient, event: m.TickPrice) -> None:
    client.req_mkt_dta(CONTRACT)  # wrong: no such method
    client.reqMktDta(CONTRACT)  # wrong: no such method
    client.req_mkt_data()  # wrong: a parameter is missing
    client.req_mkt_data(CONTRACT, genericTicks="233")  # wrong: no such parameter
    client.req_mkt_data(CONTRACT, genericTickList=233)  # wrong: a number for a text
    client.req_mkt_data(265598)  # wrong: a number for a contract
    client.req_historical_data(CONTRACT, durationStr="1 D")  # wrong: no such parameter
    client.req_mkt_depth(CONTRACT, "5")  # wrong: a text for a number
    client.place_order(CONTRACT, "BUY")  # wrong: a text for an order
    t.Contract(symbl="AAPL")  # wrong: no such field
    t.Contract(symbol=5)  # wrong: a number for a text
    t.Order(action="BOUGHT")  # wrong: no such action
    t.Order(totalQuantity=[100])  # wrong: a list for a number
    t.Order(goodTillDate=20260105)  # wrong: a number for a time
    CONTRACT.symbl = "AAPL"  # wrong: no such field
    CONTRACT.conId = "265598"  # wrong: a text for a number
    print(event.prize)  # wrong: no such field
    print(event.price.upper())  # wrong: a number has no such method
    print(client.req_mkt_data(CONTRACT).topik)  # wrong: no such field
    print(client.req_mkt_data(CONTRACT, snapshot=True).topic)  # wrong: a snapshot is a list


async def asynchronous_mistakes(client: AsyncBridgeClient) -> None:
    print(client.req_current_time().currentTime)  # wrong: not awaited
    print((await client.req_current_time()).time)  # wrong: no such field


def wrong_changes(client: BridgeClient) -> None:
    handle = client.order("k")
    handle.modify(limitPrice=5)  # wrong: no such field
    handle.modify(lmtPrice="5")  # wrong: a text for a number
