"""The generated part of the Python client: a class for each type and each message, and a method for each request.

Everything follows from the JSON Schema of requests and replies, so it says the same. The files lie in
`clients/python/tws_bridge_client/generated/`.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bridge.catalogue import Catalogue
from bridge.catalogue.aliases import FIELDS, METHODS, NOTES
from bridge.contract import Contract
from bridge.params.models import build
from bridge.params.values import DECIMAL, ID
from bridge.schemas_out.documents import Schema
from bridge.schemas_out.events import definitions, published
from bridge.schemas_out.expiring import expiring
from bridge.schemas_out.names import data_of, pascal
from bridge.schemas_out.replies import replies_schema
from bridge.schemas_out.requests import about, requests_schema
from bridge.schemas_out.times import DAYS, MOMENTS
from bridge.session.codes import REJECTS_ORDER
from bridge.session.orders.order import SPREAD_FIELDS
from bridge.session.routing import RoutingTable

_HEADER = """\"\"\"{about}

`tws-bridge schemas` writes this file. Nobody edits it by hand.
\"\"\"

from __future__ import annotations
"""
_METHODS = """
    \"\"\"The requests. A method has the name of its request, and the same name in lower case with underscores.

    `timeout`: how many seconds the call lasts at most. `wait`: False if the bridge must refuse the request (`paced`)
    when TWS takes no more messages now. `fresh`: True if the answer must come from TWS.

    Each raises BridgeError if the bridge answers with an error, and BridgeTimeout if it does not answer.
    \"\"\"

    {async_}def request(
        self,
        method: str,
        params: dict[str, Any] | None = None,
        timeout: float = 30.0,
        *,
        id: str | None = None,
        wait: bool = True,
        fresh: bool = False,
    ) -> Any:
        \"\"\"Send a request, and wait for its result as it is on the wire.\"\"\"
        raise NotImplementedError
