"""Maps the paths of a layout to variables of the generated source: one local variable for each record."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bridge.catalogue import Catalogue, Field, Record, Versions
from bridge.catalogue.grammar import (
    ChoiceItem,
    FieldItem,
    GroupItem,
    Item,
    Predicate,
    PresentItem,
    RepeatItem,
    WhenItem,
)
from bridge.catalogue.paths import resolve


class Scope:
    """One dict of the source: the message, or an element of a list. `prefix` is its path in errors."""

    def __init__(self, catalogue: Catalogue, record: Record, variable: str, prefix: str = "") -> None:
        self.catalogue = catalogue
        self.record = record
        self.variable = variable
        self.prefix = prefix

    def field(self, path: str) -> Field:
        """The declaration of the field at `path`."""
        return resolve(self.catalogue.types, self.record, path)

    def full(self, path: str) -> str:
        """The path from the message on."""
        return self.prefix + path

    def holder(self, path: str) -> str:
        """The variable of the record that holds the last step of `path`."""
        *steps, _ = path.split(".")
        return "_".join([self.variable, *steps])

    def element(self, path: str, variable: str, suffix: str) -> Scope:
        """The scope of the record, or of the list elements, at `path`."""
        record = self.catalogue.types[self.field(path).kind.name]
        return Scope(self.catalogue, record, variable, f"{self.prefix}{path}{suffix}.")


def key(path: str) -> str:
    """The last step of a path, as a Python literal."""
    return repr(path.rsplit(".", 1)[-1])


def active(items: tuple[Item, ...], version: int) -> Iterator[Item]:
    """The items that exist at the version. The items of a group are listed instead of the group."""
    for item in items:
        versions: Versions = item.versions
        if version not in versions:
            continue
        if isinstance(item, GroupItem):
            yield from active(item.group, version)
        else:
            yield item


def paths(items: tuple[Item, ...], version: int) -> Iterator[str]:
    """Every path of this scope that the items read or write, in all branches."""
    for item in active(items, version):
        match item:
            case FieldItem():
                yield item.field
            case RepeatItem():
                yield item.repeat
            case PresentItem():
                yield item.present
            case WhenItem():
                yield from paths(item.then + item.otherwise, version)
            case ChoiceItem():
                for case in item.cases.values():
                    yield from paths(case, version)


def records(items: tuple[Item, ...], version: int) -> list[str]:
    """The records that contain those paths, outermost first: `contract`, `contract.deltaNeutralContract`."""
    found: dict[str, None] = {}
    for path in [*paths(items, version), *_condition_paths(items, version)]:
        steps = path.split(".")[:-1]
        for count in range(1, len(steps) + 1):
            found[".".join(steps[:count])] = None
    return sorted(found, key=lambda path: path.count("."))


def _condition_paths(items: tuple[Item, ...], version: int) -> Iterator[str]:
    for item in active(items, version):
        if isinstance(item, WhenItem):
            yield from _predicate_paths(item.when)
            yield from _condition_paths(item.then + item.otherwise, version)


def _predicate_paths(predicate: Predicate) -> Iterator[str]:
    yield from (path for path in (predicate.field, predicate.set, predicate.count) if path)
    for inner in (predicate.all or ()) + (predicate.any or ()):
        yield from _predicate_paths(inner)


def condition(predicate: Predicate, scope: Scope, constant: Callable[[object], str]) -> str:
    """The predicate as a Python expression with the variables of the scope."""

    def value(path: str) -> str:
        return f"{scope.holder(path)}.get({key(path)})"

    if predicate.set is not None:
        return f"{value(predicate.set)} not in (None, '')"
    if predicate.count is not None:
        return f"bool({value(predicate.count)})"
    if predicate.all is not None:
        return "(" + " and ".join(condition(inner, scope, constant) for inner in predicate.all) + ")"
    if predicate.any is not None:
        return "(" + " or ".join(condition(inner, scope, constant) for inner in predicate.any) + ")"
    assert predicate.field is not None
    asked = value(predicate.field)
    if predicate.one_of is not None:
        return f"{asked} in {constant(frozenset(predicate.one_of))}"
    if predicate.greater is not None:
        return f"({asked} or 0) > {predicate.greater!r}"
    return f"{asked} == {predicate.equal!r}"
