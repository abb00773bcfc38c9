"""The universe and the search in it."""

from datetime import date
from decimal import Decimal

import pytest

from bridge.simulator.instruments.instrument import Universe
from bridge.simulator.instruments.universe import build_universe

UNIVERSE = build_universe(date(2026, 3, 11))


def test_it_holds_what_the_simulator_promises() -> None:
    kinds = [instrument.secType for instrument in UNIVERSE]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "STK": 5,
        "CASH": 2,
        "FUT": 3,
        "OPT": 20,
        "BOND": 1,
        "CFD": 1,
    }
    assert len(UNIVERSE) == 32


def test_expiries_lie_ahead_and_multipliers_are_exact() -> None:
    for instrument in UNIVERSE:
        if instrument.expiry:
            assert date.fromisoformat(instrument.expiry) > date(2026, 3, 11)
            assert instrument.multiplier in (Decimal(100), Decimal(50), Decimal(5))


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"conId": 265598}, 1),
        ({"conId": 265598, "exchange": "SMART"}, 1),
        ({"conId": 265598, "exchange": "CME"}, 0),
        ({"conId": 1}, 0),
        ({"symbol": "AAPL", "secType": "STK", "currency": "USD", "exchange": "SMART"}, 1),
        ({"symbol": "aapl", "secType": "STK"}, 1),
        ({"symbol": "AAPL", "secType": "STK", "currency": "EUR"}, 0),
        ({"symbol": "AAPL", "secType": "STK", "primaryExch": "ISLAND"}, 1),
        ({"symbol": "AAPL", "secType": "OPT"}, 20),
        ({"symbol": "AAPL", "secType": "OPT", "strike": 230.0}, 4),
        ({"symbol": "AAPL", "secType": "OPT", "strike": 230.0, "right": "PUT"}, 2),
        ({"symbol": "AAPL", "secType": "OPT", "lastTradeDateOrContractMonth": "202604", "right": "C"}, 5),
        ({"symbol": "AAPL", "secType": "OPT", "multiplier": "10"}, 0),
        ({"symbol": "ES", "secType": "FUT", "exchange": "CME"}, 2),
        ({"symbol": "ES", "secType": "FUT", "lastTradeDateOrContractMonth": "20260320"}, 1),
        ({"localSymbol": "ESM6"}, 1),
        ({"secIdType": "ISIN", "secId": "US0378331005"}, 1),
        ({"secIdType": "ISIN", "secId": "US0000000000"}, 0),
        ({"symbol": "IBCID127128131", "secType": "BOND"}, 1),
        ({"symbol": "ZZZZNONE", "secType": "STK"}, 0),
        ({"secType": "STK"}, 0),
        ({}, 0),
    ],
)
def test_partial_contracts_find_what_they_describe(wanted: dict[str, object], found: int) -> None:
    assert len(UNIVERSE.matching(wanted)) == found


def test_every_instrument_is_found_by_its_own_contract() -> None:
    for instrument in UNIVERSE:
        assert UNIVERSE.matching(instrument.contract()) == [instrument]
        without_id = instrument.contract() | {"conId": 0}
        assert UNIVERSE.matching(without_id) == [instrument]


def test_a_con_id_twice_is_refused() -> None:
    apple = UNIVERSE.by_id[265598]
    with pytest.raises(ValueError, match="265598"):
        Universe([apple, apple])
