"""The settings of the simulated TWS, which reqConfig reads and updateConfig changes.

Values have the form of the configResponse message. They have no effect on the simulator.
"""

from collections.abc import Iterator
from copy import deepcopy

from bridge.simulator.core.values import Data

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
    """Sections of settings, and the rows of `messages` by id."""

    def __init__(self) -> None:
        """Start with the settings of a new installation."""
        self._values = _initial()

    def current(self) -> Data:
        """Return the fields of a configResponse without reqId."""
        return deepcopy(self._values)

    def problems(self, wanted: Data) -> list[str]:
        """Return why an updateConfig is not possible, one text for each problem; empty if it is possible."""
        known = {row["id"] for row in self._values["messages"]}
        found = [f"messages: unknown id {row.get('id')}" for row in wanted.get("messages", []) if _id(row) not in known]
        if wanted.get("resetAPIOrderSequence"):
            found.append("resetAPIOrderSequence: order ids are in use")
        return found

    def update(self, wanted: Data) -> list[str]:
        """Set the given values. Returns the dotted names of the values that have changed."""
        changed: list[str] = []
        for section in _SECTIONS:
            changed += _merge(self._values[section], wanted.get(section, {}), section)
        rows = {row["id"]: row for row in self._values["messages"]}
        for row in wanted.get("messages", []):
            changed += _merge(rows[row["id"]], row, f"messages.{row['id']}")
        return changed


def _id(row: Data) -> int | None:
    return row.get("id")


def _merge(current: Data, given: Data, name: str) -> Iterator[str]:
    """Set values and yield the names of those that have changed."""
    for key, value in given.items():
        if isinstance(value, dict):
            yield from _merge(current.setdefault(key, {}), value, f"{name}.{key}")
        elif current.get(key) != value:
            current[key] = value
            yield f"{name}.{key}"
