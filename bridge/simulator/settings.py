"""What the simulator can be told, typed and checked."""

from decimal import Decimal
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

OLDEST, NEWEST = 176, 226


class SimulatorSettings(BaseModel):
    """Every field has a default; an unknown or impossible one raises pydantic's ValidationError."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    listen: str = "127.0.0.1:7497"
    """HOST:PORT; port 0 takes a free one."""
    server_version: Annotated[int, Field(ge=OLDEST, le=NEWEST)] = NEWEST
    seed: int = 1
    ticks_per_second: Annotated[int, Field(ge=1, le=200_000)] = 100
    """Changes of quotes per second, over all instruments."""
    accounts: tuple[str, ...] = ("DU1234567",)
    cash: Annotated[Decimal, Field(gt=0)] = Decimal(1_000_000)
    """US dollars with which each account begins."""
    client_buffer: Annotated[int, Field(ge=4096)] = 16 * 1024 * 1024
    """Bytes that may wait for a client that does not read; beyond, it is dropped."""
    state: Path | None = None
    """The folder in which it keeps what outlives a Gateway; without one it begins anew each time."""
    forget_ids: bool = False
    """Whether nextValidId begins at 1 again, although higher ids are in use."""

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
            raise ValueError("at least one account, each with a name of its own")
        return value

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of `listen`."""
        host, _, port = self.listen.rpartition(":")
        return host.strip("[]"), int(port)
