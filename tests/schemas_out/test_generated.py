"""The generated schemas are valid, closed in themselves, and true of real messages."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bridge.catalogue import catalogue
from bridge.contract import contract
from bridge.schemas_out import check, render, write
from bridge.schemas_out.names import whole

FILES = render()
EVENTS = json.loads(FILES["events.schema.json"])
REQUESTS = json.loads(FILES["requests.schema.json"])
REPLIES = json.loads(FILES["replies.schema.json"])
ASYNCAPI = json.loads(FILES["asyncapi.json"])


def references(body: Any) -> list[str]:
    if isinstance(body, dict):
        own = [body["$ref"]] if isinstance(body.get("$ref"), str) else []
        return own + [ref for value in body.values() for ref in references(value)]
    return [ref for value in body for ref in references(value)] if isinstance(body, list) else []


def test_the_files_on_disk_are_up_to_date() -> None:
    assert check() == []


def test_write_then_check_and_a_stale_file_is_named(tmp_path: Path) -> None:
    assert len(write(tmp_path)) == len(FILES)
    assert write(tmp_path) == []
    (tmp_path / "MESSAGES.md").write_text("old")
    (tmp_path / "asyncapi.json").unlink()
    assert sorted(line.rsplit(": ")[-1] for line in check(tmp_path)) == ["missing", "out of date"]


@pytest.mark.parametrize("schema", [EVENTS, REQUESTS, REPLIES], ids=["events", "requests", "replies"])
def test_schemas_are_valid_and_hold_all_that_they_name_and_nothing_else(schema: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(schema)
    assert {ref.removeprefix("#/$defs/") for ref in references(schema)} == schema["$defs"].keys()


def test_asyncapi_refers_to_what_exists() -> None:
    documents = {"events": EVENTS, "requests": REQUESTS, "replies": REPLIES}
    messages = ASYNCAPI["components"]["messages"]
    for name, message in messages.items():
        file, definition = message["payload"]["$ref"].removeprefix("./").split(".schema.json#/$defs/")
        assert definition == name == message["name"]
        assert definition in documents[file]["$defs"]
        assert message["title"] and message["summary"]
    used = {ref.removeprefix("#/components/messages/") for ref in references(ASYNCAPI["channels"])}
    assert used == messages.keys()
    of_tws = {name for message in catalogue().events() for name in message.callbacks()}
    events = of_tws | {event.event for event in contract().events.values()}
    assert {name for name in used if name.endswith("Event")} == {whole(name) for name in events}


def test_each_channel_has_its_operation() -> None:
    operations = ASYNCAPI["operations"].values()
    channels = [operation["channel"]["$ref"].removeprefix("#/channels/") for operation in operations]
    assert sorted(channels) == sorted(ASYNCAPI["channels"])


def listed(channel: str) -> set[str]:
    return set(ASYNCAPI["channels"][f"{channel}Events"]["messages"])


def test_a_channel_lists_what_is_published_there() -> None:
    assert listed("orderHead") == {"head"}
    assert {"orderStatus", "error", "orderGap"} <= listed("order")
    assert {"historicalTicks", "tickByTickBidAsk", "error"} <= listed("trades")
    assert {"currentTime", "openOrder", "commissionAndFeesReport", "symbolSamples", "error"} <= listed("request")
    assert {"connection", "notice", "managedAccounts"} <= listed("system")
    assert "error" not in listed("system") | listed("account") | listed("news")
    assert "position" not in listed("request")


def kinds(method: str) -> list[str]:
    """The words of `kind` that a successful reply to that method can have."""
    successes = REPLIES["$defs"][f"{method[0].upper()}{method[1:]}Reply"]["oneOf"][:-1]
    return [REPLIES["$defs"][one["$ref"].rpartition("/")[2]]["properties"]["kind"]["const"] for one in successes]


def test_each_method_says_what_it_does_and_what_it_answers() -> None:
    methods = REPLIES["properties"].keys() - {"streamedPart"}
    assert {name for one in REQUESTS["oneOf"] for name in [one["$ref"].rpartition("/")[2]]} == {
        f"{name[0].upper()}{name[1:]}Request" for name in methods
    }
    assert [name for name in methods if not kinds(name)] == []
    assert kinds("reqMktData") == ["subscription", "events"]
    assert kinds("reqPositions") == ["subscription"]
    assert kinds("reqAccountUpdates") == ["subscription", "released"]
    assert kinds("cancelMktData") == ["released", "cancelled"]
    assert kinds("reqGlobalCancel") == ["sent"]
    assert kinds("reqCurrentTime") == ["event"]
    assert kinds("placeOrder") == ["order", "preview"]
    assert kinds("placeOrders") == ["orders", "preview"]
    assert kinds("release") == ["released"]
    assert kinds("ping") == ["ping"]


def test_every_error_has_its_schema() -> None:
    errors = REPLIES["$defs"]["RequestError"]["oneOf"]
    codes = [REPLIES["$defs"][one["$ref"].rpartition("/")[2]]["properties"]["code"]["const"] for one in errors]
    assert codes == list(contract().errors)


def valid(event: str, data: dict[str, Any], **more: Any) -> bool:
    return jsonschema.Draft202012Validator(EVENTS).is_valid({"event": event, "ts": 1, "data": data, **more})


def test_an_event_fits_the_schema_in_each_place_and_a_wrong_one_in_none() -> None:
    tick = {"reqId": 1, "tickType": 1, "price": 1.5, "size": "100", "attrMask": 1}
    assert valid("tickPrice", tick, v=1, epoch="e", seq=1)
    assert valid("tickPrice", tick, topic="market.1.tickPrice", seq=1, stale=True, staleSince=5)
    assert valid("tickPrice", tick, topic="market.1.tickPrice", n=1, replayed=True)
    assert not valid("tickPrice", tick, seq="1")
    assert not valid("tickPrice", {**tick, "size": 100})
    assert not valid("tickPrice", {"price": 1.5})
    assert not valid("heartbeat", tick)
    assert not valid("tickPrices", tick)
    assert valid(
        "openOrder", {"orderId": 1, "contract": {"comboLegs": [{"ratio": 1}]}, "order": {"algoParams": {"a": "b"}}}
    )
    assert not valid("openOrder", {"orderId": 1, "order": {"permId": 7}})


def test_a_request_fits_the_schema_and_a_wrong_one_does_not() -> None:
    check = jsonschema.Draft202012Validator(REQUESTS).is_valid
    asked = {"v": 1, "id": "1", "client": "alice", "method": "reqMktData", "params": {"contract": {"conId": 1}}}
    assert check(asked)
    assert check({**asked, "timeout": 600, "stream": True})
    assert not check({**asked, "timeout": 601})
    assert not check({**asked, "method": "reqMktDatum"})
    assert not check({**asked, "params": {"contracts": {}}})
    assert not check({key: value for key, value in asked.items() if key != "params"})
    order = {"action": "BUY", "orderType": "MKT", "totalQuantity": 5}
    placed = {**asked, "method": "placeOrder", "params": {"contract": {"conId": 1}, "order": order}}
    assert check(placed)
    order["totalQuantity"] = "0.5"
    assert check(placed)
    order["totalQuantity"] = "half"
    assert not check(placed)
    order |= {"totalQuantity": 5, "action": "HOLD"}
    assert not check(placed)


def test_every_message_has_its_row() -> None:
    for message in catalogue().messages.values():
        assert f"| `{message.callbacks()[0]}`" in FILES["MESSAGES.md"]


def test_coverage_counts_every_message_and_knows_its_witnesses() -> None:
    covered = json.loads(FILES["coverage.json"])
    assert (covered["fromTws"]["count"], covered["toTws"]["count"]) == (85, 83)
    rows = {row["message"]: row for side in covered.values() for row in side["messages"]}
    assert rows["openOrder"]["text"] == "176..202"
    assert rows["openOrder"]["protobuf"] == "203+"
    assert "capture" in rows["openOrder"]["witnesses"]
    assert rows["tickEFP"]["protobuf"] is None
    assert rows["reqConfig"]["text"] is None
    assert not [name for name, row in rows.items() if not row["witnesses"]]
