"""JSON Schema (2020-12) of every method's `params`: the very models that check requests."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import models_json_schema

from bridge.catalogue import Catalogue
from bridge.params.models import build
from bridge.schemas_out.events import DIALECT


def requests_schema(known: Catalogue) -> dict[str, Any]:
    """`methods` maps each method to the schema of its params; models they share stand once under `$defs`."""
    models = sorted(build(known).items())
    schemas, shared = models_json_schema([(model, "validation") for model in {m: None for _, m in models}])
    methods = {
        name: {"description": _about(known, name), "params": schemas[model, "validation"]} for name, model in models
    }
    return {
        "$schema": DIALECT,
        "title": "Requests of tws-bridge: the params of each method",
        "methods": methods,
        "$defs": shared["$defs"],
    }


def _about(known: Catalogue, method: str) -> str:
    message = known.messages.get(method)
    return message.about if message else "the bridge's own"
