"""Headers of the C++ client: `events.hpp` has a struct for the data of each event, `any_event.hpp` a variant of all.

They have the events that TWS sends and the bridge's own, with the names of `events.schema.json`. They are two headers,
because a compiler needs seconds for a variant of so many types.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bridge.catalogue import Catalogue
from bridge.contract import Contract
from bridge.schemas_out.documents import Schema
from bridge.schemas_out.events import events_schema, published
from bridge.schemas_out.expiring import expiring
from bridge.schemas_out.names import whole

_HERE = "#/$defs/"
#: Words of declarations that cannot be the name of a field in C++. Such a field has a _ behind its name. The compiler
#: finds those that are missing here.
_TAKEN = frozenset(
    {
        *("alignas", "alignof", "and", "and_eq", "asm", "auto", "bitand", "bitor", "bool", "break", "case", "catch"),
        *("char", "class", "compl", "const", "constexpr", "const_cast", "continue", "decltype", "default", "delete"),
        *("do", "double", "dynamic_cast", "else", "enum", "explicit", "export", "extern", "false", "float", "for"),
        *("friend", "goto", "if", "inline", "int", "long", "mutable", "namespace", "new", "noexcept", "not", "not_eq"),
        *("nullptr", "operator", "or", "or_eq", "private", "protected", "public", "register", "reinterpret_cast"),
        *("requires", "return", "short", "signed", "sizeof", "static", "static_assert", "static_cast", "struct"),
        *("switch", "template", "this", "thread_local", "throw", "true", "try", "typedef", "typeid", "typename"),
        *("union", "unsigned", "using", "virtual", "void", "volatile", "wchar_t", "while", "xor", "xor_eq"),
        *("event", "read"),
    }
)

_HEAD = """\
// Made by `tws-bridge schemas` from the declarations in schemas/. Do not edit it.
//
// A struct for the data of each event, with the names of schemas/generated/events.schema.json. A field that may be
// absent is a std::optional, or empty where it is a list or a map. What the structs do not have (fields of a newer
// bridge) stays in `event.data`. any_event.hpp has a variant of them all.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "decimal.hpp"
#include "value.hpp"

namespace tws_bridge::events {

namespace detail {

template <class T, class = void> struct Reader {
    static T read(const Value& value) { return value.as<T>(); }
};
template <class T> struct Reader<T, decltype(void(T::read(Value())))> {
    static T read(const Value& value) { return T::read(value); }
};
template <class T> struct Reader<std::vector<T>> {
    static std::vector<T> read(const Value& value) {
        std::vector<T> all;
        if (value.is_nil()) return all;
        all.reserve(value.list().size());
        for (const auto& one : value.list()) all.push_back(Reader<T>::read(one));
        return all;
    }
};
template <class T> struct Reader<std::map<std::string, T>> {
    static std::map<std::string, T> read(const Value& value) {
        std::map<std::string, T> all;
        if (value.is_nil()) return all;
        for (const auto& [key, one] : value.map()) all.emplace(key, Reader<T>::read(one));
        return all;
    }
};
template <class T> struct Reader<std::optional<T>> {
    static std::optional<T> read(const Value& value) {
        return value.is_nil() ? std::nullopt : std::optional<T>(Reader<T>::read(value));
    }
};

/// Read a field. Throws ValueError with its name where it has another type, or is missing and must be there.
template <class T> void get(const Value& value, const char* name, T& field) {
    try {
        field = Reader<T>::read(value[name]);
    } catch (const ValueError& error) {
        throw ValueError(std::string(name) + ": " + error.what());
    }
}

} // namespace detail
"""

_TAIL = """
/// The data of the event if it is one of this kind: `if (auto tick = events::as<events::TickPriceData>(event))`. It
/// takes an event of a subscription and one of the order log. Throws ValueError, with the field, where the data is
/// wrong.
template <class Data, class AnyEvent> std::optional<Data> as(const AnyEvent& event) {
    return event.name == Data::event ? std::optional<Data>(Data::read(event.data)) : std::nullopt;
}

} // namespace tws_bridge::events
"""

_ANY = """\
// Made by `tws-bridge schemas` from the declarations in schemas/. Do not edit it.
//
// A variant of the data of all events. A compiler needs some seconds for it: `as` in events.hpp costs nothing.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>

#include "events.hpp"

namespace tws_bridge::events {

/// An event that these structs do not know, from a newer bridge.
struct Unknown {
    std::string name;
    Value data;
};

/// The data of any event.
using Any = std::variant<Unknown%(alternatives)s>;

namespace detail {

template <class Data> Any read_any(const Value& value) { return Data::read(value); }

} // namespace detail

/// The data of the event with this name. Throws ValueError, with the field, where it is wrong.
inline Any parse(const std::string& name, const Value& data) {
    static const std::unordered_map<std::string_view, Any (*)(const Value&)> parsers = {
%(parsers)s
    };
    const auto found = parsers.find(name);
    return found == parsers.end() ? Any(Unknown{name, data}) : found->second(data);
}

/// The data of an event of a subscription, or of the order log.
template <class AnyEvent> Any parse(const AnyEvent& event) { return parse(event.name, event.data); }

} // namespace tws_bridge::events
"""


_EXPIRING = """\
// Made by `tws-bridge schemas` from the declarations in schemas/. Do not edit it.
#pragma once

