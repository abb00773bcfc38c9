"""What clients hold survives the death of the bridge: nobody asks again, and the data comes back."""

from __future__ import annotations

import pytest

from tests.scenarios.conftest import both_encodings
from tests.scenarios.scripted import TODAY
from tests.scenarios.test_stale_values import BID, following, hear, quote, served, subscribe, values

pytestmark = pytest.mark.parametrize("settings", ["subscribe_grace = 0.3"], ids=["hurried"])


@pytest.fixture
def rights():
    everything = 'roles = ["observe", "account", "trade"]\n'
    return {"alice": everything, "bob": everything}


@both_encodings
def test_a_killed_bridge_asks_again_for_what_its_clients_hold(stage, tws):
    asked = subscribe(stage)
    quote(tws, 100.0)
    assert asked.told()["kept"] is True
    held = stage.ask("reqPositions", {})
    tws.say(("positionEnd", {}))
    assert held.told()["kept"] is True
    stage.restart(TODAY)
    with following(stage, "") as events:
        served(tws, 2)
        quote(tws, 101.0)
        (tick,) = [e for e in hear(events, "tickPrice") if e.envelope["event"] == "tickPrice"]
    assert (tick.data["tickType"], tick.data["price"]) == (BID, 101.0)
    assert values(stage) == [(101.0, False)]
    streams = {stream["stream"]: stream["holderCount"] for stream in stage.ask("status", {}).told()["streams"]}
    assert streams == {"265598": 1, "Positions": 1}


def test_what_was_released_before_the_death_is_not_asked_for(stage, tws):
    asked = subscribe(stage)
    quote(tws, 100.0)
    asked.told()
    assert stage.ask("release", {"stream": "265598"}).told() == {"released": "265598"}
    stage.heard()
    stage.restart(TODAY)
    assert len(tws.sent("reqMktData")) == 1
    assert stage.ask("status", {}).told()["streams"] == []
