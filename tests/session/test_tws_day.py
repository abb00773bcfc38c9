"""The day at TWS: from its own words, whatever the bridge's clock or the time zone says."""

from __future__ import annotations

import pytest

from bridge.session.tws_day import TwsDay
from bridge.session.values import Instant

HOUR = 3600.0


def at(seconds, wall=None):
    return Instant(seconds, int((seconds if wall is None else wall) * 1e9))


def day_of(text, now=None):
    day = TwsDay()
    day.connected(text, now or at(0))
    return day


@pytest.mark.parametrize(
    "text",
    ["20251001 12:00:00 US/Eastern", "20251001 12:00:00 中国标准时间", "20251001 12:00:00", "20251001 12:00:00 EST"],
)
def test_it_is_read_from_the_handshake(text):
    assert day_of(text).today(at(0)) == "20251001"


@pytest.mark.parametrize("text", ["", "Oct 1 2025", "20251301 12:00:00 X", "20251001"])
def test_a_time_that_cannot_be_read_is_no_day_and_no_day_is_still(text):
    day = day_of(text)
    assert day.today(at(0)) is None
    assert not day.is_still("20251001", at(0))
    assert not day.is_still(None, at(0))


def test_it_goes_on_with_the_time_that_passes():
    day = day_of("20251001 12:00:00 US/Eastern")
    assert day.is_still("20251001", at(10.5 * HOUR))
    assert day.today(at(14 * HOUR)) == "20251002"
    assert not day.is_still("20251001", at(12 * HOUR))


def test_on_a_fresh_connection_a_day_is_sure_until_the_last_seconds():
    day = day_of("20251001 23:59:00 US/Eastern")
    assert day.is_still("20251001", at(20))
    assert not day.is_still("20251001", at(50))


def test_an_order_of_the_first_seconds_of_a_day_is_of_that_day():
    day = day_of("20251002 00:00:01 US/Eastern")
    assert day.today(at(1)) == "20251002"
    assert day.is_still("20251002", at(2))


def test_on_an_old_connection_an_hour_may_have_been_put_forward_or_back():
    day = day_of("20251001 12:00:00 US/Eastern")
    assert day.is_still("20251001", at(10.7 * HOUR))
    assert not day.is_still("20251001", at(10.8 * HOUR))
    assert day.today(at(13.2 * HOUR)) == "20251001"
    assert not day.is_still("20251001", at(13.2 * HOUR))
    assert day.today(at(13.3 * HOUR)) == "20251002"


def test_an_old_connection_of_the_same_day_does_not_make_an_order_one_of_the_day_before():
    """Seed 26099: connected at 00:01, orders at 01:11; the bridge never settled them."""
    day = day_of("20251002 00:01:08 US/Eastern")
    assert day.today(at(70 * 60)) == "20251002"
    assert day.is_still("20251002", at(70 * 60))


@pytest.mark.parametrize("now", [at(10, 14 * HOUR), at(14 * HOUR, 10)])
def test_a_machine_that_slept_or_whose_clock_was_set_keeps_no_day_alive(now):
    day = day_of("20251001 12:00:00 US/Eastern")
    assert not day.is_still("20251001", now)
    assert day.today(now) == "20251001", "the earlier date if two are possible"


def test_a_clock_that_was_set_forward_does_not_move_midnight():
    """It was two hours slow at the handshake. What TWS says at 22:30 is of that day, and does not hold after it."""
    day = day_of("20251001 12:00:00 US/Eastern", at(0, -2 * HOUR))
    said = day.today(at(10.5 * HOUR))
    assert said == "20251001"
    assert not day.is_still(said, at(10.5 * HOUR))
    assert not day.is_still(said, at(21 * HOUR))


def test_the_newest_handshake_counts():
    day = day_of("20251001 23:00:00 US/Eastern")
    day.connected("20251002 03:05:00 US/Eastern", at(60))
    assert day.today(at(61)) == "20251002"
