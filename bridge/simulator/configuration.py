"""The settings of the simulated TWS, as reqConfig tells and updateConfig changes them.

Keeps values in the shapes of the configResponse message; nothing else in the simulator heeds them.
"""

from collections.abc import Iterator
from copy import deepcopy

from bridge.simulator.values import Data

_SECTIONS = ("lockAndExit", "api", "orders")


def _initial() -> Data:
    return {
        "lockAndExit": {"autoLogoffTime": "11:45", "autoLogoffPeriod": "PM", "autoLogoffType": "restart"},
        "messages": [
            {
                "id": 397,
                "title": "The API is in Read-Only mode information message",
                "message": "The API is in Read-Only mode.",
                "defaultAction": "Yes",
                "enabled": True,
            }
        ],
        "api": {
            "precautions": {"bypassOrderPrecautions": False, "bypassBondWarning": False},
            "settings": {
                "readOnlyApi": False,
                "socketPort": 7497,
                "downloadOpenOrdersOnConnection": True,
                "masterClientId": 0,
                "loggingLevel": "error",
                "allowLocalhostOnly": True,
                "trustedIPs": ["127.0.0.1"],
            },
        },
        "orders": {"smartRouting": {"seekPriceImprovement": False, "preOpenReroute": False}},
    }


class Configuration:
    """Sections of settings, and the rows of `messages` by their id."""

    def __init__(self) -> None:
        """As after installation."""
        self._now = _initial()

    def told(self) -> Data:
        """The fields of a configResponse but reqId."""
        return deepcopy(self._now)

    def wrong(self, wanted: Data) -> list[str]:
        """What of an updateConfig cannot be done, in words; empty if all of it can."""
        known = {row["id"] for row in self._now["messages"]}
        found = [f"messages: unknown id {row.get('id')}" for row in wanted.get("messages", []) if _id(row) not in known]
        if wanted.get("resetAPIOrderSequence"):
            found.append("resetAPIOrderSequence: order ids are in use")
        return found

    def update(self, wanted: Data) -> list[str]:
        """Takes the given values over; the dotted names of those that have changed."""
        changed: list[str] = []
        for section in _SECTIONS:
            changed += _merge(self._now[section], wanted.get(section, {}), section)
        rows = {row["id"]: row for row in self._now["messages"]}
        for row in wanted.get("messages", []):
            changed += _merge(rows[row["id"]], row, f"messages.{row['id']}")
        return changed


def _id(row: Data) -> int | None:
    return row.get("id")


def _merge(kept: Data, given: Data, name: str) -> Iterator[str]:
    """Names of the values that changed on the way."""
    for key, value in given.items():
        if isinstance(value, dict):
            yield from _merge(kept.setdefault(key, {}), value, f"{name}.{key}")
        elif kept.get(key) != value:
            kept[key] = value
            yield f"{name}.{key}"
