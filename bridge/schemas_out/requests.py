"""JSON Schema (2020-12) of every request, whole: a `oneOf` by the constant `method`.

The schemas of params come from the models that check requests.
"""

from __future__ import annotations

from bridge.catalogue import Catalogue
from bridge.contract import Contract
from bridge.params.described import described
from bridge.params.models import build
from bridge.schemas_out.documents import Schema, document, joined, ref
from bridge.schemas_out.names import pascal


def requests_schema(known: Catalogue, made: Contract) -> Schema:
    """The document: any request. For a method `reqMktData` there are `ReqMktDataRequest` and `ReqMktDataParams`."""
    models = dict(sorted(build(known).items()))
    params = described(models.values())
    bodies = {
        request_of(name): _request(known, made, name, model.__name__, "required" in params[model.__name__])
        for name, model in models.items()
    }
    root: Schema = {
        "title": "Request",
        "description": "Any request to tws-bridge, as one msgpack map.",
        "oneOf": [ref(name) for name in bodies],
    }
    return document(root, joined(params, bodies))


def request_of(method: str) -> str:
    """The definition of a method's whole request."""
    return f"{pascal(method)}Request"


def about(known: Catalogue, made: Contract, method: str) -> str:
    """What the method does. A description by the bridge replaces the one in TWS's declaration."""
    own = made.methods.get(method)
    return own.about if own is not None else known.messages[method].about


def _request(known: Catalogue, made: Contract, method: str, params: str, needs_params: bool) -> Schema:
    told = {**made.wire["request"], "method": {"type": "string", "const": method}, "params": ref(params)}
    return {
        "type": "object",
        "description": about(known, made, method),
        "properties": told,
        "required": [*made.wire["requestRequired"], *(["params"] if needs_params else [])],
        "additionalProperties": False,
    }
