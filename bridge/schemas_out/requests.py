"""JSON Schema (2020-12) of every method's `params` and result, and of what errors bear.

The schemas of params are those of the very models that check requests.
"""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import models_json_schema

from bridge.catalogue import Catalogue
from bridge.contract import Contract, ErrorCode
from bridge.contract.grammar import Kind
from bridge.params.models import build
from bridge.schemas_out.events import DIALECT
from bridge.schemas_out.own import Own, Schema
from bridge.schemas_out.results import Results
from bridge.session.routing import RoutingTable

_OF_TWS = "./events.schema.json#/$defs/"


def requests_schema(known: Catalogue, made: Contract) -> dict[str, Any]:
    """`methods`: the schemas of each method; `errors`: that of each code's data; what is shared is in `$defs`."""
    models = sorted(build(known).items())
    schemas, shared = models_json_schema([(model, "validation") for model in {m: None for _, m in models}])
    own = Own(made, _OF_TWS)
    results = Results(made, RoutingTable(known), own)
    methods = {
        name: {
            "description": about(known, made, name),
            "params": schemas[model, "validation"],
            "result": results.of(name),
        }
        for name, model in models
    }
    errors = {error.code: _error(error, own) for error in made.errors.values()}
    return {
        "$schema": DIALECT,
        "title": "Requests of tws-bridge: params and result of each method, and what errors bear",
        "methods": methods,
        "errors": errors,
        "$defs": _joined(shared["$defs"], {**own.used(), "Refusal": own.refusal()}),
    }


def about(known: Catalogue, made: Contract, method: str) -> str:
    """What the method does: the bridge's word goes before that of TWS's declaration."""
    own = made.methods.get(method)
    return own.about if own is not None else known.messages[method].about


def _error(error: ErrorCode, own: Own) -> Schema:
    """`data` is absent where nothing more is ever told; where it is here, an error may still come without it."""
    schema: Schema = {"description": error.about, "retry": error.retry}
    if error.rules:
        return {**schema, "data": {"$ref": "#/$defs/Refusal"}}
    return {**schema, "data": own.any_of(map(Kind.parse, error.data))} if error.data else schema


def _joined(params: Schema, results: Schema) -> Schema:
    """Definitions of both kinds, which must not share a name."""
    if both := params.keys() & results.keys():
        raise ValueError(f"{', '.join(sorted(both))}: a type of params has that name already")
    return {**params, **results}
