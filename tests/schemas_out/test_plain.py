"""The schemas are plain enough for code generators: each type has a name, and a constant decides each choice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from bridge.schemas_out import render

FILES = render()
NAMES = ["events", "requests", "replies"]
DOCUMENTS = {name: json.loads(FILES[f"{name}.schema.json"]) for name in NAMES}


def places(schema: Any, path: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema of a document, with where it stands; the names of properties are no schemas."""
    if isinstance(schema, list):
        for number, item in enumerate(schema):
            yield from places(item, f"{path}/{number}")
    elif isinstance(schema, dict):
        yield path, schema
        for key, value in schema.items():
            if key in ("properties", "$defs"):
                for name, inner in value.items():
                    yield from places(inner, f"{path}/{key}/{name}")
            elif key in ("items", "oneOf", "anyOf", "allOf", "additionalProperties"):
                yield from places(value, f"{path}/{key}")


def constants(document: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    """For each alternative that a schema stands for, the constants that it must have; a choice is all its own."""
    while "$ref" in schema:
        schema = document["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    if "oneOf" in schema:
        return [found for one in schema["oneOf"] for found in constants(document, one)]
    properties = schema.get("properties", {})
    return [{name: properties[name]["const"] for name in schema.get("required", ()) if "const" in properties[name]}]


@pytest.mark.parametrize("name", NAMES)
def test_only_what_generators_understand(name: str) -> None:
    for place, schema in places(DOCUMENTS[name]):
        assert not {"anyOf", "allOf", "not", "if", "patternProperties"} & schema.keys(), place
        assert schema.get("type") != "null" and "null" not in (schema.get("type") or ()), place
        assert "$ref" not in schema or schema.keys() == {"$ref"}, place
        assert ("default" not in schema) or schema["default"] is not None, place


@pytest.mark.parametrize("name", NAMES)
def test_a_definition_has_its_name_for_a_title_and_nothing_else_has_one(name: str) -> None:
    document = DOCUMENTS[name]
    for place, schema in places(document):
        *above, last = place.split("/")
        if above[-1:] == ["$defs"] and len(above) == 2:
            assert schema["title"] == last
        elif place != "#":
            assert "title" not in schema, place
    lower = [name.lower() for name in document["$defs"]]
    assert len(set(lower)) == len(lower)


@pytest.mark.parametrize("name", NAMES)
def test_a_map_and_a_set_of_words_is_a_definition_and_never_stands_in_a_field(name: str) -> None:
    for place, schema in places(DOCUMENTS[name]):
        if ("properties" in schema or "enum" in schema) and place != "#":
            assert place.count("/") == 2 and place.startswith("#/$defs/"), place
        if schema.get("type") == "object":
            assert "properties" in schema or "additionalProperties" in schema, place


@pytest.mark.parametrize("name", NAMES)
def test_a_choice_is_decided_by_constants(name: str) -> None:
    document = DOCUMENTS[name]
    choices = [(place, schema) for place, schema in places(document) if "oneOf" in schema]
    assert choices
    for place, schema in choices:
        alternatives = constants(document, schema)
        for number, one in enumerate(alternatives):
            for other in alternatives[:number]:
                assert any(key in other and other[key] != value for key, value in one.items()), (place, one, other)


@pytest.mark.parametrize("name", NAMES)
def test_every_field_is_described(name: str) -> None:
    for place, schema in places(DOCUMENTS[name]):
        for field, one in schema.get("properties", {}).items():
            assert "$ref" in one or "const" in one or one.get("description"), f"{place}: {field}"


@pytest.mark.parametrize("name", NAMES)
def test_an_integer_of_64_bits_says_so(name: str) -> None:
    for place, schema in places(DOCUMENTS[name]):
        field = place.rpartition("/")[2]
        if (
            field in ("ts", "since", "seq", "n", "staleSince", "begins", "ends", "head", "after")
            and "$ref" not in schema
        ):
            assert schema.get("format") == "int64" or schema["type"] != "integer", place


def test_one_name_is_one_definition_in_all_documents_for_generators_may_take_them_together() -> None:
    found: dict[str, Any] = {}
    for document in DOCUMENTS.values():
        for name, schema in document["$defs"].items():
            assert found.setdefault(name, schema) == schema, name


def test_closed_sets_are_enums_and_open_ones_examples_alike_in_requests_and_events() -> None:
    for name, document in DOCUMENTS.items():
        suffix = "Input" if name == "requests" else ""
        order = document["$defs"][f"Order{suffix}"]["properties"]
        assert order["action"] == {"$ref": f"#/$defs/Order{suffix}Action"}
        assert document["$defs"][f"Order{suffix}Action"]["enum"] == ["BUY", "SELL", "SSHORT", "SLONG"]
        assert {"MKT", "STP LMT"} <= set(order["orderType"]["examples"])
        assert {"DAY", "GTC"} <= set(order["tif"]["examples"])
        contract = document["$defs"][f"Contract{suffix}"]["properties"]
        assert {"STK", "OPT"} <= set(contract["secType"]["examples"])
        assert {"C", "P"} <= set(contract["right"]["examples"])
    history = DOCUMENTS["requests"]["$defs"]["ReqHistoricalDataParams"]["properties"]
    assert "1 min" in history["barSizeSetting"]["examples"]
    assert "TRADES" in history["whatToShow"]["examples"]
    assert DOCUMENTS["requests"]["$defs"]["ReqHistoricalDataParamsFormatDate"]["enum"] == [1, 2]
    assert 1 in DOCUMENTS["events"]["$defs"]["TickPriceData"]["properties"]["tickType"]["examples"]


def test_a_request_says_its_bounds() -> None:
    request = DOCUMENTS["requests"]["$defs"]["ReqMktDataRequest"]["properties"]
    assert (request["timeout"]["default"], request["timeout"]["maximum"]) == (30, 600)
    assert request["client"]["pattern"] == "^[A-Za-z0-9_-]{1,64}$"
