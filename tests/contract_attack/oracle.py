"""`requests.schema.json` and the numbered sentences beside it as an oracle: may a body pass the check of params?

JSON Schema is read by its letter, with what the sentences add: nil is absent (C2.13), NaN and infinity are no JSON
numbers, `format: int64` is a bound, and `$` of a pattern is the end of the text. `TOLD` lists what the bridge is known
to decide otherwise; each has the sentence or the docstring that says so.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

import jsonschema

from bridge.catalogue.loader import default_directory

Data = dict[str, Any]
Draft = jsonschema.Draft202012Validator


def document() -> Data:
    text = (default_directory() / "generated" / "requests.schema.json").read_text(encoding="utf-8")
    found: Data = json.loads(text)
    return found


def without_nil(value: Any) -> Any:
    """As the bridge says it reads nil: a key of a map with nil is absent. A nil in a list stays."""
    if isinstance(value, dict):
        return {key: without_nil(item) for key, item in value.items() if item is not None}
    return [without_nil(item) for item in value] if isinstance(value, list) else value


def _pattern(_validator: Any, pattern: str, instance: Any, _schema: Data) -> Any:
    if isinstance(instance, str) and not re.search(re.sub(r"\$$", r"\\Z", pattern), instance, re.ASCII):
        yield jsonschema.ValidationError(f"{instance!r} does not fit {pattern}")


def _format(_validator: Any, form: str, instance: Any, _schema: Data) -> Any:
    if form == "int64" and isinstance(instance, int | float) and not -(2**63) <= instance < 2**63:
        yield jsonschema.ValidationError(f"{instance!r} needs more than 64 bits")


def _number(_checker: Any, instance: Any) -> bool:
    return isinstance(instance, int | float) and not isinstance(instance, bool) and math.isfinite(instance)


class Oracle:
    """Each method's request is compiled once."""

    def __init__(self) -> None:
        self._document = document()
        types = Draft.TYPE_CHECKER.redefine("number", _number)
        check = jsonschema.validators.extend(Draft, {"pattern": _pattern, "format": _format}, type_checker=types)
        self._checks = {
            name: check({"$ref": f"#/$defs/{name}", "$defs": self._document["$defs"]})
            for name in self._document["$defs"]
            if name.endswith("Request")
        }
        self._plain = {name: self._params(name) for name in self._checks}

    def _params(self, name: str) -> Draft:
        """The params of that request, read by the letter of JSON Schema alone."""
        where = self._document["$defs"][name]["properties"]["params"]
        return Draft({**where, "$defs": self._document["$defs"]})

    def allows_params(self, name: str, params: Any) -> bool:
        return bool(self._plain[name].is_valid(params))

    def faults(self, name: str, body: Data) -> list[jsonschema.ValidationError]:
        """What the schema has against a body of this definition."""
        return list(self._checks[name].iter_errors(without_nil(body)))


def told(fault: jsonschema.ValidationError) -> str | None:
    """The name of the sentence by which the bridge takes this all the same; None where there is none."""
    pattern, value = fault.schema.get("pattern", ""), fault.instance
    if fault.validator == "type" and isinstance(value, float) and "\\." in pattern and math.isfinite(value):
        return "bridge.params.values: a decimal takes a number or its text"
    if fault.validator == "type" and value == math.inf and pattern == "^Infinity$":
        return "bridge.params.values: a double that may be infinite takes infinity"
    return None


def kept_out(body: Any) -> str | None:
    """The name of the sentence by which the bridge refuses more than the schema does; None where there is none."""
    if body.get("client") == "external":
        return "C5.3: any name but external"
    if any("\0" in text for text in _texts(body)):
        return "bridge.params.values: NUL ends a field on the wire"
    if any(abs(number) >= 1e30 for number in _numbers(body)):
        return "C2.7: a decimal has at most 30 digits; JSON Schema takes a large float for an integer"
    return None


def _numbers(value: Any) -> list[float]:
    match value:
        case float():
            return [value]
        case dict():
            return [number for item in value.values() for number in _numbers(item)]
        case list():
            return [number for item in value for number in _numbers(item)]
    return []


def _texts(value: Any) -> list[str]:
    match value:
        case str():
            return [value]
        case dict():
            return [text for pair in value.items() for item in pair for text in _texts(item)]
        case list():
            return [text for item in value for text in _texts(item)]
    return []
