"""Which events each channel carries: those of TWS by topic and by who asks for them, and the bridge's own."""

from __future__ import annotations

from bridge.catalogue import Catalogue
from bridge.contract import Contract
from bridge.schemas_out import forms
from bridge.session.routing import STREAM_FAMILIES, EventPlan, RequestPlan, RoutingTable

#: Families whose events are published there also when they belong to a stream.
_AT_HOME = frozenset({"account", "news"})


def carried(known: Catalogue, made: Contract) -> dict[str, list[str]]:
    """Channel -> the events that it carries, as the envelope names them: those of TWS first."""
    routing = RoutingTable(known)
    found: dict[str, dict[str, None]] = {channel: {} for channel in made.channels}
    for name, plan in sorted(routing.events.items()):
        for channel in _channels(plan, routing, made):
            found[channel][name] = None
    for event in made.events.values():
        for channel in event.topics:
            found[channel][event.event] = None
    return {channel: list(events) for channel, events in found.items()}


def _channels(event: EventPlan, routing: RoutingTable, made: Contract) -> set[str]:
    """Where an event of TWS may be published; one that the bridge declares as its own goes only where that says."""
    if any(own.record == event.name for own in made.events.values()):
        return set()
    asking = [plan for plan in routing.requests.values() if event.name in plan.answers]
    found = {event.family, *(plan.family for plan in asking if _streams(plan, event))}
    return found | {"request" for plan in asking if forms.may_end(plan)}


def _streams(plan: RequestPlan, event: EventPlan) -> bool:
    """Whether the event is published under the name of the stream that the request begins."""
    return forms.may_stream(plan) and plan.family in STREAM_FAMILIES and event.family not in _AT_HOME
