"""Whether a client may ask a method again under a new `id`, and under which key."""

from __future__ import annotations

from bridge.schemas_out import forms
from bridge.schemas_out.reference.declared import Declared
from bridge.session.orders.trading import PLACING
from bridge.session.rights.permissions import changes

_PLACE = (
    "under the same `orderKey` and with the same content: the bridge answers with what became of that order, and never "
    "sends a second one. Without `orderKey` the request's `id` is the key."
)
_MODIFY = "under the same `orderKey` and `revision`, with the same content: the bridge never sends the change twice."
_ONCE = (
    "under the same `onceKey` only: the bridge answers with the stored answer, and asks TWS no second time. Without "
    "`onceKey` the request's `id` is the key."
)
_PAID = (
    "freely, except with `regulatorySnapshot`, which costs money each time: repeat that under the same `onceKey` only."
)
_AGAIN = "freely. It does the same again at TWS."
_READ = "freely. It changes nothing."
_HELD = "freely. A client that holds the stream already gets the same answer."
_END = "freely. The bridge answers `unknownStream` or `unknownRequest` where nothing is left to end."
#: Methods of which the plan does not say it.
_BY_NAME: dict[str, str] = {
    "modifyOrder": _MODIFY,
    "cancelOrder": "freely. The bridge answers a cancel of an order that is over with the state of the order.",
    "cancelMine": "freely. It cancels the orders that are open then.",
    "abandon": "freely. The bridge answers with the state of an order that was given up before.",
    "awaitOrder": "freely. It changes nothing.",
    "hello": "freely, with the same `instance`.",
    "halt": "freely. The newest reason holds.",
    "resume": "freely. It has no further effect.",
}


def key_of(declared: Declared, method: str) -> str:
    """The parameter that names what must not happen twice; empty where there is none."""
    if method in PLACING:
        return "orderKey"
    return "onceKey" if "onceKey" in declared.params[method].model_fields else ""


def repeat(declared: Declared, method: str) -> str:
    """A clause that follows the word "Repeat"."""
    plan = declared.plan(method)
    fields = declared.params[method].model_fields
    if method in _BY_NAME:
        return _BY_NAME[method]
    if method in PLACING:
        return _PLACE
    if "regulatorySnapshot" in fields:
        return _PAID
    if "onceKey" in fields:
        return _ONCE
    if method in declared.vocabulary.cancels or method == "release":
        return _END
    if plan is not None and forms.may_stream(plan) and not forms.may_end(plan):
        return _HELD
    return _AGAIN if changes(method, plan) or (plan is not None and plan.completes == "none") else _READ
