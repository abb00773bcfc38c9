"""Who asks what: a request is read, its sender known, its method found and permitted, its params checked.

Raises Refused for everything that goes no further; what was tried without the right to it is logged.
"""

from __future__ import annotations

from typing import Any, Protocol

from bridge.session import builtin_methods
from bridge.session.effects import Log
from bridge.session.outbox import Outbox
from bridge.session.requests import Refused, Request, read
from bridge.session.rights.limits import refusal
from bridge.session.rights.permissions import Permissions
from bridge.session.routing import RESERVED, RequestPlan, RoutingTable
from bridge.session.values import Data

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


class RequestGate:
    def __init__(self, outbox: Outbox, routing: RoutingTable, parameters: Parameters, permissions: Permissions) -> None:
        self._outbox = outbox
        self._routing = routing
        self._parameters = parameters
        self._permissions = permissions

    def enter(self, body: Any, speaker: str | None) -> tuple[Request, RequestPlan | None]:
        """The ask, and what its method does at TWS: None for the bridge's own.

        `speaker`: the client whose key it came with; None where there are no keys, and the declared name is taken.
        """
        request = read(body)
        self._identify(request, speaker)
        plan = self._plan(request)
        self._permit(request, plan)
        return request, plan

    def check(self, request: Request) -> Data:
        """Its params, typed."""
        return self._parameters.check(request.method, request.params)

    def _identify(self, request: Request, speaker: str | None) -> None:
        """Nobody speaks for another: the key says who asks."""
        if speaker is not None and request.client != speaker:
            self._outbox.log(
                Log("warning", f"{speaker} tried to speak as {request.client} ({request.method[:64]!r}): refused")
            )
            raise refusal("identity", f"this key is that of {speaker}, not of {request.client}", client=speaker)

    def _plan(self, request: Request) -> RequestPlan | None:
        if request.method in builtin_methods.METHODS or request.method == ORDER_LOG:
            return None
        if reason := RESERVED.get(request.method):
            raise refusal("reserved", f"{request.method}: {reason}")
        plan = self._routing.requests.get(_LIKE.get(request.method, request.method))
        if plan is None:
            raise Refused("unknownMethod", f"there is no method {request.method[:64]}")
        return plan

    def _permit(self, request: Request, plan: RequestPlan | None) -> None:
        try:
            self._permissions.method(request.client, request.method, plan)
        except Refused as refused:
            self._outbox.log(Log("warning", f"{request.client} tried {request.method}: refused, {refused.message}"))
            raise
