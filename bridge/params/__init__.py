"""Checks the `params` of requests: first the types from the catalogue, then the rules that types cannot express.

Pure, and independent of the client: the same params are right or wrong for every client.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from bridge.catalogue import Catalogue
from bridge.catalogue.aliases import near_field, near_method
from bridge.contract import contract
from bridge.params import rules
from bridge.params.described import description
from bridge.params.models import GIVEN, Params, build
from bridge.session.requests import Refused

Data = dict[str, Any]

#: A path may have names that the client invented, of any length.
_MOST_PATH = 255
_WORDS = {
    "extra_forbidden": "unknown field",
    "missing": "required",
    "bool_type": "expected true or false",
    "dict_type": "expected a map",
    "list_type": "expected a list",
    "model_type": "expected a map",
    "model_attributes_type": "expected a map",
    "string_type": "expected a string",
}


class Parameters:
    """The params of every method: TWS's methods and the bridge's own."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._models: dict[str, type[Params]] = build(catalogue)

    def check(self, method: str, params: Data) -> Data:
        """Return the params, typed, without nil values and with the declared defaults.

        Raises Refused: `unknownMethod`, or `invalidParams` with the field and the value that it expects.
        """
        model = self._models.get(method)
        if model is None:
            raise Refused("unknownMethod", f"there is no method {method[:64]}{near_method(method, self._models)}")
        try:
            checked = model.model_validate(params).model_dump(exclude_none=True)
            rules.check(method, checked)
        except ValidationError as error:
            field, expected = _first(error, model)
            raise Refused("invalidParams", f"{field}: {expected}", field=field) from None
        except rules.RuleBroken as broken:
            raise Refused("invalidParams", str(broken), field=broken.field) from None
        return checked

    def describe(self) -> list[Data]:
        """Return each method with its description and the JSON Schema of its params."""
        return self._described

    @cached_property
    def _described(self) -> list[Data]:
        return [self._method(name, model) for name, model in sorted(self._models.items())]

    def _method(self, name: str, model: type[Params]) -> Data:
        message, own = self._catalogue.messages.get(name), contract().methods.get(name)
        told: Data = {"method": name, "params": description(model), "completes": "one"}
        if message is not None:
            facts = {"about": message.about, "completes": message.completes, "cancel": message.cancel}
            told |= {key: value for key, value in facts.items() if value}
        return told if own is None else told | {"about": own.about}


def _first(error: ValidationError, model: type[Params]) -> tuple[str, str]:
    """Return the path of the first wrong field, and the value that it expects."""
    wrong = error.errors(include_url=False, include_input=False)
    found = wrong[0]
    if found["type"] == "missing":
        # A misspelt name is both missing and unknown. The unknown name is the one that the client can correct.
        level = found["loc"][:-1]
        found = next((e for e in wrong if e["type"] == "extra_forbidden" and e["loc"][:-1] == level), found)
    *above, name = [str(step) for step in found["loc"] if step != "[key]"] or ["params"]
    path = ".".join([*above, name])[:_MOST_PATH]
    if found["type"] == "extra_forbidden" and above[-1:] == ["order"] and name in GIVEN:
        return path, GIVEN[name]
    if found["type"] == "extra_forbidden":
        return path, _WORDS["extra_forbidden"] + near_field(name, _fields(model, found["loc"][:-1]))
    return path, _WORDS.get(found["type"], found["msg"])


def _fields(model: type[BaseModel], path: Iterable[int | str]) -> Iterable[str]:
    """The fields of the record at this path in the params."""
    for step in path:
        if isinstance(step, str) and step in model.model_fields:
            model = _record(model.model_fields[step].annotation) or model
    return model.model_fields


def _record(annotation: Any) -> type[BaseModel] | None:
    """The record of a field, which may be optional or a list."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _record(part)) is not None), None)
