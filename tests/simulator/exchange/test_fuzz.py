"""No request makes the exchange raise, stall or stop: the worst is an error event."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.catalogue import catalogue
from bridge.simulator.handlers import HANDLERS
from tests.simulator.world import AAPL, EURUSD, World
from tests.strategies import messages

CONTRACTS = (AAPL, EURUSD, {"conId": 700000001, "exchange": "SMART"}, {"conId": 127128131, "exchange": "SMART"})
SENSIBLE: dict[str, dict[str, Any]] = {
    "placeOrder": {
        "order": {
            "action": "BUY",
            "totalQuantity": "100",
            "orderType": "MKT",
            "tif": "DAY",
            "account": "",
            "transmit": True,
            "cashQty": 0.0,
        }
    },
    "reqHistoricalData": {
        "barSizeSetting": "1 min",
        "duration": "600 S",
        "whatToShow": "MIDPOINT",
        "endDateTime": "",
    },
    "reqRealTimeBars": {"whatToShow": "BID"},
    "reqMktData": {"genericTickList": "", "snapshot": False, "regulatorySnapshot": False},
}


@pytest.mark.parametrize("name", sorted(HANDLERS))
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_request_is_survived(name: str, data: st.DataObject) -> None:
    world = World(clients=(0,))
    for _ in range(3):
        request = data.draw(messages(name))
        if "contract" in {field.name for field in catalogue().messages[name].fields} and data.draw(st.booleans()):
            request["contract"] = data.draw(st.sampled_from(CONTRACTS))
        world.ask(name, client=0, **request)
    world.run(0.5, step=0.1)


@pytest.mark.parametrize("name", sorted(SENSIBLE))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_sensible_request_with_something_odd_in_it_is_survived(name: str, data: st.DataObject) -> None:
    world = World()
    odd = data.draw(messages(name))
    request = {**odd, **SENSIBLE[name], "contract": data.draw(st.sampled_from(CONTRACTS)), "reqId": 5, "orderId": 5}
    if "order" in SENSIBLE[name]:
        request["order"] = {**odd.get("order", {}), **SENSIBLE[name]["order"], "whatIf": data.draw(st.booleans())}
        for key in data.draw(st.sets(st.sampled_from(sorted(request["order"])))):
            request["order"][key] = odd.get("order", {}).get(key, request["order"][key])
    else:
        for key in data.draw(st.sets(st.sampled_from(sorted(SENSIBLE[name])))):
            request[key] = odd.get(key, request[key])
    answer = world.ask(name, **request)
    world.run(1, step=0.1)
    assert answer or name in ("placeOrder", "reqRealTimeBars")


ODD_TIMES = (
    "00010101 00:00:00",
    "99991231 23:59:59",
    "99991231-23:59:59",
    "20260311 99:99:99 UTC",
    "20260308 02:30:00",
)


@pytest.mark.parametrize("moment", ODD_TIMES)
def test_times_at_the_edge_of_the_calendar_are_survived(moment: str) -> None:
    world = World()
    query = {"barSizeSetting": "1 day", "whatToShow": "TRADES", "useRTH": True, "contract": AAPL}
    for duration in ("1 D", "365 D", "100 Y", "99999999999999999999 S"):
        world.ask("reqHistoricalData", reqId=1, endDateTime=moment, duration=duration, **query)
    world.ask("reqExecutions", reqId=2, executionFilter={"time": moment})
    world.place(1, "BUY", "1", "LMT", lmtPrice=1.0, tif="GTD", goodTillDate=moment)
    world.place(2, "BUY", "1", conditions=[{"type": 3, "isMore": True, "time": moment}])
    world.run(3)
    assert world.ask("reqCurrentTime")
