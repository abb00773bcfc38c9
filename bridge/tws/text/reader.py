"""Compiles a layout at a version into a function that reads text fields into the dict of a message."""

from __future__ import annotations

from bridge.catalogue import Catalogue, Message
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
)
from bridge.tws import values
from bridge.tws.errors import DecodeError
from bridge.tws.plan import Plan
from bridge.tws.source import Source
from bridge.tws.text.scope import Scope, active, condition, key, records


def decoder(catalogue: Catalogue, message: Message, version: int) -> Plan:
    """Compile the layout of `message` at `version` into a plan that reads the bytes after the id."""
    assert message.text is not None
    source = Source(f"read {message.name} {version}", "b")
    _Reader(catalogue, message, version, source).write()

    def explain(error: Exception, body: bytes) -> DecodeError:
        path = source.path_of(error)
        match error:
            case IndexError():
                return DecodeError(message.name, path, f"missing: only {body.count(0)} fields at version {version}")
            case KeyError():
                return DecodeError(message.name, path, f"unknown value {error.args[0]!r}")
        return DecodeError(message.name, path, str(error)[:200])

    return Plan(message, source.build(), explain)


def _unterminated(rest: str) -> None:
    raise ValueError(f"the last field, {rest[:40]!r}, does not end with NUL")


def _count(text: str) -> int:
    """Read the number of elements; empty text means 0."""
    number = values.read_int(text) if text else 0
    if number < 0:
        raise ValueError(f"a count of {number}")
    return number


