"""Request bodies drawn from `requests.schema.json` alone: valid ones, and such with one fault.

Knows nothing of the bridge's models. All that it draws can be packed as msgpack.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator
from random import Random
from typing import Any

Schema = dict[str, Any]
Data = dict[str, Any]

TEXTS = ("", "A", "STK", "SMART", "USD", "x" * 300, "Zürich 株 📈", " ", "a\nb", "20261127 10:00:00 UTC", "1 D", "NaN")
INTEGERS = (0, 1, -1, 2, 7, 100, 2**31 - 1, -(2**31), 2**31, 2**53 + 1, 2**63 - 1, -(2**63))
NUMBERS = (0.0, -0.0, 1.5, -1.0, 1e-9, 1e15, 187.5, 5, 1.7976931348623157e308)
DECIMALS = ("0", "1", "-1", "0.5", "100.000", "9" * 30, "9" * 30 + "." + "1" * 30, 7, 0, -3, 2**63 - 1)
IDS = ("0", "775", "-1", 5, str(2**63 - 1), str(-(2**63)))
TOKENS = ("k", "A-b_9", "0", "x" * 64)
#: Values that are wrong nearly everywhere, and right where their type is declared.
ODD = (
    None, True, False, 0, 1, -1, 1.0, 1.5, -0.0, 2**31, -(2**31) - 1, 2**63, 2**64 - 1, -(2**63), math.nan, math.inf,
    -math.inf, 1e308, "", "5", "1.0", "true", "null", "NaN", "Infinity", "-Infinity", "1e5", "+1", ".5", "1.", " 1",
    "1\n", "k\n", "٣", "k.k", "x" * 65, "x" * 256, "external", "a\0b", b"", b"5", [], [None], [1], {}, {"a": None},
    {"a": 1}, {"a": "b"}, {"colour": "red"}, "9" * 31, "9" * 19,
)  # fmt: skip


class Bodies:
    """Draws bodies of one method after the other, by one source of chance."""

    def __init__(self, document: Schema, chance: Random) -> None:
        self._defs: dict[str, Schema] = document["$defs"]
        self._chance = chance
        self._names = [one["$ref"].rpartition("/")[2] for one in document["oneOf"]]
        self._ids = 0

    def methods(self) -> Iterator[tuple[str, str]]:
        """Each method, and the name of the definition of its request."""
        for name in self._names:
            yield self._defs[name]["properties"]["method"]["const"], name

    def valid(self, name: str) -> Data:
        """A body that the definition allows."""
        body: Data = self._draw(self._defs[name], 0)
        self._ids += 1
        return {**body, "id": f"r{self._ids}"}

    def faulty(self, body: Data, name: str) -> tuple[Data, str]:
        """The body with one change that may be a fault, and the name of the change."""
        made = copy.deepcopy(body)
        places = [*self._maps(made, self._defs[name])]
        inner = [place for place in places if place[0] is not made] or places
        map_, schema = self._chance.choice(inner if self._chance.random() < 0.85 else places)
        known = [*schema.get("properties", {})]
        match self._chance.randrange(8):
            case 0:
                map_[self._chance.choice(("colour", "reqId", "", "Contract", "order_key", "permId", "owner"))] = 1
                return made, "one more key"
            case 1 if map_:
                del map_[self._chance.choice([*map_])]
                return made, "one key less"
            case 2 if map_:
                map_[self._chance.choice([*map_])] = None
                return made, "nil for a value"
            case 3 if known:
                map_[self._chance.choice(known)] = None
                return made, "nil for a key"
            case 4 if map_:
                key = self._chance.choice([*map_])
                map_[key] = self._relative(map_[key])
                return made, "the value in another form"
            case _ if known or map_:
                map_[self._chance.choice(known or [*map_])] = copy.deepcopy(self._chance.choice(ODD))
                return made, "an odd value"
        return made, "nothing"

    def _relative(self, value: Any) -> Any:
        """The same in another type or form: what a careless client sends."""
        match value:
            case bool():
                return self._chance.choice((int(value), str(value).lower()))
            case int():
                return self._chance.choice((float(value), str(value), value + 0.5, value * 2**20 % 2**63))
            case float():
                return str(value) if math.isfinite(value) else 0
            case str():
                return self._chance.choice((value.encode(), [value], value + "\n", value.lower(), "", value + "\0", 0))
            case list():
                return self._chance.choice(({}, None, [*value, None], dict(enumerate_text(value)), []))
        return self._chance.choice(([value], "", None, []))

    def _maps(self, value: Any, schema: Schema) -> Iterator[tuple[Data, Schema]]:
        """Each map within, with its schema."""
        schema = self._resolve(schema)
        if isinstance(value, list):
            for item in value:
                yield from self._maps(item, schema.get("items", {}))
        if isinstance(value, dict):
            yield value, schema
            for key, item in value.items():
                yield from self._maps(item, schema.get("properties", {}).get(key, {}))

    def _resolve(self, schema: Schema) -> Schema:
        return self._defs[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema

    def _draw(self, schema: Schema, depth: int) -> Any:
        schema = self._resolve(schema)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._chance.choice(schema["enum"])
        if isinstance(schema["type"], list):
            return self._number_or_text(schema)
        match schema["type"]:
            case "object":
                return self._object(schema, depth)
            case "array":
                count = self._chance.randint(schema.get("minItems", 0), 2)
                return [self._draw(schema["items"], depth + 1) for _ in range(count)]
            case "boolean":
                return self._chance.random() < 0.5
            case "integer":
                return self._chance.choice([one for one in INTEGERS if _within(one, schema)])
            case "number":
                return self._chance.choice([one for one in NUMBERS if _within(one, schema)])
            case "string":
                return self._text(schema)
        raise AssertionError(schema)

    def _object(self, schema: Schema, depth: int) -> Data:
        if "properties" not in schema:
            return {f"tag{number}": self._chance.choice(TEXTS) for number in range(self._chance.randrange(3))}
        likely = self._chance.choice((0.0, 0.1, 0.5, 1.0)) if depth < 3 else 0.2
        required = schema.get("required", ())
        return {
            key: self._draw(one, depth + 1)
            for key, one in schema["properties"].items()
            if key in required or self._chance.random() < likely
        }

    def _number_or_text(self, schema: Schema) -> Any:
        if schema["pattern"] == "^Infinity$":
            return self._chance.choice((*NUMBERS, "Infinity"))
        return self._chance.choice(DECIMALS if "." in schema["pattern"] else IDS)

    def _text(self, schema: Schema) -> str:
        if "pattern" in schema:
            return self._chance.choice(TOKENS)
        least, most = schema.get("minLength", 0), schema.get("maxLength", 1000)
        texts: list[str] = [one for one in (*TEXTS, *schema.get("examples", ())) if least <= len(one) <= most]
        return self._chance.choice(texts)


def enumerate_text(value: list[Any]) -> list[tuple[str, Any]]:
    return [(str(place), item) for place, item in enumerate(value)]


def _within(value: float, schema: Schema) -> bool:
    return (
        schema.get("minimum", -math.inf) <= value <= schema.get("maximum", math.inf)
        and value > schema.get("exclusiveMinimum", -math.inf)
        and value < schema.get("exclusiveMaximum", math.inf)
    )
