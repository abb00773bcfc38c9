"""The results of each method by the kind of the reply: from its declaration, or from the way TWS answers it."""

from __future__ import annotations

from bridge.contract import Contract
from bridge.contract.grammar import Kind, Type
from bridge.schemas_out import forms
from bridge.schemas_out.documents import Schema, one_of, ref
from bridge.schemas_out.names import data_of, part_of
from bridge.schemas_out.own import Own
from bridge.session.routing import RequestPlan, RoutingTable


class Results:
    def __init__(self, made: Contract, routing: RoutingTable, own: Own) -> None:
        self._made = made
        self._routing = routing
        self._own = own

    def of(self, name: str) -> dict[str, Schema]:
        """The results of the method, by the kind of the reply."""
        method = self._made.methods.get(name)
        if method is None:
            return self._of_tws(self._routing.requests[name])
        if method.results:
            return {self._kind(kind, name): self._result(kind) for kind in method.kinds}
        return {name: self._own.map(self._made.fields(method), f"The result of {name}.")}

    def _kind(self, result: Kind, method: str) -> str:
        one = self._made.types.get(result.name)
        return one.kind if one is not None and one.kind else method

    def _result(self, kind: Kind) -> Schema:
        schema = self._own.kind(kind)
        return schema if "$ref" in schema else {**schema, "description": "The whole list."}

    def _of_tws(self, plan: RequestPlan) -> dict[str, Schema]:
        if plan.name in self._routing.cancels:
            return self._declared("Released", "Cancelled")
        found = self._declared("Subscription") if forms.may_stream(plan) else {}
        if forms.stops_itself(plan):
            found |= self._declared("Released")
        return found | self._answers(plan) if forms.may_end(plan) else found

    def _answers(self, plan: RequestPlan) -> dict[str, Schema]:
        """One answer is the callback's fields. Several answers are a list, even if TWS sends only one."""
        if not plan.answers:
            return self._declared("Sent")
        if plan.completes == "one":
            (event,) = plan.answers
            return {"event": ref(data_of(event))}
        parts = one_of([part_of(event) for event in sorted(plan.answers)])
        return {
            "events": {
                "type": "array",
                "items": parts,
                "description": "Callbacks, in the order in which TWS sent them.",
            }
        }

    def _declared(self, *names: str) -> dict[str, Schema]:
        types: list[Type] = [self._made.types[name] for name in names]
        return {one.kind: ref(one.name) for one in types}
