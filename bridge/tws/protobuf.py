"""The protobuf form: message classes built from the catalogue, read and written by Google's runtime.

The catalogue's records are the `.proto` files: package `protobuf`, proto3 with presence on every scalar. Knows no
server version but a field's `since`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import Message as Wire

from bridge.catalogue import Catalogue, Field, Message, Record
from bridge.tws import values
from bridge.tws.errors import DecodeError, EncodeError
from bridge.tws.plan import Plan
from bridge.tws.source import Source

PACKAGE = "protobuf"

_Proto = descriptor_pb2.FieldDescriptorProto
_SCALARS = {
    "int32": _Proto.TYPE_INT32,
    "int64": _Proto.TYPE_INT64,
    "double": _Proto.TYPE_DOUBLE,
    "bool": _Proto.TYPE_BOOL,
    "string": _Proto.TYPE_STRING,
}

Convert = Callable[[Any], Any]
Write = Callable[[dict[str, Any]], bytes]


class Forms:
    """The wire classes of one catalogue, and the conversions between them and our dicts."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._records = dict(catalogue.types)
        for message in catalogue.messages.values():
            if message.protobuf and message.record is None:
                fields = catalogue.record(message).fields
                self._records[message.protobuf.message] = Record(name=message.protobuf.message, fields=fields)
        file = _describe(self._records)
        pool = descriptor_pool.DescriptorPool()
        pool.Add(file)
        self._classes: dict[str, type[Wire]] = {
            name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.{name}"))
            for name in self._records
            if any(field.number for field in self._records[name].fields) or not self._records[name].fields
        }

    def reader(self, message: Message) -> Plan:
        """A plan that reads the protobuf bytes behind the id."""
        assert message.protobuf is not None
        name = message.protobuf.message
        source = Source(f"read {name}", "b")
        source.add(f"m = {source.constant(self._classes[name].FromString)}(b)")
        self._write_fields(source, self._records[name])
        source.add("return d, 0")

        def explain(error: Exception, body: bytes) -> DecodeError:
            return DecodeError(message.name, source.path_of(error), f"no protobuf {name}: {error}")

        return Plan(message, source.build(), explain)

    def writer(self, message: Message, version: int, *, strict: bool) -> Write:
        """From the message's dict to protobuf bytes; raises EncodeError.

        A field that this server version does not know is refused if `strict`. TWS itself sends such fields (seen:
        routeMarketableToBbo at 203), so without `strict` they are written.
        """
        assert message.protobuf is not None
        name = message.protobuf.message
        required = [field.name for field in self._records[name].fields if field.required]

        def write(data: dict[str, Any]) -> bytes:
            for field in required:
                if data.get(field) is None:
                    raise EncodeError(message.name, field, "missing")
            wire = self._classes[name]()
            self._fill(wire, data, _Place(message.name, name, version, strict), "")
            return wire.SerializeToString()

        return write

    @functools.cache  # noqa: B019 - one Forms lives as long as its catalogue
    def _dict_of(self, name: str) -> Convert:
        """A function from one wire message to a dict of its set fields."""
        source = Source(f"read {name}", "m")
        self._write_fields(source, self._records[name])
        source.add("return d")
        return source.build()

    def _write_fields(self, source: Source, record: Record) -> None:
        """One line for each field: asking for it by name costs less than half of listing the set ones (measured)."""
        source.add("has = m.HasField")
        source.add("d = {}")
        for field in record.fields:
            if field.number is None:
                continue
            name, kind = field.name, field.kind
            convert = self._convert(field)
            value = f"m.{name}" if convert is None else f"{source.constant(convert)}(m.{name})"
            test = f"m.{name}" if kind.repeated or kind.mapping else f"has({name!r})"
            source.add(f"if {test}: d[{name!r}] = {value}", name)

    def _convert(self, field: Field) -> Convert | None:
        kind = field.kind
        if kind.mapping:
            return dict
        one = self._dict_of(kind.name) if kind.is_record else _FROM_WIRE.get((kind.name, field.wire_type))
        if not kind.repeated:
            return one
        return list if one is None else lambda items: [one(item) for item in items]

    def _fill(self, wire: Wire, data: Mapping[str, Any], place: _Place, prefix: str) -> None:
        if not isinstance(data, Mapping):
            raise EncodeError(place.message, prefix[:-1] or None, f"{data!r:.40} is no map")
        for name, value in data.items():
            if value is None:
                continue
            path = prefix + name
            field = self._records[place.record].field(name)
            if field is None:
                raise EncodeError(place.message, path, "no such field")
            if field.number is None or (place.strict and field.since > place.version):
                place.refuse(field, path, value)
                continue
            try:
                self._set(wire, field, value, place, path)
            except (TypeError, ValueError, AttributeError) as error:
                raise EncodeError(place.message, path, str(error)[:200]) from None

    def _set(self, wire: Wire, field: Field, value: Any, place: _Place, path: str) -> None:
        kind = field.kind
        if kind.mapping:
            for tag, text in value.items():
                getattr(wire, field.name)[values.text_of(tag)] = values.text_of(text)
        elif kind.is_record and kind.repeated:
            for index, item in enumerate(value):
                self._fill(getattr(wire, field.name).add(), item, place.within(kind.name), f"{path}[{index}].")
        elif kind.is_record:
            nested = getattr(wire, field.name)
            nested.SetInParent()
            self._fill(nested, value, place.within(kind.name), f"{path}.")
        elif kind.repeated:
            getattr(wire, field.name).extend(value)
        else:
            setattr(wire, field.name, _TO_WIRE[kind.name, field.wire_type](value))


