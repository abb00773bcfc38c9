"""Whether a client may repeat a request with a new `id`, and with which key."""

from __future__ import annotations

from bridge.schemas_out import forms
from bridge.schemas_out.reference.declared import Declared
from bridge.session.orders.trading import PLACING
from bridge.session.rights.permissions import changes

_PLACE = (
    "with the same `orderKey` and the same content: the bridge answers with the state of that order, and never "
    "sends a second one. Without `orderKey` the request's `id` is the key."
)
_MODIFY = "with the same `orderKey`, `revision` and content: the bridge never sends the change twice."
_ONCE = (
    "only with the same `onceKey`: the bridge sends the stored answer, and no second request to TWS. Without "
    "`onceKey` the request's `id` is the key."
)
_PAID = "freely, except with `regulatorySnapshot`, which costs money each time: repeat it only with the same `onceKey`."
_AGAIN = "freely. TWS does the same again."
_READ = "freely. It changes nothing."
_HELD = "freely. A client that holds the stream already gets the same answer."
_END = "freely. The bridge answers `unknownStream` or `unknownRequest` if there is nothing to end."
#: Methods for which the plan does not decide it.
_BY_NAME: dict[str, str] = {
    "modifyOrder": _MODIFY,
    "cancelOrder": "freely. For an order that has ended, the bridge answers with its state.",
    "cancelMine": "freely. It cancels the orders that are open at that time.",
    "abandon": "freely. For an abandoned order the bridge answers with its state.",
    "awaitOrder": "freely. It changes nothing.",
    "hello": "freely, with the same `instance`.",
    "halt": "freely. The newest reason replaces the earlier one.",
    "resume": "freely. It has no further effect.",
    "reload": "freely. The bridge reads the configuration each time.",
}


def key_of(declared: Declared, method: str) -> str:
    """The parameter that is the key of the request; empty if there is none."""
    if method in PLACING:
        return "orderKey"
    return "onceKey" if "onceKey" in declared.params[method].model_fields else ""


def repeat(declared: Declared, method: str) -> str:
    """The text that follows the word "Repeat"."""
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
