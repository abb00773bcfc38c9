"""Unions: clients that share a stream may want different generic ticks or account tags. The bridge asks TWS for all.

`mdoff` asks TWS for a stream without the usual ticks. Such a stream has a name of its own (`topic_names.stream`).
"""

from __future__ import annotations

from bridge.session import codes
from bridge.session.requests import Request
from bridge.session.topic_names import UNIONS
from bridge.session.values import Data


def covers(params: Data, wanted: Data) -> bool:
    """Return whether a stream with these params has all that a client wants."""
    return all(_items(wanted, name) <= _items(params, name) for name in UNIONS)


def union(params: Data, wanted: Data) -> Data:
    """Return the params with what both want, each once: ticks by their numbers, tags by the alphabet."""
    both = {name: _items(params, name) | _items(wanted, name) for name in UNIONS}
    return params | {name: ",".join(sorted(items, key=_by_number)) for name, items in both.items() if items}


class Wants:
    """What the clients of one stream want of it together: `params`. TWS may refuse what it has not served before.

    TWS refuses a list as a whole. If the wants of several clients are in it, the bridge tries them one after the other:
    only the client that wants the wrong one gets the error. `refused`: what TWS has refused on this connection, each
    with its text and code.
    """

    __slots__ = ("_later", "_served", "_trial", "params", "refused")

    def __init__(self, params: Data) -> None:
        self.params = params
        #: What TWS has served; None before its first message.
        self._served: Data | None = None
        #: The requests whose wants are in `params` and have not been served, and those that are tried afterwards.
        self._trial: list[_Want] = []
        self._later: list[_Want] = []
        self.refused: dict[str, tuple[str, int]] = {}

    def is_refusal(self, code: int) -> bool:
        """Return whether an error of TWS may be about what one of the clients wants, so that others can be served.

        Before TWS has served anything, only an error about the content of the request can be.
        """
        if self._served is not None:
            return bool(self._trial)
        return code in codes.INVALID_REQUEST and (bool(self._later) or len(_groups(self._trial)) > 1)

    def join(self, params: Data, request: Request) -> bool:
        """A client wants this. Return whether the bridge must request the stream from TWS with more than before."""
        if self._served is not None and covers(self._served, params):
            return False
        is_covered = covers(self.params, params)
        if self._later and not is_covered:
            self._later.append((request, params))
            return False
        self._trial.append((request, params))
        self.params = self.params if is_covered else union(self.params, params)
        return not is_covered

    def is_later(self, request: Request) -> bool:
        """Return whether the bridge tries later what the request wants."""
        return any(request is other for other, _ in self._later)

    def recover(self, params: Data) -> None:
        """A client wanted this before the bridge started."""
        self.params = self._served = union(self.params, params)

    def on_served(self) -> None:
        """TWS serves the stream with all of it."""
        self._served, self._trial = self.params, []

    def try_next(self) -> bool:
        """TWS has taken what was tried: try what comes next. Return whether there is something."""
        groups = _groups([(request, params) for request, params in self._later if request.answer is None])
        if not groups:
            self._later = []
            return False
        self.on_served()
        self._try(groups)
        return True

    def disconnect(self) -> None:
        """The connection has ended, and with it the requests that wait."""
        self._later = []
        self.refused.clear()

    def refusal(self, params: Data) -> tuple[str, int] | None:
        """Return TWS's text and code if it has refused a part of this before; else None."""
        wanted = set().union(*(_items(params, name) for name in UNIONS))
        return next((self.refused[item] for item in sorted(wanted) if item in self.refused), None)

    def take_back(self, text: str, code: int) -> list[Request]:
        """TWS refuses what is tried. Return the requests that fail: none if several wants must be tried one by one."""
        groups, failed = _groups(self._trial), []
        if len(groups) < 2:
            failed = [request for request, _ in self._trial]
            for name in UNIONS:
                added = _items(self.params, name) - _items(self._served or {}, name)
                self.refused |= dict.fromkeys(added, (text, code)) if len(added) == 1 else {}
            groups = []
        later = [(request, params) for request, params in self._later if request.answer is None]
        self._trial, self._later = [], []
        self.params = self._served or self.params
        if groups or later:
            self._try([*groups, *_groups(later)])
        return failed

    def _try(self, groups: list[list[_Want]]) -> None:
        """Try the wants of the first group, and the others later."""
        self._trial, *others = groups
        self._later = [want for group in others for want in group]
        self.params = union(self._served or self._trial[0][1], self._trial[0][1])


#: A request, and its params.
_Want = tuple[Request, Data]


def _groups(wants: list[_Want]) -> list[list[_Want]]:
    """Return the wants in groups of equal ones, those that want least first."""
    groups: dict[tuple[frozenset[str], ...], list[_Want]] = {}
    for request, params in wants:
        groups.setdefault(tuple(frozenset(_items(params, name)) for name in UNIONS), []).append((request, params))
    return [groups[key] for key in sorted(groups, key=lambda key: sum(map(len, key)))]


def _items(params: Data, name: str) -> set[str]:
    return {item.strip() for item in (params.get(name) or "").split(",")} - {""}


def _by_number(item: str) -> tuple[int, str]:
    number = item.partition(":")[0]
    return (int(number) if number.isdecimal() else -1, item)
