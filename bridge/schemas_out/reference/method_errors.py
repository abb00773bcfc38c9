"""The error codes that the bridge may answer a method with. The session tests check every refusal against them."""

from __future__ import annotations

from bridge.params.models import Params
from bridge.schemas_out.reference.declared import Declared
from bridge.session.orders.trading import METHODS as ORDERS
from bridge.session.rights.permissions import changes, role_of
from bridge.session.routing import RequestPlan

#: Codes for any request.
EVERY = ("invalidRequest", "tooLarge", "unknownMethod", "invalidParams", "notPermitted", "limitReached", "expired")
#: Codes for a request that the bridge stores by its id.
STORED = ("idConflict",)
#: Codes for a request that waits for TWS.
AT_TWS = ("notConnected", "paced", "connectionLost", "noResponse", "rejectedByTws", "cancelled")
#: Codes for an order or a change.
_ORDER = ("ledgerFailed", "unknownOrder")
_PLACING = ("notTradable", "keyConflict", "unknownContract")
_OF: dict[str, tuple[str, ...]] = {
    "placeOrder": (*_PLACING, "parentGone"),
    "placeOrders": (*_PLACING, "parentGone"),
    "exerciseOptions": _PLACING,
    "modifyOrder": (*_PLACING, "staleRevision", "changePending", "orderUnknown", "orderClosed"),
    "cancelOrder": ("notTradable", "orderUnknown"),
    "cancelMine": ("notTradable",),
    "abandon": ("notTradable", "orderUnknown", "orderKnown"),
    "awaitOrder": ("notTradable",),
    "orderLog": ("ledgerFailed",),
    "release": ("unknownStream",),
    "hello": ("fenced",),
    "reload": ("configurationInvalid",),
}


def errors_of(declared: Declared, method: str) -> list[str]:
    """The codes, in the order of the declaration."""
    plan = declared.plan(method)
    found = {*EVERY, *_OF.get(method, ())}
    if plan is not None or method in ORDERS:
        found |= {*STORED, *AT_TWS}
    if method in ORDERS:
        found |= {*_ORDER, "fenced"}
    if changes(method, plan):
        found.add("fenced")
    if plan is not None:
        found |= _of_tws(declared, plan, declared.params[method])
    return [code for code in declared.contract.errors if code in found]


def _of_tws(declared: Declared, plan: RequestPlan, params: type[Params]) -> set[str]:
    """The codes that follow from the way TWS serves the method."""
    found: set[str] = set()
    if plan.name in declared.vocabulary.cancels or plan.cancel == plan.name:
        found |= {"unknownStream", "unknownRequest"}
    if plan.subject is not None:
        found.add("unknownStream")
    if plan.completes == "stream" or plan.stream_if or plan.stream_unless:
        if "contract" in params.model_fields:
            found |= {"unknownContract", "ambiguousContract"}
        if not plan.keyed:
            found.add("streamConflict")
    if plan.line is not None:
        found.add("linesExhausted")
    if "onceKey" in params.model_fields:
        found |= {"keyConflict", "ledgerFailed", "notTradable"}
    if role_of(plan.name, plan) in ("trade", "admin"):
        found.add("notTradable")
    return found
