"""Converts the payloads of frames to messages and back, for one server version.

It chooses between text and protobuf. The id of a received frame says which form it has. A message is sent as protobuf
from the server version in its declaration on (`protobuf.since`).
"""

from __future__ import annotations

import functools
import struct
from collections.abc import Callable, Iterator
from typing import Any

from google.protobuf.message import DecodeError as RuntimeDecodeError

from bridge.catalogue import Catalogue, Message
from bridge.catalogue.grammar import (
    NEWEST,
    OLDEST,
    ChoiceItem,
    Direction,
    FieldItem,
    Item,
    PresentItem,
    RepeatItem,
    WhenItem,
)
from bridge.tws import events
from bridge.tws.errors import DecodeError, EncodeError
from bridge.tws.plan import Plan
from bridge.tws.protobuf import ProtobufForms
from bridge.tws.text import decoder, encoder
from bridge.tws.text.scope import active

#: From this server version on the message id has 4 binary bytes, and an id above 200 means protobuf (TWS_RULES).
BINARY_IDS = 201
PROTOBUF_OFFSET = 200

_ID = struct.Struct(">I")

Encoder = Callable[[dict[str, Any]], bytes]


@functools.lru_cache(maxsize=8)
def forms(catalogue: Catalogue) -> ProtobufForms:
    """The protobuf classes of a catalogue, built once."""
    return ProtobufForms(catalogue)


class Codec:
    """The codec of one connection. `incoming` is the direction of the messages that `decode` reads."""

    def __init__(self, catalogue: Catalogue, version: int, incoming: Direction) -> None:
        self.version = version
        self._catalogue = catalogue
        self._incoming = incoming
        self._binary = version >= BINARY_IDS
        self._plans: dict[bytes, Plan] = {}
        self._encoders: dict[str, Encoder] = {}

    def decode(self, payload: bytes) -> events.Message | events.DecodeFailed | events.UnknownMessage:
        """Decode the payload of one frame. It never raises: an invalid or unknown message is an event too."""
        head, body = (payload[:4], payload[4:]) if self._binary else _head(payload)
        plan = self._plans.get(head)
        try:
            if plan is None:
                plan = self._plan(head)
                if plan is None:
                    return events.UnknownMessage(self._id(head), payload)
            try:
                data, extra = plan.read(body)
            except (ValueError, IndexError, KeyError, RuntimeDecodeError) as error:
                raise plan.explain(error, body) from None
            message = plan.message
            name = message.name if message.event is None else _callback(message, data)
            return events.Message(name, data, extra)
        except DecodeError as error:
            id_ = plan.message.id if plan else None
            return events.DecodeFailed(error.message, id_, error.field, error.reason, self.version, payload)

    def _id(self, head: bytes) -> int:
        """The message id at the start of a frame. Raises DecodeError if there is none."""
        if self._binary:
            if len(head) < 4:
                raise DecodeError("frame", "id", f"{len(head)} bytes: too short for a message id")
            return int(_ID.unpack(head)[0])
        if not head.isdigit() or len(head) > 9:
            raise DecodeError("frame", "id", f"{head[:20]!r} is not a message id")
        return int(head)

    def _plan(self, head: bytes) -> Plan | None:
        """The plan for frames with this id, cached; None if no declaration has the id."""
        id_ = self._id(head)
        is_protobuf = self._binary and id_ > PROTOBUF_OFFSET
        message = self._catalogue.by_id.get((self._incoming, id_ - PROTOBUF_OFFSET if is_protobuf else id_))
        if message is None or (message.protobuf if is_protobuf else message.text) is None:
            return None
        if is_protobuf:
            plan = forms(self._catalogue).reader(message)
        else:
            plan = _decoder(self._catalogue, message.name, self.version)
        self._plans[head] = plan
        return plan

    def encode(self, name: str, data: dict[str, Any]) -> bytes:
        """Encode a message. Returns the payload. Raises EncodeError, which names the message and the field."""
        encode = self._encoders.get(name)
        if encode is None:
            encode = self._encoders[name] = self._encoder(name)
        return encode(data)

    def _encoder(self, name: str) -> Encoder:
        message = self._catalogue.find(name)
        if message is None or message.direction == self._incoming:
            raise EncodeError(name, None, "this side does not send such a message")
        if not message.exists(self.version):
            since = message.protobuf.since if message.text is None and message.protobuf else message.since
            raise EncodeError(name, None, f"needs server version {since}, TWS has {self.version}")
        encode = _encoder(self._catalogue, message.name, self.version)
        if message.event is None:
            return encode

        def encode_callback(data: dict[str, Any]) -> bytes:
            assert message.event is not None
            if message.event.names.get(str(data.get(message.event.by))) != name:
                raise EncodeError(name, message.event.by, f"{data.get(message.event.by)!r} belongs to another callback")
            return encode(data)

        return encode_callback


