"""Compiles a layout at a version into a function that writes the dict of a message as text fields."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import Any

from bridge.catalogue import Catalogue, Message, Record
from bridge.catalogue.grammar import (
    Bits,
    ChoiceItem,
    ConstItem,
    FieldItem,
    Item,
    Joined,
    Mapped,
    PresentItem,
    RepeatItem,
    SkipItem,
    WhenItem,
    walk,
)
from bridge.tws import checks, values
from bridge.tws.errors import EncodeError
from bridge.tws.source import Source
from bridge.tws.text.scope import Scope, active, condition, key, paths, records

#: Takes the dict of the message and returns the fields after the id. Raises EncodeError.
Encode = Callable[[dict[str, Any]], list[str]]


def encoder(catalogue: Catalogue, message: Message, version: int, needs: Callable[[str], str] | None) -> Encode:
    """Compile the layout of `message` at `version`.

    With `needs`, a field that does not exist at this version, or with these values of other fields, is refused with
    the reason `needs(path)`. Without it such a field is left out, as TWS does.
    """
    assert message.text is not None
    source = Source(f"write {message.name} {version}", "d")
    _Writer(catalogue, message, version, source, needs).write()
    run = source.build()

    def encode(data: dict[str, Any]) -> list[str]:
        try:
            fields: list[str] = run(data)
        except EncodeError:
            raise
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            reason = f"unknown value {error.args[0]!r}" if isinstance(error, KeyError) else str(error)
            raise EncodeError(message.name, source.path_of(error), reason[:200]) from None
        return fields

    return encode


def _false(item: FieldItem) -> str:
    """The text for an absent flag: the one that means false at this position."""
    words = item.form.map if isinstance(item.form, Mapped) else {"0": False}
    return next(word for word, meaning in words.items() if meaning is False)


def _other(value: Any) -> str:
    raise KeyError(value)


def _bits(value: Any, names: tuple[str, ...]) -> str:
    unknown = set(checks.as_record(value)) - set(names)
    if unknown:
        raise ValueError(f"no flag {sorted(unknown)[0]}")
    return str(sum(1 << place for place, name in enumerate(names) if value.get(name)))


class _Writer:
    """Generates the source."""

    def __init__(
        self,
        catalogue: Catalogue,
        message: Message,
        version: int,
        source: Source,
        needs: Callable[[str], str] | None,
    ) -> None:
        self.catalogue = catalogue
        self.message = message
        self.version = version
        self.source = source
        self.needs = needs

    def write(self) -> None:
        """Generate the whole function."""
        assert self.message.text is not None
        self.source.add("o = []")
        self.source.add("a = o.append")
        self._scope(Scope(self.catalogue, self.catalogue.record(self.message), "d"), self.message.text)
        self.source.add("return o")

    def _scope(self, scope: Scope, items: tuple[Item, ...], also: AbstractSet[str] = frozenset()) -> None:
        """Generate the code for one dict: its nested records, the check of its keys, and its items."""
        self.source.add(
            f"{scope.variable} = {self.source.constant(checks.as_record)}({scope.variable})", scope.prefix[:-1]
        )
        nested = records(items, self.version)
        for path in nested:
            value = f"{scope.holder(path)}.get({key(path)})"
            self.source.add(
                f"{scope.holder(path + '.')} = {self.source.constant(checks.as_record)}({value})", scope.full(path)
            )
        for holder in ["", *(path + "." for path in nested)]:
            self._check(scope, holder, {*paths(items, self.version), *also})
        self._items(scope, items)

    def _check(self, scope: Scope, holder: str, written: set[str]) -> None:
        """Generate the check that refuses keys of one dict that the layout does not have."""
        record = self._record_at(scope, holder)
        depth = holder.count(".")
        carried = {path.split(".")[depth] for path in written if path.startswith(holder)}
        known = {field.name for field in record.fields}
        allowed = carried | {f.name for f in record.fields if f.ignorable} if self.needs else known
        names = self.source.constant(frozenset(allowed))
        refuse = self.source.constant(
            checks.refusal(self.message.name, known, frozenset(allowed), scope.full(holder), self.needs)
        )
        own = scope.holder(holder)
        self.source.add(f"if not {own}.keys() <= {names}: {refuse}({own})")

    def _record_at(self, scope: Scope, holder: str) -> Record:
        if not holder:
            return scope.record
        return self.catalogue.types[scope.field(holder[:-1]).kind.name]

    def _items(self, scope: Scope, items: tuple[Item, ...]) -> None:
        for item in active(items, self.version):
            match item:
                case FieldItem():
                    self._field(scope, item)
                case ConstItem():
                    self.source.add(f"a({item.const!r})")
                case SkipItem():
                    self.source.add(f"a({item.write!r})")
                case RepeatItem():
                    self._repeat(scope, item)
                case PresentItem():
                    self._present(scope, item)
                case WhenItem():
                    self._when(scope, item)
                case ChoiceItem():
                    self._choice(scope, item)

    def _field(self, scope: Scope, item: FieldItem) -> None:
        field, path = scope.field(item.field), scope.full(item.field)
        self.source.add(f"v = {scope.holder(item.field)}.get({key(item.field)})", path)
        nothing = item.unset.write or ("" if field.kind.name != "bool" else _false(item))
        absent = f"{self.source.constant(checks.missing)}()" if field.required else repr(nothing)
        self.source.add(f"a({absent} if v is None else {self._text(item, field.kind.name)})", path)

    def _text(self, item: FieldItem, kind: str) -> str:
        match item.form:
            case "escaped":
                return f"{self.source.constant(values.escape)}({self.source.constant(values.write_string)}(v))"
            case "tagValues":
                return f"{self.source.constant(values.write_tag_values)}(v)"
            case "whole":
                return f"{self.source.constant(values.write_whole)}(v)"
            case Mapped(map=mapped):
                return f"{self.source.constant({ours: text for text, ours in mapped.items()})}[v]"
            case Joined(join=separator):
                return f"{self.source.constant(self._string)}({separator!r}.join(v))"
            case Bits(bits=bits):
                return f"{self.source.constant(_bits)}(v, {self.source.constant(bits)})"
        return f"{self.source.constant(self._string if kind == 'string' else values.WRITE[kind])}(v)"

    @property
    def _string(self) -> Callable[[Any], str]:
        return values.write_ascii if self.message.direction == "toTws" else values.write_string

    def _repeat(self, scope: Scope, item: RepeatItem) -> None:
        path, kind = scope.full(item.repeat), scope.field(item.repeat).kind
        value = f"{scope.holder(item.repeat)}.get({key(item.repeat)})"
        every = self.source.variable("l")
        check = checks.as_record if kind.mapping else checks.as_list
        self.source.add(f"{every} = {self.source.constant(check)}({value})", path)
        if kind.mapping:
            string = self.source.constant(self._string)
            self.source.add(f"a(str(len({every})))")
            with self.source.block(f"for t, v in {every}.items():"):
                self.source.add(f"a({string}(t)); a({string}(v))", path)
        elif not kind.is_record:
            self.source.add(f"a(str(len({every})))")
            with self.source.block(f"for v in {every}:"):
                self.source.add(f"a({self.source.constant(values.WRITE[kind.name])}(v))", path)
        else:
            self._elements(scope, item, every)

    def _elements(self, scope: Scope, item: RepeatItem, every: str) -> None:
        if item.merge:
            names = self.source.constant(frozenset(paths(item.of, self.version)))
            self.source.add(f"if not any(e.keys() & {names} for e in {every}): {every} = []")
        self.source.add(f"a(str(len({every})))")
        element = scope.element(item.repeat, self.source.variable("e"), "[]")
        with self.source.block(f"for {element.variable} in {every}:"):
            if item.merge:
                self._items(element, item.of)
            else:
                self._scope(element, item.of, self._merged(item.repeat))

    def _merged(self, path: str) -> set[str]:
        """The fields that later repeats of the same list write."""
        assert self.message.text is not None
        return {
            field
            for other in walk(self.message.text)
            if isinstance(other, RepeatItem) and other.merge and other.repeat == path
            for field in paths(other.of, self.version)
        }

    def _present(self, scope: Scope, item: PresentItem) -> None:
        element = scope.element(item.present, self.source.variable("e"), "")
        self.source.add(f"{element.variable} = {scope.holder(item.present)}.get({key(item.present)})")
        self.source.add(f"a('0' if {element.variable} is None else '1')")
        with self.source.block(f"if {element.variable} is not None:"):
            self._scope(element, item.of)

    def _when(self, scope: Scope, item: WhenItem) -> None:
        with self.source.block(f"if {condition(item.when, scope, self.source.constant)}:"):
            self._items(scope, item.then)
            self._gated(scope, item.otherwise, item.then)
        with self.source.block("else:"):
            self._items(scope, item.otherwise)
            self._gated(scope, item.then, item.otherwise)

    def _gated(self, scope: Scope, absent: tuple[Item, ...], sent: tuple[Item, ...]) -> None:
        """Generate code that refuses a value which only the other branches would write."""
        if self.needs is None:
            return
        for path in sorted(set(paths(absent, self.version)) - set(paths(sent, self.version))):
            value = f"{scope.holder(path)}.get({key(path)})"
            refuse = self.source.constant(self._gate(scope.full(path)))
            self.source.add(f"{refuse}({value})", scope.full(path))

    def _gate(self, path: str) -> Callable[[Any], None]:
        name, version = self.message.name, self.version

        def refuse(value: Any) -> None:
            if not checks.says_nothing(value) and value != 0:
                raise EncodeError(
                    name, path, f"does not exist in the text form of {version} with these values of other fields"
                )

        return refuse

    def _choice(self, scope: Scope, item: ChoiceItem) -> None:
        asked = self.source.variable("c")
        path = scope.full(item.choice)
        self.source.add(f"{asked} = {scope.holder(item.choice)}.get({key(item.choice)})", path)
        word = "if"
        for case, items in item.cases.items():
            expected = int(case) if scope.field(item.choice).kind.name in ("int32", "int64") else case
            with self.source.block(f"{word} {asked} == {expected!r}:"):
                self._items(scope, items)
                self._gated(scope, tuple(i for other in item.cases.values() for i in other), items)
            word = "elif"
        self.source.add(f"else: {self.source.constant(_other)}({asked})", path)
