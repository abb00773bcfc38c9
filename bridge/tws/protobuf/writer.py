"""Compiles a message at a server version into a function that writes its dict as protobuf bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message as Wire

from bridge.catalogue import Field, Message, Record
from bridge.tws import checks, values
from bridge.tws.errors import EncodeError
from bridge.tws.source import Source

Write = Callable[[dict[str, Any]], bytes]

#: The check and conversion of one value, by (our type, protobuf type).
_TO_WIRE: dict[tuple[str, str], Callable[[Any], Any]] = {
    ("int32", "int32"): values.whole,
    ("int64", "int64"): values.whole,
    ("double", "double"): values.number,
    ("bool", "bool"): values.flag,
    ("string", "string"): values.text_of,
    ("decimal", "string"): values.write_decimal,
    ("decimal", "double"): lambda value: float(values.write_decimal(value)),
    ("id64", "int64"): lambda value: int(values.write_id64(value)),
}


def writer(
    message: Message,
    wire: type[Wire],
    records: Mapping[str, Record],
    version: int,
    needs: Callable[[str], str] | None,
) -> Write:
    """Compile the writer of `message`. `wire` is its class; `needs` is as in `checks.refusal`."""
    source = Source(f"write {message.name} {version}", "d")
    source.add(f"m = {source.constant(wire)}()")
    _Writer(message, records, version, source, needs).record(records[wire.DESCRIPTOR.name], "m", "d", "")
    source.add("return m.SerializeToString()")
    run: Write = source.build()

    def write(data: dict[str, Any]) -> bytes:
        try:
            return run(data)
        except EncodeError:
            raise
        except (TypeError, ValueError, AttributeError) as error:
            raise EncodeError(message.name, source.path_of(error), str(error)[:200]) from None

    return write


class _Writer:
    """Generates the source. One function writes the whole message, with the nested records inline."""

    def __init__(
        self,
        message: Message,
        records: Mapping[str, Record],
        version: int,
        source: Source,
        needs: Callable[[str], str] | None,
    ) -> None:
        self.message = message
        self.records = records
        self.version = version
        self.source = source
        self.needs = needs

    def record(self, record: Record, wire: str, data: str, prefix: str) -> None:
        """Fill the wire message in variable `wire` from the dict in variable `data`."""
        carried = [field for field in record.fields if self._has_place(field)]
        known = {field.name for field in record.fields}
        ignored = {field.name for field in record.fields if field.ignorable}
        allowed = frozenset({field.name for field in carried} | ignored) if self.needs else frozenset(known)
        refuse = checks.refusal(self.message.name, known, allowed, prefix, self.needs)
        names = self.source.constant(allowed)
        self.source.add(f"if not {data}.keys() <= {names}: {self.source.constant(refuse)}({data})", prefix[:-1] or None)
        for field in carried:
            self._field(field, wire, data, prefix)

    def _has_place(self, field: Field) -> bool:
        return field.number is not None and (self.needs is None or field.since <= self.version)

    def _field(self, field: Field, wire: str, data: str, prefix: str) -> None:
        kind, path = field.kind, prefix + field.name
        value, target = f"{data}.get({field.name!r})", f"{wire}.{field.name}"
        if kind.mapping:
            text = self.source.constant(values.text_of)
            with self.source.block(f"for t, v in {self.source.constant(checks.as_record)}({value}).items():", path):
                self.source.add(f"{target}[{text}(t)] = {text}(v)", path)
        elif kind.is_record:
            self._nested(field, value, target, path)
        elif kind.repeated:
            convert = self.source.constant(_TO_WIRE[kind.name, field.wire_type])
            every = f"{self.source.constant(checks.as_list)}({value})"
            self.source.add(f"{target}.extend([{convert}(v) for v in {every}])", path)
        else:
            convert = self.source.constant(_TO_WIRE[kind.name, field.wire_type])
            self.source.add(f"v = {value}")
            self.source.add(f"if v is not None: {target} = {convert}(v)", path)
            if field.required:
                self.source.add(f"else: {self.source.constant(checks.missing)}()", path)

    def _nested(self, field: Field, value: str, target: str, path: str) -> None:
        record = self.records[field.kind.name]
        data, wire = self.source.variable("e"), self.source.variable("m")
        check = self.source.constant(checks.as_record)
        if field.kind.repeated:
            with self.source.block(f"for {data} in {self.source.constant(checks.as_list)}({value}):", path):
                self.source.add(f"{data} = {check}({data})", f"{path}[]")
                self.source.add(f"{wire} = {target}.add()")
                self.record(record, wire, data, f"{path}[].")
            return
        self.source.add(f"{data} = {value}")
        with self.source.block(f"if {data} is not None:"):
            self.source.add(f"{data} = {check}({data})", path)
            self.source.add(f"{wire} = {target}")
            self.source.add(f"{wire}.SetInParent()")
            self.record(record, wire, data, f"{path}.")
