"""The settings of the simulator, with types and checks."""

from decimal import Decimal
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

OLDEST, NEWEST = 176, 226


class SimulatorSettings(BaseModel):
    """Every field has a default. pydantic raises ValidationError for an unknown field or an invalid value."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    listen: str = Field("127.0.0.1:7497", description="HOST:PORT where the simulator listens. Port 0 takes a free one.")
    server_version: Annotated[int, Field(ge=OLDEST, le=NEWEST)] = Field(
        NEWEST, description="The server version of TWS that the simulator speaks."
    )
    seed: int = Field(1, description="The seed of the simulated market. The same seed gives the same prices.")
    ticks_per_second: Annotated[int, Field(ge=1, le=200_000)] = Field(
        100,
        description="How many quotes change in a second, over all instruments.",
        json_schema_extra={"unit": "changes per second"},
    )
    accounts: tuple[str, ...] = Field(("DU1234567",), description="The accounts of the simulated login.")
    cash: Annotated[Decimal, Field(gt=0)] = Field(
        Decimal(1_000_000),
        description="The cash with which each account begins.",
        json_schema_extra={"unit": "US dollars"},
    )
    client_buffer: Annotated[int, Field(ge=4096)] = Field(
        16 * 1024 * 1024,
        description="How many bytes may wait for a client that does not read. The simulator drops a client beyond "
        "that.",
        json_schema_extra={"unit": "bytes"},
    )
    messages_per_second: Annotated[int, Field(ge=0)] = Field(
        0,
        description="How many messages a client may send in a second, as TWS counts them: above that it gets error "
        "100, and the third one ends the connection. Then TWS's rules for historical data hold, too (error 162). 0 "
        "means no limit.",
        json_schema_extra={"unit": "messages per second"},
    )
    state: Path | None = Field(
        None,
        description="The folder where the simulator keeps what outlives a Gateway: orders, executions, accounts. "
        "Without it the simulator begins anew each time.",
    )
    forget_ids: bool = Field(
        False,
        description="Whether `nextValidId` begins at 1 again although higher ids are in use, as Gateways have done.",
    )

    @field_validator("listen")
    @classmethod
    def _place(cls, value: str) -> str:
        host, colon, port = value.rpartition(":")
        if not colon or not host or not port.isdecimal() or int(port) > 65535:
            raise ValueError(f"{value!r} is not HOST:PORT")
        return value

    @field_validator("accounts")
    @classmethod
    def _named(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value or not all(value) or len(set(value)) != len(value):
            raise ValueError("give at least one account, each with a different name")
        return value

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of `listen`."""
        host, _, port = self.listen.rpartition(":")
        return host.strip("[]"), int(port)