"""
_SCALARS = {"integer": "int", "number": "float", "boolean": "bool", "string": "str"}
#: Kinds of fields with a descriptor: what the program reads is not what it may write.
_DESCRIBED = {"Quantity": "OptionalQuantity", "Id64": "OptionalId64", "Moment": "Moment", "Day": "Day"}
_STRUCT = (
    "from tws_bridge_client.struct import Data, Day, Id64, Moment, OptionalId64, OptionalQuantity, Quantity, Struct, "
    "Unbounded\n"
)
#: What such a field takes.
_TAKEN = {"OptionalQuantity": "Number", "OptionalId64": "int | str", "Moment": "MomentLike", "Day": "DayLike",
          "Quantity": "Number", "Id64": "int | str", "Unbounded": "float"}  # fmt: skip
_WIDTH = 116
_INFINITY = "^Infinity$"
_IMPORT = re.compile(r"^from (?!__)(\S+) import (.+)\n", re.MULTILINE)
_CAPITALS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def python_client(known: Catalogue, made: Contract) -> dict[str, str]:
    """File name -> text, for each generated file of the package."""
    client = _Client(known, made)
    return {
        "__init__.py": '"""Written by `tws-bridge schemas` from the declarations."""\n',
        "types.py": client.types(),
        "messages.py": client.messages(),
        "methods.py": client.methods(is_async=False),
        "aio_methods.py": client.methods(is_async=True),
        "contract.py": client.contract(),
        "params.py": client.params(),
    }


def snake(name: str) -> str:
    """`reqMktData` as `req_mkt_data`, `requestFA` as `request_fa`, `reqPnLSingle` as `req_pnl_single`."""
    return _CAPITALS.sub("_", name.replace("PnL", "Pnl")).lower()


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    annotation: str
    default: str
    about: str


class _Client:
    def __init__(self, known: Catalogue, made: Contract) -> None:
        self._known = known
        self._made = made
        self._routing = RoutingTable(known)
        self._replies: dict[str, Schema] = replies_schema(known, made)["$defs"]
        self._requests: dict[str, Schema] = requests_schema(known, made)["$defs"]
        self._definitions = definitions(known, made)
        self._pool = {**self._requests, **self._replies}
        self._events = published(known, made)
        self._methods = sorted(build(known))

    # Types

    def types(self) -> str:
        """The parts of messages, and the bridge's own results."""
        lines = [_HEADER.format(about="Parts of messages, and results of the bridge's own methods.")]
        lines.append("from typing import Any, Literal, TypedDict\n")
        lines.append(_STRUCT)
        lines.append("from tws_bridge_client.struct import DayLike, MomentLike")
        lines.append("from tws_bridge_client.values import Number\n")
        for name in self._type_names():
            lines += self._class(name, self._joined(name), is_message=False)
        return _text([*lines, *self._changes()])

    def _changes(self) -> list[str]:
        """The fields of an order as the keyword arguments of a change."""
        lines = ["", "class OrderChanges(TypedDict, total=False):"]
        lines += ['    """The fields of an order that a change gives. None removes one."""', ""]
        for name, schema in self._joined("ChangedOrder")["properties"].items():
            field = self._field("Order", name, schema, required=False, is_message=False)
            kind = _TAKEN.get(field.annotation, field.annotation.removesuffix(" | None"))
            lines.append(f"    {name}: {kind} | None")
        return lines

    def _type_names(self) -> list[str]:
        """All maps with fields that are neither events nor errors, and those of requests that are no params."""
        ends = ("Event", "Part", "Success", "Reply", "Error", "Rule", "ErrorData", "Request", "Params")
        messages = {data_of(name) for name in self._known.by_event} | {data_of(name) for name in self._events}
        names = {
            _plain(name)
            for name, schema in self._pool.items()
            if "properties" in schema and not name.endswith(ends) and name not in messages
        }
        return sorted(names - {"Failure"})

    def _joined(self, name: str) -> Schema:
        """The fields that TWS sends, and those that only a request has."""
        sent, taken = self._replies.get(name), self._requests.get(f"{name}Input")
        first = sent or taken or self._requests[name]
        if sent is None or taken is None:
            return first
        return {**first, "properties": {**sent["properties"], **{
            field: one for field, one in taken["properties"].items()
            if field not in sent["properties"] or one.get("pattern") == _INFINITY
        }}, "required": []}  # fmt: skip

    # Messages

    def messages(self) -> str:
        """The fields of each event, and the union of all."""
        lines = [_HEADER.format(about="What TWS and the bridge publish: one class for each event.")]
        lines.append("from typing import Any, Literal\n")
        lines.append("from tws_bridge_client.generated import types as t")
        lines.append(_STRUCT)
        lines += [
            "", "class Unknown(Struct):", '    """An event that this version of the client does not know."""', "",
            "    __slots__ = ()", "",
        ]  # fmt: skip
        names: dict[str, str] = {}
        for event in self._all_events():
            schema = self._data(event)
            names[event] = pascal(event)
            lines += self._class(pascal(event), schema, is_message=True)
        lines += ["", "#: Any message, for `match`.", "Message = ("]
        lines += [f"    {'| ' if number else ''}{name}" for number, name in enumerate(["Unknown", *names.values()])]
        lines += [")", "", "#: The class of each event, by its name.", "BY_EVENT: dict[str, type[Struct]] = {"]
        lines += [f'    "{event}": {name},' for event, name in names.items()]
        lines += ["}"]
        return _text(lines)

    def _all_events(self) -> list[str]:
        return list(dict.fromkeys([*sorted(self._known.by_event), *self._events]))

    def _data(self, event: str) -> Schema:
        """The schema of an event's data."""
        whole = self._definitions.get(f"{pascal(event)}Event")
        data = data_of(event) if whole is None else whole["properties"]["data"]["$ref"].rpartition("/")[2]
        schema = self._pool.get(data) or self._definitions[data]
        return schema if "properties" in schema else {**schema, "properties": {}}

    # Methods

    def methods(self, *, is_async: bool) -> str:
        """A mixin with a method for each request."""
        kind, base = ("asyncio", "AsyncMethods") if is_async else ("blocking", "Methods")
        lines = [_HEADER.format(about=f"The requests of the {kind} client: a method for each, with typed parameters.")]
        lines += [
            "from typing import Any, Literal, overload", "",
            "from tws_bridge_client.answers import many, one",
            "from tws_bridge_client.generated import messages as m",
            "from tws_bridge_client.generated import types as t",
            "from tws_bridge_client.likes import REQUEST_ID, ContractLike, OrderLike, given",
            "from tws_bridge_client.naming import checks_names",
            "from tws_bridge_client.struct import DayLike, MomentLike", "from tws_bridge_client.values import Number",
            "", "",
            f"class {base}:", *_METHODS.format(async_="async " if is_async else "").strip("\n").splitlines(), "",
        ]  # fmt: skip
        for method in self._methods:
            lines += [f"    {line}".rstrip() for line in self._method(method, is_async)]
        return _text(lines)

    def _method(self, method: str, is_async: bool) -> Iterator[str]:
        schema = self._requests.get(f"{pascal(method)}Params", {"properties": {}})
        required = set(schema.get("required", ()))
        # The `timeout` of awaitOrder defaults to that of its request, which every method has.
        fields = sorted(
            (
                self._parameter(method, name, one, name in required)
                for name, one in schema["properties"].items()
                if name != "timeout"
            ),
            key=lambda field: bool(field.default),
        )
        results = self._results(method)
        for flags, chosen in self._overloads(method, results):
            yield from self._signature(method, fields, [results[kind] for kind in chosen], is_async, flags)
        yield "@checks_names"
        yield from self._signature(method, fields, list(results.values()), is_async)
        yield from self._docstring(method, fields)
        given = ", ".join(f'"{field.name}": {field.name}' for field in fields)
        call = (
            "await " if is_async else ""
        ) + f'self.request("{method}", given("{method}", {{{given}}}), timeout, wait=wait, fresh=fresh)'
        result = " | ".join(dict.fromkeys(results.values()))
        yield f"    found: {result} = {self._read(results, call)}"
        yield "    return found"
        yield ""
        if snake(method) != method:
            yield f"{method} = {snake(method)}"
            yield ""

    def _signature(
        self,
        method: str,
        fields: list[_Field],
        results: list[str],
        is_async: bool,
        flags: Mapping[str, str] | None = None,
    ) -> Iterator[str]:
        """The head of a method; with `flags`, an overload for these values of them."""
        if flags is not None:
            yield "@overload"
        yield f"{'async ' if is_async else ''}def {snake(method)}("
        yield "    self,"
        for field in fields:
            if not field.default:
                annotation = (flags or {}).get(field.name, field.annotation)
                yield f"    {field.name}: {annotation.removesuffix(' | None')},"
        yield "    *,"
        for field in fields:
            if field.default:
                annotation = (flags or {}).get(field.name, field.annotation)
                has_default = "None" in annotation or "None" not in field.default
                yield f"    {field.name}: {annotation}{field.default if has_default else ''},"
        yield "    timeout: float = 30.0,"
        yield "    wait: bool = True,"
        yield "    fresh: bool = False,"
        result = " | ".join(dict.fromkeys(results))
        yield f") -> {result}:" if flags is None else f") -> {result}: ..."

    def _docstring(self, method: str, fields: list[_Field]) -> Iterator[str]:
        told = [field for field in fields if field.about]
        if not told:
            yield from _docstring(about(self._known, self._made, method))
            return
        yield from _wrapped(f'"""{about(self._known, self._made, method)}', "    ", "    ")
        yield ""
        yield "    Parameters:"
        for field in told:
            yield from _wrapped(f"{field.name}: {field.about}", "        ", "            ")
        yield '    """'

    def _parameter(self, method: str, name: str, schema: Schema, required: bool) -> _Field:
        annotation = self._annotation(schema, is_input=True)
        kind = _time_kind(method, name)
        if kind:
            annotation = f"{kind}Like"
        if _is_chosen_key(name, schema, required):
            return _Field(name, annotation, "" if required else " = REQUEST_ID", self._told(schema))
        if not required and not annotation.endswith(" | None"):
            annotation += " | None"
        return _Field(name, annotation, "" if required else " = None", self._told(schema))

    def _results(self, method: str) -> dict[str, str]:
        """The annotation of the result, by the kind of the reply."""
        found: dict[str, str] = {}
        for success in self._one_of(self._replies[f"{pascal(method)}Reply"]):
            if success == "Failure":
                continue
            properties = self._replies[success]["properties"]
            found[properties["kind"]["const"]] = self._result(properties["result"])
        return found

    def _result(self, schema: Schema) -> str:
        if schema.get("type") == "array" and any(name.endswith("Part") for name in self._one_of(schema["items"])):
            names = [f"m.{name.removesuffix('Part')}" for name in self._one_of(schema["items"])]
            return f"list[{' | '.join(names)}]"
        return self._annotation(schema, prefix="t.")

    def _one_of(self, schema: Schema) -> list[str]:
        listed = schema.get("oneOf", [schema])
        return [one["$ref"].rpartition("/")[2] for one in listed if "$ref" in one]

    def _overloads(self, method: str, results: Mapping[str, str]) -> list[tuple[dict[str, str], list[str]]]:
        """For a request that is a subscription or a question: values of the flags that decide it, and its results."""
        plan = self._routing.requests.get(method)
        if plan is None or len(results) < 2 or "subscription" not in results:
            return []
        others = [kind for kind in results if kind != "subscription"]
        flags, subscribes = plan.stream_unless or plan.stream_if, ["subscription"]
        with_flag, without = (others, subscribes) if plan.stream_unless else (subscribes, others)
        if not flags:
            return []
        first = [({flag: "Literal[True]"}, with_flag) for flag in flags]
        return [*first, (dict.fromkeys(flags, "Literal[False] | None"), without)]

    def _read(self, results: Mapping[str, str], call: str) -> str:
        """The expression that makes objects of the result."""
        kinds = [*dict.fromkeys(results.values())]
        if len(kinds) == 1 and kinds[0].startswith("list[m."):
            return f"many({call})"
        if len(kinds) == 1 and kinds[0].startswith("list[t."):
            return f"[{kinds[0][5:-1]}.from_dict(item) for item in {call}]"
        if len(kinds) == 1 and kinds[0].startswith(("t.", "m.")):
            return f"{kinds[0]}.from_dict({call})"
        if len(kinds) == 1:
            return call
        classes = [kind for kind in kinds if not kind.startswith("list[")]
        return f"one({call}, {', '.join(classes)})"

    # Params

    def params(self) -> str:
        """The kind of each param of each method, as the fields of `types` have them."""
        lines = [_HEADER.format(about="The kinds of the params of each request, as annotations of `types`.")]
        lines += ["PARAMS: dict[str, dict[str, str]] = {"]
        for method in self._methods:
            fields = self._requests.get(f"{pascal(method)}Params", {"properties": {}})["properties"]
            kinds = {name: _time_kind(method, name) or self._annotation(one) for name, one in fields.items()}
            if kinds:
                lines += [f"    {_quoted(method)}: {{"]
                lines += [f"        {_quoted(name)}: {_quoted(kind)}," for name, kind in kinds.items()]
                lines += ["    },"]
        lines += [
            "}",
            "",
            "#: The param that is the key of what a method does once. A program that gives it gives a text.",
        ]
        lines += ["CHOSEN_KEYS: dict[str, str] = {"]
        for method in self._methods:
            schema = self._requests.get(f"{pascal(method)}Params", {"properties": {}})
            required = schema.get("required", ())
            lines += [
                f"    {_quoted(method)}: {_quoted(name)},"
                for name, one in schema["properties"].items()
                if _is_chosen_key(name, one, name in required)
            ]
        return _text([*lines, "}"])

    # Contract

    def contract(self) -> str:
        """The version of the wire contract, and the codes of errors."""
        lines = [_HEADER.format(about="The wire contract: its version, the codes of its errors, and its names.")]
        lines.append("from typing import Literal\n")
        lines.append(f"VERSION = {self._made.wire['envelope']['v']['const']}\n")
        lines.append("#: The codes with which a bridge of this version answers. A newer bridge may have more.")
        lines.append("ErrorCode = Literal[")
        lines += [f"    {_quoted(code)}," for code in sorted({*self._made.errors, "noBridge", "refusedKey"})]
        lines.append("]\n")
        lines.append(
            "#: The methods whose requests must have `expires`: late, they would do what nobody wants any more."
        )
        lines.append("EXPIRING = frozenset(")
        lines += ["    {", *(f"        {_quoted(method)}," for method in expiring(self._known)), "    }", ")\n"]
        lines.append("#: The errors of TWS that reject an order, or a change of one.")
        lines.append("REJECTING = frozenset(")
        lines += ["    {", *(f"        {code}," for code in sorted(REJECTS_ORDER)), "    }", ")\n"]
        lines.append("#: The methods of the bridge.")
        lines.append("METHODS = (")
        lines += [f"    {_quoted(method)}," for method in self._methods]
        lines.append(")\n")
        lines += ["#: The fields by which an advisor's group or model allocates an order.", "SPREAD_FIELDS = ("]
        lines += [f"    {_quoted(field)}," for field in SPREAD_FIELDS]
        lines.append(")\n")
        lines += _aliases("FIELD_ALIASES", "fields and parameters", FIELDS)
        methods = {name: (*meant, *map(snake, meant)) for name, meant in METHODS.items()}
        methods |= {snake(name): tuple(map(snake, METHODS[name])) for name in METHODS}
        lines += _aliases("METHOD_ALIASES", "methods", methods)
        lines += ["#: Names that the bridge does not have, and what to do instead.", "NOTES: dict[str, str] = {"]
        lines += [f"    {_quoted(name)}: {_quoted(note)}," for name, note in sorted(NOTES.items())]
        lines += ["}"]
        return _text(lines)

    # Fields

    def _class(self, name: str, schema: Schema, *, is_message: bool) -> list[str]:
        lines = ["", f"class {name}(Struct):"]
        lines += _docstring(schema.get("description", f"The message {name}."))
        lines += ["", "    __slots__ = ()"]
        required = set(schema.get("required", ()))
        fields = [
            self._field(name, field, one, field in required, is_message)
            for field, one in schema.get("properties", {}).items()
        ]
        lines.append("")
        for field in sorted(fields, key=lambda field: bool(field.default)):
            lines.append(f"    {field.name}: {field.annotation}{field.default}")
            lines += _docstring(field.about) if field.about else []
        return [*lines, ""]

    def _field(self, owner: str, name: str, schema: Schema, required: bool, is_message: bool) -> _Field:
        annotation = _time_kind(owner, name) or self._annotation(schema, prefix="t." if is_message else "")
        is_part = is_message and annotation.startswith("t.")
        if required or is_part:
            return _Field(name, annotation, "", self._told(schema))
        if annotation in _DESCRIBED:
            kind = _DESCRIBED[annotation]
            return _Field(name, kind, f" = {kind}()", self._told(schema))
        if annotation == "str":
            return _Field(name, annotation, ' = ""', self._told(schema))
        if annotation.startswith(("list[", "dict[")):
            empty = "[]" if annotation.startswith("list[") else "{}"
            return _Field(name, annotation, f" = {empty}  # noqa: RUF012", self._told(schema))
        return _Field(name, f"{annotation} | None", " = None", self._told(schema))

    def _told(self, schema: Schema) -> str:
        if "$ref" in schema:
            target = self._pool.get(schema["$ref"].rpartition("/")[2], {})
            return str(target.get("description", ""))
        return str(schema.get("description", ""))

    def _annotation(self, schema: Schema, *, prefix: str = "", is_input: bool = False) -> str:
        if "$ref" in schema:
            return self._named(schema["$ref"].rpartition("/")[2], prefix, is_input)
        if "enum" in schema:
            return f"Literal[{', '.join(_quoted(value) for value in schema['enum'])}]"
        if alternatives := schema.get("anyOf") or schema.get("oneOf"):
            kinds = [self._annotation(one, prefix=prefix, is_input=is_input) for one in alternatives]
            return " | ".join(dict.fromkeys(kinds))
        match schema.get("type"):
            case [*_]:  # a number that may be text on the wire
                return self._number(schema, is_input)
            case "array":
                return f"list[{self._annotation(schema['items'], prefix=prefix, is_input=is_input)}]"
            case "object":
                values = schema.get("additionalProperties")
                kind = self._annotation(values, prefix=prefix) if isinstance(values, dict) and values else "Any"
                return f"dict[str, {kind}]"
            case "string" if schema.get("format") == "decimal":
                return "Number" if is_input else "Quantity"
            case "string" if schema.get("format") == "binary":
                return "bytes"
            case "string" if schema.get("pattern") == "^-?[0-9]+$":
                return "int | str" if is_input else "Id64"
            case str(scalar) if scalar in _SCALARS:
                return _SCALARS[scalar]
            case _:
                return "Any"

    @staticmethod
    def _number(schema: Schema, is_input: bool) -> str:
        if schema.get("pattern") == _INFINITY:
            return "float" if is_input else "Unbounded"
        if schema.get("pattern") == DECIMAL:
            return "Number" if is_input else "Quantity"
        if schema.get("pattern") == ID:
            return "int | str" if is_input else "Id64"
        return "Any"

    def _named(self, name: str, prefix: str, is_input: bool) -> str:
        target = self._pool.get(name) or self._definitions[name]
        if "enum" in target:
            return self._annotation(target)
        if "properties" not in target:
            return "dict[str, Any]"
        plain = _plain(name)
        if is_input:
            like = {"Contract": "ContractLike", "Order": "OrderLike", "ChangedOrder": "OrderLike | t.ChangedOrder"}.get(
                plain
            )
            return like or f"t.{plain}"
        if plain in (data_of(event) for event in self._all_events()):
            return f"m.{plain.removesuffix('Data')}"
        return f"{prefix}{plain}"