class _Place:
    """Which message is being written, for which version, and how missing places are taken."""

    def __init__(self, message: str, record: str, version: int, strict: bool) -> None:
        self.message = message
        self.record = record
        self.version = version
        self.strict = strict

    def within(self, record: str) -> _Place:
        return _Place(self.message, record, self.version, self.strict)

    def refuse(self, field: Field, path: str, value: Any) -> None:
        if not self.strict or field.ignorable or value is False or value in ("", [], {}):
            return
        if field.number is None:
            raise EncodeError(self.message, path, "has no place in the protobuf form")
        raise EncodeError(self.message, path, f"needs server version {field.since}, TWS has {self.version}")


_FROM_WIRE: dict[tuple[str, str], Convert] = {
    ("id64", "int64"): str,
    ("decimal", "double"): values.decimal_of_double,
}

_TO_WIRE: dict[tuple[str, str], Convert] = {
    ("int32", "int32"): values.whole,
    ("int64", "int64"): values.whole,
    ("double", "double"): values.number,
    ("bool", "bool"): values.flag,
    ("string", "string"): values.text_of,
    ("decimal", "string"): values.write_decimal,
    ("decimal", "double"): lambda value: float(values.write_decimal(value)),
    ("id64", "int64"): lambda value: int(values.write_id64(value)),
}


def _describe(records: dict[str, Record]) -> descriptor_pb2.FileDescriptorProto:
    file = descriptor_pb2.FileDescriptorProto(name="tws.proto", package=PACKAGE, syntax="proto3")
    for record in records.values():
        message = file.message_type.add(name=record.name)
        for field in record.fields:
            if field.number is not None:
                _field(message, field)
    return file


def _field(message: descriptor_pb2.DescriptorProto, field: Field) -> None:
    kind = field.kind
    assert field.number is not None
    proto = message.field.add(name=field.name, number=field.number, label=_Proto.LABEL_OPTIONAL)
    if kind.mapping:
        _map(message, proto)
    elif kind.is_record:
        proto.type = _Proto.TYPE_MESSAGE
        proto.type_name = f".{PACKAGE}.{kind.name}"
    else:
        proto.type = _SCALARS[field.wire_type]
    if kind.repeated or kind.mapping:
        proto.label = _Proto.LABEL_REPEATED
    elif not kind.is_record:
        # Presence on a proto3 scalar is a oneof of its own, named after the field.
        proto.proto3_optional = True
        proto.oneof_index = len(message.oneof_decl)
        message.oneof_decl.add(name=f"_{field.name}")


def _map(message: descriptor_pb2.DescriptorProto, proto: descriptor_pb2.FieldDescriptorProto) -> None:
    entry = message.nested_type.add(name=f"{proto.name[0].upper()}{proto.name[1:]}Entry")
    entry.options.map_entry = True
    for number, name in ((1, "key"), (2, "value")):
        entry.field.add(name=name, number=number, type=_Proto.TYPE_STRING, label=_Proto.LABEL_OPTIONAL)
    proto.type = _Proto.TYPE_MESSAGE
    proto.type_name = f".{PACKAGE}.{message.name}.{entry.name}"
