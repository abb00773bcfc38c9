"""An answer of the bridge as a trader understands it: by order key, `{state?, filled?, fillsFinal?, change?, code?}`.

An error that names no state says by its code what is known of a placement: whether its key is free, or nothing.
"""

from __future__ import annotations

from tests.campaign.trader.advice import Step
from tests.campaign.trader.intent import PLACING, Data
from tws_bridge_client import BridgeError
from tws_bridge_client.calls import Call

#: Placements that were refused before they were written: nothing has left under that key.
_NOTHING_LEFT = frozenset({"notTradable", "notConnected", "ledgerFailed", "cancelled", "parentGone", "unknownOrder"})
#: Codes after which the revision stays to be asked for.
_CHANGE_WAITS = frozenset(
    {"changePending", "noResponse", "noBridge", "notConnected", "notTradable", "orderUnknown", "ledgerFailed",
     "connectionLost", "cancelled"}
)  # fmt: skip
#: Codes for which the contract has no advice, since a trader that follows it cannot get them.
UNADVISED = frozenset(
    {"keyConflict", "invalidParams", "invalidRequest", "unknownMethod", "tooLarge", "idConflict", "notPermitted",
     "fenced", "staleRevision", "unknownContract", "ambiguousContract"}
)  # fmt: skip
_KEPT = ("state", "filled", "fillsFinal", "change", "revision", "reason", "reached", "alreadyEnded", "status")


def understand(step: Step, call: Call) -> dict[str, Data]:
    """What the answer says of each order of the step."""
    try:
        result, error = call.result(), None
    except BridgeError as raised:
        result, error = raised.data, raised
    return {key: _of_order(step, key, result, error) for key in step.keys}


def _of_order(step: Step, key: str, result: Data, error: BridgeError | None) -> Data:
    members = result.get("orders")
    facts = next((facts for facts in members if facts["orderKey"] == key), {}) if members is not None else result
    if facts.get("orderKey", key) != key:
        facts = {}
    told = {name: facts[name] for name in _KEPT if name in facts}
    if error is not None:
        told |= {"code": error.code, "message": error.message}
        if error.tws_code is not None:
            told["twsCode"] = error.tws_code
        told |= _state_by_code(step, told, error.code)
    if step.method == "modifyOrder":
        is_open = error.code in _CHANGE_WAITS if error is not None else told.get("change") in ("unknown", "sent")
        told["changeIsSettled"] = not is_open
    return told


def _state_by_code(step: Step, told: Data, code: str) -> Data:
    if "state" in told:
        return {}
    if code == "rejectedByTws" and step.method in PLACING:
        return {"state": "rejected"}
    if code in _NOTHING_LEFT and (step.method in PLACING or code == "unknownOrder"):
        return {"state": "free"}
    return {}
