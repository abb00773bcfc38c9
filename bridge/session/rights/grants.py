"""The rights that the configuration gives to a client.

The names of the fields are those of the configuration. The `rule` of a refusal uses the same names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import AnyStr, Literal

Role = Literal["observe", "account", "trade", "admin"]
#: What the bridge does with the orders of a lost client: let them stay, or cancel them.
WhenLost = Literal["stay", "cancel"]
ROLES: tuple[Role, ...] = ("observe", "account", "trade", "admin")

#: The `system.` events that every client may receive. The others contain data of accounts, orders or admin requests.
PUBLIC_SYSTEM = (
    "connection", "heartbeat", "trading", "verdict", "ledger", "notice", "gap", "recovered", "ended", "farms", "pacing",
    "plannedRestart", "configuration", "clientJoined", "clientSilent", "clientLost", "clientFenced",
    "nextValidId", "currentTime", "currentTimeInMillis", "displayGroupUpdated",
)  # fmt: skip
#: The prefixes of the topics that every client may receive.
_PUBLIC = (
    "sync.", "market.", "depth.", "trades.", "bars.", "news.", "scanner.",
    *(f"system.{event}" for event in PUBLIC_SYSTEM),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Grant:
    """The rights of one client. `admin` includes all other roles, and each role includes `observe`. None is no limit.

    `max_order_notional`: currency -> the highest notional of one order. The client may not trade other currencies.
    `max_lines`: kind of line -> how many the client may use at a time.
    """

    roles: frozenset[Role] = frozenset({"observe"})
    accounts: frozenset[str] | None = None
    symbols: frozenset[str] | None = None
    max_order_size: Decimal | None = None
    max_order_notional: Mapping[str, Decimal] | None = None
    max_open_orders: int | None = None
    max_orders_per_minute: int | None = None
    max_lines: Mapping[str, int] | None = None
    regulatory_snapshots: bool = False
    manual_orders: bool = False
    when_lost: WhenLost = "stay"

    def has(self, role: Role) -> bool:
        """Whether the client has the role, or one that includes it."""
        return role in self.roles or "admin" in self.roles or (role == "observe" and bool(self.roles))

    def hears(self, client: str) -> tuple[str, ...]:
        """The prefixes of the topics that the client may receive; `("",)` is all topics. `client`: its name."""
        if self.has("admin"):
            return ("",)
        own = (f"order.{client}.", f"request.{client}.")
        if not self.has("account"):
            return (*_PUBLIC, *own)
        if self.accounts is None:
            return (*_PUBLIC, "account.", "system.managedAccounts", *own)
        return (*_PUBLIC, *(f"account.{name}." for name in sorted(self.accounts)), *own)


#: The rights of every client where the configuration names none: all except what costs money (regulatory snapshots)
#: and what binds orders that a person entered by hand.
EVERYONE = Grant(roles=frozenset({"admin"}))


def is_public(prefix: str) -> bool:
    """Whether every client may receive all topics with the prefix."""
    return prefix.startswith(_PUBLIC)


def cut(asked: AnyStr, allowed: tuple[AnyStr, ...]) -> list[AnyStr]:
    """The intersection: the prefixes of the topics that begin with `asked` and with one of `allowed`."""
    if asked.startswith(allowed):
        return [asked]
    return [prefix for prefix in allowed if prefix.startswith(asked)]
