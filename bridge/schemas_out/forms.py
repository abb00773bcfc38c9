"""How a request of TWS may be answered, read off its plan: as a subscription, as a question, or as either."""

from __future__ import annotations

from bridge.session.routing import RequestPlan


def may_stream(plan: RequestPlan) -> bool:
    """Whether some params make a subscription of it."""
    return plan.completes == "stream" or bool(plan.stream_if or plan.stream_unless)


def may_end(plan: RequestPlan) -> bool:
    """Whether some params make a question of it, which is answered and then over."""
    return plan.completes not in ("stream", "order") and not stops_itself(plan)


def stops_itself(plan: RequestPlan) -> bool:
    """Whether the same method, with a flag turned, ends the subscription."""
    return plan.cancel == plan.name
