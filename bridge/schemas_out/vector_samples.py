"""The samples of the test vectors: one for each mistake that a decoder may make."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

Data = dict[str, Any]

EPOCH = "7f3a9c01d2e4b586"
TS = 1_760_000_000_123_456_789
#: A request's socket: a DEALER may put an empty frame before the body, as REQ always does.
Socket = Literal["REQ", "DEALER", "DEALER with delimiter"]


class EventSample(NamedTuple):
    """One event. `more`: more keys of its envelope."""

    name: str
    about: str
    topic: str
    data: Data
    seq: int = 1
    more: Data = {}  # noqa: RUF012 (a NamedTuple's default, never written to)
    ts: int = TS
    epoch: str = EPOCH

    @property
    def event(self) -> str:
        """The last token of the topic; on the topic of a marker `sync`."""
        return "sync" if self.topic.startswith("sync.") else self.topic.rpartition(".")[2]


class RequestSample(NamedTuple):
    name: str
    about: str
    socket: Socket
    body: Data


class ReplySample(NamedTuple):
    name: str
    about: str
    body: Data
    has_delimiter: bool = False


_TICK = {"reqId": 7, "tickType": 1, "price": 187.25, "size": "300", "attrMask": 1}
_CONTRACT = {"conId": 265598, "symbol": "AAPL", "secType": "STK", "exchange": "SMART", "currency": "USD"}
_EXECUTION = {"orderId": 12, "execId": "0000e0d5.6571b0c5.01.01", "time": "20251009 08:53:20 UTC", "side": "BOT",
              "shares": "0.0001", "price": 187.25, "permId": "9223372036854775807", "orderRef": "alice:k1"}  # fmt: skip
_STATUS = {"orderId": 12, "status": "Submitted", "filled": "0", "remaining": "100", "permId": "1840736113",
           "avgFillPrice": 0.0}  # fmt: skip
_ORDER = {"action": "BUY", "totalQuantity": "100", "orderType": "LMT", "lmtPrice": 187.25, "tif": "DAY"}
_LOG_EVENT = {"event": "orderStatus", "topic": "order.alice.k1.orderStatus", "n": 41, "ts": TS, "data": _STATUS}

EVENTS = [
    EventSample("tick", "All keys that every event has. A price is a float, a size a decimal string.",
                "market.265598.tickPrice", _TICK, seq=7),
    EventSample("whole-price", "A float without a fraction is still a float, not an integer.",
                "market.265598.tickPrice", {**_TICK, "price": 100.0}, seq=8),
    EventSample("negative-price", "The price of a spread can be negative.",
                "market.28812380.tickPrice", {**_TICK, "price": -0.05}),
    EventSample("seq-at-32-bits", "The largest seq of 32 bits.", "market.265598.tickPrice", _TICK, seq=2**32 - 1),
    EventSample("seq-beyond-32-bits", "The next seq needs 64 bits.",
                "market.265598.tickPrice", _TICK, seq=2**32),
    EventSample("seq-far-beyond-32-bits", "A seq of more than 32 and at most 53 bits.",
                "market.265598.tickPrice", _TICK, seq=2**40 + 1),
    EventSample("ts-odd-nanosecond", "ts has more than 53 bits: a float would change its last digits.",
                "market.265598.tickPrice", _TICK, ts=TS + 2),
    EventSample("int-beyond-31-bits", "A size as an integer, and milliseconds, of more than 31 bits.",
                "news.BRFG.tickNews",
                {"reqId": 7, "timestamp": 1_760_000_000_123, "providerCode": "BRFG", "articleId": "BRFG$0a1b",
                 "headline": "plain"}),
    EventSample("negative-integers", "Negative integers of one byte and of more.",
                "order.external.1840736113.orderStatus", {**_STATUS, "orderId": -40_000, "clientId": -1}),
    EventSample("decimal-exact", "A decimal that no float holds exactly.",
                "market.265598.tickSize", {"reqId": 7, "tickType": 8, "size": "12345678901234567890.123456789"}),
    EventSample("absent-values", "TWS sent no size and no attributes: the keys are absent, not null, 0 or empty.",
                "market.265598.tickPrice", {"reqId": 7, "tickType": 37, "price": 187.25}),
    EventSample("floats", "Floats: small, large, with all their digits.",
                "market.265598.tickOptionComputation",
                {"reqId": 7, "tickType": 13, "tickAttrib": 0, "impliedVol": 0.1, "delta": -2.0, "gamma": 5e-324,
                 "optPrice": 1.7976931348623157e308}),
    EventSample("unicode", "Text is UTF-8: letters that are not Latin, and one of more than 16 bits.",
                "news.DJNL.tickNews",
                {"reqId": 7, "providerCode": "DJNL", "articleId": "DJNL$1", "headline": "Zürich 株価 Ω 📈"}),
    EventSample("long-text", "More than 255 bytes of text: the length takes two bytes.",
                "system.notice", {"id": -1, "errorCode": 2104, "errorMsg": "x" * 300}),
    EventSample("empty-list", "A list may be empty.",
                "system.farms", {"farms": []}),
    EventSample("many-items", "More than 15 items: the length takes two bytes.",
                "scanner.TOP_PERC_GAIN.scannerData",
                {"reqId": 7, "scannerDataElement": [{"rank": rank} for rank in range(17)]}),
    EventSample("bool", "True and false.",
                "system.trading", {"halted": False, "reasons": {}}),
    EventSample("bytes", "Bytes, as bin. Only an event about a message that the bridge could not read has them.",
                "system.decodeError",
                {"reason": "expected a number", "field": "price", "serverVersion": 213, "payload": b"\x00\x31\xff"}),
    EventSample("sync-marker", "The marker of a snapshot. Its topic ends with your nonce.",
                "sync.4f2a9d", {}),
    EventSample("heartbeat", "Each second.", "system.heartbeat", {"state": "ready", "since": TS}, seq=86_400),
    EventSample("order-status", "An order event has n, its number in the owner's order log. permId is a string.",
                "order.alice.k1.orderStatus", _STATUS, more={"n": 41}),
    EventSample("execution", "A fill. permId needs 63 bits: as a string it is exact.",
                "order.alice.k1.execDetails", {"reqId": -1, "contract": _CONTRACT, "execution": _EXECUTION},
                more={"n": 42}),
    EventSample("replayed-execution", "The bridge requested it from TWS again: it may be a repeat. Compare n.",
                "order.alice.k1.execDetails", {"reqId": 9, "contract": _CONTRACT, "execution": _EXECUTION},
                seq=2, more={"n": 42, "replayed": True}),
    EventSample("order-head", "The newest number of the owner's order log, each second.",
                "order.alice.head", {"log": "c0ffee00c0ffee00", "head": 2**31}),
    EventSample("request-event", "An event that answers a request has re, the id of the request.",
                "request.alice.currentTime", {"currentTime": 1_760_000_000}, more={"re": "5d1c-17"}),
    EventSample("unknown-key", "A later version may add keys: ignore keys that you do not know.",
                "market.265598.tickPrice", {**_TICK, "brandNew": [1, {"deep": None}]}, more={"later": "more"}),
]  # fmt: skip

_PING = {"v": 1, "id": "5d1c-1", "client": "alice", "method": "ping"}
_PLACE = {"orderKey": "k1", "contract": _CONTRACT, "order": _ORDER}

REQUESTS = [
    RequestSample("req", "A REQ socket adds the empty frame by itself.", "REQ", _PING),
    RequestSample("dealer", "A DEALER that sends only the body.", "DEALER", _PING),
    RequestSample("dealer-with-delimiter", "A DEALER that adds the empty frame itself.",
                  "DEALER with delimiter", _PING),
    RequestSample("every-key", "Every key that a request may have.", "DEALER",
                  {"v": 1, "id": "5d1c-2", "client": "alice", "instance": "run-17", "method": "reqContractDetails",
                   "params": {"contract": {"symbol": "AAPL", "secType": "STK"}}, "timeout": 12.5, "expires": TS,
                   "stream": True, "wait": False, "fresh": True}),
    RequestSample("snapshot", "A snapshot with its marker.", "DEALER",
                  {"v": 1, "id": "5d1c-3", "client": "alice", "method": "snapshot",
                   "params": {"prefix": "market.265598.", "nonce": "4f2a9d"}}),
    RequestSample("place-order", "The quantity is a decimal string, the price a float.", "DEALER",
                  {"v": 1, "id": "5d1c-4", "client": "alice", "method": "placeOrder", "params": _PLACE}),
    RequestSample("place-order-integer-quantity", "An integer is the same quantity.", "DEALER",
                  {"v": 1, "id": "5d1c-5", "client": "alice", "method": "placeOrder",
                   "params": {**_PLACE, "order": {**_ORDER, "totalQuantity": 100}}}),
    RequestSample("order-log", "after is a number in the order log.", "DEALER",
                  {"v": 1, "id": "5d1c-6", "client": "alice", "method": "orderLog",
                   "params": {"after": 2**32, "limit": 500}}),
    RequestSample("longest-id", "64 characters, which need not be ASCII.", "DEALER",
                  {"v": 1, "id": "ü" * 64, "client": "alice", "method": "ping", "params": {}}),
]  # fmt: skip


def _ok(id_: str, kind: str, result: Any, **more: Any) -> Data:
    return {"v": 1, "id": id_, "ok": True, "kind": kind, "result": result, **more}


def _error(id_: str, **error: Any) -> Data:
    return {"v": 1, "id": id_, "ok": False, "error": error}


_SNAPSHOT = {
    "epoch": EPOCH, "prefix": "market.",
    "sequences": {"market.265598.tickPrice": 2**32 + 7, "market.265598.stale": 1, "market.8314.tickPrice": 3},
    "floors": {"market": 57},
    "events": [
        {"event": "tickPrice", "topic": "market.265598.tickPrice", "seq": 2**32 + 7, "ts": TS, "data": _TICK,
         "stale": True, "staleSince": TS + 1},
        {"event": "tickPrice", "topic": "market.8314.tickPrice", "seq": 3, "ts": TS, "data": {**_TICK, "reqId": 8}},
    ],
    "gaps": [{"stream": "265598", "topic": "market.265598.", "reason": "TWS lost its connection to IBKR",
              "code": 1100, "since": TS + 1}],
}  # fmt: skip
_FACTS = {"orderKey": "k1", "orderId": 12, "state": "acknowledged", "status": "Submitted", "permId": "1840736113",
          "filled": "0"}  # fmt: skip

REPLIES = [
    ReplySample("ping", "A method of the bridge itself: kind is the method's name.", _ok("5d1c-1", "ping", {"ts": TS})),
    ReplySample("ping-with-delimiter", "The same reply, if the request had the empty frame.",
                _ok("5d1c-1", "ping", {"ts": TS}), has_delimiter=True),
    ReplySample("snapshot", "Stale values, gaps, floors; seq has more than 32 bits. All events have its epoch.",
                _ok("5d1c-3", "snapshot", _SNAPSHOT)),
    ReplySample("empty-snapshot", "No topic begins with the prefix: empty maps and lists.",
                _ok("5d1c-3", "snapshot", {"epoch": EPOCH, "prefix": "bars.", "sequences": {}, "floors": {},
                                           "events": [], "gaps": []})),
    ReplySample("sequences", "Numbers that the client compares with its own.",
                _ok("5d1c-7", "sequences",
                    {"epoch": EPOCH, "sequences": {"market.265598.tickPrice": 9}, "floors": {}})),
    ReplySample("order-log", "Part of an order log: request more from the last n until you have head.",
                _ok("5d1c-6", "orderLog",
                    {"epoch": EPOCH, "log": "c0ffee00c0ffee00", "head": 43,
                     "events": [_LOG_EVENT,
                                {"event": "execDetails", "topic": "order.alice.k1.execDetails", "n": 42, "ts": TS + 1,
                                 "replayed": True,
                                 "data": {"reqId": 9, "contract": _CONTRACT, "execution": _EXECUTION}}]})),
    ReplySample("order", "The state of an order.", _ok("5d1c-4", "order", _FACTS)),
    ReplySample("subscription", "The answer to a subscription, with the values that the bridge already has.",
                _ok("5d1c-8", "subscription",
                    {"stream": "265598", "topic": "market.265598.",
                     "snapshot": {"epoch": EPOCH, "sequences": {}, "floors": {}, "events": [], "gaps": []},
                     "confirmed": True, "kept": True})),
    ReplySample("events", "A request that TWS answers in parts: all parts together, in a list.",
                _ok("5d1c-9", "events", [{"event": "contractDetails", "data": {"reqId": 3, "contract": _CONTRACT}}])),
    ReplySample("cached", "An answer that the bridge has kept: TWS gave it 12.5 seconds ago.",
                _ok("5d1c-12", "event", {"reqId": 3, "headTimestamp": "19801212-14:30:00"}, cached=True, age=12.5)),
    ReplySample("part-1", "The first part of a request with stream. It has no ok.",
                {"v": 1, "id": "5d1c-2", "part": 1,
                 "result": {"event": "contractDetails", "data": {"reqId": 3, "contract": _CONTRACT}}}),
    ReplySample("part-2", "The next part.",
                {"v": 1, "id": "5d1c-2", "part": 2,
                 "result": {"event": "contractDetails", "data": {"reqId": 3, "contract": {"conId": 8314}}}}),
    ReplySample("after-parts", "The reply after the parts, with their number.",
                _ok("5d1c-2", "events", [], parts=2)),
    ReplySample("error", "The bridge refuses the request: only code and message.",
                _error("5d1c-10", code="unknownMethod", message="there is no method reqNothing")),
    ReplySample("error-of-tws", "TWS refuses the order. data has the state of the order.",
                _error("5d1c-11", code="rejectedByTws", message="Order rejected - reason: too large", twsCode=201,
                       data={"orderKey": "k1", "orderId": 12, "state": "rejected"})),
    ReplySample("error-unknown-fate", "TWS has not answered. Never place the order with another key.",
                _error("5d1c-4", code="noResponse", message="TWS has not answered within 10 s",
                       data={"orderKey": "k1", "orderId": 12, "state": "unknown", "sentAt": TS})),
    ReplySample("error-without-id", "The bridge could not read the request: the id is empty.",
                _error("", code="invalidRequest", message="a request is one msgpack map")),
]  # fmt: skip
