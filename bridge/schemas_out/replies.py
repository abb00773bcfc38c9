"""JSON Schema (2020-12) of every reply, by method: a `oneOf` by the constants `ok` and `kind`.

For a method `reqMktData` there is `ReqMktDataReply`: one of the method's successes, or `Failure`.
"""

from __future__ import annotations

from bridge.catalogue import Catalogue
from bridge.contract import Contract, ErrorCode
from bridge.contract.grammar import Kind
from bridge.params.models import build
from bridge.schemas_out.documents import Schema, document, joined, one_of, ref
from bridge.schemas_out.events import definitions
from bridge.schemas_out.names import pascal
from bridge.schemas_out.own import Own
from bridge.schemas_out.requests import about
from bridge.schemas_out.results import Results
from bridge.session.routing import RoutingTable


def replies_schema(known: Catalogue, made: Contract) -> Schema:
    """The document: a map of the replies by method, because a reply itself does not have the method's name."""
    replies = _Replies(known, made)
    methods = sorted(build(known))
    pool = joined(definitions(known, made), *(replies.of(name) for name in methods), replies.failures())
    root: Schema = {
        "title": "Replies",
        "description": "The reply to each method, by the method's name, and a part that may come before the reply.",
        "type": "object",
        "properties": {name: ref(reply_of(name)) for name in methods} | {"streamedPart": ref("StreamedPart")},
        "required": [*methods, "streamedPart"],
    }
    return document(root, pool)


def reply_of(method: str) -> str:
    """The definition of the reply to a method."""
    return f"{pascal(method)}Reply"


class _Replies:
    def __init__(self, known: Catalogue, made: Contract) -> None:
        self._known = known
        self._made = made
        self._own = Own(made, known)
        self._results = Results(made, RoutingTable(known), self._own)
        self._shared = {one.kind for one in made.types.values() if one.kind}

    def of(self, method: str) -> dict[str, Schema]:
        """The reply to the method, and the definitions that it needs."""
        found: dict[str, Schema] = {}
        successes = []
        for kind, told in self._results.of(method).items():
            result = told
            if "properties" in told:
                name = f"{pascal(method)}Result"
                found[name], result = told, ref(name)
            successes.append(success := self._name(method, kind, result))
            found[success] = self._success(kind, result)
        union = one_of([*successes, "Failure"])
        return {**found, reply_of(method): {"description": about(self._known, self._made, method), **union}}

    def _name(self, method: str, kind: str, result: Schema) -> str:
        """The definition's name: one for a kind whose result is always the same, otherwise one for each result."""
        if kind in self._shared or kind == method:
            return f"{pascal(kind)}Success"
        if kind == "event":
            return f"{result['$ref'].rpartition('/')[2].removesuffix('Data')}EventSuccess"
        return f"{pascal(method)}{pascal(kind)}Success"

    def _success(self, kind: str, result: Schema) -> Schema:
        wire = self._made.wire["reply"]
        properties = {
            "v": wire["v"],
            "id": wire["id"],
            "ok": {"type": "boolean", "const": True},
            "kind": {"type": "string", "const": kind},
            "result": result,
        }
        required = [*properties]
        if kind == "events":
            properties["parts"] = wire["parts"]
        if kind in ("event", "events"):
            properties |= {"cached": wire["cached"], "age": wire["age"]}
        return {"type": "object", "properties": properties, "required": required}

    def failures(self) -> dict[str, Schema]:
        """The failed reply and its errors; and a part, which may come before a reply with several callbacks."""
        wire, part = self._made.wire["reply"], self._made.wire["part"]
        failure = {
            "v": wire["v"],
            "id": wire["id"],
            "ok": {"type": "boolean", "const": False},
            "error": ref("RequestError"),
        }
        found: dict[str, Schema] = {
            "Failure": {"type": "object", "properties": failure, "required": [*failure]},
            "RequestError": one_of([f"{pascal(code)}Error" for code in self._made.errors]),
            "RuleBroken": one_of([f"{pascal(rule)}Rule" for rule in self._made.rules]),
            "StreamedPart": {
                "type": "object",
                "description": "A part of an answer, sent before the reply.",
                "properties": {**part, "result": ref("Part")},
                "required": self._made.wire["partRequired"],
            },
        }
        found |= {f"{pascal(rule.rule)}Rule": self._own.rule(rule) for rule in self._made.rules.values()}
        for error in self._made.errors.values():
            found |= self._error(error)
        return found

    def _error(self, error: ErrorCode) -> dict[str, Schema]:
        """One code. A code without declared `data` never has it; for other codes it is optional."""
        told, found = dict(self._made.wire["error"]), {}
        del told["data"]
        told["code"] = {"type": "string", "const": error.code}
        if error.rules:
            told["data"] = ref("RuleBroken")
        elif error.data:
            types = [self._made.types[Kind.parse(name).name] for name in error.data]
            told["data"] = self._own.either(types, f"Details of the error {error.code}.")
            if "$ref" not in told["data"]:
                name = f"{pascal(error.code)}ErrorData"
                found[name], told["data"] = told["data"], ref(name)
        body = {"type": "object", "description": error.about, "properties": told}
        return {**found, f"{pascal(error.code)}Error": {**body, "required": self._made.wire["errorRequired"]}}
