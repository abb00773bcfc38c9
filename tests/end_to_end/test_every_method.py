"""Every request of the catalogue through the bridge: asked on the ROUTER, each is answered, and none by silence."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.catalogue import catalogue
from bridge.session.routing import RESERVED
from bridge.simulator import simulator_process
from tests.end_to_end import processes
from tests.simulator.handlers.test_every_request import CONVERSATION
from tws_bridge_client import BridgeError

ACCOUNT = "DU1234567"
#: What the simulator's account may not, or nobody may by default: answered, but by a refusal.
REFUSED = {
    **dict.fromkeys(RESERVED, "notPermitted"),
    "reqAutoOpenOrders": "notPermitted",
    "reqGlobalCancel": "notPermitted",
    "reqNewsArticle": "rejectedByTws",
    "requestFA": "rejectedByTws",
    "replaceFA": "rejectedByTws",
}
#: A cancel, where what it cancels has been answered already; or an order, where its key is another's.
LATE = {"unknownStream", "unknownRequest"}
#: A step of the conversation that belongs to TWS's own ids; the bridge's words for it are tested with orders.
ORDERS = {"placeOrder", "cancelOrder", "exerciseOptions"}
CANCELS = {message.cancel for message in catalogue().requests()}


def params(method: str, data: dict[str, Any]) -> dict[str, Any]:
    """The params of a request, less the ids that are the bridge's to choose; a cancel needs none."""
    if method in CANCELS:
        return {}
    return {name: ACCOUNT if value == "DF1" else value for name, value in data.items() if name != "reqId"}


@pytest.mark.parametrize("version", [226, 200])
def test_every_method_is_answered(version, tmp_path):
    asked = set()
    with (
        simulator_process(server_version=version, ticks_per_second=200) as simulator,
        processes.bridge(simulator.address, tmp_path) as bridge,
        bridge.client("alice") as client,
    ):
        client.request("reqCurrentTime", timeout=30)
        for method, data in CONVERSATION:
            if method not in ORDERS and catalogue().messages[method].exists(version):
                asked.add(method)
                outcome = answer(client, method, params(method, data))
                expected = {REFUSED[method]} if method in REFUSED else {"ok", *(LATE if method in CANCELS else ())}
                assert outcome in expected, (method, outcome)
    assert asked | ORDERS >= {m.name for m in catalogue().requests() if m.exists(version)}


def answer(client, method: str, data: dict[str, Any]) -> str:
    try:
        client.request(method, data, timeout=20)
    except BridgeError as error:
        return error.code
    return "ok"


def test_methods_lists_them_all_with_their_schemas(client):
    listed = {told["method"]: told for told in client.request("methods")}
    assert {m.name for m in catalogue().requests()} - set(RESERVED) <= set(listed)
    assert listed["reqMktData"]["params"]["properties"]["contract"]
    assert listed["snapshot"]["params"]["required"] == ["prefix"]
