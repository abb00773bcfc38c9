"""Messages as rows and columns: what a table holds, and what it refuses."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from tws_bridge_client import tables
from tws_bridge_client.follow import Event
from tws_bridge_client.generated import messages as m
from tws_bridge_client.generated import types as t
from tws_bridge_client.tables import Column, Table
from tws_bridge_client.tws_times import moment, zone_of

AAPL = {"conId": 265598, "symbol": "AAPL", "secType": "STK", "currency": "USD"}


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


def bar(start: str, close: float = 1.0, **more: Any) -> dict[str, Any]:
    return {"date": start, "open": 1.0, "high": 2.0, "low": 0.5, "close": close, "volume": "10"} | more


def history(*found: dict[str, Any]) -> list[dict[str, Any]]:
    """What `client.request("reqHistoricalData")` returns."""
    return [
        {"event": "historicalData", "data": {"reqId": 1, "historicalDataBars": list(found)}},
        {"event": "historicalDataEnd", "data": {"reqId": 1}},
    ]


# Times


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20260105 09:30:00 US/Eastern", at(2026, 1, 5, 14, 30)),
        ("20260705 09:30:00 America/New_York", at(2026, 7, 5, 13, 30)),
        ("20260105  09:30:00 Hongkong", at(2026, 1, 5, 1, 30)),
        ("20260105-09:30:00", at(2026, 1, 5, 9, 30)),
        ("1767623400", at(2026, 1, 5, 14, 30)),
    ],
)
def test_each_form_of_time_that_tws_sends_is_read(text: str, expected: datetime) -> None:
    assert moment(text, "time") == expected


def test_a_time_without_a_zone_needs_that_of_tws() -> None:
    with pytest.raises(ValueError, match=r"execution\.time: '20260105  09:30:00' names no time zone: pass tws_zone="):
        moment("20260105  09:30:00", "execution.time")
    assert moment("20260105  09:30:00", "execution.time", "Europe/London") == at(2026, 1, 5, 9, 30)


@pytest.mark.parametrize(
    "text", ["", "soon", "20261305 09:30:00 UTC", "20260105 25:00:00 UTC", "20260105 09:30:00 X/Y"]
)
def test_what_is_no_time_is_an_error_that_names_the_field(text: str) -> None:
    with pytest.raises(ValueError, match=r"^date: "):
        moment(text, "date")


@pytest.mark.parametrize("name", ["Mars/Olympus", "../etc/passwd", ""])
def test_an_unknown_time_zone_is_named(name: str) -> None:
    with pytest.raises(ValueError, match=f"'{name}' is not the name of a time zone"):
        zone_of(name)


# Bars


def test_bars_of_a_request_are_rows() -> None:
    table = tables.bars(history(bar("20260105 09:30:00 US/Eastern", WAP="1.25", barCount=3)))
    assert [column.name for column in table.columns] == [
        "time", "open", "high", "low", "close", "volume", "WAP", "barCount",
    ]  # fmt: skip
    assert table.rows == [[at(2026, 1, 5, 14, 30), 1.0, 2.0, 0.5, 1.0, Decimal(10), Decimal("1.25"), 3]]


def test_typed_messages_events_and_maps_give_the_same_table() -> None:
    parts = history(bar("20260105"), bar("20260106"))
    data = parts[0]["data"]
    expected = tables.bars(parts)
    assert expected.values("date") == [date(2026, 1, 5), date(2026, 1, 6)]
    event = Event("request.1", {"event": "historicalData", "data": data}, "live")
    for source in (m.HistoricalData.from_dict(data), [m.HistoricalData.from_dict(data)], event, [event], data,
                   data["historicalDataBars"], iter(parts)):  # fmt: skip
        assert tables.bars(source) == expected


def test_an_update_replaces_the_bar_with_its_start() -> None:
    parts: list[Any] = history(bar("20260105 09:30:00 UTC", 1.0), bar("20260105 09:31:00 UTC", 2.0))
    for start, close in (("20260105 09:31:00 UTC", 3.0), ("20260105 09:32:00 UTC", 4.0)):
        parts.append(m.HistoricalDataUpdate(reqId=1, historicalDataBar=t.HistoricalDataBar(date=start, close=close)))
    assert tables.bars(parts).values("close") == [1.0, 3.0, 4.0]


def test_bars_of_five_seconds_have_their_start_in_seconds() -> None:
    parts = [m.RealtimeBar(reqId=1, time=1767623400, close=1.5, volume="7", count=2)]
    table = tables.bars(parts)
    assert table.values("time") == [at(2026, 1, 5, 14, 30)]
    assert table.values("barCount") == [2]


def test_the_hour_that_the_end_of_summer_time_repeats_is_two_hours() -> None:
    texts = [f"20261101 {time} US/Eastern" for time in ("00:30:00", "01:00:00", "01:30:00", "01:00:00", "01:30:00")]
    table = tables.bars(history(*map(bar, texts)))
    assert [time.strftime("%H:%M") for time in table.values("time")] == ["04:30", "05:00", "05:30", "06:00", "06:30"]
    hours = tables.bars(history(*(bar(f"20261101 {hour}:00:00 US/Eastern") for hour in ("01", "01", "02"))))
    assert [time.hour for time in hours.values("time")] == [5, 6, 7]
    updates = [m.HistoricalDataUpdate(reqId=1, historicalDataBar=t.HistoricalDataBar(date=texts[1])) for _ in range(3)]
    assert tables.bars(updates).values("time") == [at(2026, 11, 1, 5)]


def test_days_and_times_do_not_mix() -> None:
    with pytest.raises(ValueError, match="make one table of each"):
        tables.bars(history(bar("20260105"), bar("20260105 09:30:00 UTC")))


def test_no_bars_are_a_table_without_rows() -> None:
    assert tables.bars(history()) == tables.bars([]) == Table(tables.bars([]).columns, [])


# Ticks


def test_trades_quotes_and_midpoints_have_columns_of_their_own() -> None:
    trade = t.HistoricalTickLast(time=1767623400, price=2.5, size="3", tickAttribLast=t.TickAttribLast(unreported=True))
    quote = t.HistoricalTickBidAsk(time=1767623400, priceBid=2.4, priceAsk=2.6, sizeBid="1", sizeAsk="2")
    midpoint = t.HistoricalTick(time=1767623400, price=2.5)
    time = at(2026, 1, 5, 14, 30)
    for source in (
        [m.HistoricalTicksLast(reqId=1, historicalTicksLast=[trade])],
        [m.TickByTickAllLast(reqId=1, tickType=1, historicalTickLast=trade)],
    ):
        assert tables.ticks(source).rows == [[time, 2.5, Decimal(3), "", "", None, True]]
    for other in (
        [m.HistoricalTicksBidAsk(reqId=1, historicalTicksBidAsk=[quote])],
        [m.TickByTickBidAsk(reqId=1, tickType=3, historicalTickBidAsk=quote)],
    ):
        assert tables.ticks(other).rows == [[time, 2.4, 2.6, Decimal(1), Decimal(2), None, None]]
    assert tables.ticks([m.HistoricalTicks(reqId=1, historicalTicks=[midpoint])]).rows == [[time, 2.5]]
    with pytest.raises(ValueError, match="HistoricalTick, some HistoricalTickLast: make one table of each"):
        tables.ticks([midpoint, trade])


def test_two_ticks_in_one_second_are_two_rows() -> None:
    tick = {"time": 1767623400, "price": 2.5, "size": "3", "exchange": "ARCA"}
    assert len(tables.ticks([tick, tick]).rows) == 2


# Executions


def execution(exec_id: str, shares: str = "10", **more: Any) -> dict[str, Any]:
    found = {"execId": exec_id, "time": "20260105 09:30:00 US/Eastern", "side": "BOT", "shares": shares, "price": 2.5}
    return {"event": "execDetails", "data": {"reqId": 1, "contract": AAPL, "execution": found | more}}


def report(exec_id: str, fees: float) -> dict[str, Any]:
    data = {"execId": exec_id, "commissionAndFees": fees, "currency": "USD", "realizedPNL": 5.0}
    return {"event": "commissionAndFeesReport", "data": data}


def test_an_execution_has_its_commission_in_its_row() -> None:
    end = {"event": "execDetailsEnd", "data": {"reqId": 1}}
    table = tables.executions([execution("a.01.01"), execution("b.01.01"), report("a.01.01", 1.5), end])
    assert table.values("time") == [at(2026, 1, 5, 14, 30)] * 2
    assert table.values("symbol") == ["AAPL"] * 2
    assert table.values("commissionAndFees") == [1.5, None]
    assert table.values("commissionCurrency") == ["USD", ""]
    assert table.values("realizedPNL") == [5.0, None]


def test_an_execution_that_came_twice_is_one_row_and_a_correction_replaces_it() -> None:
    parts = [execution("a.01.01", "10"), execution("a.01.01", "10"), report("a.01.01", 1.5), execution("a.01.02", "7")]
    for order in (parts, parts[::-1]):
        table = tables.executions(order)
        assert table.values("execId") == ["a.01.02"]
        assert table.values("shares") == [Decimal(7)]
        assert table.values("commissionAndFees") == [None]
    assert tables.executions([execution("a.9"), execution("a.10")]).values("execId") == ["a.10"]


def test_fills_of_a_client_are_taken_as_they_are() -> None:
    data = execution("a.01.01")["data"]
    fill = SimpleNamespace(
        contract=t.Contract.from_dict(data["contract"]),
        execution=t.Execution.from_dict(data["execution"]),
        commission=1.5,
        commission_currency="USD",
        realized=5.0,
    )
    assert tables.executions([fill]) == tables.executions([execution("a.01.01"), report("a.01.01", 1.5)])


# Accounts


def test_the_newest_position_of_an_instrument_holds_and_a_closed_one_is_gone() -> None:
    def position(con_id: int, size: str) -> m.Position:
        contract = t.Contract(conId=con_id, symbol="X")
        return m.Position(account="DU1", contract=contract, position=size, avgCost=2.5)

    table = tables.positions([position(1, "5"), position(2, "3"), position(1, "6"), position(2, "0")])
    assert table.values("conId") == [1]
    assert table.values("position") == [Decimal(6)]
    other = m.PositionMulti(reqId=1, account="DU1", modelCode="M", contract=t.Contract(conId=1), position=1)
    assert tables.positions([position(1, "5"), other]).values("modelCode") == ["", "M"]


def test_a_portfolio_has_values() -> None:
    item = m.UpdatePortfolio(accountName="DU1", contract=t.Contract(conId=1), position="2", marketValue=30.0)
    table = tables.portfolio([item])
    assert table.values("marketValue") == [30.0]
    assert table.values("accountName") == ["DU1"]
    assert tables.portfolio([item, item.copy(position=0)]).rows == []


def test_values_of_accounts_are_texts_and_numbers() -> None:
    values = [
        m.AccountSummary(reqId=1, account="DU1", tag="NetLiquidation", value="10.50", currency="USD"),
        m.AccountSummary(reqId=1, account="DU1", tag="AccountType", value="INDIVIDUAL"),
        m.AccountSummary(reqId=1, account="DU1", tag="NetLiquidation", value="11.50", currency="USD"),
        m.UpdateAccountValue(accountName="DU2", key="Cushion", value="NaN"),
    ]
    table = tables.account_summary(values)
    assert table.values("tag") == ["NetLiquidation", "AccountType", "Cushion"]
    assert table.values("value") == ["11.50", "INDIVIDUAL", "NaN"]
    assert table.values("number") == [Decimal("11.50"), None, None]


# Decimals


def test_a_decimal_becomes_a_float_only_if_that_loses_nothing() -> None:
    exact = Table([Column("size", "decimal")], [[Decimal("0.1")], [Decimal("12345678.12345678")], [None]])
    assert tables.with_decimals(exact, "float") == Table(
        [Column("size", "float")], [[0.1], [12345678.12345678], [None]]
    )
    assert tables.with_decimals(exact, "decimal") == exact
    long = Table(exact.columns, [[Decimal("0.12345678901234567890")]])
    with pytest.raises(ValueError, match=r"size: 0\.12345678901234567890 has more digits than a float"):
        tables.with_decimals(long, "float")
    assert tables.with_decimals(long, "rounded").rows == [[0.12345678901234568]]
    with pytest.raises(ValueError, match="decimals: 'exact' is none of"):
        tables.with_decimals(long, "exact")  # type: ignore[arg-type]


# What is refused


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ([execution("a.1")], r"bars\(\) does not show ExecDetails: it takes HistoricalData, "),
        ([{"event": "gap", "data": {"reason": "lost"}}], r"bars\(\) does not show Gap"),
        ([{"event": "historicalDate", "data": {}}], "there is no event historicalDate: did you mean historicalData"),
        ([{"symbol": "AAPL"}], r"a map with symbol is none of HistoricalData"),
    ],
)
def test_a_message_of_another_kind_is_an_error(source: Any, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        tables.bars(source)


def test_what_is_no_message_is_a_type_error() -> None:
    with pytest.raises(TypeError, match=r"bars\(\) does not take int: it takes HistoricalData"):
        tables.bars([1])
