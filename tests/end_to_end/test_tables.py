"""Tables of what a real bridge and the simulator answer."""

from datetime import UTC

import tws_bridge_client as c
from tws_bridge_client import tables


def test_answers_become_tables(client):
    (aapl,) = client.qualify(c.Stock("AAPL"))
    end = "20260105-20:00:00"
    texts, seconds = (
        tables.bars(client.req_historical_data(aapl, "5 mins", "1 D", "TRADES", endDateTime=end, formatDate=form))
        for form in (1, 2)
    )
    assert texts.rows
    assert texts.values("time") == seconds.values("time")
    assert {time.tzinfo for time in texts.values("time")} == {UTC}
    days = tables.bars(client.req_historical_data(aapl, "1 day", "5 D", "TRADES"))
    assert days.columns[0].kind == "date"
    for kind, column in (("TRADES", "price"), ("BID_ASK", "priceBid"), ("MIDPOINT", "price")):
        table = tables.ticks(client.req_historical_ticks(aapl, 10, kind, endDateTime=end))
        assert all(value > 0 for value in table.values(column))
        assert table.rows


def test_an_execution_is_one_row_with_its_commission(client):
    client.place_order(c.Stock("AAPL"), c.market("BUY", 3), orderKey="row")
    assert client.await_order("row", "ended").state == "filled"
    table = tables.with_decimals(tables.executions(client.req_executions()), "float")
    assert sum(table.values("shares")) == 3.0
    assert set(table.values("symbol")) == {"AAPL"}
    assert all(fees is not None for fees in table.values("commissionAndFees"))
