"""The resolver: it finds the conId of a contract by one request for its details.

It knows which search is open for which contract, and what was found. It knows no stream: it only hands back what waits
for a contract.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from bridge.session.request_ids import RequestIds
from bridge.session.values import Data

Waiting = TypeVar("Waiting")

#: How many contracts are remembered. Above this number the oldest is forgotten.
_MOST = 10_000
_CANDIDATE = ("conId", "symbol", "secType", "lastTradeDateOrContractMonth", "strike", "right", "multiplier",
              "exchange", "primaryExch", "currency", "localSymbol", "tradingClass")  # fmt: skip


@dataclass(slots=True, eq=False)
class Search(Generic[Waiting]):
    """One open search: what waits for it, and the contracts found so far, by conId."""

    req_id: int
    contract: Data
    waiting: list[Waiting]
    found: dict[int, Data] = field(default_factory=dict)

    def candidates(self) -> list[Data]:
        """Return the contracts found, with the fields that tell them apart."""
        return [{name: c[name] for name in _CANDIDATE if name in c} for c in self.found.values()]


class Resolver(Generic[Waiting]):
    """The open searches, and the conIds found so far."""

    def __init__(self, ids: RequestIds) -> None:
        self._ids = ids
        self._known: dict[str, int] = {}
        self._open: dict[int, Search[Waiting]] = {}

    def known(self, contract: Data) -> Data | None:
        """Return the contract with its conId, if a search has found it before; else None."""
        con_id = self._known.get(_key(contract))
        return None if con_id is None else {**contract, "conId": con_id}

    def __iter__(self) -> Iterator[Search[Waiting]]:
        return iter(list(self._open.values()))

    def search(self, contract: Data, waiting: Waiting) -> Search[Waiting] | None:
        """Let `waiting` wait for the contract. Return the search to send to TWS, or None if one is open."""
        for search in self._open.values():
            if search.contract == contract:
                search.waiting.append(waiting)
                return None
        search = Search(self._ids.take(), contract, [waiting])
        self._open[search.req_id] = search
        return search

    def found(self, req_id: object, data: Data) -> bool:
        """Take one answer. Return False if it answers no open search."""
        search = self._open.get(req_id) if isinstance(req_id, int) else None
        if search is None:
            return False
        contract = data.get("contract", {})
        search.found.setdefault(contract.get("conId", 0), contract)
        return True

    def close(self, req_id: object) -> Search[Waiting] | None:
        """End the search and return it. If it found exactly one contract, remember its conId."""
        search = self._open.pop(req_id, None) if isinstance(req_id, int) else None
        if search is not None and len(search.found) == 1:
            self._known[_key(search.contract)] = next(iter(search.found))
            if len(self._known) > _MOST:
                del self._known[next(iter(self._known))]
        return search


def _key(contract: Data) -> str:
    return json.dumps(contract, sort_keys=True)
