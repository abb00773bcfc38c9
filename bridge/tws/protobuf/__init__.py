"""The protobuf form: message classes made from the catalogue. Google's runtime reads and writes them.

The only server version here is the `since` of a field.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.message import Message as Wire

from bridge.catalogue import Catalogue, Field, Message, Record
from bridge.tws import values
from bridge.tws.errors import DecodeError
from bridge.tws.plan import Plan
from bridge.tws.protobuf.descriptors import PACKAGE, describe
from bridge.tws.protobuf.writer import Write, writer
from bridge.tws.source import Source

Convert = Callable[[Any], Any]


class ProtobufForms:
    """The protobuf classes of one catalogue, and the conversions between them and our dicts."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._records = dict(catalogue.types)
        for message in catalogue.messages.values():
            if message.protobuf and message.record is None:
                fields = catalogue.record(message).fields
                self._records[message.protobuf.message] = Record(name=message.protobuf.message, fields=fields)
        pool = descriptor_pool.DescriptorPool()
        pool.Add(describe(self._records))
        self._classes: dict[str, type[Wire]] = {
            name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.{name}"))
            for name in self._records
            if any(field.number for field in self._records[name].fields) or not self._records[name].fields
        }

    def reader(self, message: Message) -> Plan:
        """Returns a plan that reads the protobuf bytes after the id."""
        assert message.protobuf is not None
        name = message.protobuf.message
        source = Source(f"read {name}", "b")
        source.add(f"m = {source.constant(self._classes[name].FromString)}(b)")
        self._write_fields(source, self._records[name])
        source.add("return d, 0")

        def explain(error: Exception, body: bytes) -> DecodeError:
            return DecodeError(message.name, source.path_of(error), f"not a protobuf {name}: {error}")

        return Plan(message, source.build(), explain)

    def writer(self, message: Message, version: int, needs: Callable[[str], str] | None) -> Write:
        """Returns a function that writes the dict of a message as protobuf bytes. It raises EncodeError.

        With `needs`, it refuses a field that this server version does not have, with the reason `needs(path)`. Without
        it, it writes such fields, because TWS sends them (seen: routeMarketableToBbo at 203).
        """
        assert message.protobuf is not None
        return writer(message, self._classes[message.protobuf.message], self._records, version, needs)

    @functools.cache  # noqa: B019 - one Forms lives as long as its catalogue
    def _dict_of(self, name: str) -> Convert:
        """Returns a function that reads a protobuf message into a dict of its set fields."""
        source = Source(f"read {name}", "m")
        self._write_fields(source, self._records[name])
        source.add("return d")
        return source.build()

    def _write_fields(self, source: Source, record: Record) -> None:
        """Generate a line for each field. HasField costs less than half of listing the set fields (measured)."""
        source.add("has = m.HasField")
        source.add("d = {}")
        for field in record.fields:
            if field.number is None:
                continue
            name = field.name
            convert = self._convert(field)
            if _is_empty_unset(field):
                value = "v" if convert is None else f"{source.constant(convert)}(v)"
                source.add(f"if v := m.{name}: d[{name!r}] = {value}", name)
            else:
                value = f"m.{name}" if convert is None else f"{source.constant(convert)}(m.{name})"
                source.add(f"if has({name!r}): d[{name!r}] = {value}", name)

    def _convert(self, field: Field) -> Convert | None:
        kind = field.kind
        if kind.mapping:
            return dict
        one = self._dict_of(kind.name) if kind.is_record else _FROM_WIRE.get((kind.name, field.wire_type))
        if not kind.repeated:
            return one
        return list if one is None else lambda items: [one(item) for item in items]


def _is_empty_unset(field: Field) -> bool:
    """Whether empty means absent: no elements, and a text that TWS sets to nothing, as it does where it has none."""
    kind = field.kind
    is_text = kind.name == "string" or field.wire_type == "string"
    return kind.repeated or kind.mapping or (is_text and not field.required)


_FROM_WIRE: dict[tuple[str, str], Convert] = {
    ("id64", "int64"): str,
    ("decimal", "double"): values.decimal_of_double,
}