def _is_chosen_key(name: str, schema: Schema, required: bool) -> bool:
    """Whether the param is a key that the program gives, or for which the id of the request stands."""
    if name not in ("orderKey", "onceKey"):
        return False
    return required or str(schema.get("description", "")).endswith("Default: the request's ID.")


def _time_kind(owner: str, name: str) -> str:
    """The kind of a field of a type, or of a param of a method, that has a time or a day; otherwise nothing."""
    if f"{owner}.{name}" in MOMENTS:
        return "Moment"
    return "Day" if f"{owner}.{name}" in DAYS else ""


def _aliases(name: str, what: str, table: Mapping[str, tuple[str, ...]]) -> list[str]:
    lines = [f"#: Names of {what} in ibapi, IBKR's documentation and ib_async, and what the bridge calls them."]
    lines.append(f"{name}: dict[str, tuple[str, ...]] = {{")
    lines += [f"    {_quoted(alias)}: ({', '.join(map(_quoted, meant))},)," for alias, meant in sorted(table.items())]
    return [*lines, "}", ""]


def _plain(name: str) -> str:
    return name.removesuffix("Input")


def _quoted(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _docstring(text: str) -> list[str]:
    text = text.replace("\\", "\\\\")
    if len(text) <= _WIDTH - 10:
        return [f'    """{text}"""']
    return [*_wrapped(f'"""{text}', "    ", "    "), '    """']


def _wrapped(text: str, first: str, later: str) -> list[str]:
    return textwrap.wrap(
        text, _WIDTH, initial_indent=first, subsequent_indent=later, break_long_words=False, break_on_hyphens=False
    )


def _text(lines: list[str]) -> str:
    """The text of a file, without the imports that it does not need."""
    text = "\n".join(lines).rstrip() + "\n"
    return _IMPORT.sub(lambda found: _needed(found, text), text)


def _needed(found: re.Match[str], text: str) -> str:
    used = [name for name in found[2].split(", ") if len(re.findall(rf"\b{name.split()[-1]}\b", text)) > 1]
    return f"from {found[1]} import {', '.join(used)}\n" if used else ""
