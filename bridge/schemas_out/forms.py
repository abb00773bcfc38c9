"""How the bridge answers a request of TWS, from its plan: as a subscription, as a question, or as either."""

from __future__ import annotations

from bridge.session.routing import RequestPlan


def may_stream(plan: RequestPlan) -> bool:
    """Whether the request is a subscription, for all or some params."""
    return plan.completes == "stream" or bool(plan.stream_if or plan.stream_unless)


def may_end(plan: RequestPlan) -> bool:
    """Whether the request is a question with one answer, for all or some params."""
    return plan.completes not in ("stream", "order") and not stops_itself(plan)


def stops_itself(plan: RequestPlan) -> bool:
    """Whether the same method ends the subscription, with another value of a flag."""
    return plan.cancel == plan.name
