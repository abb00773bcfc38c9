"""The generated schemas are valid, closed in themselves, and true of real messages."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bridge.catalogue import catalogue
from bridge.contract import contract
from bridge.schemas_out import check, render, write

FILES = render()
EVENTS = json.loads(FILES["events.schema.json"])
REQUESTS = json.loads(FILES["requests.schema.json"])
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


@pytest.mark.parametrize("schema", [EVENTS, REQUESTS], ids=["events", "requests"])
def test_schemas_are_valid_and_closed(schema: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(schema)
    own = {ref for ref in references(schema) if ref.startswith("#")}
    assert {ref.removeprefix("#/$defs/") for ref in own} <= schema["$defs"].keys()
    others = {ref.removeprefix("./events.schema.json#/$defs/") for ref in set(references(schema)) - own}
    assert others <= EVENTS["$defs"].keys()


def test_asyncapi_refers_to_what_exists() -> None:
    events = {ref.rsplit("/")[-1] for ref in references(ASYNCAPI) if ref.startswith("./events")}
    of_tws = {name for message in catalogue().events() for name in message.callbacks()} - {"error"}
    assert events == of_tws | contract().events.keys()
    assert events | {"error"} <= EVENTS["$defs"].keys()
    local = {ref.rsplit("/")[-1] for ref in references(ASYNCAPI) if ref.startswith("#/components")}
    assert local == ASYNCAPI["components"]["schemas"].keys()


def listed(channel: str) -> set[str]:
    return {message["name"] for message in ASYNCAPI["channels"][channel]["messages"].values()}


def test_a_channel_lists_what_is_published_there() -> None:
    assert listed("orderHead") == {"head"}
    assert {"orderStatus", "error", "gap"} <= listed("order")
    assert {"historicalTicks", "tickByTickBidAsk", "error"} <= listed("trades")
    assert {"currentTime", "openOrder", "commissionAndFeesReport", "symbolSamples", "error"} <= listed("request")
    assert {"connection", "notice", "managedAccounts"} <= listed("system")
    assert "error" not in listed("system") | listed("account") | listed("news")
    assert "position" not in listed("request")


def test_each_method_says_what_it_does_and_what_it_answers() -> None:
    methods = REQUESTS["methods"]
    assert [name for name, method in methods.items() if not (method["description"] and method["result"])] == []
    refs = {name: sorted(ref.rpartition("/")[2] for ref in references(methods[name]["result"])) for name in methods}
    assert refs["reqMktData"] == ["Part", "Subscription"]
    assert refs["reqPositions"] == ["Subscription"]
    assert refs["reqAccountUpdates"] == ["Released", "Subscription"]
    assert refs["cancelMktData"] == ["Cancelled", "Released"]
    assert refs["reqGlobalCancel"] == ["Sent"]
    assert refs["reqCurrentTime"] == ["currentTime"]
    assert refs["placeOrder"] == ["OrderFacts", "Preview"]


def test_every_error_and_rule_has_its_row() -> None:
    rows = [line.split(" | ") for line in FILES["ERRORS.md"].splitlines() if line.startswith("| `")]
    assert [row[0].strip("| `") for row in rows] == [*contract().errors, *contract().rules]
    assert all(row[1] in contract().retry and row[2] for row in rows)
    assert REQUESTS["errors"].keys() == contract().errors.keys()


def valid(name: str, data: dict[str, Any]) -> bool:
    schema = {"$ref": f"#/$defs/{name}", "$defs": EVENTS["$defs"]}
    return jsonschema.Draft202012Validator(schema).is_valid(data)


def test_an_event_fits_its_schema_and_a_wrong_one_does_not() -> None:
    tick = {"reqId": 1, "tickType": 1, "price": 1.5, "size": "100", "attrMask": 1}
    assert valid("tickPrice", tick)
    assert not valid("tickPrice", {**tick, "size": 100})
    assert not valid("tickPrice", {"price": 1.5})
    assert valid(
        "openOrder", {"orderId": 1, "contract": {"comboLegs": [{"ratio": 1}]}, "order": {"algoParams": {"a": "b"}}}
    )
    assert not valid("openOrder", {"orderId": 1, "order": {"permId": 7}})


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
