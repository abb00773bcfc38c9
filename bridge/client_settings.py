"""The part of the configuration that names clients, their keys and their rights.

    [clients.momentum]
    public_key = "..."                          # the public key that `tws-bridge keys new momentum` printed
    roles = ["account", "trade"]
    accounts = ["DU1234567"]
    max_order_notional = { USD = 100000 }

A limit that is not given does not apply. `regulatory_snapshots` and `manual_orders` are off unless given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
    StringConstraints,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

from bridge.keys import is_key
from bridge.session.rights.grants import Grant, Role, WhenLost
from bridge.session.topic_names import CLIENT

_DECIMAL = re.compile(r"[0-9]+(\.[0-9]+)?")


def _name(value: object) -> object:
    if not isinstance(value, str) or not CLIENT.fullmatch(value) or value == "external":
        raise PydanticCustomError("name", "expected a name: 1 to 64 of A-Z a-z 0-9 _ -, and not 'external'")
    return value


def _key(value: object) -> object:
    if not isinstance(value, str) or not is_key(value):
        raise PydanticCustomError("key", "expected a public key of 40 characters, as `tws-bridge keys new` prints it")
    return value


def _number(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise PydanticCustomError("number", "expected a number")
    if isinstance(value, str) and not _DECIMAL.fullmatch(value):
        raise PydanticCustomError("number", "expected a number, such as 100000 or '90000.10'")
    return str(value)


def _word(value: str) -> str:
    if value != value.strip():
        raise PydanticCustomError("word", "expected no blanks before or after it")
    return value


Name = Annotated[str, BeforeValidator(_name)]
PublicKey = Annotated[str, BeforeValidator(_key)]
Positive = Annotated[Decimal, BeforeValidator(_number), Field(gt=0, allow_inf_nan=False)]
Currency = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Z]{3}$")]
Word = Annotated[StrictStr, StringConstraints(min_length=1), AfterValidator(_word)]
Words = Annotated[list[Word], Field(min_length=1)]
Count = Annotated[StrictInt, Field(ge=0, le=1_000_000)]


class ClientRights(BaseModel):
    """The key and the rights of one client."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    public_key: PublicKey | None = Field(
        None,
        description="The client's public key, as `tws-bridge keys new` prints it. Required if the bridge has a `key`.",
    )
    roles: Annotated[list[Role], Field(min_length=1)] = Field(
        description="What the client may do: `observe` (market data), `account` (accounts too), `trade` (orders of its "
        "own), `admin` (everything)."
    )
    accounts: Words | None = Field(
        None, description="The accounts that the client may see and trade. Without it: all. Not for an admin."
    )
    symbols: Words | None = Field(
        None,
        description="The symbols that the client may trade; they limit each leg of a combination too. Without it: all.",
    )
    max_order_size: Positive | None = Field(None, description="The largest quantity of one order.")
    max_order_notional: Annotated[dict[Currency, Positive], Field(min_length=1)] | None = Field(
        None,
        description="The most that one order may be worth, by currency. The client may not trade in a currency that is "
        "not listed.",
    )
    max_open_orders: Count | None = Field(None, description="How many orders of the client may be open at a time.")
    max_orders_per_minute: Count | None = Field(
        None, description="How many orders and changes the bridge lets through in a minute."
    )
    max_lines: dict[Literal["marketData", "marketDepth", "tickByTick", "accountSummary"], Count] | None = Field(
        None,
        description="How many lines of each kind (`marketData`, `marketDepth`, `tickByTick`, `accountSummary`) the "
        "client may use at a time.",
    )
    regulatory_snapshots: StrictBool = Field(
        False, description="Whether the client may ask for regulatory snapshots. Each one costs money."
    )
    manual_orders: StrictBool = Field(
        False, description="Whether the client may bind orders that a person entered in TWS."
    )
    when_lost: WhenLost = Field(
        "stay",
        description="What the bridge does with the client's open orders when the client is lost: `stay` or `cancel`.",
    )

    @field_validator("accounts")
    @classmethod
    def _not_of_an_admin(cls, value: list[str] | None, info: ValidationInfo) -> list[str] | None:
        """An admin can act on the orders of all clients in all accounts, so a list of accounts has no effect."""
        if value is not None and "admin" in info.data.get("roles", ()):
            raise PydanticCustomError("admin", "an admin can use all accounts: remove this, or the role admin")
        return value

    @property
    def grant(self) -> Grant:
        """The rights of the client, for the session."""
        return Grant(
            roles=frozenset(self.roles),
            accounts=None if self.accounts is None else frozenset(self.accounts),
            symbols=None if self.symbols is None else frozenset(self.symbols),
            max_order_size=self.max_order_size,
            max_order_notional=self.max_order_notional,
            max_open_orders=self.max_open_orders,
            max_orders_per_minute=self.max_orders_per_minute,
            max_lines=None if self.max_lines is None else {line: most for line, most in self.max_lines.items()},
            regulatory_snapshots=self.regulatory_snapshots,
            manual_orders=self.manual_orders,
            when_lost=self.when_lost,
        )


def public_keys(clients: object) -> dict[str, str | None]:
    """The public key of each client in the raw settings, or None if it has none. Invalid keys are left out."""
    tables = clients if isinstance(clients, dict) else {}
    given = {name: client.get("public_key") for name, client in tables.items() if isinstance(client, dict)}
    return {name: key for name, key in given.items() if key is None or (isinstance(key, str) and is_key(key))}


def conflicts(clients: Mapping[str, str | None], *, keyed: bool, own_key: str | None) -> Iterator[tuple[str, str]]:
    """Yields the mistakes in the keys of all clients together, as (place below `clients`, message).

    `keyed`: whether the bridge has a key. `own_key`: its public key, if its file could be read.
    """
    holders: dict[str, str] = {}
    for name, key in clients.items():
        place = f"{name}.public_key"
        if key is None:
            if keyed:
                yield place, "required, because the bridge has a `key` and identifies clients by theirs"
            continue
        if not keyed:
            yield place, "has no effect unless the bridge has a key: set `key`"
        if key == own_key:
            yield place, "is the bridge's own key; each client needs its own pair"
        if key in holders:
            yield place, f"is the key of {holders[key]}; each client needs its own pair"
        holders.setdefault(key, name)
