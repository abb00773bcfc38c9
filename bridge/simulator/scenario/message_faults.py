"""What goes wrong between requests and words: which are lost, held, refused, kept back or repeated. Pure.

Knows no exchange and no socket; `faulty.py` asks it about each request and each word. Client ids tell clients apart.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from bridge.simulator.exchange import Events
from bridge.simulator.scenario.texts import text_of
from bridge.simulator.values import Data

#: The requests whose answers go on: subscriptions to data.
STREAMS: frozenset[str] = frozenset(
    {"reqMktData", "reqTickByTickData", "reqRealTimeBars", "reqMktDepth", "reqHistoricalData", "reqScannerSubscription"}
)
#: Which of them come from which farm.
FARM_STREAMS: Mapping[str, frozenset[str]] = {
    "usfarm": STREAMS - {"reqHistoricalData"},
    "ushmds": frozenset({"reqHistoricalData"}),
    "secdefnj": frozenset({"reqContractDetails"}),
}
#: Words without a request id, and the subscription that brings them.
_BRINGS: Mapping[str, str] = {
    **dict.fromkeys(("position", "positionEnd"), "reqPositions"),
    **dict.fromkeys(
        ("updateAccountValue", "updatePortfolio", "updateAccountTime", "accountDownloadEnd"), "reqAccountUpdates"
    ),
}
_ORDER_WORDS = frozenset({"openOrder", "orderStatus", "execDetails", "commissionAndFeesReport"})
#: Their answers are lists of orders: they are whole, also while words on orders are kept back.
_LISTS = frozenset({"reqOpenOrders", "reqAllOpenOrders", "reqCompletedOrders", "reqExecutions"})

Kind = Literal["taken", "lost", "rejected", "doubled", "held", "delayed"]


@dataclass(frozen=True, slots=True)
class Handling:
    """What becomes of a request. `answers`: whether its answer is said; `resets`: whether the socket is reset then."""

    kind: Kind = "taken"
    answers: bool = True
    resets: bool = False
    code: int = 0
    text: str = ""
    delay: float = 0.0


TAKEN, LOST = Handling(), Handling("lost")


@dataclass(frozen=True, slots=True)
class Question:
    """A request as it came."""

    client_id: int
    name: str
    data: Data


@dataclass(slots=True)
class MessageFaults:
    """Without any fault all is taken, and all is said."""

    stopped: set[str] = field(default_factory=set)
    """Kinds of subscriptions that bring nothing."""
    silent: set[str] = field(default_factory=set)
    delays: dict[str, float] = field(default_factory=dict)
    lose_for: float = 0.0
    """Seconds after each start in which requests are lost."""
    remembers_ids: bool = False
    repeats: int = 1
    """How often each orderStatus is said."""
    _next: dict[str, deque[Handling]] = field(default_factory=dict)
    _held: dict[str, list[Question]] = field(default_factory=dict)
    _withheld: Events | None = None
    _asked: dict[tuple[int, int], str] = field(default_factory=dict)
    """(client id, request id) -> request that is under way, on this connection."""
    _used: set[tuple[int, int]] = field(default_factory=set)
    """All of this connection."""
    _earlier: set[tuple[int, int]] = field(default_factory=set)
    """Those of earlier connections."""
    _mute: set[tuple[int, int]] = field(default_factory=set)
    _loses_until: dict[int, float] = field(default_factory=dict)

    # Clients

    def on_started(self, client_id: int, now: float) -> None:
        """The client has its nextValidId."""
        self._loses_until[client_id] = now + self.lose_for

    def on_left(self, client_id: int) -> None:
        """Its socket is gone; what was held for it goes with it."""
        gone = {key for key in self._used if key[0] == client_id}
        self._used -= gone
        self._earlier |= gone
        for key in gone:
            self._end(key)
        for questions in self._held.values():
            questions[:] = [question for question in questions if question.client_id != client_id]

    # Requests

    def on_request(self, question: Question, now: float) -> Handling:
        """What becomes of it. One that is held is kept here."""
        client_id, name = question.client_id, question.name
        if now < self._loses_until.get(client_id, 0.0):
            return LOST
        if self._next.get(name):
            handling = self._next[name].popleft()
        elif self.remembers_ids and self._key(question) in self._earlier:
            handling = Handling("rejected", code=322, text=text_of(322))
        elif name in self._held:
            self._held[name].append(question)
            return Handling("held")
        else:
            handling = Handling("delayed", delay=self.delays[name]) if name in self.delays else TAKEN
            if name in self.silent:
                handling = Handling(handling.kind, answers=False, delay=handling.delay)
        self._note(question, handling)
        return handling

    def on_taken_up(self, question: Question) -> Handling:
        """A request that was held or delayed is taken up."""
        handling = Handling(answers=question.name not in self.silent)
        self._note(question, handling)
        return handling

    def next(self, name: str, handling: Handling) -> None:
        """The next request of that name is handled so; several wait their turn."""
        self._next.setdefault(name, deque()).append(handling)

    def hold(self, name: str) -> None:
        self._held.setdefault(name, [])

    def answer(self, name: str) -> list[Question]:
        """Ends `silent`, `hold` and `delay` of that name; what was held."""
        self.silent.discard(name)
        self.delays.pop(name, None)
        return self._held.pop(name, [])

    def forget(self, names: frozenset[str]) -> None:
        """Subscriptions of these names are over."""
        for name in names:
            for key in self.ids_of(name):
                self._end(key)

    def ids_of(self, name: str) -> list[tuple[int, int]]:
        """(client id, request id) of such requests on the open connections."""
        return [key for key, asked in self._asked.items() if asked == name]

    def _key(self, question: Question) -> tuple[int, int] | None:
        """Under which its answers come; None for a cancel, or a request without an id."""
        if "reqId" not in question.data or question.name.startswith("cancel"):
            return None
        return question.client_id, int(question.data["reqId"])

    def _note(self, question: Question, handling: Handling) -> None:
        key = self._key(question)
        if key is None:
            if "reqId" in question.data:
                self._end((question.client_id, int(question.data["reqId"])))
            return
        if handling.kind in ("lost", "rejected"):
            return
        self._asked[key] = question.name
        self._used.add(key)
        if not handling.answers:
            self._mute.add(key)

    def _end(self, key: tuple[int, int]) -> None:
        """It is cancelled or forgotten."""
        self._asked.pop(key, None)
        self._mute.discard(key)

    # Words

    def withhold(self) -> None:
        """Keep back words on orders from now on."""
        if self._withheld is None:
            self._withheld = []

    def tell(self) -> Events:
        """Keep back no more; what was kept back."""
        told, self._withheld = self._withheld or [], None
        return told

    def tell_never(self) -> None:
        """Keep back no more, and throw away what was kept back."""
        self._withheld = None

    def said(self, words: Events, answering: str | None, *, answers: bool = True) -> Events:
        """Those of these words that are said now. `answering`: the request that they answer; `answers` as handled."""
        if not answers and answering is not None:
            return []
        return [word for word in self._kept_back(words, answering) for _ in range(self._times(word[1]))]

    def _kept_back(self, words: Events, answering: str | None) -> Iterable[tuple[int, str, Data]]:
        for word in words:
            client_id, name, data = word
            if self._is_stopped(client_id, name, data):
                continue
            if self._withheld is not None and answering not in _LISTS and self._is_on_order(client_id, name, data):
                self._withheld.append(word)
                continue
            yield word

    def _is_stopped(self, client_id: int, name: str, data: Data) -> bool:
        if name == "error":
            return False
        key = (client_id, int(data["reqId"])) if "reqId" in data else None
        if key in self._mute:
            return True
        asked = self._asked.get(key) if key is not None else _BRINGS.get(name)
        return asked is not None and (asked in self.stopped or (key is None and asked in self.silent))

    def _is_on_order(self, client_id: int, name: str, data: Data) -> bool:
        if name == "error":
            return int(data["id"]) >= 0 and (client_id, int(data["id"])) not in self._asked
        return name in _ORDER_WORDS

    def _times(self, name: str) -> int:
        return self.repeats if name == "orderStatus" else 1
