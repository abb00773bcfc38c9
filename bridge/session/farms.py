"""IBKR's data farms: TWS says which there are, and how its connection to each stands.

Codes and texts are IBKR's ("Market data farm connection is OK:usfarm"); the last word of the text is the farm's name.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from bridge.session.values import Data

Kind = Literal["marketData", "historicalData", "securityDefinitions"]
State = Literal["ok", "connecting", "inactive", "broken"]

_CODES: dict[int, tuple[Kind, State]] = {
    2103: ("marketData", "broken"),
    2104: ("marketData", "ok"),
    2108: ("marketData", "inactive"),
    2119: ("marketData", "connecting"),
    2105: ("historicalData", "broken"),
    2106: ("historicalData", "ok"),
    2107: ("historicalData", "inactive"),
    2157: ("securityDefinitions", "broken"),
    2158: ("securityDefinitions", "ok"),
}
_NAME = re.compile(r"[:.]\s*(\w+(?:\.\w+)?)\s*$")


class Farm(NamedTuple):
    """`since`: when it came to this state, ns since 1970 UTC."""

    name: str
    kind: Kind
    state: State
    since: int


class Farms:
    """What TWS has told on this connection."""

    def __init__(self) -> None:
        self._farms: dict[tuple[str, Kind], Farm] = {}

    def forget(self) -> None:
        """A new connection: TWS tells them again."""
        self._farms.clear()

    def on_notice(self, code: int, text: str, ts: int) -> bool:
        """Take a notice of TWS; whether a farm has another state by it. A text without a name is of no farm."""
        if code not in _CODES or (named := _NAME.search(text)) is None:
            return False
        kind, state = _CODES[code]
        known = self._farms.get((named[1], kind))
        if known is not None and known.state == state:
            return False
        self._farms[named[1], kind] = Farm(named[1], kind, state, ts)
        return True

    def told(self) -> list[Data]:
        """Each farm as `{farm, kind, state, since}`, by name."""
        return [
            {"farm": farm.name, "kind": farm.kind, "state": farm.state, "since": farm.since}
            for _, farm in sorted(self._farms.items())
        ]
