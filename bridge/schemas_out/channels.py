"""The events on each channel: those of TWS by their topic and their requests, and the bridge's own."""

from __future__ import annotations

from bridge.catalogue import Catalogue
from bridge.contract import Contract
from bridge.schemas_out import forms
from bridge.session.routing import STREAM_FAMILIES, EventPlan, RequestPlan, RoutingTable

#: Families whose events stay on their own channel even if they belong to a stream.
_AT_HOME = frozenset({"account", "news"})


def carried(known: Catalogue, made: Contract) -> dict[str, list[str]]:
    """Channel -> its events, by their names in the envelope: those of TWS first."""
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
    """The channels of an event of TWS. An event that the bridge declares as its own has only the declared channels."""
    if any(own.record == event.name for own in made.events.values()):
        return set()
    asking = [plan for plan in routing.requests.values() if event.name in plan.answers]
    found = {event.family, *(plan.family for plan in asking if _streams(plan, event))}
    return found | {"request" for plan in asking if forms.may_end(plan)}


def _streams(plan: RequestPlan, event: EventPlan) -> bool:
    """Whether the bridge publishes the event under the name of the stream that the request begins."""
    return forms.may_stream(plan) and plan.family in STREAM_FAMILIES and event.family not in _AT_HOME
