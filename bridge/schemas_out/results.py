"""JSON Schema of what each method is answered with: as declared, or as follows from how TWS answers it."""

from __future__ import annotations

from bridge.contract import Contract
from bridge.contract.grammar import Kind
from bridge.schemas_out import forms
from bridge.schemas_out.own import Own, Schema
from bridge.session.routing import RequestPlan, RoutingTable


class Results:
    """`own` renders, and remembers which types were used."""

    def __init__(self, made: Contract, routing: RoutingTable, own: Own) -> None:
        self._made = made
        self._routing = routing
        self._own = own

    def of(self, name: str) -> Schema:
        """The result of that method, where it succeeds."""
        method = self._made.methods.get(name)
        if method is None:
            return self._own.any_of(self._kinds(self._routing.requests[name]))
        if method.results:
            return self._own.any_of(method.kinds)
        return self._own.map(self._made.fields(method))

    def _kinds(self, plan: RequestPlan) -> list[Kind]:
        if plan.name in self._routing.cancels:
            return [Kind("Released"), Kind("Cancelled")]
        kinds = [Kind("Subscription")] if forms.may_stream(plan) else []
        if forms.stops_itself(plan):
            kinds.append(Kind("Released"))
        if forms.may_end(plan):
            kinds += _answers(plan)
        return kinds


def _answers(plan: RequestPlan) -> list[Kind]:
    """One answer is the callback's fields; several are a list, even where only one has come."""
    if not plan.answers:
        return [Kind("Sent")]
    if plan.completes == "one":
        return [Kind(event) for event in sorted(plan.answers)]
    return [Kind("Part", "list")]
