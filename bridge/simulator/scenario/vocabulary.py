"""All phrases of scenarios, by speaker: what TWS does, what a client of the bridge does, and what must be observed.

This module has tables only. `docs/reference/scenarios.md` is generated from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

from bridge.simulator.scenario.forms import Form

Who = Literal["tws", "client", "seen", "heard", "known"]
SPEAKERS: tuple[Who, ...] = get_args(Who)
#: Speakers whose lines are actions. The lines of the others are expectations.
DOERS: frozenset[Who] = frozenset({"tws", "client"})

ABOUT: Mapping[Who, str] = {
    "tws": "TWS does this.",
    "client": "A client of the bridge does this. `tws-bridge rehearse` provides one; with `simulate`, it is yours.",
    "seen": "The simulated TWS must observe this at its sockets.",
    "heard": "A subscriber of the bridge must receive this event.",
    "known": "The bridge must give this answer to a client.",
}

_SOCKETS = (
    Form("refuse", "refuse", "stops listening: TCP connections are refused; open sockets stay open"),
    Form("listen", "listen", "listens again"),
    Form("dialog", "dialog", "accepts new sockets but sends nothing on them, as behind a dialog"),
    Form("dialogAtStart", "dialog at startApi", "answers the handshake, and nothing after it, from now on"),
    Form("answerDialog", "answer dialog", "a person answers the dialog: TWS serves the sockets that wait"),
    Form("drop", "drop", "closes all sockets"),
    Form("reset", "reset", "resets all sockets (RST)"),
    Form("halfOpen", "half open", "stops reading and writing on the open sockets; they stay open"),
    Form("stopReading", "stop reading", "stops reading, but continues to write"),
    Form("readOn", "read on", "ends `stop reading`"),
    Form("sayNothing", "say nothing", "continues to read, but drops everything that it would send"),
    Form("talk", "talk", "ends `say nothing`"),
    Form("splitOff", "split output off", "ends `split output N`"),
    Form("split", "split output N", "writes N bytes at a time"),
    Form("garbage", "garbage", "sends a complete frame that contains no message"),
    Form("falseLength", "false length", "announces a frame of the greatest allowed length, and sends one byte of it"),
    Form("oversize", "oversize length", "announces a frame that is longer than allowed"),
    Form("idTaken", "client id in use", "answers each startApi from now on with error 326, and closes the socket"),
    Form("idFree", "client id free", "ends `client id in use`"),
)
_RESTARTS = (
    Form(
        "restart", "restart for SECONDS[OPTIONS]",
        "resets all sockets, refuses TCP connections for this time, and listens again. `ids from 1`: order ids restart "
        "at 1; `lists cut`: earlier completed orders and executions disappear; `orders lost`: open orders disappear",
    ),
    Form("loseRequests", "lose requests for SECONDS", "loses all requests for this time after nextValidId; 0s ends it"),
    Form("rememberIds", "remember request ids", "from now on, refuses request ids of earlier connections (322)"),
)  # fmt: skip
_WORDS = (
    Form("errorOn", 'error CODE on REQUEST ["TEXT"]', "sends this error for each open request of that name"),
    Form("errorId", 'error CODE id N ["TEXT"]', "sends this error with that id"),
    Form("error", 'error CODE ["TEXT"]', "sends this error with id -1; without a text, IBKR's own text"),
    Form("farmDead", "farm FARM up without data", "reports that the farm is back, but has lost its subscriptions"),
    Form("farmDown", "farm FARM down", "reports that the farm is broken; the farm sends no data"),
    Form("farmUp", "farm FARM up", "reports that the farm is back; it sends data again"),
    Form("farmIdle", "farm DATAFARM idle", "reports that the farm is inactive; it continues to send data"),
    Form("farmConnecting", "farm usfarm connecting", "reports that it connects to the farm"),
)
_DATA = (
    Form("stopData", "stop data", "no subscription sends data any more; TWS keeps them, and sends no error"),
    Form("resumeData", "resume data", "ends `stop data`"),
    Form("stop", "stop REQUEST", "subscriptions of that kind send no data"),
    Form("resume", "resume REQUEST", "ends `stop REQUEST`"),
    Form("forgetAll", "forget subscriptions", "loses all market data subscriptions, and sends no error"),
    Form("forget", "forget REQUEST", "loses the subscriptions of that kind"),
    Form(
        "price", "price SYMBOL PRICE", "the market is there now: bid, ask and last; orders that it reaches are filled"
    ),
)
_REQUESTS = (
    Form("silentNext", "silent next REQUEST", "accepts the next such request, and never answers it"),
    Form("silent", "silent REQUEST", "accepts such requests from now on, and never answers them"),
    Form("hold", "hold REQUEST", "processes such requests only after `answer REQUEST`"),
    Form("delay", "delay REQUEST by SECONDS", "processes each such request with this delay"),
    Form("answer", "answer REQUEST", "ends `silent`, `hold` and `delay`, and processes the held requests"),
    Form("nextLostReset", "next REQUEST lost then reset", "does not process the next one, and resets the socket"),
    Form("nextLost", "next REQUEST lost", "does not process the next one, and does not answer it"),
    Form(
        "nextTakenReset",
        "next REQUEST taken then reset",
        "processes the next one, and resets the socket before any answer",
    ),
    Form("nextUnanswered", "next REQUEST taken without a word", "processes the next one, and does not answer it"),
    Form("nextRejected", 'next REQUEST rejected with CODE ["TEXT"]', "answers the next one with this error"),
    Form(
        "nextDoubled",
        "next placeOrder doubled",
        "makes a second order out of the next change of an order; the first order stays",
    ),
)
_ORDERS = (
    Form("withhold", "withhold orders", "withholds all order events; answers to requests for lists stay complete"),
    Form("tellReversed", "tell orders reversed", "sends the withheld events, the last one first"),
    Form("tellTwice", "tell orders twice", "sends each withheld event twice"),
    Form("tellNever", "never tell orders", "drops the withheld events, and sends later ones normally"),
    Form("tell", "tell orders", "sends the withheld events, and sends later ones normally"),
    Form("repeat", "repeat orderStatus N times", "sends each orderStatus N times from now on; 1 ends it"),
    Form("cancelOrders", "cancel orders", "IBKR cancels all open orders"),
    Form("loseOrders", "lose orders", "all open orders disappear without an event"),
    Form("cutLists", "cut lists", "earlier completed orders and executions disappear from the lists"),
)  # fmt: skip

TWS: tuple[Form, ...] = (*_SOCKETS, *_RESTARTS, *_WORDS, *_DATA, *_REQUESTS, *_ORDERS)
#: The same phrases by subject, for the documentation.
CHAPTERS: Mapping[str, tuple[Form, ...]] = {
    "Sockets": _SOCKETS,
    "Restarts": _RESTARTS,
    "Errors and notices": _WORDS,
    "Market data": _DATA,
    "Requests": _REQUESTS,
    "Orders": _ORDERS,
}
CLIENT: tuple[Form, ...] = (
    Form("subscribeBars", "subscribe bars SYMBOL", "subscribes to real-time bars"),
    Form("subscribeKept", "subscribe history SYMBOL", "subscribes to historical bars with keepUpToDate"),
    Form("subscribeTicks", "subscribe ticks SYMBOL", "subscribes to tick-by-tick trades"),
    Form("subscribeDepth", "subscribe depth SYMBOL", "subscribes to market depth"),
    Form("subscribePositions", "subscribe positions", "subscribes to positions"),
    Form("subscribe", "subscribe SYMBOL", "subscribes to market data"),
    Form("place", "place KEY SIDE QUANTITY SYMBOL at PRICE", "places a limit order under that key"),
    Form("change", "change KEY to PRICE", "changes the order's limit price"),
    Form("cancel", "cancel KEY", "cancels the order"),
    Form("ask", "ask REQUEST", "sends a request that has no parameters"),
)
SEEN: tuple[Form, ...] = (
    Form("noRequest", "no request REQUEST", "no such request arrives"),
    Form("noConnection", "no connection", "no client completes a connection"),
    Form("noSocket", "no socket", "no client opens a TCP connection"),
    Form("request", "request REQUEST [N times]", "such requests arrive, at least N times"),
    Form("connection", "connection [N times]", "a client has completed its connection"),
    Form("socket", "socket [N times]", "a client opens a TCP connection"),
    Form("disconnection", "disconnection", "either side closes a socket"),
)
HEARD: tuple[Form, ...] = (
    Form("noTopic", "no TOPIC [VALUES]", "no such event arrives"),
    Form("topic", "TOPIC [VALUES]", "an event with that topic, and with these values in its data, arrives"),
)
KNOWN: tuple[Form, ...] = (
    Form("stale", "value SYMBOL stale", "the last bid of the stock is marked as stale"),
    Form("fresh", "value SYMBOL fresh", "the last bid of the stock is not marked as stale"),
    Form("above", "value SYMBOL above PRICE", "the last bid is not stale, and above that price"),
    Form("below", "value SYMBOL below PRICE", "the last bid is not stale, and below that price"),
    Form("order", "order KEY STATE [VALUES]", "the order has that state, and these values in its facts"),
    Form("connected", "connection STATE", "the connection to TWS has that state"),
)
FORMS: Mapping[Who, tuple[Form, ...]] = {
    "tws": TWS, "client": CLIENT, "seen": SEEN, "heard": HEARD, "known": KNOWN,
}  # fmt: skip
#: Expectations that something does not happen. They take `for`; all others take `within`.
ABSENCES: frozenset[str] = frozenset({"noRequest", "noConnection", "noSocket", "noTopic"})
