"""TWS's spellings of time."""

from datetime import date

import pytest

from bridge.simulator.core.times import expiries, is_liquid, liquid_hours, parse_moment, stamp, trading_hours

NOON = 1773244800  # 2026-03-11 16:00 UTC, 12:00 in New York


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("20260311 12:00:00 US/Eastern", NOON),
        ("20260311 12:00:00", NOON),
        ("20260311-16:00:00", NOON),
        ("20260311-16:00:00Z", NOON),
        ("20260311 16:00:00 UTC", NOON),
        ("20260311 11:00:00 US/Central", NOON),
        ("20260311 12:00", NOON),
        ("20260311", NOON - 12 * 3600),
    ],
)
def test_moments_are_read(text: str, seconds: int) -> None:
    assert parse_moment(text, "US/Eastern") == seconds


@pytest.mark.parametrize("text", ["", "yesterday", "20261345", "20260311 12:00:00 US/Nowhere", "2026-03-11", "../etc"])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_moment(text, "US/Eastern")


def test_stamps_read_back() -> None:
    assert stamp(NOON, "US/Eastern") == "20260311 12:00:00 US/Eastern"
    assert parse_moment(stamp(NOON, "US/Central"), "UTC") == NOON


def test_hours() -> None:
    assert trading_hours(NOON, "US/Eastern", 2) == "20260311:0000-20260312:0000;20260312:0000-20260313:0000"
    assert liquid_hours(NOON, "US/Eastern", 4).split(";")[0] == "20260311:0930-20260311:1600"
    assert liquid_hours(NOON, "US/Eastern", 4).split(";")[3] == "20260314:CLOSED"
    assert is_liquid(NOON, "US/Eastern")
    assert not is_liquid(NOON + 5 * 3600, "US/Eastern")
    assert not is_liquid(NOON + 3 * 86400, "US/Eastern")
    assert is_liquid(NOON + 3 * 86400, "US/Eastern", always=True)


def test_expiries_are_third_fridays() -> None:
    assert expiries(date(2026, 3, 11), (3, 6, 9, 12), 2) == [date(2026, 3, 20), date(2026, 6, 19)]
    assert expiries(date(2026, 3, 18), (3, 6, 9, 12), 1) == [date(2026, 6, 19)]
