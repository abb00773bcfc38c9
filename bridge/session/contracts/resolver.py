"""Contracts without a conId, resolved by asking TWS for their details, once each.

Knows which question is open for which contract and what was found. Knows no stream; what waits for a contract is
opaque here and handed back.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from bridge.session.pending.pending_table import RequestIds
from bridge.session.values import Data

Waiting = TypeVar("Waiting")

#: Contracts remembered at most; beyond it the oldest is asked again.
_MOST = 10_000
_CANDIDATE = ("conId", "symbol", "secType", "lastTradeDateOrContractMonth", "strike", "right", "multiplier",
              "exchange", "primaryExch", "currency", "localSymbol", "tradingClass")  # fmt: skip


@dataclass(slots=True, eq=False)
class Search(Generic[Waiting]):
    """One open question: what waits for it, and the contracts found so far, by conId."""

    req_id: int
    contract: Data
    waiting: list[Waiting]
    found: dict[int, Data] = field(default_factory=dict)

    def candidates(self) -> list[Data]:
        return [{name: c[name] for name in _CANDIDATE if name in c} for c in self.found.values()]


class Resolver(Generic[Waiting]):
    def __init__(self, ids: RequestIds) -> None:
        self._ids = ids
        self._known: dict[str, int] = {}
        self._open: dict[int, Search[Waiting]] = {}

    def known(self, contract: Data) -> Data | None:
        """The contract with its conId, where it was found before."""
        con_id = self._known.get(_key(contract))
        return None if con_id is None else {**contract, "conId": con_id}

    def __iter__(self) -> Iterator[Search[Waiting]]:
        return iter(list(self._open.values()))

    def search(self, contract: Data, waiting: Waiting) -> Search[Waiting] | None:
        """Have `waiting` wait for the contract; the question to send, or None where it is under way."""
        for search in self._open.values():
            if search.contract == contract:
                search.waiting.append(waiting)
                return None
        search = Search(self._ids.take(), contract, [waiting])
        self._open[search.req_id] = search
        return search

    def found(self, req_id: object, data: Data) -> bool:
        """Take one answer; False where it answers no question of ours."""
        search = self._open.get(req_id) if isinstance(req_id, int) else None
        if search is None:
            return False
        contract = data.get("contract", {})
        search.found.setdefault(contract.get("conId", 0), contract)
        return True

    def close(self, req_id: object) -> Search[Waiting] | None:
        """The question is over; what was found is remembered if it is one contract."""
        search = self._open.pop(req_id, None) if isinstance(req_id, int) else None
        if search is not None and len(search.found) == 1:
            self._known[_key(search.contract)] = next(iter(search.found))
            if len(self._known) > _MOST:
                del self._known[next(iter(self._known))]
        return search


def _key(contract: Data) -> str:
    return json.dumps(contract, sort_keys=True)
