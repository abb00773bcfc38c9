"""TypeScript types of everything on the wire: `clients/typescript/src/generated.ts`, for `tws-bridge schemas`.

They follow from the JSON Schema documents: an interface for each definition, an interface for each event and their
union `Event`, and the map `Methods` from each method to its params and result. What a client sends is strict: a word
that is not declared is an error of the compiler. What a client reads is open: a newer bridge may send other words.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping

from bridge.catalogue import Catalogue
from bridge.contract import Contract
from bridge.schemas_out import forms
from bridge.schemas_out.documents import Schema
from bridge.schemas_out.events import events_schema, published
from bridge.schemas_out.expiring import expiring
from bridge.schemas_out.names import data_of, part_of, pascal, whole
from bridge.schemas_out.replies import replies_schema
from bridge.schemas_out.requests import about, requests_schema
from bridge.session.routing import RequestPlan, RoutingTable

_WIDTH = 120
_HEAD = """\
// `tws-bridge schemas` writes this file. Do not edit it.

/** An integer of 64 bits: a number where a number holds it exactly, and a bigint otherwise. */
export type Int64 = number | bigint;

/** Nanoseconds since 1970-01-01 UTC. They are beyond 2^53, so they are always a bigint. */
export type Nanoseconds = bigint;

/** A decimal number as text, with exactly the digits that TWS sent. */
export type Decimal = string;

/** A decimal number to send: text such as "0.5", or an integer. The bridge refuses a number with a fraction. */
export type DecimalInput = string | number | bigint;

/** A word of a newer bridge, or a word that TWS does not document. */
export type OtherText = string & {};