def _head(payload: bytes) -> tuple[bytes, bytes]:
    head, _, body = payload.partition(b"\0")
    return head, body


def _callback(message: Message, data: dict[str, Any]) -> str:
    assert message.event is not None
    value = data.get(message.event.by)
    name = message.event.names.get(str(value))
    if name is None:
        raise DecodeError(message.name, message.event.by, f"unknown value {value!r}")
    return name


@functools.lru_cache(maxsize=4096)
def _decoder(catalogue: Catalogue, name: str, version: int) -> Plan:
    return decoder(catalogue, catalogue.messages[name], version)


@functools.lru_cache(maxsize=4096)
def _encoder(catalogue: Catalogue, name: str, version: int) -> Encoder:
    """The encoder of a message. It refuses a request field that the version has not, and drops such an event field."""
    message = catalogue.messages[name]
    needs = _Needs(catalogue, message, version) if message.direction == "toTws" else None
    if message.as_protobuf(version):
        write = forms(catalogue).writer(message, version, needs)
        head = _ID.pack(message.id + PROTOBUF_OFFSET)
        return lambda data: head + write(data)
    fields = encoder(catalogue, message, version, needs)
    head = _ID.pack(message.id) if version >= BINARY_IDS else b"%d\0" % message.id
    return lambda data: head + "".join([text + "\0" for text in fields(data)]).encode()


class _Needs:
    """Returns, for the path of a field, which server version it needs."""

    def __init__(self, catalogue: Catalogue, message: Message, version: int) -> None:
        self._catalogue = catalogue
        self._message = message
        self._version = version

    def __call__(self, path: str) -> str:
        plain = path.replace("[]", "")
        carrying = [version for version in range(OLDEST, NEWEST + 1) if self._carries(plain, version)]
        later = [version for version in carrying if version > self._version]
        if later:
            return f"needs server version {later[0]}, TWS has {self._version}"
        if carrying:
            return f"exists only up to server version {carrying[-1]}, TWS has {self._version}"
        return "no version of this message has it"

    def _carries(self, path: str, version: int) -> bool:
        if not self._message.exists(version):
            return False
        if not self._message.as_protobuf(version):
            return path in set(_every_path(self._message.text or (), version, ""))
        record = self._catalogue.record(self._message)
        for step in path.split("."):
            field = record.field(step)
            if field is None or field.number is None or field.since > version:
                return False
            record = self._catalogue.types.get(field.kind.name, record)
        return True


def _every_path(items: tuple[Item, ...], version: int, prefix: str) -> Iterator[str]:
    """Every path that a layout has at a version, with those inside lists and nested records."""
    for item in active(items, version):
        match item:
            case FieldItem():
                yield from _steps(prefix + item.field)
            case RepeatItem():
                yield from _steps(prefix + item.repeat)
                yield from _every_path(item.of, version, f"{prefix}{item.repeat}.")
            case PresentItem():
                yield from _steps(prefix + item.present)
                yield from _every_path(item.of, version, f"{prefix}{item.present}.")
            case WhenItem():
                yield from _every_path(item.then + item.otherwise, version, prefix)
            case ChoiceItem():
                for case in item.cases.values():
                    yield from _every_path(case, version, prefix)


def _steps(path: str) -> Iterator[str]:
    """The path and every record that contains it: `order`, `order.softDollarTier`, `order.softDollarTier.name`."""
    steps = path.split(".")
    for count in range(1, len(steps) + 1):
        yield ".".join(steps[:count])
