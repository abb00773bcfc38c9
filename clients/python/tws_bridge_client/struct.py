"""Messages and their parts as objects with typed fields, over the maps of the wire.

`Struct` is the base class of all generated classes. An object holds the map that came from the wire, or that goes
there: reading a field reads the map. So an object costs little, a field that a newer bridge adds is kept (and readable
by its name), and a field that TWS has not sent is absent from the map.

A class declares its fields as a dataclass does, and type checkers read it as one:

    class TickPrice(Struct):
        tickType: int
        price: float
        size: OptionalQuantity = OptionalQuantity()

The annotation decides how the field is converted. An absent text is "", an absent list is [], an absent map is {}, an
absent part without `| None` is empty, and any other absent field is None, also a required one (of an older bridge).
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Self, dataclass_transform, overload

from tws_bridge_client.naming import unknown

Data = dict[str, Any]
#: What a decimal field takes. A float counts as its shortest text: 0.1 is Decimal("0.1").
Number = Decimal | int | float | str


class Quantity:
    """A field with a decimal number. It is a string on the wire, and a Decimal for the program."""

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> Decimal: ...
    def __get__(self, instance: object | None, owner: type) -> Any:
        raise NotImplementedError

    def __set__(self, instance: object, value: Number) -> None:
        raise NotImplementedError


class OptionalQuantity:
    """A `Quantity` that may be absent: None."""

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> Decimal | None: ...
    def __get__(self, instance: object | None, owner: type) -> Any:
        raise NotImplementedError

    def __set__(self, instance: object, value: Number | None) -> None:
        raise NotImplementedError


class Id64:
    """A field with an integer of 64 bits, such as `permId`. It is a string on the wire, and an int for the program."""

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> int: ...
    def __get__(self, instance: object | None, owner: type) -> Any:
        raise NotImplementedError

    def __set__(self, instance: object, value: int | str) -> None:
        raise NotImplementedError


class OptionalId64:
    """An `Id64` that may be absent: None."""

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> int | None: ...
    def __get__(self, instance: object | None, owner: type) -> Any:
        raise NotImplementedError

    def __set__(self, instance: object, value: int | str | None) -> None:
        raise NotImplementedError


@dataclass_transform(kw_only_default=True)
class Struct:
    """The base class. The constructor takes the fields by name.

    Raises TypeError for a field that the class does not have, and names the nearest one.
    """

    __slots__ = ("_data",)
    #: The names of the fields, in the order of the declaration.
    FIELDS: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        own = {name: kind for name, kind in inspect.get_annotations(cls).items() if "ClassVar" not in kind}
        cls.FIELDS = (*cls.FIELDS, *(name for name in own if name not in cls.FIELDS))
        for name, kind in own.items():
            setattr(cls, name, _property(name, kind, cls.__module__))

    def __init__(self, **fields: Any) -> None:
        self._data: Data
        set_data(self, {})
        for name, value in fields.items():
            if name not in self.FIELDS:
                raise TypeError(unknown(f"{type(self).__name__} has no field", name, self.FIELDS))
            setattr(self, name, value)

    @classmethod
    def from_dict(cls, data: Data) -> Self:
        """The object over a map of the wire. It is not copied."""
        made = new_struct(cls)
        set_data(made, data)
        return made

    def to_dict(self) -> Data:
        """The map, as it is on the wire. It is the object's own: a change of it changes the object."""
        return self._data

    def copy(self, **changes: Any) -> Self:
        """A copy with other values of these fields. Parts of it, such as legs, are shared."""
        made = type(self).from_dict(dict(self._data))
        for name, value in changes.items():
            setattr(made, name, value)
        return made

    def __contains__(self, name: str) -> bool:
        """Whether the field is present."""
        return name in self._data

    if not TYPE_CHECKING:  # a type checker knows all fields

        def __getattr__(self, name: str) -> Any:
            """A field that this version of the client does not know."""
            if name != "_data" and name in self._data:
                return self._data[name]
            raise AttributeError(unknown(f"{type(self).__name__} has no field", name, self.FIELDS), name=name, obj=self)

        def __setattr__(self, name: str, value: Any) -> None:
            if name != "_data" and name not in self.FIELDS:
                raise AttributeError(unknown(f"{type(self).__name__} has no field", name, self.FIELDS))
            object.__setattr__(self, name, value)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and bool(other._data == self._data) if isinstance(other, Struct) else False

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={_shown(getattr(self, name, value))}" for name, value in self._data.items())
        return f"{type(self).__name__}({shown})"

    def __getstate__(self) -> Data:
        return self._data

    def __setstate__(self, state: Data) -> None:
        self._data = state

    def __copy__(self) -> Self:
        return self.copy()


