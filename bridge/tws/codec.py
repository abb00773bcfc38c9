"""Frames' payloads to messages and back, for one server version and one direction of travel.

Chooses between text and protobuf: a received frame says by its own id which it is, a sent one follows the version at
which its message turned to protobuf (message declarations, `protobuf.since`).
"""

from __future__ import annotations

import functools
import struct
from collections.abc import Callable, Iterator
from typing import Any

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
from bridge.tws.protobuf import Forms
from bridge.tws.text import Decode, decoder, encoder
from bridge.tws.text.scope import active

#: From this server version on the message id is 4 binary bytes; ids above 200 mark protobuf (TWS_RULES).
BINARY_IDS = 201
PROTOBUF_OFFSET = 200

_ID = struct.Struct(">I")

Encoder = Callable[[dict[str, Any]], bytes]


@functools.lru_cache(maxsize=8)
def forms(catalogue: Catalogue) -> Forms:
    """The protobuf classes of a catalogue, built once."""
    return Forms(catalogue)


class Codec:
    """Both directions of one connection. `incoming` is the direction that `decode` reads."""

    def __init__(self, catalogue: Catalogue, version: int, incoming: Direction) -> None:
        self.version = version
        self._catalogue = catalogue
        self._incoming = incoming
        self._binary = version >= BINARY_IDS
        self._texts: dict[int, tuple[Message, Decode]] = {}
        self._protobufs: dict[int, tuple[Message, Callable[[bytes], dict[str, Any]]]] = {}
        self._encoders: dict[str, Encoder] = {}

    def decode(self, payload: bytes) -> events.Message | events.DecodeFailed | events.UnknownMessage:
        """The message in one frame. Never raises: what is wrong with it is an event as well."""
        id_ = None
        try:
            id_, body = self._split(payload)
            if id_ > PROTOBUF_OFFSET:
                return self._protobuf(id_ - PROTOBUF_OFFSET, body, payload)
            return self._text(id_, body, payload)
        except DecodeError as error:
            return events.DecodeFailed(error.message, id_, error.field, error.reason, self.version, payload)

    def _split(self, payload: bytes) -> tuple[int, bytes]:
        if self._binary:
            if len(payload) < 4:
                raise DecodeError("frame", "id", f"{len(payload)} bytes: too short for a message id")
            return _ID.unpack_from(payload)[0], payload[4:]
        head, _, body = payload.partition(b"\0")
        if not head.isdigit() or len(head) > 9:
            raise DecodeError("frame", "id", f"{head[:20]!r} is no message id")
        id_ = int(head)
        if id_ > PROTOBUF_OFFSET:
            raise DecodeError("frame", "id", f"{id_}: no such text message")
        return id_, body

    def _text(self, id_: int, body: bytes, payload: bytes) -> events.Message | events.UnknownMessage:
        plan = self._texts.get(id_) or self._text_plan(id_)
        if plan is None:
            return events.UnknownMessage(id_, payload)
        message, decode = plan
        try:
            fields = body.decode().split("\0")
        except UnicodeDecodeError:
            fields = body.decode("latin-1").split("\0")
        if fields.pop():
            raise DecodeError(message.name, None, "the last field does not end with NUL")
        data, extra = decode(fields)
        if message.event is None:
            return events.Message(message.name, data, extra)
        return events.Message(_callback(message, data), data, extra)

    def _protobuf(self, id_: int, body: bytes, payload: bytes) -> events.Message | events.UnknownMessage:
        plan = self._protobufs.get(id_) or self._protobuf_plan(id_)
        if plan is None:
            return events.UnknownMessage(id_, payload)
        message, read = plan
        data = read(body)
        if message.event is None:
            return events.Message(message.name, data)
        return events.Message(_callback(message, data), data)

    def _text_plan(self, id_: int) -> tuple[Message, Decode] | None:
        message = self._catalogue.by_id.get((self._incoming, id_))
        if message is None or message.text is None:
            return None
        plan = (message, _decoder(self._catalogue, message.name, self.version))
        self._texts[id_] = plan
        return plan

    def _protobuf_plan(self, id_: int) -> tuple[Message, Callable[[bytes], dict[str, Any]]] | None:
        message = self._catalogue.by_id.get((self._incoming, id_))
        if message is None or message.protobuf is None:
            return None
        plan = (message, forms(self._catalogue).reader(message))
        self._protobufs[id_] = plan
        return plan

    def encode(self, name: str, data: dict[str, Any]) -> bytes:
        """The payload of a message we send; raises EncodeError, which names message and field."""
        encode = self._encoders.get(name)
        if encode is None:
            encode = self._encoders[name] = self._encoder(name)
        return encode(data)

    def _encoder(self, name: str) -> Encoder:
        message = self._catalogue.find(name)
        if message is None or message.direction == self._incoming:
            raise EncodeError(name, None, "this side sends no such message")
        if not message.exists(self.version):
            since = message.protobuf.since if message.text is None and message.protobuf else message.since
            raise EncodeError(name, None, f"needs server version {since}, TWS has {self.version}")
        encode = _encoder(self._catalogue, message.name, self.version)
        if message.event is None:
            return encode

        def encode_callback(data: dict[str, Any]) -> bytes:
            assert message.event is not None
            if message.event.names.get(str(data.get(message.event.by))) != name:
                raise EncodeError(name, message.event.by, f"{data.get(message.event.by)!r} is another callback's")
            return encode(data)

        return encode_callback


def _callback(message: Message, data: dict[str, Any]) -> str:
    assert message.event is not None
    value = data.get(message.event.by)
    name = message.event.names.get(str(value))
    if name is None:
        raise DecodeError(message.name, message.event.by, f"unknown value {value!r}")
    return name


@functools.lru_cache(maxsize=4096)
def _decoder(catalogue: Catalogue, name: str, version: int) -> Decode:
    return decoder(catalogue, catalogue.messages[name], version)


@functools.lru_cache(maxsize=4096)
def _encoder(catalogue: Catalogue, name: str, version: int) -> Encoder:
    """Requests are strict: what the version cannot carry is refused. Events drop it, as TWS does."""
    message = catalogue.messages[name]
    strict = message.direction == "toTws"
    if message.as_protobuf(version):
        write = forms(catalogue).writer(message, version, strict=strict)
        head = _ID.pack(message.id + PROTOBUF_OFFSET)
        return lambda data: head + write(data)
    fields = encoder(catalogue, message, version, strict=strict, needs=_Needs(catalogue, message, version))
    head = _ID.pack(message.id) if version >= BINARY_IDS else b"%d\0" % message.id
    return lambda data: head + "".join([text + "\0" for text in fields(data)]).encode()


class _Needs:
    """Says which server version a field would need."""

    def __init__(self, catalogue: Catalogue, message: Message, version: int) -> None:
        self._catalogue = catalogue
        self._message = message
        self._version = version

    def __call__(self, path: str) -> str:
        plain = path.replace("[]", "")
        for version in range(OLDEST, NEWEST + 1):
            if self._carries(plain, version):
                return f"needs server version {version}, TWS has {self._version}"
        return "no version of this message carries it"

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
    """Every path a layout carries at a version, those inside lists and nested records included."""
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
    """The path and every record on the way to it: `order`, `order.softDollarTier`, `order.softDollarTier.name`."""
    steps = path.split(".")
    for count in range(1, len(steps) + 1):
        yield ".".join(steps[:count])
