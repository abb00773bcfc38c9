"""The request gate: it reads a request, identifies the client, finds the method, and checks permission and params.

It raises Refused for every request that must not go further.
"""

from __future__ import annotations

from typing import Any, Protocol

from bridge.catalogue.aliases import near_method
from bridge.session import builtin_methods
from bridge.session.idempotency import is_once
from bridge.session.requests import Refused, Request, read
from bridge.session.rights.limits import refusal
from bridge.session.rights.permissions import Permissions, changes
from bridge.session.routing import LIKE, RESERVED, RequestPlan, RoutingTable
from bridge.session.values import Data

#: The ledger answers this method.
ORDER_LOG = "orderLog"
#: The shell reads what the answer to this method needs.
RELOAD = "reload"


class Parameters(Protocol):
    """Checks the value under `params`.

    `check` returns the typed params, and raises Refused `invalidParams`. nil and absent are the same.
    """

    def check(self, method: str, params: Data) -> Data: ...

    def describe(self) -> list[Data]: ...


class RequestGate:
    """Reads and checks each request before the session handles it."""

    def __init__(self, routing: RoutingTable, parameters: Parameters, permissions: Permissions) -> None:
        self._routing = routing
        self._parameters = parameters
        self._permissions = permissions
        self._methods = (*routing.requests, *LIKE, ORDER_LOG, RELOAD, *builtin_methods.METHODS)

    def enter(self, body: Any, speaker: str | None) -> tuple[Request, RequestPlan | None]:
        """Return the request, and the plan of its method at TWS; the plan is None for a builtin method.

        `speaker`: the client that owns the key of the connection. None: the bridge uses no keys, and trusts the name in
        the request. Raises Refused.
        """
        request = read(body)
        self._identify(request, speaker)
        plan = self._plan(request)
        self._permissions.method(request.client, request.method, plan)
        request.changes = changes(request.method, plan) or (plan is not None and is_once(plan, request.params))
        return request, plan

    def check(self, request: Request) -> Data:
        """Return the typed params of the request. Raises Refused `invalidParams`."""
        return self._parameters.check(request.method, request.params)

    @staticmethod
    def _identify(request: Request, speaker: str | None) -> None:
        """Refuse a request in another client's name: the key decides which client sends it."""
        if speaker is not None and request.client != speaker:
            raise refusal("identity", f"this key belongs to {speaker}, not to {request.client}", client=speaker)

    def _plan(self, request: Request) -> RequestPlan | None:
        if request.method in builtin_methods.METHODS or request.method in (ORDER_LOG, RELOAD):
            return None
        if reason := RESERVED.get(request.method):
            raise refusal("reserved", f"{request.method}: {reason}")
        plan = self._routing.requests.get(LIKE.get(request.method, request.method))
        if plan is None:
            near = near_method(request.method, self._methods)
            raise Refused("unknownMethod", f"there is no method {request.method[:64]}{near}")
        return plan
