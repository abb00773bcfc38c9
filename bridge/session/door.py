"""Who asks what: a request is read, its sender known, its method found and permitted, its params checked.

Raises Refused for everything that goes no further; what was tried without the right to it is logged.
"""

from __future__ import annotations

from typing import Any, Protocol

from bridge.session import own
from bridge.session.asks import Ask, Refused, read
from bridge.session.effects import Log
from bridge.session.outlet import Outlet
from bridge.session.rights.limits import refusal
from bridge.session.rights.permissions import Permissions
from bridge.session.values import Data
from bridge.session.vocabulary import RESERVED, RequestPlan, Vocabulary

#: Methods of our own that are answered by TWS's word, and the method of TWS that they are like.
_LIKE = {
    "placeOrders": "placeOrder",
    "modifyOrder": "placeOrder",
    "cancelMine": "cancelOrder",
    "abandon": "cancelOrder",
    "awaitOrder": "cancelOrder",
}
#: Answered from the ledger.
ORDER_LOG = "orderLog"


class Parameters(Protocol):
    """Checks what stands under `params`. `check` raises Refused `invalidParams`; nil and absent are the same."""

    def check(self, method: str, params: Data) -> Data: ...

    def describe(self) -> list[Data]: ...


class Door:
    def __init__(
        self, outlet: Outlet, vocabulary: Vocabulary, parameters: Parameters, permissions: Permissions
    ) -> None:
        self._outlet = outlet
        self._vocabulary = vocabulary
        self._parameters = parameters
        self._permissions = permissions

    def enter(self, request: Any, speaker: str | None) -> tuple[Ask, RequestPlan | None]:
        """The ask, and what its method does at TWS: None for the bridge's own.

        `speaker`: the client whose key it came with; None where there are no keys, and the declared name is taken.
        """
        ask = read(request)
        self._identify(ask, speaker)
        plan = self._plan(ask)
        self._permit(ask, plan)
        return ask, plan

    def check(self, ask: Ask) -> Data:
        """Its params, typed."""
        return self._parameters.check(ask.method, ask.params)

    def _identify(self, ask: Ask, speaker: str | None) -> None:
        """Nobody speaks for another: the key says who asks."""
        if speaker is not None and ask.client != speaker:
            self._outlet.log(Log("warning", f"{speaker} tried to speak as {ask.client} ({ask.method[:64]!r}): refused"))
            raise refusal("identity", f"this key is that of {speaker}, not of {ask.client}", client=speaker)

    def _plan(self, ask: Ask) -> RequestPlan | None:
        if ask.method in own.METHODS or ask.method == ORDER_LOG:
            return None
        if reason := RESERVED.get(ask.method):
            raise refusal("reserved", f"{ask.method}: {reason}")
        plan = self._vocabulary.requests.get(_LIKE.get(ask.method, ask.method))
        if plan is None:
            raise Refused("unknownMethod", f"there is no method {ask.method[:64]}")
        return plan

    def _permit(self, ask: Ask, plan: RequestPlan | None) -> None:
        try:
            self._permissions.method(ask.client, ask.method, plan)
        except Refused as refused:
            self._outlet.log(Log("warning", f"{ask.client} tried {ask.method}: refused, {refused.message}"))
            raise
