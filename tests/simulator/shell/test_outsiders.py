"""The vendor's client against the simulator's further families: it hears each answer, with what was asked for."""

from __future__ import annotations

import pytest

from bridge.simulator import simulator_process
from tests.simulator.shell.test_server import outsider


@pytest.mark.parametrize("version", [200, 226])
def test_the_vendors_client_hears_every_further_family(version: int) -> None:
    with simulator_process(server_version=version, ticks_per_second=1000) as running:
        heard = outsider("vendor_families.py", running.port, 7)
    assert heard["version"] == version and heard["missing"] == []
    assert {(asked, code) for asked, code in heard["errors"] if code not in (2104, 2106, 2158)} == {
        (-1, 321)
    }  # FA, on no FA account
    first = heard["first"]
    assert first["tickByTickAllLast"][:2] == [1, 2] and first["tickByTickBidAsk"][0] == 2
    assert first["tickByTickMidPoint"][0] == 3
    for name, asked, count in (
        ("historicalTicksLast", 1, 5),
        ("historicalTicksBidAsk", 5, 10),
        ("historicalTicks", 6, 10),
    ):
        assert first[name][0] == asked and first[name][2] is True and len(first[name][1]) >= count, name
    assert first["updateMktDepth"][:4] == [7, 0, 0, 1] and first["updateMktDepthL2"][0] == 8
    assert first["updateMktDepthL2"][2] and first["updateMktDepthL2"][7] is True
    chain = first["securityDefinitionOptionParameter"]
    assert chain[1:5] == ["SMART", 265598, "AAPL", "100"] and len(chain[5]) == 2 and 230.0 in chain[6]
    sample = first["symbolSamples"][1][0]
    assert sample["contract"]["conId"] == 265598 and sample["derivativeSecTypes"] == ["OPT", "CFD"]
    assert first["scannerData"][:2] == [11, 0] and first["scannerData"][2]["contract"]["secType"] == "STK"
    assert first["scannerParameters"][0].startswith("<?xml")
    assert first["historicalNews"][0] == 12 and first["historicalNewsEnd"] == [12, True]
    assert first["newsArticle"][:2] == [26, 0] and first["newsArticle"][2]
    assert first["pnl"][0] == 13 and first["pnlSingle"][0] == 14
    assert first["historicalSchedule"][0] == 17 and len(first["historicalSchedule"][4]) == 5
    assert first["tickOptionComputation"][:3] == [18, 53, 0] and first["tickOptionComputation"][3] == 0.3
    assert first["marketRule"][0] == 26 and first["marketRule"][1][0]["increment"] == 0.01
    assert first["displayGroupUpdated"] == [24, "none"]
    assert first["rerouteMktDataReq"] == [25, 265598, "SMART"]
