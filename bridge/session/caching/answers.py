"""One kept answer of TWS to a question about reference data, and the rule for how long it is valid.

TWS describes contracts and chains for the current day: trading hours, expirations and symbols may differ on the next.
So an answer is valid while it is certainly the same day at TWS, and neither the server version nor the login (the
accounts that TWS manages) has changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from bridge.session.digest import digest
from bridge.session.pending.shared import CON_IDS, key_of
from bridge.session.routing import Endings
from bridge.session.values import Data

#: Fields with a record that may name a contract.
_RECORDS = ("contract", "contractDetails")


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """The callbacks with which TWS answered. `at`: when (ns since 1970 UTC). `day`: the date at TWS then.

    `tags`: the contracts that the question and the answer name. `version`: TWS's server version. `login`: see
    `login_of`.
    """

    callbacks: tuple[tuple[str, Data], ...]
    at: int
    day: str
    version: int
    login: str
    tags: tuple[str, ...] = ()
    #: The parts, once they were needed. All replies share them.
    _parts: list[Data] = field(default_factory=list, compare=False, repr=False)

    def parts(self, ends: Endings) -> list[Data]:
        """Return the parts of the answer, as a client gets them: read only. An end without fields is none."""
        if not self._parts:
            self._parts.extend(
                {"event": name, "data": data}
                for name, data in self.callbacks
                if name not in ends or data.keys() - {"reqId"}
            )
        return self._parts

    def as_data(self) -> Data:
        """Return the answer as the cache file stores it."""
        callbacks = [[name, data] for name, data in self.callbacks]
        valid: Data = {"at": self.at, "day": self.day, "version": self.version, "login": self.login}
        return valid | {"tags": [*self.tags], "callbacks": callbacks}


def from_data(data: Any) -> KeptAnswer | None:
    """Return the answer that `as_data` has stored; None if the value has another form."""
    match data:
        case {
            "at": int(at),
            "day": str(day),
            "version": int(version),
            "login": str(login),
            "tags": list(tags),
            "callbacks": list(callbacks),
        }:
            pairs = [(entry[0], entry[1]) for entry in callbacks if _is_callback(entry)]
            if pairs and len(pairs) == len(callbacks):
                names = tuple(tag for tag in tags if isinstance(tag, str))
                return KeptAnswer(tuple(pairs), at, day, version, login, names)
    return None


def _is_callback(entry: Any) -> bool:
    return isinstance(entry, list) and len(entry) == 2 and isinstance(entry[0], str) and isinstance(entry[1], dict)


def login_of(accounts: Iterable[str]) -> str:
    """Return a short text that differs for logins at TWS that manage different accounts."""
    return digest(sorted(accounts))[:16]


def has_data(params: Data, callbacks: Iterable[tuple[str, Data]]) -> bool:
    """Return whether an answer says anything: TWS may answer with empty lists before its farms are connected."""
    return any(_has_data(params, data) for _, data in callbacks)


def _has_data(params: Data, data: Data) -> bool:
    lists = [value for value in data.values() if isinstance(value, list)]
    if lists:
        return any(lists)
    own = (value for name, value in data.items() if name != "reqId" and value != params.get(name))
    return any(value not in (None, "", {}) for value in own)


def tags_of(params: Data, callbacks: Iterable[tuple[str, Data]] = ()) -> tuple[str, ...]:
    """Return the contracts that a question and its answer name: each conId, and a contract without one as a whole."""
    found: dict[str, None] = {}
    contract = params.get("contract")
    if isinstance(contract, dict) and not contract.get("conId"):
        found["asked:" + key_of("contract", contract)] = None
    for holder in (params, *(data for _, data in callbacks)):
        for named in _named_in(holder):
            for name in CON_IDS:
                if con_id := named.get(name):
                    found[f"con:{con_id}"] = None
    return tuple(found)


def _named_in(holder: Data) -> Iterator[Data]:
    """Yield the records that may name a contract: this one, its contract and details, and those of its lists."""
    yield holder
    for name, value in holder.items():
        if name in _RECORDS and isinstance(value, dict):
            yield value
        elif isinstance(value, list):
            for entry in value:
                if isinstance(entry, dict):
                    yield from _named_in(entry)
