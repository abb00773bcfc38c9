"""IBKR's data farms: which farms TWS has named, and the state of TWS's connection to each.

Codes and texts are IBKR's ("Market data farm connection is OK:usfarm"). The last word of the text is the farm's name.
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
    """One data farm. `since`: when it entered this state, in ns since 1970 UTC."""

    name: str
    kind: Kind
    state: State
    since: int


class Farms:
    """The farms that TWS has named on this connection."""

    def __init__(self) -> None:
        self._farms: dict[tuple[str, Kind], Farm] = {}

    def forget(self) -> None:
        """Forget all farms. On a new connection TWS names them again."""
        self._farms.clear()

    def on_notice(self, code: int, text: str, ts: int) -> bool:
        """Take a notice of TWS, received at `ts`. Return whether it changed a farm's state.

        A text without a farm's name changes nothing.
        """
        if code not in _CODES or (named := _NAME.search(text)) is None:
            return False
        kind, state = _CODES[code]
        known = self._farms.get((named[1], kind))
        if known is not None and known.state == state:
            return False
        self._farms[named[1], kind] = Farm(named[1], kind, state, ts)
        return True

    def told(self) -> list[Data]:
        """Return each farm as `{farm, kind, state, since}`, sorted by name."""
        return [
            {"farm": farm.name, "kind": farm.kind, "state": farm.state, "since": farm.since}
            for _, farm in sorted(self._farms.items())
        ]
