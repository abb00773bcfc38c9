"""Messages and their parts as objects with typed fields, over the maps of the wire.

`Struct` is the base class of all generated classes. An object holds the map that came from the wire, or that goes
there: reading a field reads the map. So an object costs little, a field that a newer bridge adds is kept (and readable
by its name), and a field that TWS has not sent is absent from the map.

A class declares its fields as a dataclass does, and type checkers read it as one:

    class TickPrice(Struct):
        tickType: int
        price: float
        size: OptionalQuantity = OptionalQuantity()

The annotation decides how the field is converted: `fields` and `values` have the rule, which is that of requests too.
An absent text is "", an absent list is [], an absent map is {}, an absent part without `| None` is empty, and any other
absent field is None, also a required one (of an older bridge).
"""

from __future__ import annotations

import inspect
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Self, dataclass_transform, overload

from tws_bridge_client.fields import property_of, set_value
from tws_bridge_client.foreign import add_class
from tws_bridge_client.naming import unknown
from tws_bridge_client.values import Number

Data = dict[str, Any]
#: What a field or parameter with a time, or with a day, takes.
MomentLike = str | datetime
DayLike = str | date
#: A number that may be infinite.
Unbounded = float


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


class Moment:
    """A field with a time: a text in a form of TWS. It takes a datetime with a time zone too."""

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> str: ...
    def __get__(self, instance: object | None, owner: type) -> Any:
        raise NotImplementedError

    def __set__(self, instance: object, value: MomentLike) -> None:
        raise NotImplementedError


class Day:
    """A field with a day or a month: a text in the form of TWS. It takes a date too."""

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> str: ...
    def __get__(self, instance: object | None, owner: type) -> Any:
        raise NotImplementedError

    def __set__(self, instance: object, value: DayLike) -> None:
        raise NotImplementedError


@dataclass_transform(kw_only_default=True)
class Struct:
    """The base class. The constructor takes the fields by name.

    Raises TypeError for a field that the class does not have, and names the nearest one.
    """

    if not TYPE_CHECKING:  # mypy would refuse an assignment to a field, because no slot has its name
        __slots__ = ("_data",)
    #: The names of the fields, in the order of the declaration.
    FIELDS: ClassVar[tuple[str, ...]] = ()
    #: The annotation of each field.
    KINDS: ClassVar[dict[str, str]] = {}

    def __init_subclass__(cls) -> None:
        own = {name: kind for name, kind in inspect.get_annotations(cls).items() if "ClassVar" not in kind}
        cls.FIELDS = (*cls.FIELDS, *(name for name in own if name not in cls.FIELDS))
        cls.KINDS = {**cls.KINDS, **own}
        for name, kind in own.items():
            setattr(cls, name, property_of(name, kind, cls.__module__))
        add_class(cls)

    def __init__(self, **fields: Any) -> None:
        self._data: Data
        set_data(self, {})
        self._set_all(fields)

    def _set_all(self, fields: Data) -> None:
        for name, value in fields.items():
            if name not in self.FIELDS:
                raise TypeError(unknown(f"{type(self).__name__} has no field", name, self.FIELDS))
            self.set_field(name, value, f"{type(self).__name__}.{name}")

    def set_field(self, name: str, value: Any, path: str) -> None:
        """Set a field of the class. An error begins with `path`."""
        set_value(self, name, value, path)

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
        """A copy with other values of these fields. Parts of it, such as legs, are shared.

        Raises TypeError for a field that the class does not have.
        """
        made = type(self).from_dict(dict(self._data))
        made._set_all(changes)
        return made

    __replace__ = copy

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
        """Whether the fields have the same values: the decimals "1" and "1.0" have, and an absent field and None."""
        if type(other) is not type(self) or not isinstance(other, Struct):
            return False
        if self._data == other._data:
            return True
        mine, theirs = self._present(), other._present()
        return mine == theirs and all(self._value(name) == other._value(name) for name in mine)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={_shown(self._value(name))}" for name in self._data)
        return f"{type(self).__name__}({shown})"

    def _present(self) -> set[str]:
        return {name for name, value in self._data.items() if value is not None}

    def _value(self, name: str) -> Any:
        """The value of a field as the program reads it, or as the wire has it if that does not fit the field."""
        if name in self.FIELDS:
            try:
                return getattr(self, name)
            except (ArithmeticError, AttributeError, TypeError, ValueError):
                pass
        return self._data[name]

    def __getstate__(self) -> Data:
        return self._data

    def __setstate__(self, state: Data) -> None:
        self._data = state

    def __copy__(self) -> Self:
        return self.copy()


# `Struct` has a `__setattr__` of its own, which is slow.
new_struct = object.__new__
set_data = Struct.__dict__["_data"].__set__


def _shown(value: Any) -> str:
    return repr(str(value)) if isinstance(value, Decimal) else repr(value)
