"""The tables that `tws-bridge ledger export` writes: as CSV, or as Parquet where the file's name ends in `.parquet`."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Literal

#: `decimal`: an exact number, as text. `time`: ns since 1970 UTC; 0 where it is unknown.
Kind = Literal["text", "integer", "float", "decimal", "time", "flag"]
Row = Mapping[str, Any]

#: Rows that a Parquet file is written in.
BATCH = 20_000


@dataclass(frozen=True)
class Table:
    """`source`: the ledger's table, and `keys`: the columns that name a row in an error. Other columns stay away."""

    source: str
    keys: tuple[str, ...]
    columns: Mapping[str, Kind]

    def error(self, row: Row, reason: object) -> ValueError:
        """Return the error about a row that the file's format cannot hold."""
        return ValueError(f"table {self.source}, row {' '.join(str(row[key]) for key in self.keys)}: {reason}")


def writer(path: Path) -> Callable[[Path, Table, Iterable[Row]], int]:
    """Return the function that writes a file of that name. It returns the number of rows.

    Both raise ValueError: this one if the format needs a package that is not installed, the function for a row that
    the format cannot hold.
    """
    if path.suffix.lower() != ".parquet":
        return _write_csv
    try:
        import pyarrow.parquet  # noqa: F401, PLC0415
    except ImportError:
        raise ValueError("Parquet needs the package pyarrow: pip install 'tws-bridge[parquet]'") from None
    return _write_parquet


def _write_csv(path: Path, table: Table, rows: Iterable[Row]) -> int:
    count = 0
    with path.open("x", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(table.columns)
        for row in rows:
            try:
                out.writerow([_as_text(row.get(name), kind) for name, kind in table.columns.items()])
            except UnicodeEncodeError as error:
                raise table.error(row, error) from None
            count += 1
        file.flush()
        os.fsync(file.fileno())
    return count


def _as_text(value: Any, kind: Kind) -> Any:
    match kind, value:
        case _, None:
            return ""
        case "time", _:
            return f"{datetime.fromtimestamp(value / 1e9, UTC):%Y-%m-%dT%H:%M:%S.%fZ}" if value else ""
        case "flag", _:
            return str(value).lower()
        case _:
            return value


def _write_parquet(path: Path, table: Table, rows: Iterable[Row]) -> int:
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import parquet  # noqa: PLC0415

    types = {
        "text": pa.string(), "integer": pa.int64(), "float": pa.float64(), "decimal": pa.decimal128(38, 16),
        "time": pa.timestamp("ns", "UTC"), "flag": pa.bool_(),
    }  # fmt: skip
    schema = pa.schema([(name, types[kind]) for name, kind in table.columns.items()])

    def batch(some: list[Row]) -> Any:
        columns = [
            pa.array([_as_cell(row.get(name), kind) for row in some], types[kind])
            for name, kind in table.columns.items()
        ]
        return pa.record_batch(columns, schema=schema)

    def flush(some: list[Row]) -> None:
        try:
            out.write_batch(batch(some))
        except (ValueError, TypeError, ArithmeticError) as error:
            if len(some) == 1:
                raise table.error(some[0], error) from None
            for row in some:
                flush([row])

    count, waiting = 0, list[Row]()
    with path.open("xb") as file:
        with parquet.ParquetWriter(file, schema) as out:
            for row in rows:
                waiting.append(row)
                count += 1
                if len(waiting) == BATCH:
                    flush(waiting)
                    waiting = []
            if waiting:
                flush(waiting)
        file.flush()
        os.fsync(file.fileno())
    return count


def _as_cell(value: Any, kind: Kind) -> Any:
    match kind, value:
        case _, None:
            return None
        case "time", _:
            return value or None
        case "decimal", _:
            try:
                return Decimal(str(value))
            except InvalidOperation:
                raise ValueError(f"{value!r} is no number") from None
        case "integer", str():  # a permId
            return int(value)
        case _:
            return value
