"""What the client says that it believes: its lines, read and put together."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from bridge.conformance.duties import Duty, Wrong

Data = dict[str, Any]


@dataclass
class Beliefs:
    """All that the client has said, and what it believes now.

    `values`: of each topic and tick type the price, and whether the client counts it as stale. `filled`: its figures
    for the shares of all its fills, in order.
    """

    values: dict[tuple[str, int], tuple[float, bool]] = field(default_factory=dict)
    filled: list[str] = field(default_factory=list)
    gaps: list[Any] = field(default_factory=list)
    answers: list[Any] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    orders: list[Data] = field(default_factory=list)
    _outages: dict[str, set[tuple[str, int]]] = field(default_factory=dict)

    def hear(self, line: str) -> None:
        """One line of the client's output. Lines that do not begin with { are its own affair."""
        if not line.startswith("{"):
            return
        try:
            said = json.loads(line)
            for word, value in said.items():
                self._take(word, value)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Wrong(Duty.ADAPTER, f"prints a line that cannot be read ({error!r}): {line.strip()[:200]}") from None

    def _take(self, word: str, value: Any) -> None:
        match word:
            case "quote":
                self._quote(value)
            case "stale":
                self.values = {key: (v[0], v[1] or key[0].startswith(value)) for key, v in self.values.items()}
                self._outages[str(value)] = set()
            case "fresh":
                self._fresh(value)
            case "forget":
                self.values = {key: told for key, told in self.values.items() if not key[0].startswith(value)}
            case "filled":
                self.filled.append(str(value))
            case "gap":
                self.gaps.append(value)
            case "answer":
                self.answers.append(value)
            case "error":
                self.errors.append(str(value))
            case "order":
                self.orders.append({"orderKey": str(value["orderKey"]), "state": str(value["state"])})

    def _quote(self, said: Data) -> None:
        key = (str(said["topic"]), int(said["tickType"]))
        price, before = float(said["price"]), self.values.get(key)
        if before is not None and price < before[0]:
            raise Wrong(Duty.OLD, f"goes back on {key[0]}, tick type {key[1]}: from {before[0]} to the older {price}")
        outages = [since for prefix, since in self._outages.items() if key[0].startswith(prefix)]
        for since in outages:
            since.add(key)
        self.values[key] = (price, bool(said.get("stale", False)) or bool(outages))

    def _fresh(self, prefix: str) -> None:
        """What was said in the outage is current now; what was said before it is forgotten."""
        told = self._outages.pop(prefix, None)
        if told is not None:
            self.values = {key: (v[0], v[1] and key not in told) for key, v in self.values.items()
                           if key in told or not key[0].startswith(prefix)}  # fmt: skip
