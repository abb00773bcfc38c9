"""The first order as TWS and IBKR have it, and all that they may do with it.

The moves are the set of behaviours that `docs/reference/order-safety.md` lists. What is said goes to the connection
that lives at that moment, or to nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Literal, NamedTuple

from tests.model.words import execution, said

#: `here`: it has not left the bridge. `wire`: its bytes are on the way. `late`: the connection has ended meanwhile.
#: `gone`: it is over and TWS says nothing of it: lost on the way, vanished, or expired.
Place = Literal["here", "wire", "late", "working", "inactive", "filled", "cancelled", "rejected", "gone"]
ON_ITS_WAY: frozenset[Place] = frozenset({"wire", "late"})
AT_TWS: frozenset[Place] = frozenset({"working", "inactive"})
#: It lives, or may come to life.
LIVE: frozenset[Place] = ON_ITS_WAY | AT_TWS
QUANTITY = 2

_STATUS: dict[Place, str] = {
    "working": "Submitted", "inactive": "Inactive", "filled": "Filled", "cancelled": "Cancelled",
    "rejected": "Inactive",
}  # fmt: skip


class Tws(NamedTuple):
    """`executions`: their shares. `unlisted`: how many of them the list of executions no longer has. `is_completed`:
    the list of completed orders has it. `cancel`: a cancel is on its way. `has_forgotten`: the lists lack what was
    before. `said`: the words that this connection may still deliver.
    """

    at: Place = "here"
    executions: tuple[int, ...] = ()
    unlisted: int = 0
    is_completed: bool = False
    cancel: bool = False
    has_forgotten: bool = False
    said: int = 0

    @property
    def executed(self) -> int:
        return sum(self.executions)

    @property
    def listed(self) -> tuple[int, ...]:
        """The executions that TWS's list has."""
        return tuple(range(self.unlisted, len(self.executions)))

    def status(self) -> tuple[str, int]:
        return _STATUS[self.at], self.executed


Moves = tuple[tuple[str, Tws], ...]


def _enter(tws: Tws, at: Place, is_told: bool, *errors: str) -> Tws:
    """The order enters a state; TWS says so, and sends the errors."""
    tws = tws._replace(at=at, is_completed=at in ("filled", "cancelled", "rejected"))
    if not is_told:
        return tws
    words = 0 if at == "gone" else said("status", *tws.status())
    for code in errors:
        words |= said("error", code)
    return tws._replace(said=tws.said | words)


@cache
def moves(tws: Tws, is_told: bool) -> Moves:
    """All that TWS may do by itself. `is_told`: a connection is there to be told."""
    return tuple(_moves(tws, is_told))


def _moves(tws: Tws, is_told: bool) -> Iterator[tuple[str, Tws]]:
    if tws.at in ON_ITS_WAY:
        yield "takes the order", _enter(tws, "working", is_told, "399")
        yield "takes the order as Inactive", _enter(tws, "inactive", is_told)
        yield "rejects the order (201)", _enter(tws, "rejected", is_told, "201")
        yield "rejects the order (103)", tws._replace(at="rejected", said=_if(is_told, tws, "103"))
    if tws.at == "late":
        yield "never gets the order", tws._replace(at="gone")
    if tws.at == "inactive":
        yield "brings the order to life", _enter(tws, "working", is_told)
    if tws.at == "working":
        yield from _executions(tws, is_told)
        yield "holds the order (Inactive)", _enter(tws, "inactive", is_told)
    if tws.at in AT_TWS:
        yield "cancels the order by itself", _enter(tws, "cancelled", is_told, "202")
        yield "loses the order without a word", _enter(tws, "gone", is_told)
        if not tws.executions:
            yield "rejects the order after all (201)", _enter(tws, "rejected", is_told, "201")


def _if(is_told: bool, tws: Tws, code: str) -> int:
    return tws.said | said("error", code) if is_told else tws.said


def _executions(tws: Tws, is_told: bool) -> Iterator[tuple[str, Tws]]:
    for shares in range(1, QUANTITY - tws.executed + 1):
        after = tws._replace(executions=(*tws.executions, shares))
        if is_told:
            after = after._replace(said=after.said | said("execution", "", len(tws.executions)))
        at: Place = "filled" if after.executed == QUANTITY else "working"
        yield f"executes {shares}", _enter(after, at, is_told)


@cache
def answers(tws: Tws) -> Moves:
    """What TWS may do with a cancel that arrives."""
    return tuple((label, after._replace(cancel=False)) for label, after in _answers(tws)) if tws.cancel else ()


def _answers(tws: Tws) -> Iterator[tuple[str, Tws]]:
    if tws.at in AT_TWS:
        yield "cancels the order", _enter(tws, "cancelled", True, "202")
    if tws.at in (*AT_TWS, "filled", "cancelled"):
        yield "refuses the cancel (10148)", tws._replace(said=_if(True, tws, "10148"))
    if tws.at not in (*AT_TWS, "wire"):
        yield "finds nothing to cancel (10147)", tws._replace(said=_if(True, tws, "10147"))
    if tws.at == "filled":
        yield "refuses the cancel of a filled order (201)", tws._replace(said=_if(True, tws, "201 cancel"))


def returned(tws: Tws) -> Tws:
    """TWS had said that the order was cancelled, and it lives all the same. That word is not repeated."""
    executions = sum(tws.said & execution(which) for which in range(len(tws.executions)))
    return _enter(tws._replace(said=executions), "working", True)


def cut(tws: Tws) -> Tws:
    """The connection ends: its words are lost, and a cancel on its way is; the order's bytes may still arrive."""
    return tws._replace(said=0, cancel=False, at="late" if tws.at == "wire" else tws.at)


def connected(tws: Tws) -> Tws:
    """A new connection: TWS may tell it how a live order stands."""
    return tws._replace(said=said("status", *tws.status())) if tws.at in AT_TWS else tws


def forget(tws: Tws) -> Tws:
    """The lists of completed orders and of executions begin anew."""
    return tws._replace(unlisted=len(tws.executions), is_completed=False, has_forgotten=True)
