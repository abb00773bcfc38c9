"""How a field of an object is read and written, and how a request's params are made, by the annotation of the field.

A constructor, an assignment and a request convert a value with the same functions. What has a wrong type is an error of
an object. In a map of a request it goes to the bridge as it is, if it can: the bridge refuses it and names the field,
and a newer bridge may take it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from tws_bridge_client.foreign import ours_of, tags_of
from tws_bridge_client.values import NUMERIC, SCALARS, Converter, anything, expected, integer, is_unset, tag_value, text

if TYPE_CHECKING:
    from tws_bridge_client.struct import Struct

Data = dict[str, Any]

_LIST = re.compile(r"list\[(.+)\]")
_DICT = re.compile(r"dict\[str, (.+)\]")
_CLASS = re.compile(r"(?:\w+\.)?[A-Z]\w*")
_UNTYPED = frozenset({"Any", "Data"})

Reader = Callable[["Struct"], Any]
Writer = Callable[["Struct", Any], None]


def property_of(name: str, annotation: str, module: str) -> property:
    """The property that reads and writes a field. It is above the map of the wire."""
    kind = annotation.removesuffix(" | None")

    def write(struct: Struct, value: Any) -> None:
        struct.set_field(name, value, f"{type(struct).__name__}.{name}")

    return property(_reader(name, kind, module, is_optional=annotation != kind), write)


def set_value(struct: Struct, name: str, value: Any, path: str) -> None:
    """Set a field of an object, or remove it."""
    kind = struct.KINDS[name]
    if value is None or (kind.removesuffix(" | None") in NUMERIC and is_unset(value)):
        struct._data.pop(name, None)
    else:
        struct._data[name] = converter(kind, type(struct).__module__)(value, path)


# Writing


@cache
def converter(annotation: str, module: str, *, is_request: bool = False) -> Converter:
    """What makes a value of the wire from one of the program.

    `is_request`: copy all maps and lists, and let the bridge judge what has a wrong type.
    """
    kind = annotation.removesuffix(" | None")
    shape: tuple[type, ...] = ()
    if kind in SCALARS:
        convert = SCALARS[kind]
    elif kind.startswith("Literal["):
        convert = text if kind[len("Literal[")] in "'\"" else integer
    elif (found := _LIST.fullmatch(kind)) is not None:
        convert, shape = _list_converter(converter(found[1], module, is_request=is_request)), (list, tuple)
    elif (found := _DICT.fullmatch(kind)) is not None:
        value = tag_value if found[1] == "str" else converter(found[1], module, is_request=is_request)
        convert, shape = _dict_converter(_or_as_it_is(value, ()) if is_request else value), (dict,)
    elif is_class(kind):
        convert, shape = _record_converter(kind, module, is_request=is_request), (dict,)
    else:
        return untyped
    return _or_as_it_is(convert, shape) if is_request else convert


def _or_as_it_is(convert: Converter, shape: tuple[type, ...]) -> Converter:
    """Convert a value, or leave a value of the wire as it is: the bridge refuses it, with an error that it words.

    In a value of the right shape, a list or a map, it is a part that cannot be converted.
    """

    def try_it(value: Any, path: str) -> Any:
        try:
            return convert(value, path)
        except (TypeError, ValueError):
            if type(value) in (str, int, float, bool, list, tuple, dict) and type(value) not in shape:
                return untyped(value, path)
            raise

    return try_it


def untyped(value: Any, path: str = "") -> Any:
    """The value of a field that this version of the client does not know. Objects may stand anywhere in it."""
    if _is_struct(value):
        return _map(type(value), value.to_dict(), path, is_request=True)
    if isinstance(value, Mapping):
        return {text(key, path): untyped(one, _below(path, key)) for key, one in value.items()}
    items = _items(value)
    if items is not None:
        tags = tags_of(items, path) if items else None
        return [untyped(one, _below(path, place)) for place, one in enumerate(items)] if tags is None else tags
    ours = ours_of(value, path)
    return anything(value, path) if ours is None else ours.to_dict()


def _list_converter(convert: Converter) -> Converter:
    def convert_list(value: Any, path: str) -> list[Any]:
        items = _items(value)
        if items is None:
            raise expected(path, "a list", value)
        return [convert(one, _below(path, place)) for place, one in enumerate(items)]

    return convert_list


def _dict_converter(convert: Converter) -> Converter:
    def convert_dict(value: Any, path: str) -> Data:
        items = _items(value)
        tags = None if items is None else tags_of(items, path)
        if tags is not None:
            return dict(tags)
        if not isinstance(value, Mapping):
            raise expected(path, "a map, or a list of TagValue", value)
        return {text(key, path): convert(one, _below(path, key)) for key, one in value.items() if one is not None}

    return convert_dict


def _record_converter(kind: str, module: str, *, is_request: bool) -> Converter:
    def convert_record(value: Any, path: str) -> Data:
        ours = class_of(kind, module)
        if isinstance(value, Mapping):
            return _map(ours, value, path, is_request=is_request)
        found = value if _is_struct(value) else ours_of(value, path)
        if found is None or not _fits(type(found), ours):
            raise expected(path, f"a {ours.__name__}", value)
        return _map(type(found), found.to_dict(), path, is_request=True) if is_request else found.to_dict()

    return convert_record


def _map(ours: type[Struct], values: Mapping[str, Any], path: str, *, is_request: bool) -> Data:
    """The map of the wire for a map of fields. A field that the class does not have may be of a newer bridge."""
    found: Data = {}
    for name, one in values.items():
        kind = ours.KINDS.get(name, "Any")
        if one is None or (kind.removesuffix(" | None") in NUMERIC and is_unset(one)):
            continue
        found[name] = converter(kind, ours.__module__, is_request=is_request)(one, _below(path, name))
    return found


def _items(value: Any) -> list[Any] | tuple[Any, ...] | None:
    """The items of a list, a tuple, or an array of numpy."""
    if isinstance(value, list | tuple):
        return value
    if getattr(value, "ndim", 0) and hasattr(value, "tolist"):
        items = value.tolist()
        return items if isinstance(items, list) else None
    return None


def _fits(theirs: type[Struct], ours: type[Struct]) -> bool:
    """Whether an object of one class is one of the other: it has all its fields, as Order those of ChangedOrder."""
    return issubclass(theirs, ours) or set(ours.FIELDS) <= set(theirs.FIELDS)


def _is_struct(value: Any) -> bool:
    return hasattr(type(value), "KINDS")


def _below(path: str, name: object) -> str:
    return f"{path}.{name}" if path else str(name)


# Reading


def _refuse(*_: Any, **__: Any) -> Any:
    raise TypeError(
        "a list, a map or an absent part of an object cannot be changed: assign a new one, as in "
        "order.conditions = [...]"
    )


class ReadOnlyList(list[Any]):
    """The list of a field. A change of it would not reach the object, so it is an error. Copies are plain lists."""

    append = extend = insert = remove = pop = clear = sort = reverse = _refuse
    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse

    def __reduce_ex__(self, _: Any) -> Any:
        return list, (list(self),)


class ReadOnlyDict(dict[str, Any]):
    """The map of a field. A change of it would not reach the object, so it is an error. Copies are plain maps."""

    update = pop = popitem = clear = setdefault = _refuse
    __setitem__ = __delitem__ = __ior__ = _refuse

    def __reduce_ex__(self, _: Any) -> Any:
        return dict, (dict(self),)


def _reader(name: str, kind: str, module: str, *, is_optional: bool) -> Reader:
    if kind in ("str", "Moment", "Day"):
        return _plain(name, "")
    if kind in ("Quantity", "OptionalQuantity"):
        return _converted(name, Decimal)
    if kind in ("Id64", "OptionalId64"):
        return _converted(name, int)
    if (found := _LIST.fullmatch(kind)) is not None:
        return _list(name, found[1], module)
    if (found := _DICT.fullmatch(kind)) is not None:
        return _dict(name, found[1], module)
    if is_class(kind) and kind not in SCALARS:
        return _record(name, kind, module, is_optional=is_optional)
    return _plain(name, None)


def is_class(kind: str) -> bool:
    """Whether an annotation is the name of a class of objects."""
    return _CLASS.fullmatch(kind) is not None and kind not in _UNTYPED


def _plain(name: str, absent: object) -> Reader:
    return lambda struct: struct._data.get(name, absent)


def _converted(name: str, convert: Callable[[Any], Any]) -> Reader:
    def read(struct: Struct) -> Any:
        value = struct._data.get(name)
        return None if value is None else convert(value)

    return read


def _record(name: str, kind: str, module: str, *, is_optional: bool) -> Reader:
    def read(struct: Struct) -> Any:
        value = struct._data.get(name)
        if value is None and is_optional:
            return None
        return class_of(kind, module).from_dict(ReadOnlyDict() if value is None else value)

    return read


def _list(name: str, kind: str, module: str) -> Reader:
    if not is_class(kind):
        return lambda struct: ReadOnlyList(struct._data.get(name) or ())
    return lambda struct: ReadOnlyList(_objects(kind, module, struct._data.get(name) or ()))


def _objects(kind: str, module: str, maps: Iterable[Data]) -> Iterable[Struct]:
    ours = class_of(kind, module)
    return (ours.from_dict(one) for one in maps)


def _dict(name: str, kind: str, module: str) -> Reader:
    if not is_class(kind):
        return lambda struct: ReadOnlyDict(struct._data.get(name) or {})

    def read(struct: Struct) -> Any:
        ours = class_of(kind, module)
        return ReadOnlyDict((key, ours.from_dict(one)) for key, one in (struct._data.get(name) or {}).items())

    return read


def class_of(kind: str, module: str) -> type[Struct]:
    """The class of an annotation. It may come later in its module than the annotation."""
    found = sys.modules[module]
    for part in kind.split("."):
        found = getattr(found, part)
    return found  # type: ignore[return-value]
