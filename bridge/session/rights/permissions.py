"""Who may call which method with which params, and hear which topics. Pure; holds the grants and nothing that changes.

A method is judged by the role that its declaration or the table here gives it, then by what its params name.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from bridge.session.rights import limits
from bridge.session.rights.grants import EVERYONE, Grant, Role, WhenLost, cut
from bridge.session.rights.limits import refusal
from bridge.session.routing import RequestPlan
from bridge.session.values import Data

#: Methods whose role is not to be read off their declaration.
_ROLES: dict[str, Role] = {
    "abandon": "trade",
    "awaitOrder": "trade",
    "cancelMine": "trade",
    "cancelNewsBulletins": "observe",  # ends a client's hold on a stream: the bridge counts the holders
    "clients": "admin",
    "exerciseOptions": "trade",
    "halt": "admin",
    "modifyOrder": "trade",
    "placeOrders": "trade",
    "replaceFA": "admin",
    "reqAccountUpdates": "account",  # one account at a time: the bridge shares it and refuses another
    "reqConfig": "admin",
    "reqFamilyCodes": "account",
    "reqManagedAccts": "account",
    "reqUserInfo": "account",
    "requestFA": "account",
    "resume": "admin",
    "updateDisplayGroup": "trade",
}
#: Of a request's params, those that name an account.
_ACCOUNTS = ("account", "acctCode", "customerAccount")


class Permissions:
    """`grants` by client. None: the configuration names no clients, and whoever can connect has `anyone`'s rights."""

    def __init__(self, grants: Mapping[str, Grant] | None = None, anyone: Grant = EVERYONE) -> None:
        self._grants = grants
        self._anyone = anyone

    def grant(self, client: str) -> Grant:
        """The client's rights; raise Refused where the configuration does not name it."""
        if self._grants is None:
            return self._anyone
        grant = self._grants.get(client)
        if grant is None:
            raise refusal("clients", f"the configuration names no client {client}")
        return grant

    def hears(self, client: str) -> tuple[str, ...]:
        """Prefixes of what the client may hear; none for one that is not known."""
        if self._grants is None:
            return self._anyone.hears(client)
        grant = self._grants.get(client)
        return () if grant is None else grant.hears(client)

    def cut(self, client: str, prefix: str) -> list[str]:
        """What of a prefix the client may hear, as prefixes."""
        return cut(prefix, self.hears(client))

    def may_hear(self, client: str, prefix: str) -> bool:
        """Whether the client may hear all below the prefix."""
        return self.cut(client, prefix) == [prefix]

    def when_lost(self, client: str) -> WhenLost:
        """What becomes of the client's orders when it is lost; those of one that is not known stay."""
        grant = self._anyone if self._grants is None else self._grants.get(client)
        return "stay" if grant is None else grant.when_lost

    def may_touch(self, client: str, owner: str) -> bool:
        """Whether the client may change or cancel the owner's orders: its own, or any if it was made an admin."""
        return client == owner or (self._grants is not None and self.grant(client).has("admin"))

    def method(self, client: str, method: str, plan: RequestPlan | None) -> None:
        """Raise Refused where the client may not call the method at all. `plan` is None for the bridge's own."""
        grant, role = self.grant(client), role_of(method, plan)
        if not grant.has(role):
            raise refusal("roles", f"{method} needs the role {role}", role=role)
        if method == "reqGlobalCancel" and self._grants is None:
            advice = "name an admin in the configuration, or cancel your own with cancelMine"
            raise refusal("roles", f"{method} cancels the orders of others, too: {advice}", role="admin")

    def params(self, client: str, method: str, params: Data, managed: Collection[str], client_id: int) -> None:
        """Raise Refused where the client may call the method, but not so. `managed`: the accounts that TWS has."""
        grant = self.grant(client)
        if params.get("regulatorySnapshot") and not grant.regulatory_snapshots:
            raise refusal(
                "regulatory_snapshots", "each costs money; the configuration does not give them to this client"
            )
        if _binds(method, params, client_id) and not grant.manual_orders:
            raise refusal("manual_orders", f"{method} binds orders entered by hand: cancels and resubmits them")
        role = _ROLES.get(method)
        if method in _READS_ALL or role == "account" or any(name in params for name in _ACCOUNTS):
            _accounts(grant, method, params, managed)


#: Methods whose answers hold every account, unless their params name one.
_READS_ALL = frozenset(
    {"reqPositions", "reqOpenOrders", "reqAllOpenOrders", "reqCompletedOrders", "reqExecutions", "reqAccountSummary",
     "reqAccountUpdates", "reqAccountUpdatesMulti", "reqPnL", "reqPnLSingle", "reqPositionsMulti"}
)  # fmt: skip


def role_of(method: str, plan: RequestPlan | None) -> Role:
    """The role that the method needs."""
    if method in _ROLES:
        return _ROLES[method]
    if plan is None:
        return "observe"
    if plan.scope == "connection":
        return "admin"
    if plan.completes == "order":
        return "trade"
    return "account" if plan.family in ("account", "order") else "observe"


#: Methods of `trade` and `admin` that change nothing, or nothing for the worse.
_HARMLESS = frozenset({"awaitOrder", "clients", "halt", "reqConfig", "reqIds"})


def changes(method: str, plan: RequestPlan | None) -> bool:
    """Whether the method changes something at TWS, or lets orders leave again: what an older twin must not do."""
    return method not in _HARMLESS and role_of(method, plan) in ("trade", "admin")


def _binds(method: str, params: Data, client_id: int) -> bool:
    """Whether the request would take over orders that were entered by hand (only client id 0 does that)."""
    return (method == "reqAutoOpenOrders" and bool(params.get("autoBind"))) or (
        method == "reqOpenOrders" and client_id == 0
    )


def _accounts(grant: Grant, method: str, params: Data, managed: Collection[str]) -> None:
    """The accounts that a request reads or touches must all be the client's."""
    if grant.accounts is None or (managed and grant.accounts.issuperset(managed)):
        return
    named = [params.get(name) for name in _ACCOUNTS if params.get(name)]
    if account := params.get("executionFilter", {}).get("acctCode"):
        named.append(account)
    if not named or "group" in params:
        raise refusal("accounts", f"{method} would tell of all accounts, and this client may use some only")
    limits.account(grant, named, managed)
