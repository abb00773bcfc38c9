"""DataFrames of pandas or polars from what a client returns.

Both are optional: install `tws-bridge-client[pandas]` or `tws-bridge-client[polars]`.

    from tws_bridge_client import frames

    df = frames.bars(client.req_historical_data(contract, "5 mins", "1 D", "TRADES"))

Each function takes the result of a request, events or messages of a subscription, live objects, or plain maps of the
wire.

* Times are datetimes with the time zone `tz`, which is UTC if omitted. Bars of a day and longer have a column `date`
  with days instead: in pandas these are datetimes at midnight without a time zone.
* Prices are floats on the wire already. Sizes, quantities and other decimal numbers become floats where that loses
  nothing. If a number has more digits than a float, it is an error, unless `decimals` says what to do: `"rounded"`
  takes the nearest float, and `"decimal"` keeps `Decimal` objects (in polars, its `Decimal` type).
* `library` is `"pandas"` or `"polars"`. If it is omitted, it is the one that is installed, and pandas if both are.
* `tws_zone` is the time zone of TWS. Only times of TWS that name no time zone need it; older versions send such times.

All raise ImportError if the library is missing, and ValueError with the name of the column for a value that does not
fit.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any, Literal

from tws_bridge_client import tables
from tws_bridge_client.tables import Decimals, Table, with_decimals
from tws_bridge_client.tws_times import zone_of

#: The names of the libraries.
Library = Literal["pandas", "polars"]
_LIBRARIES: tuple[Library, ...] = ("pandas", "polars")


def bars(
    result: Any,
    *,
    library: Library | None = None,
    tz: str = "UTC",
    decimals: Decimals = "float",
    tws_zone: str | None = None,
) -> Any:
    """Bars: time (or date), open, high, low, close, volume, WAP, barCount.

    `result`: what `req_historical_data` returns, or events `historicalDataUpdate` and `realtimeBar`. A bar replaces an
    earlier one with the same start. In the hour that the end of summer time repeats, the order of the bars decides;
    `formatDate=2` in the request leaves no doubt.
    """
    return _frame(lambda: tables.bars(result, tws_zone), library, tz, decimals)


def ticks(result: Any, *, library: Library | None = None, tz: str = "UTC", decimals: Decimals = "float") -> Any:
    """Ticks: trades (time, price, size, exchange ...), or bids and asks, or midpoints.

    `result`: what `req_historical_ticks` returns, or the events of one tick-by-tick subscription.
    """
    return _frame(lambda: tables.ticks(result), library, tz, decimals)


def executions(
    result: Any,
    *,
    library: Library | None = None,
    tz: str = "UTC",
    decimals: Decimals = "float",
    tws_zone: str | None = None,
) -> Any:
    """Executions with their commissions, each once. A correction takes the place of what it corrects.

    `result`: what `req_executions` returns, or the fills of a client.
    """
    return _frame(lambda: tables.executions(result, tws_zone), library, tz, decimals)


def positions(result: Any, *, library: Library | None = None, decimals: Decimals = "float") -> Any:
    """The open positions: account, modelCode, the contract, position, avgCost.

    `result`: events `position` or `positionMulti`, for example the positions of a client.
    """
    return _frame(lambda: tables.positions(result), library, "UTC", decimals)


def portfolio(result: Any, *, library: Library | None = None, decimals: Decimals = "float") -> Any:
    """The open positions with market price, value and profit.

    `result`: events `updatePortfolio`, for example the portfolio of a client.
    """
    return _frame(lambda: tables.portfolio(result), library, "UTC", decimals)


def account_summary(result: Any, *, library: Library | None = None, decimals: Decimals = "float") -> Any:
    """Values of accounts: account, modelCode, tag, currency, value (text), number (None if the text is no number).

    `result`: events `accountSummary`, `updateAccountValue` or `accountUpdateMulti`, or `client.account()`.
    """
    return _frame(lambda: tables.account_summary(result), library, "UTC", decimals)


# The libraries


def _frame(make: Any, library: Library | None, tz: str, decimals: Decimals) -> Any:
    chosen = chosen_library(library)
    zone = zone_of(tz).key
    table = with_decimals(make(), decimals)
    return _pandas(table, zone) if chosen == "pandas" else _polars(table, zone)


def chosen_library(library: str | None) -> Library:
    """The library to use. Raises ImportError if it is not installed, and ValueError for another name."""
    if library is not None and library not in _LIBRARIES:
        raise ValueError(f"library: '{library}' is none of 'pandas', 'polars'")
    for name in _LIBRARIES:
        if library in (None, name) and find_spec(name) is not None:
            return name
    extra = library or "pandas"
    other = "" if library else ", or tws-bridge-client[polars]"
    raise ImportError(f"a DataFrame needs {library or 'pandas or polars'}: install tws-bridge-client[{extra}]{other}")


def _pandas(table: Table, zone: str) -> Any:
    pandas = import_module("pandas")
    kinds = {"float": "float64", "int": "Int64", "bool": "boolean", "decimal": "object", "text": "str"}
    columns = {}
    for place, (name, kind) in enumerate(table.columns):
        values = [row[place] for row in table.rows]
        if kind == "time":
            columns[name] = pandas.Series(pandas.to_datetime(values, utc=True).as_unit("us").tz_convert(zone))
        elif kind == "date":
            columns[name] = pandas.Series(pandas.to_datetime(values).as_unit("us"))
        else:
            columns[name] = pandas.Series(values, dtype=kinds[kind])
    return pandas.DataFrame(columns)


def _polars(table: Table, zone: str) -> Any:
    polars = import_module("polars")
    kinds = {
        "float": polars.Float64, "int": polars.Int64, "bool": polars.Boolean, "text": polars.String,
        "date": polars.Date, "time": polars.Datetime("us", "UTC"),
    }  # fmt: skip
    columns = []
    for place, (name, kind) in enumerate(table.columns):
        values = [row[place] for row in table.rows]
        if kind == "decimal":
            columns.append(polars.Series(name, values, dtype=polars.Decimal(38, _scale(values))))
        else:
            column = polars.Series(name, values, dtype=kinds[kind])
            columns.append(column.dt.convert_time_zone(zone) if kind == "time" else column)
    return polars.DataFrame(columns)


def _scale(values: list[Any]) -> int:
    """The digits behind the point that all of the decimal numbers need."""
    return max((max(0, -value.normalize().as_tuple().exponent) for value in values if value), default=0)
