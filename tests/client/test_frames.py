"""DataFrames: their types in each library, and the errors without one."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tws_bridge_client import frames
from tws_bridge_client.generated import messages as m
from tws_bridge_client.generated import types as t

BARS = m.HistoricalData(
    reqId=1,
    historicalDataBars=[
        t.HistoricalDataBar(date="20260105 09:30:00 US/Eastern", open=1.0, close=2.0, volume="10", barCount=3),
        t.HistoricalDataBar(date="20260105 09:31:00 US/Eastern", open=2.0, close=None, volume="0.1"),
    ],
)
DAYS = m.HistoricalData(reqId=1, historicalDataBars=[t.HistoricalDataBar(date="20260105", close=2.0)])
TICKS = [t.HistoricalTickLast(time=1767623400, price=2.5, size="3", exchange="ARCA")]
LONG = [t.HistoricalTickLast(time=1767623400, price=2.5, size="0.12345678901234567890")]


def library(name: str) -> Any:
    return pytest.importorskip(name, reason=f"needs {name}, which the locked requirements do not have")


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The libraries that are installed, as far as `frames` can see."""
    installed: set[str] = set()
    monkeypatch.setattr(frames, "find_spec", lambda name: object() if name in installed else None)
    return installed


def test_the_library_that_is_installed_is_the_default(found: set[str]) -> None:
    found.add("polars")
    assert frames.chosen_library(None) == "polars"
    found.add("pandas")
    assert frames.chosen_library(None) == "pandas"
    assert frames.chosen_library("polars") == "polars"


def test_without_a_library_the_error_names_the_extra(found: set[str]) -> None:
    with pytest.raises(ImportError, match=r"install tws-bridge-client\[pandas\], or tws-bridge-client\[polars\]"):
        frames.bars(BARS)
    found.add("pandas")
    with pytest.raises(ImportError, match=r"needs polars: install tws-bridge-client\[polars\]$"):
        frames.ticks(TICKS, library="polars")
    with pytest.raises(ValueError, match="library: 'numpy' is none of 'pandas', 'polars'"):
        frames.ticks(TICKS, library="numpy")  # type: ignore[arg-type]


def test_an_unknown_time_zone_is_an_error(found: set[str]) -> None:
    found.add("pandas")
    with pytest.raises(ValueError, match="'Mars' is not the name of a time zone"):
        frames.bars(BARS, tz="Mars")


def test_the_import_needs_no_library() -> None:
    program = "import sys, tws_bridge_client.frames; sys.exit(bool({'pandas', 'polars', 'numpy'} & sys.modules.keys()))"
    subprocess.run([sys.executable, "-c", program], check=True, timeout=30, env={"PYTHONPATH": ":".join(sys.path)})


def test_pandas_has_types_and_time_zones() -> None:
    pandas = library("pandas")
    df = frames.bars(BARS, library="pandas", tz="US/Eastern")
    assert str(df["time"].dt.tz) == "America/New_York"
    assert df["time"][0].isoformat() == "2026-01-05T09:30:00-05:00"
    assert df["volume"].tolist() == [10.0, 0.1]
    assert df["volume"].dtype == df["WAP"].dtype == df["close"].dtype == "float64"
    assert df["close"].isna().tolist() == [False, True]
    assert df["barCount"].dtype == "Int64"
    assert df["barCount"].isna().tolist() == [False, True]
    assert frames.bars(DAYS, library="pandas")["date"].tolist() == [pandas.Timestamp("2026-01-05")]
    kept = frames.ticks(LONG, library="pandas", decimals="decimal")
    assert kept["size"].tolist() == [Decimal("0.12345678901234567890")]


def test_polars_has_types_and_time_zones() -> None:
    polars = library("polars")
    df = frames.bars(BARS, library="polars", tz="US/Eastern")
    assert df.schema["time"] == polars.Datetime("us", "America/New_York")
    assert df["time"][0].isoformat() == "2026-01-05T09:30:00-05:00"
    assert df["volume"].to_list() == [10.0, 0.1]
    assert df.schema["volume"] == df.schema["WAP"] == df.schema["close"] == polars.Float64
    assert df["close"].to_list() == [2.0, None]
    assert df["barCount"].to_list() == [3, None]
    assert frames.bars(DAYS, library="polars")["date"].to_list() == [date(2026, 1, 5)]
    kept = frames.ticks(LONG, library="polars", decimals="decimal")
    assert kept["size"].to_list() == [Decimal("0.12345678901234567890")]


@pytest.mark.parametrize("name", ["pandas", "polars"])
def test_each_function_makes_a_frame_with_and_without_rows(name: Any) -> None:
    library(name)
    contract = t.Contract(conId=1, symbol="AAPL", multiplier="100")
    run = t.Execution(execId="a.1", time="20260105-09:30:00", shares="1", permId=2**62)
    sources: list[tuple[Any, Any]] = [
        (frames.bars, [BARS]),
        (frames.ticks, TICKS),
        (frames.executions, [m.ExecDetails(reqId=1, contract=contract, execution=run)]),
        (frames.positions, [m.Position(contract=contract, position="1")]),
        (frames.portfolio, [m.UpdatePortfolio(contract=contract, position="1")]),
        (frames.account_summary, [m.AccountSummary(reqId=1, account="DU1", tag="Cushion", value="0.5")]),
    ]
    for function, source in sources:
        for decimals in ("float", "decimal"):
            df, empty = (function(rows, library=name, decimals=decimals) for rows in (source, []))
            assert len(df) in (1, 2)
            assert len(empty) == 0
            if function is not frames.ticks:
                assert list(df.columns) == list(empty.columns)
                assert list(df.dtypes) == list(empty.dtypes) or decimals == "decimal"
    assert frames.executions(sources[2][1], library=name)["permId"][0] == 2**62
