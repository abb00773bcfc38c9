"""The generated schemas are valid, closed in themselves, and true of real messages."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bridge.catalogue import catalogue
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
    names = {ref.removeprefix("#/$defs/") for ref in references(schema)}
    assert names <= schema["$defs"].keys()


def test_asyncapi_refers_to_what_exists() -> None:
    events = [ref.rsplit("/")[-1] for ref in references(ASYNCAPI) if ref.startswith("./events")]
    assert sorted(events) == sorted(name for m in catalogue().events() for name in m.callbacks())
    local = {ref.rsplit("/")[-1] for ref in references(ASYNCAPI) if ref.startswith("#/components")}
    assert local == ASYNCAPI["components"]["schemas"].keys()


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
