"""The subscriptions of TWS's connections: who is told what, and how TWS stops to serve without a word.

A subscription that TWS has *forgotten* stands on its list and brings nothing, as after some 1102.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any, Protocol

from tests.simulation.clock import Clock
from tests.simulation.tws.sources import ACCOUNT, Key, Sources, farm_of

Data = dict[str, Any]

#: Request, and what it subscribes to; its cancel.
KINDS = {
    "reqMktData": "market", "reqMktDepth": "depth", "reqPositions": "positions", "reqAccountSummary": "summary",
    "reqPnL": "pnl", "reqAccountUpdates": "updates",
}  # fmt: skip
CANCELS = {
    "cancelMktData": "market", "cancelMktDepth": "depth", "cancelPositions": "positions",
    "cancelAccountSummary": "summary", "cancelPnL": "pnl",
}  # fmt: skip


class Line(Protocol):
    """A connection of TWS. `hears`: what is sent on it now arrives."""

    @property
    def hears(self) -> bool: ...

    def send(self, name: str, data: Data) -> None: ...


@dataclass(eq=False)
class Sub:
    line: Line
    key: Key
    req_id: int | None
    #: Its first download is over.
    begun: bool = False
    forgotten: bool = False
    taken: bool = False
    over: bool = False
    #: Fields that changed while another session had its data.
    missed: set[str] = field(default_factory=set)


class Subs:
    """`reaches`: whether TWS reaches what has that key now."""

    def __init__(self, clock: Clock, dice: Random, sources: Sources, reaches: Callable[[Key], bool]) -> None:
        self._clock = clock
        self._dice = dice
        self._sources = sources
        self._reaches = reaches
        self.all: list[Sub] = []
        #: When TWS last served a stream: for those that it serves no more.
        self._served_until: dict[Key, float] = {}
        #: When it last did not: since then it serves without a break.
        self.settle()

    # What is true

    def serves(self, key: Key) -> bool:
        return any(self._is_served(sub) for sub in self.all if sub.key == key)

    def _is_served(self, sub: Sub) -> bool:
        is_told = sub.begun and not (sub.forgotten or sub.taken or sub.over)
        return is_told and sub.line.hears and self._reaches(sub.key)

    def settle(self) -> None:
        """Something is about to change: what is served now was served until now."""
        for sub in self.all:
            if self._is_served(sub):
                self._served_until[sub.key] = self._clock.now

    def last_served(self, key: Key) -> float:
        return self._clock.now if self.serves(key) else self._served_until.get(key, float("-inf"))

    # What is asked

    def ask(self, line: Line, name: str, data: Data) -> None:
        """`name` is one of `KINDS`."""
        key = _key(KINDS[name], data)
        self.settle()
        if name == "reqAccountUpdates" and not data["subscribe"]:
            self._end([sub for sub in self.all if sub.line is line and sub.key == key])
            return
        if "reqId" not in data:  # there is one of its kind: asked again, it begins anew
            self._end([sub for sub in self.all if sub.line is line and sub.key[0] == key[0]])
        sub = Sub(line, key, data.get("reqId"))
        self.all.append(sub)
        self._clock.after(self._dice.uniform(0.01, 0.4), self._begin, sub)

    def cancel(self, line: Line, name: str, data: Data) -> None:
        found = [s for s in self.all if (s.line, s.key[0], s.req_id) == (line, CANCELS[name], data.get("reqId"))]
        self.settle()
        if not found and "reqId" in data:
            line.send("error", {"id": data["reqId"], "errorTime": 1, "errorCode": 300, "errorMsg": "Can't find EId"})
        self._end(found)

    def _begin(self, sub: Sub) -> None:
        if sub.over or not self._reaches(sub.key):
            return
        self.settle()
        sub.begun = True
        for name, value in self._sources.known[sub.key].items():
            self._tell(sub, name, value)
        end = {"positions": "positionEnd", "summary": "accountSummaryEnd", "updates": "accountDownloadEnd"}
        named: Data = {"accountName": ACCOUNT} if sub.key[0] == "updates" else {}
        if (name := end.get(sub.key[0])) is not None:
            sub.line.send(name, named if sub.req_id is None else {"reqId": sub.req_id})

    # What is told

    def tell(self, key: Key, name: str, value: str) -> None:
        """A value has changed."""
        for sub in self.all:
            if sub.key == key and sub.begun and not sub.forgotten:
                if sub.taken:
                    sub.missed.add(name)
                else:
                    self._tell(sub, name, value)

    def _tell(self, sub: Sub, name: str, value: str) -> None:
        sub.line.send(*message(sub.key, sub.req_id, name, value))

    # How it goes wrong

    def restored(self) -> None:
        """TWS reaches again what it had not: it begins what it was asked for meanwhile."""
        for sub in [sub for sub in self.all if not sub.begun]:
            self._begin(sub)

    def forget_some(self, chance: float, farm: str | None = None) -> None:
        self.settle()
        for sub in self.all:
            if sub.begun and (farm is None or farm_of(sub.key) == farm) and self._dice.random() < chance:
                sub.forgotten = True

    def drop_all(self) -> None:
        """1101: there are none any more."""
        self.settle()
        self._end(list(self.all))

    def drop(self, sub: Sub, code: int) -> None:
        """An error ends it."""
        self.settle()
        self._end([sub])
        sub.line.send("error", {"id": sub.req_id, "errorTime": 1, "errorCode": code, "errorMsg": "dropped"})

    def reset(self, sub: Sub) -> None:
        """317: the book does not hold any more; a new one follows."""
        sub.line.send("error", {"id": sub.req_id, "errorTime": 1, "errorCode": 317, "errorMsg": "reset"})
        for name, value in self._sources.known[sub.key].items():
            self._tell(sub, name, value)

    def take(self, sub: Sub) -> None:
        """Another session takes its data, for a while."""
        self.settle()
        sub.taken = True
        sub.line.send("error", {"id": sub.req_id, "errorTime": 1, "errorCode": 10197, "errorMsg": "competing"})

    def give_back(self, sub: Sub) -> None:
        """It comes again, with all that it had missed, as soon as there is something."""
        if sub.over or not sub.taken:
            return
        sub.taken = False
        if sub.forgotten:  # nothing comes of it any more
            return
        for name in sorted(sub.missed or self._sources.known[sub.key]):
            self._tell(sub, name, self._sources.known[sub.key][name])
        sub.missed.clear()

    def disconnected(self, line: Line) -> None:
        self.settle()
        self._end([sub for sub in self.all if sub.line is line])

    def _end(self, subs: list[Sub]) -> None:
        for sub in subs:
            sub.over = True
        self.all = [sub for sub in self.all if not sub.over]


def _key(kind: str, data: Data) -> Key:
    if "contract" in data:
        return kind, str(data["contract"]["conId"])
    return kind, {"summary": "All", "pnl": ACCOUNT, "updates": ACCOUNT}.get(kind, "")


def message(key: Key, req_id: int | None, name: str, value: str) -> tuple[str, Data]:
    """The callback that tells one value."""
    match key[0]:
        case "market":
            tick = {"tickType": int(name), "price": float(value), "size": "1", "attrMask": 0}
            return "tickPrice", {"reqId": req_id, **tick}
        case "depth":
            side, position = name.split("-")
            row = {"position": int(position), "operation": 1, "side": int(side), "price": float(value), "size": "1"}
            return "updateMktDepth", {"reqId": req_id, "marketDepthData": row}
        case "positions":
            contract = {"conId": int(name), "symbol": "A", "secType": "STK", "currency": "USD"}
            return "position", {"account": ACCOUNT, "contract": contract, "position": value, "avgCost": 10.0}
        case "summary":
            told = {"account": ACCOUNT, "tag": name, "value": value, "currency": "USD"}
            return "accountSummary", {"reqId": req_id, **told}
        case "pnl":
            return "pnl", {"reqId": req_id, "dailyPnL": float(value)}
    return "updateAccountValue", {"key": name, "value": value, "currency": "USD", "accountName": ACCOUNT}


def read(event: str, data: Data) -> tuple[str, str, str] | None:
    """Kind, field and value of a callback; the reverse of `message`."""
    match event:
        case "tickPrice":
            return "market", str(data["tickType"]), str(int(data["price"]))
        case "updateMktDepth":
            row = data["marketDepthData"]
            return "depth", f"{row.get('side', 0)}-{row.get('position', 0)}", str(int(row["price"]))
        case "position":
            return "positions", str(data["contract"]["conId"]), data["position"]
        case "accountSummary":
            return "summary", data["tag"], data["value"]
        case "pnl":
            return "pnl", "dailyPnL", str(int(data["dailyPnL"]))
        case "updateAccountValue":
            return "updates", data["key"], data["value"]
    return None
