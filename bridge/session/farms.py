"""IBKR's data farms: which farms TWS has named, and the state of TWS's connection to each.

Codes and texts are IBKR's ("Market data farm connection is OK:usfarm"). The last word of the text is the farm's name.
TWS does not say which farm serves a stream. So a stream counts as cut while any farm of its kind is down.
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
#: Kind -> the topic families of streams that take their data from farms of that kind.
_FAMILIES: dict[Kind, frozenset[str]] = {
    "marketData": frozenset({"market", "depth", "trades", "bars", "scanner"}),
    "historicalData": frozenset({"bars"}),
}
_NAME = re.compile(r"[:.]\s*(\w+(?:\.\w+)?)\s*$")


def families_of(code: int) -> frozenset[str]:
    """Return the topic families of streams that take their data from the farms of this notice."""
    return _FAMILIES.get(_CODES[code][0], frozenset()) if code in _CODES else frozenset()


def is_about_farm(code: int) -> bool:
    """Return whether a notice with this code is about a data farm."""
    return code in _CODES


class Farm(NamedTuple):
    """One data farm. `since`: when it entered this state, in ns since 1970 UTC."""

    name: str
    kind: Kind
    state: State
    since: int


class Farms:
    """The farms that TWS has named on this connection.

    A farm is down from `broken` until `ok` or `inactive`. A farm without a name is down until the next farm of its kind
    is `ok` or `inactive`.
    """

    def __init__(self) -> None:
        self._farms: dict[tuple[str, Kind], Farm] = {}
        self._down: set[tuple[str, Kind]] = set()

    def forget(self) -> None:
        """Forget all farms. On a new connection TWS names them again."""
        self._farms.clear()
        self._down.clear()

    def stop_waiting(self) -> None:
        """Count no farm as down any more, although TWS has not reported that it is back."""
        self._down.clear()

    @property
    def down(self) -> frozenset[str]:
        """The topic families that take their data from a kind of farms of which one is down."""
        return frozenset().union(*(_FAMILIES.get(kind, frozenset()) for _, kind in self._down))

    def on_notice(self, code: int, text: str, ts: int) -> Farm | None:
        """Take a notice of TWS, received at `ts`. Return the farm that it names, if its state has changed."""
        if code not in _CODES:
            return None
        kind, state = _CODES[code]
        named = _NAME.search(text)
        self._count("" if named is None else named[1], kind, state)
        if named is None:
            return None
        known = self._farms.get((named[1], kind))
        if known is not None and known.state == state:
            return None
        farm = self._farms[named[1], kind] = Farm(named[1], kind, state, ts)
        return farm

    def _count(self, name: str, kind: Kind, state: State) -> None:
        """Keep the set of farms that are down."""
        if state == "broken":
            self._down.add((name, kind))
        elif state in ("ok", "inactive"):
            self._down -= {(name, kind), ("", kind)} if name else {down for down in self._down if down[1] == kind}

    def broken(self) -> tuple[str, ...]:
        """Return the farms that are down, as `usfarm (marketData)`, also while TWS connects to them again."""
        return tuple(f"{name or 'a farm without a name'} ({kind})" for name, kind in sorted(self._down))

    def as_data(self) -> list[Data]:
        """Return each farm as `{farm, kind, state, since}`, sorted by name."""
        return [
            {"farm": farm.name, "kind": farm.kind, "state": farm.state, "since": farm.since}
            for _, farm in sorted(self._farms.items())
        ]