# `Struct` has a `__setattr__` of its own, which is slow.
new_struct = object.__new__
set_data = Struct.__dict__["_data"].__set__


def _refuse(*_: Any, **__: Any) -> Any:
    raise TypeError("a list or map of a field cannot be changed: assign a new one, as in order.conditions = [...]")


class ReadOnlyList(list[Any]):
    """The list of a field. A change of it would not reach the object, so it is an error."""

    append = extend = insert = remove = pop = clear = sort = reverse = _refuse
    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse


class ReadOnlyDict(dict[str, Any]):
    """The map of a field. A change of it would not reach the object, so it is an error."""

    update = pop = popitem = clear = setdefault = _refuse
    __setitem__ = __delitem__ = __ior__ = _refuse


def plain(value: Any) -> Any:
    """The value as the wire has it: objects as maps, decimals as strings."""
    if isinstance(value, Struct):
        return value._data
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value


def decimal_text(value: Number) -> str:
    """A decimal number as the wire has it: no exponent.

    Raises ValueError if the value is no number.
    """
    try:
        number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    except (ArithmeticError, TypeError):
        raise ValueError(f"{value!r} is not a number") from None
    if not number.is_finite():
        raise ValueError(f"{value!r} is not a finite number")
    return f"{number:f}"


def _shown(value: Any) -> str:
    return repr(str(value)) if isinstance(value, Decimal) else repr(value)


# How a field is read and written, by its annotation.

_LIST = re.compile(r"list\[(.+)\]")
_DICT = re.compile(r"dict\[str, (.+)\]")
_CLASS = re.compile(r"(?:\w+\.)?[A-Z]\w*")
_PLAIN = frozenset({"Any", "Data"})

Reader = Callable[[Struct], Any]
Writer = Callable[[Struct, Any], None]


def _property(name: str, annotation: str, module: str) -> property:
    kind = annotation.removesuffix(" | None")
    if kind == "str":
        return property(_optional(name, ""), _writer(name, None))
    if kind in ("Quantity", "OptionalQuantity"):
        return property(_converted(name, Decimal), _writer(name, decimal_text))
    if kind in ("Id64", "OptionalId64"):
        return property(_converted(name, int), _writer(name, str))
    if (found := _LIST.fullmatch(kind)) is not None:
        return property(_list(name, found[1], module), _writer(name, plain))
    if (found := _DICT.fullmatch(kind)) is not None:
        return property(_dict(name, found[1], module), _writer(name, plain))
    if _CLASS.fullmatch(kind) is not None and kind not in _PLAIN:
        return property(_record(name, kind, module, is_optional=annotation != kind), _writer(name, plain))
    return property(_optional(name, None), _writer(name, None))


def _optional(name: str, absent: object) -> Reader:
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
        return _class(kind, module).from_dict({} if value is None else value)

    return read


def _list(name: str, kind: str, module: str) -> Reader:
    if _CLASS.fullmatch(kind) is None or kind in _PLAIN:
        return lambda struct: ReadOnlyList(struct._data.get(name, ()))
    return lambda struct: ReadOnlyList(_class(kind, module).from_dict(one) for one in struct._data.get(name, ()))


def _dict(name: str, kind: str, module: str) -> Reader:
    if _CLASS.fullmatch(kind) is None or kind in _PLAIN:
        return lambda struct: ReadOnlyDict(struct._data.get(name, {}))

    def read(struct: Struct) -> Any:
        return ReadOnlyDict(
            (key, _class(kind, module).from_dict(one)) for key, one in struct._data.get(name, {}).items()
        )

    return read


def _class(kind: str, module: str) -> type[Struct]:
    """The class of an annotation. It may come later in its module than the annotation."""
    found = sys.modules[module]
    for part in kind.split("."):
        found = getattr(found, part)
    return found  # type: ignore[return-value]


def _writer(name: str, convert: Callable[[Any], Any] | None) -> Writer:
    def write(struct: Struct, value: Any) -> None:
        if value is None:
            struct._data.pop(name, None)
        else:
            struct._data[name] = value if convert is None else convert(value)

    return write
