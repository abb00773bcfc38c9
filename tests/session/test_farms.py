"""The states of IBKR's data farms, read from the notices of TWS."""

from __future__ import annotations

import pytest

from bridge.session.farms import Farms

MARKET = "Market data farm connection is"


@pytest.mark.parametrize(
    ("code", "text", "farm"),
    [
        (2103, f"{MARKET} broken:usfarm", ("usfarm", "marketData", "broken")),
        (2104, f"{MARKET} OK:usfarm.nj", ("usfarm.nj", "marketData", "ok")),
        (2104, f"{MARKET} OK:cashfarm", ("cashfarm", "marketData", "ok")),
        (2108, f"{MARKET} inactive but should be available upon demand.usopt", ("usopt", "marketData", "inactive")),
        (2119, "Market data farm is connecting:usfuture", ("usfuture", "marketData", "connecting")),
        (2105, "HMDS data farm connection is broken:ushmds", ("ushmds", "historicalData", "broken")),
        (2107, "HMDS data farm connection is inactive but should be available upon demand.euhmds",
         ("euhmds", "historicalData", "inactive")),
        (2158, "Sec-def data farm connection is OK:secdefnj", ("secdefnj", "securityDefinitions", "ok")),
    ],
)  # fmt: skip
def test_a_farm_has_a_name_a_kind_and_a_state(code, text, farm):
    farms = Farms()
    assert farms.on_notice(code, text, 7)
    assert farms.as_data() == [dict(zip(("farm", "kind", "state", "since"), (*farm, 7), strict=True))]


@pytest.mark.parametrize(("code", "text"), [(2104, f"{MARKET} OK"), (1100, "Connectivity lost:usfarm"), (2104, "")])
def test_what_names_no_farm_is_of_none(code, text):
    farms = Farms()
    assert not farms.on_notice(code, text, 7)
    assert farms.as_data() == []


def test_farms_are_told_in_status_and_once_for_each_change(ready):
    for code, state in ((2104, "OK"), (2104, "OK"), (2103, "broken")):
        ready.error(-1, code, f"{MARKET} {state}:usfarm")
    assert [body["data"]["farms"][0]["state"] for body in ready.on("system.farms")] == ["ok", "broken"]
    assert ready.result(ready.ask("status"))["farms"][0]["farm"] == "usfarm"
    ready.session.on_lost("end of file", ready.now)
    ready.collect()
    ready.wait(2)
    assert ready.result(ready.ask("status"))["farms"] == []


def test_families_are_down_until_the_last_farm_of_their_kind_is_back():
    farms = Farms()
    farms.on_notice(2103, f"{MARKET} broken:usfarm", 1)
    farms.on_notice(2103, f"{MARKET} broken:eufarm", 2)
    farms.on_notice(2106, "HMDS data farm connection is OK:ushmds", 3)
    farms.on_notice(2104, f"{MARKET} OK:usfarm", 4)
    assert "market" in farms.down
    farms.on_notice(2119, "Market data farm is connecting:eufarm", 5)
    assert "market" in farms.down
    farms.on_notice(2108, f"{MARKET} inactive but should be available upon demand.eufarm", 6)
    assert not farms.down


def test_a_broken_farm_of_historical_data_stops_bars_only():
    farms = Farms()
    farms.on_notice(2105, "HMDS data farm connection is broken:ushmds", 1)
    assert farms.down == {"bars"}
    farms.on_notice(2104, f"{MARKET} OK:usfarm", 2)
    assert farms.down == {"bars"}


@pytest.mark.parametrize("name", [":usfarm", ""])
def test_a_broken_farm_without_a_name_is_back_with_any_farm_of_its_kind(name):
    farms = Farms()
    farms.on_notice(2103, f"{MARKET} broken", 1)
    assert "market" in farms.down
    farms.on_notice(2104, f"{MARKET} OK{name}", 2)
    assert not farms.down


def test_a_farm_without_a_name_that_is_back_is_any_of_its_kind():
    farms = Farms()
    farms.on_notice(2103, f"{MARKET} broken:usfarm", 1)
    farms.on_notice(2104, f"{MARKET} OK", 2)
    assert not farms.down
