"""Describes the records of the catalogue as a `.proto` file: proto3, with presence for every scalar."""

from __future__ import annotations

from google.protobuf import descriptor_pb2

from bridge.catalogue import Field, Record

PACKAGE = "protobuf"

_Proto = descriptor_pb2.FieldDescriptorProto
_SCALARS = {
    "int32": _Proto.TYPE_INT32,
    "int64": _Proto.TYPE_INT64,
    "double": _Proto.TYPE_DOUBLE,
    "bool": _Proto.TYPE_BOOL,
    "string": _Proto.TYPE_STRING,
}


def describe(records: dict[str, Record]) -> descriptor_pb2.FileDescriptorProto:
    """Returns a file with one message type for each record. Fields without a number are left out."""
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
        # proto3 implements the presence of a scalar as a oneof with one member, named after the field.
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
