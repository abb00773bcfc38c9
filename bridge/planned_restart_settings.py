"""The part of the configuration that names planned restarts of TWS and resets of IBKR.

[[planned_restarts]]
name = "Gateway's daily restart"
begins = "23:45"
ends = "23:50"
zone = "America/New_York"
days = ["mon", "tue", "wed", "thu", "fri"]
"""

from __future__ import annotations

from datetime import time
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictStr, StringConstraints, model_validator

from bridge.session.restarts import PlannedRestart

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _moment(value: object) -> object:
    """Read a local time of day, given as text or as a TOML time."""
    if isinstance(value, time) and value.tzinfo is None:
        return value
    hour, colon, minute = str(value).partition(":")
    if not isinstance(value, str) or not colon or not (hour + minute).isdecimal() or len(value) > len("00:00"):
        raise ValueError('expected a time of day such as "23:45"')
    try:
        return time(int(hour), int(minute))
    except ValueError:
        raise ValueError(f'{value}: expected a time of day such as "23:45"') from None


def _zone(value: object) -> ZoneInfo:
    try:
        return ZoneInfo(str(value))
    except (KeyError, ValueError, OSError):
        raise ValueError(f"there is no time zone {value}; expected a name such as America/New_York") from None


class PlannedRestartSettings(BaseModel):
    """One planned restart or reset: its local times, their time zone, and the days on which it begins."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    name: Annotated[StrictStr, StringConstraints(min_length=1, max_length=64)] = Field(
        description="Its name in events and logs."
    )
    begins: Annotated[time, BeforeValidator(_moment)] = Field(
        description='The local time at which it begins: `"23:45"`.'
    )
    ends: Annotated[time, BeforeValidator(_moment)] = Field(
        description="The local time at which it ends. If that is before `begins`, it ends on the next day."
    )
    zone: Annotated[ZoneInfo, BeforeValidator(_zone)] = Field(
        description="The time zone of both times: `America/New_York`."
    )
    days: Annotated[list[Day], Field(min_length=1)] = Field(
        list(DAYS), description="The days on which it begins. Without it: every day."
    )
    lead: Annotated[float, Field(strict=True, ge=0, le=3600, allow_inf_nan=False)] = Field(
        60.0,
        description="The bridge stops sending new orders this long before the restart begins.",
        json_schema_extra={"unit": "seconds"},
    )

    @model_validator(mode="after")
    def _takes_time(self) -> Self:
        if self.begins == self.ends:
            raise ValueError(f"{self.name} ends when it begins")
        return self

    @property
    def planned(self) -> PlannedRestart:
        """The planned restart, for the session."""
        days = frozenset(map(DAYS.index, self.days))
        return PlannedRestart(self.name, self.begins, self.ends, self.zone, days, self.lead)
