"""What the installed vendor client knows: message ids, their protobuf messages, the fields of those, server versions.

Read by introspection, so that a newer vendor client shows what our declarations lack. Knows nothing of `schemas/`.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from typing import Any

import ibapi.protobuf
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from ibapi import decoder, server_versions
from ibapi.client import EClient
from ibapi.common import getServerVersionForMessage
from ibapi.decoder import Decoder
from ibapi.message import IN, OUT
from ibapi.wrapper import EWrapper

VERSION_PREFIXES = ("MIN_SERVER_VER_", "UNIFIED_VERSION_")

#: number, name, type in our words
WireField = tuple[int, str, str]


def incoming_ids() -> set[int]:
    return {int(value) for value in _members(IN).values()}


def outgoing_ids() -> set[int]:
    return {int(value) for value in _members(OUT).values()}


def server_version_names() -> dict[int, str]:
    """The server versions that the vendor's client tells apart: number to name."""
    found = {}
    for name, value in vars(server_versions).items():
        for prefix in VERSION_PREFIXES:
            if name.startswith(prefix):
                found[int(value)] = name.removeprefix(prefix)
    return found


def newest_server_version() -> int:
    return int(server_versions.MAX_CLIENT_VER)


def protobuf_messages() -> dict[str, set[WireField]]:
    """Every protobuf message that the vendor ships, with its fields."""
    return {name: {_field(field) for field in message.fields} for name, message in _descriptors().items()}


def incoming_protobuf() -> dict[int, str]:
    """Message id from TWS to the protobuf message that the vendor's decoder parses under it."""
    found = {}
    for id_, handler in Decoder.msgId2handleInfoProtoBuf.items():
        names = {name for name in handler.processMeth.__code__.co_names if name.endswith("Proto")}
        classes = {getattr(decoder, name).DESCRIPTOR.name for name in names}
        assert len(classes) == 1, f"{id_}: {classes}"
        found[int(id_)] = classes.pop()
    return found


def outgoing_protobuf() -> dict[int, tuple[str, int]]:
    """Message id to TWS to its protobuf message and the first server version that is sent it."""
    by_name = {name.lower(): name for name in _descriptors()}
    ids = _members(OUT)
    found = {}
    for method in _senders():
        code = method.__code__
        named = [int(ids[name]) for name in code.co_names if name in ids]
        assert len(named) == 1, f"{method.__name__}: {named}"
        parameter = code.co_varnames[1].removesuffix("Proto").lower()
        # Its first version is in a table; of a message that has no text form, in the method itself.
        floors = [int(getattr(server_versions, n)) for n in code.co_names if n.startswith(VERSION_PREFIXES)]
        since = getServerVersionForMessage(named[0])
        # `cancelPositionsRequest` carries a CancelPositions.
        message = by_name.get(parameter) or by_name[parameter.removesuffix("request")]
        found[named[0]] = (message, max(floors) if since == float("inf") else int(since))
    return found


def parameters(name: str, *, event: bool) -> set[str] | None:
    """The parameters of a callback or a method; None where the vendor has it only in its protobuf face."""
    method = getattr(EWrapper if event else EClient, name, None)
    return None if method is None else set(inspect.signature(method).parameters) - {"self"}


def _members(enumeration: Any) -> dict[str, int]:
    return {name: value for name, value in vars(enumeration).items() if not name.startswith("_")}


def _senders() -> Iterator[Callable[..., None]]:
    for _, method in inspect.getmembers(EClient, inspect.isfunction):
        if "sendMsgProtoBuf" in method.__code__.co_names:
            yield method


def _descriptors() -> dict[str, Descriptor]:
    found = {}
    for module in pkgutil.iter_modules(ibapi.protobuf.__path__):
        if module.name.endswith("_pb2"):
            file = importlib.import_module(f"ibapi.protobuf.{module.name}").DESCRIPTOR
            found.update(file.message_types_by_name)
    return found


def _field(field: FieldDescriptor) -> WireField:
    return field.number, field.name, _type(field)


def _type(field: FieldDescriptor) -> str:
    message = field.message_type
    if message is not None and message.GetOptions().map_entry:
        return "{string}"
    one = message.name if message is not None else _SCALARS[field.type]
    return f"[{one}]" if field.is_repeated else one


_SCALARS = {
    FieldDescriptor.TYPE_INT32: "int32",
    FieldDescriptor.TYPE_INT64: "int64",
    FieldDescriptor.TYPE_DOUBLE: "double",
    FieldDescriptor.TYPE_BOOL: "bool",
    FieldDescriptor.TYPE_STRING: "string",
}
