"""Decides which client may call which method with which params, and which topics it may receive.

A reload of the configuration replaces the rights of all clients at once.

First the bridge checks the role that the method needs: from the table here, or from the declaration of the method.
Then it checks the params.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from bridge.session.rights import limits
from bridge.session.rights.grants import EVERYONE, Grant, Role, WhenLost, cut
from bridge.session.rights.limits import refusal
from bridge.session.routing import RequestPlan
from bridge.session.values import Data

#: Method -> role, where the role does not follow from the declaration of the method.
_ROLES: dict[str, Role] = {
    "abandon": "trade",
    "awaitOrder": "trade",
    "cancelMine": "trade",
    "cancelNewsBulletins": "observe",  # only releases the client's hold: the stream ends with the last one
    "clients": "admin",
    "exerciseOptions": "trade",
    "halt": "admin",
    "modifyOrder": "trade",
    "placeOrders": "trade",
    "reload": "admin",
    "replaceFA": "admin",
    "reqAccountUpdates": "account",  # TWS serves one account at a time: the bridge refuses a second one
    "reqConfig": "admin",
    "reqFamilyCodes": "account",
    "reqManagedAccts": "account",
    "reqUserInfo": "account",
    "requestFA": "account",
    "resume": "admin",
    "updateDisplayGroup": "trade",
}
#: The params that name an account.
_ACCOUNTS = ("account", "acctCode", "customerAccount")


class Permissions:
    """The rights of all clients. `grants`: client -> its rights.

    Where `grants` is None, the configuration names no clients, and each client has the rights of `anyone`.

    `has_keys`: the clients prove their names with keys. Without keys the bridge cannot know who subscribes, so that
    each client receives all topics; a snapshot without some of them would look like lost events to it.
    """

    def __init__(
        self, grants: Mapping[str, Grant] | None = None, anyone: Grant = EVERYONE, *, has_keys: bool = True
    ) -> None:
        self._has_keys = has_keys
        self._grants = grants
        self._anyone = anyone
        #: How often the rights have been replaced.
        self.generation = 0

    @property
    def is_open(self) -> bool:
        """Whether the configuration names no clients, and everyone has the same rights."""
        return self._grants is None

    def copy(self) -> Permissions:
        """The same rights, as an object of its own."""
        return Permissions(self._grants, self._anyone, has_keys=self._has_keys)

    def replace(self, other: Permissions) -> None:
        """From now on each client has the rights that it has in `other`."""
        self._grants, self._anyone, self._has_keys = other._grants, other._anyone, other._has_keys
        self.generation += 1

    def grant(self, client: str) -> Grant:
        """The rights of the client. Raises Refused where the configuration does not name it."""
        if self._grants is None:
            return self._anyone
        grant = self._grants.get(client)
        if grant is None:
            raise refusal("clients", f"the configuration has no client {client}")
        return grant

    def named(self) -> Mapping[str, Grant]:
        """The rights of the clients that the configuration names; empty if it names none."""
        return {} if self._grants is None else self._grants

    def hears(self, client: str) -> tuple[str, ...]:
        """The prefixes of the topics that the client may receive; none for an unknown client."""
        if self._grants is None:
            return self._anyone.hears(client)
        if not self._has_keys:
            return EVERYONE.hears(client)
        grant = self._grants.get(client)
        return () if grant is None else grant.hears(client)

    def cut(self, client: str, prefix: str) -> list[str]:
        """The part of a topic prefix that the client may receive, as prefixes."""
        return cut(prefix, self.hears(client))

    def may_hear(self, client: str, prefix: str) -> bool:
        """Whether the client may receive all topics with the prefix."""
        return self.cut(client, prefix) == [prefix]

    def when_lost(self, client: str) -> WhenLost:
        """What the bridge does with the orders of the client when it is lost. Those of an unknown client stay."""
        grant = self._anyone if self._grants is None else self._grants.get(client)
        return "stay" if grant is None else grant.when_lost

    def may_touch(self, client: str, owner: str) -> bool:
        """Whether the client may change or cancel orders of the owner: its own, or all where it is a named admin."""
        return client == owner or (self._grants is not None and self.grant(client).has("admin"))

    def method(self, client: str, method: str, plan: RequestPlan | None) -> None:
        """Raise Refused where the client may not call the method. `plan`: None for a method of the bridge itself."""
        grant, role = self.grant(client), role_of(method, plan)
        if not grant.has(role):
            raise refusal("roles", f"{method} needs the role {role}", role=role)
        if method == "reqGlobalCancel" and self._grants is None:
            advice = "name an admin in the configuration, or cancel your own with cancelMine"
            raise refusal("roles", f"{method} also cancels the orders of other clients: {advice}", role="admin")

    def params(self, client: str, method: str, params: Data, managed: Collection[str], client_id: int) -> None:
        """Raise Refused where the client may call the method, but not with these params.

        `managed`: the accounts that TWS has. `client_id`: the bridge's client ID at TWS.
        """
        grant = self.grant(client)
        if params.get("regulatorySnapshot") and not grant.regulatory_snapshots:
            raise refusal(
                "regulatory_snapshots", "each one costs money; the configuration does not allow them for this client"
            )
        if _binds(method, params, client_id) and not grant.manual_orders:
            raise refusal("manual_orders", f"{method} binds orders entered by hand: TWS cancels and resubmits them")
        role = _ROLES.get(method)
        if method in _READS_ALL or role == "account" or any(name in params for name in _ACCOUNTS):
            _accounts(grant, method, params, managed)


#: Methods whose answers have data of all accounts, unless the params name one.
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


#: Methods for `trade` and `admin` that change nothing, or only reduce risk.
_HARMLESS = frozenset({"awaitOrder", "clients", "halt", "reqConfig", "reqIds"})


def changes(method: str, plan: RequestPlan | None) -> bool:
    """Whether the method changes something at TWS or resumes trading. A fenced instance may not call such a method."""
    return method not in _HARMLESS and role_of(method, plan) in ("trade", "admin")


def _binds(method: str, params: Data, client_id: int) -> bool:
    """Whether TWS would bind orders that a person entered by hand (only client ID 0 can do that)."""
    return (method == "reqAutoOpenOrders" and bool(params.get("autoBind"))) or (
        method == "reqOpenOrders" and client_id == 0
    )


def _accounts(grant: Grant, method: str, params: Data, managed: Collection[str]) -> None:
    """Check that the client may use all accounts that the request reads or changes."""
    if grant.accounts is None or (managed and grant.accounts.issuperset(managed)):
        return
    named = [params.get(name) for name in _ACCOUNTS if params.get(name)]
    if account := params.get("executionFilter", {}).get("acctCode"):
        named.append(account)
    if not named or "group" in params:
        raise refusal("accounts", f"{method} returns data of all accounts, and this client may use some only")
    limits.account(grant, named, managed)
