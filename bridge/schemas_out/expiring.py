"""The methods whose requests must have `expires`: late, they would do what nobody wants any more."""

from __future__ import annotations

from bridge.catalogue import Catalogue
from bridge.session import builtin_methods
from bridge.session.request_gate import RELOAD
from bridge.session.rights.permissions import changes
from bridge.session.routing import LIKE, RoutingTable


def expiring(known: Catalogue) -> list[str]:
    """The names, sorted. A late cancel ends what its client wanted to end, so cancels are not among them."""
    routing = RoutingTable(known)
    found = []
    for method in sorted({*routing.requests, *LIKE, *builtin_methods.METHODS, RELOAD}):
        plan = routing.requests.get(LIKE.get(method, method))
        if (changes(method, plan) or (plan is not None and plan.once)) and not routing.is_cancel(method):
            found.append(method)
    return found