class _Reader:
    """Generates the source. Positions are constants up to the first part of variable length, then relative to `i`."""

    def __init__(self, catalogue: Catalogue, message: Message, version: int, source: Source) -> None:
        self.catalogue = catalogue
        self.message = message
        self.version = version
        self.source = source
        self.offset = 0
        self.moving = False

    def write(self) -> None:
        """Generate the whole function."""
        assert self.message.text is not None
        scope = Scope(self.catalogue, self.catalogue.record(self.message), "d")
        self.source.add("try: f = b.decode().split('\\0')")
        self.source.add("except UnicodeDecodeError: f = b.decode('latin-1').split('\\0')")
        self.source.add("rest = f.pop()")
        self.source.add(f"if rest: {self.source.constant(_unterminated)}(rest)")
        self._scope(scope, self.message.text)
        self.source.add(f"return d, len(f) - {self._here()}")

    def _scope(self, scope: Scope, items: tuple[Item, ...]) -> None:
        """Generate the code for one dict: its nested records, its items, and the storing of the non-empty records."""
        nested = records(items, self.version)
        self.source.add(f"{scope.variable} = {{}}")
        for path in nested:
            self.source.add(f"{scope.holder(path + '.')} = {{}}")
        self._items(scope, items)
        for path in reversed(nested):
            own = scope.holder(path + ".")
            self.source.add(f"if {own}: {scope.holder(path)}[{key(path)}] = {own}")

    def _items(self, scope: Scope, items: tuple[Item, ...]) -> None:
        for item in active(items, self.version):
            match item:
                case FieldItem():
                    self._field(scope, item)
                case ConstItem() | SkipItem():
                    self.source.add(self._next(), "version" if isinstance(item, ConstItem) else item.skip)
                case RepeatItem():
                    self._repeat(scope, item)
                case PresentItem():
                    self._present(scope, item)
                case WhenItem():
                    self._when(scope, item)
                case ChoiceItem():
                    self._choice(scope, item)

    def _here(self) -> str:
        if not self.moving:
            return str(self.offset)
        return f"(i + {self.offset})" if self.offset else "i"

    def _next(self) -> str:
        here = f"f[{self._here()}]"
        self.offset += 1
        return here

    def _settle(self) -> None:
        """Set `i` to the current position, so that branches and loops can increment it."""
        if not self.moving:
            self.source.add(f"i = {self.offset}")
        elif self.offset:
            self.source.add(f"i += {self.offset}")
        self.moving, self.offset = True, 0

    def _field(self, scope: Scope, item: FieldItem) -> None:
        field, path = scope.field(item.field), scope.full(item.field)
        target = f"{scope.holder(item.field)}[{key(item.field)}]"
        self.source.add(f"s = {self._next()}", path)
        kind = "string" if field.kind.mapping or field.kind.repeated else field.kind.name
        unset = set(item.unset.read) | (values.UNSET_DECIMALS if kind == "decimal" else set())
        test = f"s and s not in {self.source.constant(frozenset(unset))}" if unset else "s"
        if item.form is not None:
            self.source.add(f"if {test}: {target} = {self._formed(item)}", path)
        elif kind == "double":
            self.source.add(f"if {test}:", path)
            self.source.add("    v = float(s)", path)
            self.source.add(f"    if v != {values.UNSET_DOUBLE!r}: {target} = v", path)
        else:
            self.source.add(f"if {test}: {target} = {self._plain(kind)}", path)

    def _plain(self, kind: str) -> str:
        """An expression for a value. Frequent types need no call of our functions."""
        if kind in ("int32", "int64"):
            return f"int(s) if len(s) < 19 else {self.source.constant(values.read_int)}(s)"
        if kind == "decimal":
            return "float(s) is None or s"  # the text, once float() has found it to be a number
        if kind == "string":
            return "s"
        return f"{self.source.constant(values.READ[kind])}(s)"

    def _formed(self, item: FieldItem) -> str:
        match item.form:
            case "escaped":
                return f"{self.source.constant(values.unescape)}(s)"
            case "tagValues":
                return f"{self.source.constant(values.read_tag_values)}(s)"
            case "infinite" | "whole":
                return f"{self.source.constant(values.read_double)}(s)"
            case Mapped(map=mapped):
                return f"{self.source.constant(mapped)}[s]"
            case Joined(join=separator):
                return f"s.split({separator!r})"
            case Bits(bits=bits):
                flags = ", ".join(f"{name!r}: int(s) & {1 << place} != 0" for place, name in enumerate(bits))
                return f"{{{flags}}}"
        raise AssertionError(item)

    def _repeat(self, scope: Scope, item: RepeatItem) -> None:
        path, target = scope.full(item.repeat), f"{scope.holder(item.repeat)}[{key(item.repeat)}]"
        number, every = self.source.variable("n"), self.source.variable("l")
        self.source.add(f"{number} = {self.source.constant(_count)}({self._next()})", f"{path} (count)")
        self._settle()
        kind = scope.field(item.repeat).kind
        if kind.mapping:
            self.source.add(f"{every} = {{}}")
            with self.source.block(f"for _ in range({number}):"):
                self.source.add(f"{every}[f[i]] = f[i + 1]", path)
                self.source.add("i += 2")
        elif not kind.is_record:
            self.source.add(f"{every} = []")
            with self.source.block(f"for _ in range({number}):"):
                self.source.add(f"{every}.append({self.source.constant(values.READ[kind.name])}(f[i]))", path)
                self.source.add("i += 1")
        else:
            self._elements(scope, item, number, every)
        self.source.add(f"if {every}: {target} = {every}")

    def _elements(self, scope: Scope, item: RepeatItem, number: str, every: str) -> None:
        element = scope.element(item.repeat, self.source.variable("e"), "[]")
        known = f"{scope.holder(item.repeat)}.get({key(item.repeat)}, [])" if item.merge else "[]"
        self.source.add(f"{every} = {known}")
        place = self.source.variable("p")
        with self.source.block(f"for {place} in range({number}):"):
            self._scope(element, item.of)
            if item.merge:
                self.source.add(f"if {place} < len({every}): {every}[{place}].update({element.variable})")
                self.source.add(f"else: {every}.append({element.variable})")
            else:
                self.source.add(f"{every}.append({element.variable})")
            self._settle()

    def _present(self, scope: Scope, item: PresentItem) -> None:
        flag = self.source.variable("n")
        path = scope.full(item.present)
        self.source.add(f"{flag} = {self.source.constant(values.read_bool)}({self._next()} or '0')", path)
        self._settle()
        element = scope.element(item.present, self.source.variable("e"), "")
        with self.source.block(f"if {flag}:"):
            self._scope(element, item.of)
            self.source.add(f"{scope.holder(item.present)}[{key(item.present)}] = {element.variable}")
            self._settle()

    def _when(self, scope: Scope, item: WhenItem) -> None:
        self._settle()
        with self.source.block(f"if {condition(item.when, scope, self.source.constant)}:"):
            self._items(scope, item.then)
            self._settle()
        if item.otherwise:
            with self.source.block("else:"):
                self._items(scope, item.otherwise)
                self._settle()

    def _choice(self, scope: Scope, item: ChoiceItem) -> None:
        self._settle()
        path = scope.full(item.choice)
        asked = self.source.variable("c")
        self.source.add(f"{asked} = {scope.holder(item.choice)}.get({key(item.choice)})", path)
        word = "if"
        for case, items in item.cases.items():
            expected = int(case) if scope.field(item.choice).kind.name in ("int32", "int64") else case
            with self.source.block(f"{word} {asked} == {expected!r}:"):
                self._items(scope, items)
                self._settle()
            word = "elif"
        self.source.add(f"else: raise KeyError({asked})", path)