#include <set>
#include <string>

namespace tws_bridge::detail {

/// Whether requests of this method must have `expires`: late, they would do what nobody wants any more.
inline bool must_expire(const std::string& method) {
    static const std::set<std::string> expiring{
%(methods)s
    };
    return expiring.count(method) > 0;
}

} // namespace tws_bridge::detail
"""


def cpp_headers(known: Catalogue, made: Contract) -> dict[str, str]:
    """The text of each header, by its name."""
    headers = _Headers(known, made)
    return {"events.hpp": headers.events(), "any_event.hpp": headers.any_event(), "expiring.hpp": _expiring(known)}


def _expiring(known: Catalogue) -> str:
    return _EXPIRING % {"methods": ",\n".join(f'        "{method}"' for method in expiring(known))}


class _Headers:
    def __init__(self, known: Catalogue, made: Contract) -> None:
        self._pool: dict[str, Schema] = events_schema(known, made)["$defs"]
        to_tws = {name for name, message in known.by_event.items() if message.direction == "toTws"}
        names = [name for name in published(known, made) if name not in to_tws]
        #: The events, and the definition of the data of each.
        self._events = {name: self._data(name) for name in names}
        self._events = {name: data for name, data in self._events.items() if "properties" in self._pool[data]}
        self._of: dict[str, str] = {}
        for name, data in self._events.items():
            self._of.setdefault(data, name)

    def _data(self, event: str) -> str:
        data: str = self._pool[whole(event)]["properties"]["data"]["$ref"]
        return data.removeprefix(_HERE)

    def events(self) -> str:
        return _HEAD + "\n" + "\n".join(self._struct(name) for name in self._in_order()) + _TAIL

    def any_event(self) -> str:
        parsers = ",\n".join(
            f'        {{"{event}", &detail::read_any<{data}>}}' for event, data in self._events.items()
        )
        alternatives = "".join(f",\n                         {data}" for data in self._of)
        return _ANY % {"alternatives": alternatives, "parsers": parsers}

    def _in_order(self) -> list[str]:
        """All structs that are needed, each after those that it has as fields."""
        found: dict[str, None] = {}

        def visit(name: str, above: tuple[str, ...]) -> None:
            if name in above:
                raise ValueError(f"{name}: a struct cannot have itself as a field: {' > '.join(above)}")
            for inner in self._inner(self._pool[name]):
                visit(inner, (*above, name))
            found[name] = None

        for data in self._of:
            visit(data, ())
        return list(found)

    def _inner(self, schema: Any) -> Iterator[str]:
        """The structs that the schema of a struct refers to."""
        for field in schema.get("properties", {}).values():
            for part in (field, field.get("items", {}), field.get("additionalProperties", {})):
                name = part.get("$ref", "").removeprefix(_HERE) if isinstance(part, dict) else ""
                if name and "properties" in self._pool[name]:
                    yield name

    def _struct(self, name: str) -> str:
        schema = self._pool[name]
        required = set(schema.get("required", ()))
        lines = [*_comment(schema.get("description", ""), ""), f"struct {name} {{"]
        if name in self._of:
            lines.append(f'    static constexpr std::string_view event = "{self._of[name]}";')
        read = [f"    static {name} read([[maybe_unused]] const Value& value) {{", f"        {name} data;"]
        for field, one in schema["properties"].items():
            lines += _comment(self._about(one), "    ")
            lines.append(f"    {self._declared(one, field in required)} {_name(field)}{{}};")
            read.append(f'        detail::get(value, "{field}", data.{_name(field)});')
        read += ["        return data;", "    }"]
        return "\n".join([*lines, "", *read, "};", ""])

    def _about(self, schema: Schema) -> str:
        target = self._pool.get(schema.get("$ref", "").removeprefix(_HERE), {})
        about: str = schema.get("description", "") or ("" if "properties" in target else target.get("description", ""))
        return about

    def _declared(self, schema: Schema, is_required: bool) -> str:
        kind = self._kind(schema)
        plain = is_required or kind == "Value" or kind.startswith(("std::vector", "std::map"))
        return kind if plain else f"std::optional<{kind}>"

    def _kind(self, schema: Schema) -> str:
        if "$ref" in schema:
            name = schema["$ref"].removeprefix(_HERE)
            return name if "properties" in self._pool[name] else self._kind(self._pool[name])
        match schema.get("type"):
            case "array":
                return f"std::vector<{self._kind(schema['items'])}>"
            case "object" if isinstance(schema.get("additionalProperties"), dict):
                return f"std::map<std::string, {self._kind(schema['additionalProperties'])}>"
            case "string":
                return {"decimal": "Decimal", "binary": "Bytes"}.get(schema.get("format", ""), "std::string")
            case "integer":
                return "std::int64_t" if schema.get("format") == "int64" else "std::int32_t"
            case "number":
                return "double"
            case "boolean":
                return "bool"
        return "Value"  # any event, any part, a map with any keys


def _name(field: str) -> str:
    name = re.sub(r"\W", "_", field)
    return f"{name}_" if name in _TAKEN else name


def _comment(about: str, indent: str) -> list[str]:
    """The description, in lines of at most 118 characters."""
    lines: list[str] = []
    for word in about.split():
        if not lines or len(lines[-1]) + len(word) > 117:
            lines.append(f"{indent}///")
        lines[-1] += f" {word}"
    return lines
