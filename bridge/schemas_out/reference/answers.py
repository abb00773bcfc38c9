"""The answers to each method: the words of `kind`, each with the type of `result`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bridge.contract.grammar import Kind
from bridge.schemas_out import forms
from bridge.schemas_out.reference.declared import Declared
from bridge.session.routing import RequestPlan

#: Type of a result -> its word in `kind`. For a method with a result of its own, the word is the method's name.
_WORDS: dict[str, str] = {
    "Subscription": "subscription",
    "Released": "released",
    "Cancelled": "cancelled",
    "Sent": "sent",
    "OrderFacts": "order",
    "GroupFacts": "orders",
    "Preview": "preview",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """One form of a result. `type`: a declared type, or `[X]` for a list; empty if `events` or fields describe it.

    `when`: the condition, in words, if the method has several forms.
    """

    kind: str
    type: str = ""
    events: tuple[str, ...] = ()
    when: str = ""


def answers(declared: Declared, method: str) -> list[Answer]:
    """The forms of the method's result. A method with a result of its own has one form, without a type."""
    own = declared.contract.methods.get(method)
    if own is not None and own.results:
        return [_of_type(declared, method, result) for result in own.results]
    if own is not None:
        return [Answer(method)]
    return list(_of_plan(declared, declared.vocabulary.requests[method]))


def _of_type(declared: Declared, method: str, result: str) -> Answer:
    """The word is the one that the type declares, or the one in `_WORDS`, or the method's name."""
    kind = Kind.parse(result)
    told = getattr(declared.contract.types.get(kind.name), "kind", "") or _WORDS.get(kind.name)
    word = told if kind.form == "one" else None
    return Answer(word or method, result, when="with `whatIf` in the order" if kind.name == "Preview" else "")


def _of_plan(declared: Declared, plan: RequestPlan) -> Iterator[Answer]:
    events = tuple(sorted(plan.answers))
    if plan.name in declared.vocabulary.cancels:
        yield Answer("released", "Released", when="if it ends the client's hold on a stream")
        yield Answer("cancelled", "Cancelled", when="with `id`, if it ends an open request")
        return
    both = forms.may_stream(plan) and (forms.may_end(plan) or forms.stops_itself(plan))
    if forms.may_stream(plan):
        yield Answer("subscription", "Subscription", events, _when_stream(plan) if both else "")
    if forms.stops_itself(plan):
        yield Answer("released", "Released", when="with `subscribe: false`")
    if forms.may_end(plan):
        yield _end(plan, events, "otherwise" if both else "")


def _when_stream(plan: RequestPlan) -> str:
    if plan.stream_if and not forms.stops_itself(plan):
        return "with " + " or ".join(f"`{name}`" for name in plan.stream_if)
    if forms.stops_itself(plan):
        return "with `subscribe: true`"
    return "without " + " and ".join(f"`{name}`" for name in plan.stream_unless)


def _end(plan: RequestPlan, events: tuple[str, ...], when: str) -> Answer:
    if not events:
        return Answer("sent", "Sent", when=when)
    return Answer("event" if plan.completes == "one" else "events", events=events, when=when)
