"""The sources of the reference pages: the declarations of TWS and of the bridge, the plans, the models of params."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from bridge.catalogue import Catalogue
from bridge.contract import Contract
from bridge.params.models import Params, build
from bridge.schemas_out import forms
from bridge.schemas_out.channels import carried
from bridge.session.routing import RequestPlan, RoutingTable


class Carried(NamedTuple):
    """One event on a channel: the heading of the page of events that explains it, and its name on the wire."""

    heading: str
    event: str


@dataclass(frozen=True)
class Declared:
    """`catalogue`: the messages of TWS. `contract`: the bridge's own declarations."""

    catalogue: Catalogue
    contract: Contract

    @cached_property
    def vocabulary(self) -> RoutingTable:
        return RoutingTable(self.catalogue)

    @cached_property
    def params(self) -> dict[str, type[Params]]:
        """The model of each method's params. Its keys are all methods."""
        return build(self.catalogue)

    @cached_property
    def carried(self) -> dict[str, list[Carried]]:
        """The events on each channel: those of TWS first."""
        found = carried(self.catalogue, self.contract)
        return {channel: [self._carried(channel, name) for name in events] for channel, events in found.items()}

    def _carried(self, channel: str, name: str) -> Carried:
        """`name`: of a declaration or of an event on the wire. The channel decides which declaration it belongs to."""
        events = self.contract.events
        there = [event for event in events.values() if event.event == name and channel in event.topics]
        own = events.get(name) or (there[0] if there else None)
        return Carried(name, name) if own is None else Carried(own.name, own.event)

    def plan(self, method: str) -> RequestPlan | None:
        """The plan of the method at TWS; None for a method that TWS does not have."""
        return self.vocabulary.requests.get(method)

    def about(self, method: str) -> str:
        """What the method does. A description by the bridge replaces the one in TWS's declaration."""
        own = self.contract.methods.get(method)
        if own is not None:
            return own.about
        message = self.catalogue.messages.get(method)
        return message.about if message is not None else ""

    def ends(self, method: str) -> list[str]:
        """The methods whose streams or open requests this method ends."""
        return sorted(self.vocabulary.cancels.get(method, ()))

    def brings(self, event: str) -> list[str]:
        """The methods that TWS answers with this event."""
        return sorted(name for name, plan in self.vocabulary.requests.items() if event in plan.answers)

    def streams(self, event: str) -> list[str]:
        """The methods among `brings` that begin a stream with this event."""
        return [name for name in self.brings(event) if forms.may_stream(self.vocabulary.requests[name])]
