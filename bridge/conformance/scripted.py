"""The scripted bridge: topics, an order log and answers, as the real one has them. No socket, no TWS.

Topics with their numbers, last values and floors, the memory of request ids, the check of requests and the frames are
the real bridge's own classes. Only what TWS and the ledger would say comes from a script.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bridge import __version__
from bridge.bus.frames import Envelopes
from bridge.catalogue import catalogue
from bridge.conformance.orderlog import CONTRACT, OrderLog
from bridge.params import Parameters
from bridge.session.request_store import RequestStore
from bridge.session.requests import VERSION, Refused, Request, failure, read
from bridge.session.topic_store import Topic, TopicStore
from bridge.session.values import Data, Route

CON_ID = CONTRACT["conId"]
PREFIX = f"market.{CON_ID}."
BID, ASK = 1, 2
#: Names of dropped topics that are remembered: few, so that a script raises the floors soon.
_REMEMBERED = 2

Answer = Callable[[Data], Data]
Value = tuple[float, bool]


def ok(kind: str, result: Any) -> Data:
    """The outcome of a request that succeeded."""
    return {"ok": True, "kind": kind, "result": result}


class ScriptedBridge:
    """One run of the bridge: one epoch. `owner` is the client that is judged.

    `is_held`: whether the client holds the instrument's stream; `keeps_holds`: whether that outlives the bridge.
    `answers`: the script's own, by method; each is given the params, and gives an outcome.
    """

    def __init__(self, epoch: str, owner: str, log: OrderLog, parameters: Parameters, ts: int) -> None:
        self.epoch = epoch
        self.owner = owner
        self.log = log
        self.topic_store = TopicStore(_REMEMBERED)
        self.asks = RequestStore()
        self.gaps: list[Data] = []
        self.is_held = False
        self.keeps_holds = True
        self.answers: dict[str, Answer] = {}
        self.ts = ts
        self._parameters = parameters
        self._envelopes = Envelopes(epoch)
        self._price = 100.0

    # Events

    def frames(self) -> list[tuple[bytes, bytes]]:
        """What was published since the last call, as it travels."""
        return [self._envelopes.pack(publication) for publication in self.topic_store.drain()]

    def publish(self, topic: str, data: Data, more: Data | None = None) -> None:
        """An event of which nothing is kept."""
        prefix, event = topic[: topic.rindex(".") + 1], topic[topic.rindex(".") + 1 :]
        self.topic_store.publish(self.topic_store.topic(prefix, event, None), data, self._next_ts(), more)

    @property
    def prices(self) -> Topic:
        """The topic of the instrument's prices, of which the newest of each tick type is kept."""
        return self.topic_store.topic(PREFIX, "tickPrice", lambda data: data["tickType"])

    @property
    def heartbeat(self) -> Topic:
        return self.topic_store.topic("system.", "heartbeat", None)

    def beat(self) -> None:
        self.topic_store.publish(self.heartbeat, {"state": "ready", "since": self.ts}, self._next_ts())

    def tick(self, tick_type: int, more: Data | None = None, **fields: Any) -> float:
        """The next price of the instrument; each is higher than all before, so that it can be told from them."""
        self._price += 0.25
        data = {"reqId": 1, "tickType": tick_type, "price": self._price, "size": "100", "attrMask": 0, **fields}
        self.topic_store.publish(self.prices, data, self._next_ts(), more)
        if self.gaps:
            self.prices.take(data, self.gaps[0]["since"])
        return self._price

    def start_above(self, price: float) -> None:
        """Have the next prices be higher than this one."""
        self._price = price

    @property
    def highest_price(self) -> float:
        return self._price

    def go_stale(self) -> None:
        """TWS loses its connection to IBKR: the values of the instrument may not hold any more."""
        gap = {"stream": str(CON_ID), "topic": PREFIX, "reason": "TWS lost its connection to IBKR", "code": 1100,
               "since": self._next_ts()}  # fmt: skip
        self.gaps = [gap]
        self.prices.doubt(self.ts, lambda _data: True)
        self.publish(f"{PREFIX}stale", gap)

    def be_fresh(self) -> None:
        """TWS serves the instrument again: what it has not told again does not hold any more."""
        (gap,), self.gaps = self.gaps, []
        self.prices.settle(lambda _data: True)
        self.prices.drop_stale(lambda _data: True)
        fresh = {"stream": gap["stream"], "topic": PREFIX, "since": gap["since"], "until": self._next_ts()}
        self.publish(f"{PREFIX}fresh", fresh)

    def values(self) -> dict[tuple[str, int], Value]:
        """The truth: of each topic and tick type the price, and whether it is stale."""
        found = {}
        for event in self.topic_store.snapshot(PREFIX)["events"]:
            if event["event"] == "tickPrice":
                key = (event["topic"], event["data"]["tickType"])
                found[key] = (event["data"]["price"], event.get("stale", False))
        return found

    def raise_floor(self) -> None:
        """Others' topics are dropped, and the bridge forgets their numbers."""
        for number in range(10):
            prefix = f"market.{number}."
            topic = self.topic_store.topic(prefix, "tickPrice", None)
            topic.seq += 57
            self.topic_store.drop(prefix)

    def _next_ts(self) -> int:
        self.ts += 1_000_001
        return self.ts

    # Orders

    def log_event(self, event: Data) -> None:
        """Publish an event of the order log, as it is live."""
        more = {"n": event["n"]} | ({"replayed": True} if event.get("replayed") else {})
        self.publish(event["topic"], event["data"], more)

    def tell_head(self) -> None:
        self.publish(f"order.{self.owner}.head", {"log": self.log.name, "head": self.log.head})

    # Requests

    def check(self, request: Any) -> Request:
        """The request as the bridge reads it; raises Refused."""
        ask = read(request)
        ask.params = self._parameters.check(ask.method, ask.params)
        return ask

    def answer(self, ask: Request, route: Route) -> list[tuple[Route, Data]]:
        """The replies to a request. What concerns TWS is stored under its id; the bridge's own is looked up anew."""
        own = _OWN.get(ask.method)
        if own is not None:
            return [(route, {"v": VERSION, "id": ask.id, **own(self, ask.params)})]
        try:
            is_new, replies = self.asks.admit(ask, route)
        except Refused as refused:
            return [(route, {"v": VERSION, "id": ask.id, **failure(refused.code, refused.message)})]
        if is_new:
            replies = self.asks.answer(ask, self._outcome(ask))
        return [(reply.route, reply.body) for reply in replies]

    def _outcome(self, ask: Request) -> Data:
        answer = self.answers.get(ask.method)
        if answer is None:
            return failure("unknownMethod", f"the scripted bridge does not know {ask.method}")
        return answer(ask.params)

    def snapshot(self, params: Data) -> Data:
        """In one turn: the last values, and the marker for those who listen already."""
        result = {"prefix": params["prefix"], **self._last(params["prefix"])}
        if nonce := params.get("nonce"):
            self.topic_store.announce(f"sync.{nonce}", "sync", {}, self._next_ts())
        return ok("snapshot", result)

    def subscription(self, _params: Data) -> Data:
        """The answer to reqMktData: the client holds the stream from now on."""
        self.is_held = True
        told = {"stream": str(CON_ID), "topic": PREFIX, "snapshot": self._last(PREFIX), "confirmed": True,
                "kept": self.keeps_holds}  # fmt: skip
        return ok("subscription", told)

    def _last(self, prefix: str) -> Data:
        gaps = [gap for gap in self.gaps if gap["topic"].startswith(prefix) or prefix.startswith(gap["topic"])]
        return {"epoch": self.epoch, **self.topic_store.snapshot(prefix), "gaps": gaps}

    def _sequences(self, params: Data) -> Data:
        sequences = self.topic_store.sequences(params["prefix"])
        return ok("sequences", {"epoch": self.epoch, "sequences": sequences, "floors": self.topic_store.floors()})

    def _order_log(self, params: Data) -> Data:
        events = self.log.after(params["after"], params["limit"])
        told = {"epoch": self.epoch, "log": self.log.name, "head": self.log.head, "events": events}
        return ok("orderLog", told)

    def _status(self, _params: Data) -> Data:
        """With what a client looks for: the streams, and whether it holds them."""
        stream = {"stream": str(CON_ID), "topic": PREFIX, "method": "reqMktData", "state": "live",
                  "held": self.is_held, "holderCount": 1}  # fmt: skip
        connection = {"epoch": self.epoch, "state": "ready", "since": self.ts, "clientId": 1}
        told = {"v": VERSION, "version": __version__, "started": self.ts, "ts": self._next_ts(),
                "connection": connection, "accounts": ["DU1"],
                "verdict": {"trading": True, "since": self.ts, "also": []}, "trading": {"halted": False, "reasons": {}},
                "orders": {"tradable": True}, "clients": 1, "openRequests": 0, "farms": [], "undecoded": 0,
                "cache": {"enabled": False, "hits": 0, "misses": 0, "shared": 0, "series": 0, "bars": 0},
                "pacing": {"queued": 0, "limit": 50}, "lines": [], "limits": [],
                "longerThanDeclared": {}, "streams": [stream]}  # fmt: skip
        return ok("status", told)

    def _ping(self, _params: Data) -> Data:
        return ok("ping", {"ts": self._next_ts()})

    def _hello(self, _params: Data) -> Data:
        roles = ["account", "admin", "observe", "trade"]
        told = {"v": VERSION, "epoch": self.epoch, "lease": 30.0, "client": self.owner, "roles": roles, "stored": True}
        return ok("hello", told)

    def _release(self, params: Data) -> Data:
        return ok("released", {"released": params["stream"]})


#: The bridge's own methods: each gives an outcome, and nothing is stored of it.
_OWN: dict[str, Callable[[ScriptedBridge, Data], Data]] = {
    "snapshot": ScriptedBridge.snapshot,
    "sequences": ScriptedBridge._sequences,
    "orderLog": ScriptedBridge._order_log,
    "status": ScriptedBridge._status,
    "ping": ScriptedBridge._ping,
    "hello": ScriptedBridge._hello,
    "release": ScriptedBridge._release,
}


def parameters() -> Parameters:
    """What checks the params of requests; building it takes a moment."""
    return Parameters(catalogue())