/** A number of a newer bridge or TWS. */
export type OtherNumber = number & {};
"""
#: Wrappers of the wire, which the client handles by itself.
_WRAPPER = re.compile(r".+(Request|Reply|Success|Error)|Failure|StreamedPart|Event")
#: The description of a field that has a time of the bridge.
_NANOSECONDS = re.compile(r"\bns since 1970 UTC")
_SCALARS = {"string": "string", "number": "number", "integer": "number", "boolean": "boolean"}


def typescript(known: Catalogue, made: Contract) -> str:
    """The text of the file."""
    return "\n".join([_HEAD, *_TypeScript(known, made).parts()])


class _TypeScript:
    def __init__(self, known: Catalogue, made: Contract) -> None:
        self._known = known
        self._made = made
        requests, self._replies = requests_schema(known, made), replies_schema(known, made)
        self._events = events_schema(known, made)
        self._strict: dict[str, Schema] = requests["$defs"]
        self._open: dict[str, Schema] = self._events["$defs"] | self._replies["$defs"]
        self._of_tws = {*known.types, *map(data_of, known.by_event)}
        self._sent = {whole(name) for name in published(known, made) if self._is_sent(name)}
        silent = [name for name in known.by_event if not self._is_sent(name)]
        self._silent = {form(name) for name in silent for form in (data_of, part_of, whole)}
        self._plans = RoutingTable(known).requests

    def parts(self) -> Iterator[str]:
        """The declarations, in order."""
        for name, schema in sorted(self._strict.items()):
            if not _WRAPPER.fullmatch(name):
                yield self._definition(name, schema, self._strict)
        yield self._envelope()
        for name, schema in sorted(self._open.items()):
            if name in self._sent:
                yield self._event(name, schema)
            elif not _WRAPPER.fullmatch(name) and name not in self._silent:
                yield self._definition(name, schema, self._open)
        yield _union("Event", "Any event: live, in a snapshot, and in the order log.", sorted(self._sent))
        yield self._error_data()
        codes = [_quoted(code) for code in self._made.errors]
        yield _union("ErrorCode", "The codes of errors that the bridge answers with. A newer bridge has others.", codes)
        words = ", ".join(_quoted(method) for method in expiring(self._known))
        told = "The methods whose requests must have `expires`: late, they would do what nobody wants any more."
        yield "\n".join([*_doc(told), f"export const EXPIRING: ReadonlySet<string> = new Set([{words}]);\n"])
        yield self._methods()
        yield self._usual()
        yield self._sugar()

    def _is_sent(self, event: str) -> bool:
        """Whether the bridge may publish the event: it is its own, or TWS sends it."""
        message = self._known.by_event.get(event)
        return message is None or message.direction == "fromTws"

    # Definitions

    def _definition(self, name: str, schema: Schema, pool: Mapping[str, Schema]) -> str:
        about = schema.get("description", "")
        if "oneOf" in schema:
            members = [one["$ref"].rpartition("/")[2] for one in schema["oneOf"]]
            kept = [one for one in members if one not in self._silent]
            return _union(name, about, kept)
        if "enum" in schema:
            return _union(name, about, self._words(schema, is_open=pool is self._open))
        return self._interface(f"interface {name}", about, schema, pool, name in self._of_tws)

    def _interface(self, head: str, about: str, schema: Schema, pool: Mapping[str, Schema], of_tws: bool) -> str:
        if pool is self._strict and not schema["properties"]:
            return "\n".join(
                [*_doc(about), f"export type {head.removeprefix('interface ')} = Record<string, never>;\n"]
            )
        lines = [*_doc(about), f"export {head} {{"]
        required = schema.get("required", ())
        for name, one in schema.get("properties", {}).items():
            told = one.get("description") or self._told(one)
            mark = "" if name in required else "?"
            lines += [*_doc(told, "  "), f"  {name}{mark}: {self._type(one, pool, of_tws)};"]
        return "\n".join([*lines, "}\n"])

    def _told(self, schema: Schema) -> str:
        """The description of the definition that a field refers to."""
        name = _target(schema)
        found = self._open.get(name) or self._strict.get(name) or {}
        return str(found.get("description", "")) if "enum" in found else ""

    def _type(self, schema: Schema, pool: Mapping[str, Schema], of_tws: bool) -> str:
        if "$ref" in schema:
            return _target(schema)
        if "const" in schema:
            return _quoted(schema["const"])
        if "oneOf" in schema:
            kept = [name for name in map(_target, schema["oneOf"]) if name not in self._silent]
            return " | ".join(kept)
        kind = schema["type"]
        if kind == "array":
            inner = self._type(schema["items"], pool, of_tws)
            return f"({inner})[]" if "|" in inner else f"{inner}[]"
        if kind == "object":
            inside = schema.get("additionalProperties", True)
            return f"Record<string, {'unknown' if inside is True else self._type(inside, pool, of_tws)}>"
        return self._scalar(schema, is_open=pool is self._open, of_tws=of_tws)

    def _scalar(self, schema: Schema, *, is_open: bool, of_tws: bool) -> str:
        kind = schema["type"]
        if isinstance(kind, list):
            return '"Infinity" | number' if "number" in kind else "DecimalInput"
        if "enum" in schema or ("examples" in schema and kind == "string"):
            return " | ".join(self._words(schema, is_open=is_open or "enum" not in schema))
        if schema.get("format") == "decimal":
            return "Decimal"
        if schema.get("format") == "binary":
            return "Uint8Array"
        if schema.get("format") == "int64":
            if _NANOSECONDS.search(schema.get("description", "")):
                return "Nanoseconds"
            return "Int64" if of_tws or not is_open else "number"
        return _SCALARS[kind]

    @staticmethod
    def _words(schema: Schema, *, is_open: bool) -> list[str]:
        words = [_quoted(word) for word in schema.get("enum") or schema["examples"]]
        other = "OtherNumber" if schema["type"] == "integer" else "OtherText"
        return [*words, other] if is_open else words

    # Events

    def _envelope(self) -> str:
        """What all events have: a client knows the topic of each, and an event of the moment its epoch."""
        wire = self._made.wire["envelope"]
        told = {name: schema for name, schema in wire.items() if name not in ("event", "data")}
        told["topic"] = {**wire["topic"], "description": "Topic on which the bridge publishes the event."}
        schema = {"properties": told, "required": ["ts", "topic"]}
        about = "What each event has beside its name and its fields."
        return self._interface("interface Envelope", about, schema, self._open, of_tws=False)

    def _event(self, name: str, schema: Schema) -> str:
        told = schema["properties"]
        data, event = _target(told["data"]), _quoted(told["event"]["const"])
        found = schema.get("description") or self._open.get(data, {}).get("description", "")
        return "\n".join(
            [
                *_doc(found),
                f"export interface {name} extends Envelope {{",
                f"  event: {event};",
                f"  data: {data};",
                "}\n",
            ]
        )

    # Errors

    def _error_data(self) -> str:
        lines = [*_doc("What `data` of an error has, by the code of the error."), "export interface ErrorDetails {"]
        for code in self._made.errors:
            told = self._open[f"{pascal(code)}Error"]["properties"]
            if "data" in told:
                lines.append(f"  {code}: {self._type(told['data'], self._open, of_tws=False)};")
        return "\n".join([*lines, "}\n"])

    # Methods

    def _results(self, method: str) -> dict[str, str]:
        """The type of the result, by the kind of the reply."""
        found = {}
        for one in self._replies["$defs"][f"{pascal(method)}Reply"]["oneOf"]:
            told = self._replies["$defs"][_target(one)]["properties"]
            if told["ok"]["const"]:
                found[told["kind"]["const"]] = self._type(told["result"], self._open, of_tws=False)
        return found

    def _params(self, method: str) -> tuple[str, bool]:
        """The type of the params, and whether they are required."""
        request = self._strict[f"{pascal(method)}Request"]
        return _target(request["properties"]["params"]), "params" in request["required"]

    def _names(self) -> list[str]:
        return [name for name in self._replies["properties"] if name != "streamedPart"]

    def _methods(self) -> str:
        lines = [*_doc("The params and the result of each method."), "export interface Methods {"]
        for name in self._names():
            result = " | ".join(self._results(name).values())
            lines += _doc(about(self._known, self._made, name), "  ")
            lines += [f"  {name}: {{ params: {self._params(name)[0]}; result: {result} }};"]
        return "\n".join([*lines, "}\n"])

    def _usual_of(self, method: str) -> tuple[str, str] | None:
        """Params that leave out the flags which decide what the method answers with, and the result then."""
        results, params = self._results(method), self._params(method)[0]
        if method == "placeOrder":
            return f"{params} & {{ order: {{ whatIf?: false }} }}", results["order"]
        plan: RequestPlan | None = self._plans.get(method)
        if plan is None or forms.stops_itself(plan) or not (flags := (*plan.stream_if, *plan.stream_unless)):
            return None
        off = "; ".join(f"{flag}?: false" for flag in flags)
        kinds = [kind for kind in results if (kind == "subscription") == bool(plan.stream_unless)]
        return f"{params} & {{ {off} }}", " | ".join(results[kind] for kind in kinds)

    def _usual(self) -> str:
        lines = [
            *_doc("Methods whose result depends on a flag in the params, as they are without the flag."),
            "export interface UsualMethods {",
        ]
        for name in self._names():
            if (usual := self._usual_of(name)) is not None:
                lines += [f"  {name}: {{ params: {usual[0]}; result: {usual[1]} }};"]
        return "\n".join([*lines, "}\n"])

    def _sugar(self) -> str:
        told = "A call of each method. `call` sends the request."
        lines = [*_doc(told), "export abstract class MethodCalls<Options> {"]
        lines += [
            "  protected abstract call<M extends keyof Methods>(",
            '    method: M, params: Methods[M]["params"] | undefined, options: Options | undefined,',
            '  ): Promise<Methods[M]["result"]>;',
        ]
        for name in self._names():
            params, is_required = self._params(name)
            mark = "" if is_required else "?"
            lines += ["", *_doc(about(self._known, self._made, name), "  ")]
            result = f'Promise<Methods["{name}"]["result"]>'
            general = f"  {name}(params{mark}: {params}, options?: Options): {result}"
            if (usual := self._usual_of(name)) is not None:
                lines += [f"  {name}(params{mark}: {usual[0]}, options?: Options): Promise<{usual[1]}>;", f"{general};"]
            lines += [f"{general} {{", f'    return this.call("{name}", params, options);', "  }"]
        return "\n".join([*lines, "}\n"])


def _target(schema: Schema) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _quoted(word: object) -> str:
    return json.dumps(word)


def _union(name: str, about: str, members: Iterable[str]) -> str:
    one = " | ".join(members)
    text = f" {one}" if len(one) + len(name) < _WIDTH - 20 else "\n  | " + one.replace(" | ", "\n  | ")
    return "\n".join([*_doc(about), f"export type {name} ={text};\n"])


def _doc(text: str, indent: str = "") -> list[str]:
    """The text as JSDoc, which ends at the first `*/`."""
    said = text.replace("*/", "* /").strip()
    if not said:
        return []
    one = f"{indent}/** {said} */"
    if "\n" not in said and len(one) <= _WIDTH:
        return [one]
    lines = [
        line
        for paragraph in said.split("\n")
        for line in textwrap.wrap(paragraph, _WIDTH - len(indent) - 3, break_on_hyphens=False) or [""]
    ]
    return [f"{indent}/**", *(f"{indent} * {line}".rstrip() for line in lines), f"{indent} */"]
