"""Contracts and orders of the builders, qualified and placed through a real bridge."""

import ib_async
import pytest

import tws_bridge_client as c


def test_orders_of_builders_are_placed(client):
    (aapl,) = client.qualify(c.Stock("AAPL"))
    assert aapl.conId == 265598
    with pytest.raises(c.ContractNotUnique, match="NOSUCH"):
        client.qualify(c.Stock("NOSUCH"))
    facts = client.place_orders(c.bracket("e1", aapl, c.limit("BUY", 100, 1.5), take_profit=300, stop_loss=1))
    assert [one.orderKey for one in facts.orders] == ["e1", "e1-profit", "e1-stop"]
    assert {one.state for one in facts.orders} == {"acknowledged"}


def test_objects_of_ib_async_are_taken_as_they_are(client):
    stock = ib_async.Stock("MSFT", "SMART", "USD")
    (msft,) = client.qualify(stock)
    assert msft.symbol == "MSFT"
    facts = client.place_order(stock, ib_async.LimitOrder("BUY", 1, 1.5), orderKey="foreign")
    assert facts.state == "acknowledged"
    assert client.req_mkt_data(stock).topic.startswith("market.")
