"""What one client may do and hear: the rights that the configuration gives to a name. Values only, nothing is decided.

The names of the fields are those of the configuration, and the `rule` that a refusal names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import AnyStr, Literal

Role = Literal["observe", "account", "trade", "admin"]
#: What becomes of a client's orders when it is lost.
WhenLost = Literal["stay", "cancel"]
ROLES: tuple[Role, ...] = ("observe", "account", "trade", "admin")

#: Of `system.`, what any client may hear. The others carry what accounts, orders or admins' requests are answered.
PUBLIC_SYSTEM = (
    "connection", "heartbeat", "trading", "ledger", "notice", "gap", "recovered", "ended", "farms",
    "plannedRestart", "clientJoined", "clientSilent", "clientLost", "clientFenced",
    "nextValidId", "currentTime", "currentTimeInMillis", "displayGroupUpdated",
)  # fmt: skip
#: Topics that any client may hear, as prefixes.
_PUBLIC = (
    "sync.", "market.", "depth.", "trades.", "bars.", "news.", "scanner.",
    *(f"system.{event}" for event in PUBLIC_SYSTEM),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Grant:
    """Rights of one client. `admin` includes the other roles, each role includes `observe`; None is no limit.

    `max_order_notional`: the most that one order may be worth, by currency; a currency that is not there is not traded.
    """

    roles: frozenset[Role] = frozenset({"observe"})
    accounts: frozenset[str] | None = None
    symbols: frozenset[str] | None = None
    max_order_size: Decimal | None = None
    max_order_notional: Mapping[str, Decimal] | None = None
    max_open_orders: int | None = None
    max_orders_per_minute: int | None = None
    regulatory_snapshots: bool = False
    manual_orders: bool = False
    when_lost: WhenLost = "stay"

    def has(self, role: Role) -> bool:
        return role in self.roles or "admin" in self.roles or (role == "observe" and bool(self.roles))

    def hears(self, client: str) -> tuple[str, ...]:
        """Prefixes of the topics that the client of this name may hear; `("",)` is everything."""
        if self.has("admin"):
            return ("",)
        own = (f"order.{client}.", f"request.{client}.")
        if not self.has("account"):
            return (*_PUBLIC, *own)
        if self.accounts is None:
            return (*_PUBLIC, "account.", "system.managedAccounts", *own)
        return (*_PUBLIC, *(f"account.{name}." for name in sorted(self.accounts)), *own)


#: Where the configuration names no clients: everything but what costs money or touches orders entered by hand.
EVERYONE = Grant(roles=frozenset({"admin"}))


def is_public(prefix: str) -> bool:
    """Whether any client may hear all below the prefix."""
    return prefix.startswith(_PUBLIC)


def cut(asked: AnyStr, allowed: tuple[AnyStr, ...]) -> list[AnyStr]:
    """The prefixes that select exactly the topics which `asked` selects and one of `allowed` selects, too."""
    if asked.startswith(allowed):
        return [asked]
    return [prefix for prefix in allowed if prefix.startswith(asked)]
