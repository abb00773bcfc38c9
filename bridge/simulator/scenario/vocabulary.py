"""All phrases of scenarios, by who speaks: what TWS does, what a client of the bridge does, and what must be seen.

Tables only. `docs/reference/scenarios.md` is generated from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

from bridge.simulator.scenario.forms import Form

Who = Literal["tws", "client", "seen", "heard", "known"]
SPEAKERS: tuple[Who, ...] = get_args(Who)
#: Those whose lines do something; the others' lines are expectations.
DOERS: frozenset[Who] = frozenset({"tws", "client"})

ABOUT: Mapping[Who, str] = {
    "tws": "TWS does this.",
    "client": "A client of the bridge does this. `tws-bridge rehearse` has one; beside `simulate` it is yours.",
    "seen": "The simulated TWS must see this at its sockets.",
    "heard": "A subscriber to the bridge must hear this event.",
    "known": "The bridge must answer this when a client asks it.",
}

_SOCKETS = (
    Form("refuse", "refuse", "stops listening: TCP is refused; open sockets stay"),
    Form("listen", "listen", "listens again"),
    Form("dialog", "dialog", "accepts sockets from now on and says nothing on them, as behind a dialog"),
    Form("dialogAtStart", "dialog at startApi", "answers the handshake from now on, and nothing after it"),
    Form("answerDialog", "answer dialog", "a person answers the dialog: sockets that wait are served"),
    Form("drop", "drop", "closes all sockets"),
    Form("reset", "reset", "resets all sockets (RST)"),
    Form("halfOpen", "half open", "reads and writes no more on the sockets that are open now; they stay open"),
    Form("stopReading", "stop reading", "reads no more, and goes on writing"),
    Form("readOn", "read on", "ends `stop reading`"),
    Form("sayNothing", "say nothing", "reads on, and throws away all that it would say"),
    Form("talk", "talk", "ends `say nothing`"),
    Form("splitOff", "split output off", "ends `split output N`"),
    Form("split", "split output N", "writes N bytes at a time"),
    Form("garbage", "garbage", "sends a whole frame that makes no sense"),
    Form("falseLength", "false length", "announces the longest frame there may be, and sends one byte of it"),
    Form("oversize", "oversize length", "announces a frame longer than there may be"),
    Form("idTaken", "client id in use", "answers each startApi from now on with 326, and closes"),
    Form("idFree", "client id free", "ends `client id in use`"),
)
_RESTARTS = (
    Form(
        "restart", "restart for SECONDS[OPTIONS]",
        "resets all sockets, refuses TCP for so long, and listens again. `ids from 1`: order ids begin at 1 again; "
        "`lists cut`: completed orders and executions of before are gone; `orders lost`: open orders are gone",
    ),
    Form("loseRequests", "lose requests for SECONDS", "loses all requests so long after each nextValidId; 0s ends it"),
    Form("rememberIds", "remember request ids", "refuses request ids of earlier connections with 322 from now on"),
)  # fmt: skip
_WORDS = (
    Form("errorOn", 'error CODE on REQUEST ["TEXT"]', "says this error on each such request that is under way"),
    Form("errorId", 'error CODE id N ["TEXT"]', "says this error with that id"),
    Form("error", 'error CODE ["TEXT"]', "says this error with id -1; without a text IBKR's own words"),
    Form("farmDead", "farm FARM up without data", "says that the farm is back, and has forgotten its subscriptions"),
    Form("farmDown", "farm FARM down", "says that the farm is broken; no data of it comes"),
    Form("farmUp", "farm FARM up", "says that the farm is back; its data comes again"),
    Form("farmIdle", "farm DATAFARM idle", "says that the farm is inactive; its data goes on"),
    Form("farmConnecting", "farm usfarm connecting", "says that the farm is being connected"),
)
_DATA = (
    Form("stopData", "stop data", "no subscription brings anything; TWS keeps them, and says nothing"),
    Form("resumeData", "resume data", "ends `stop data`"),
    Form("stop", "stop REQUEST", "subscriptions of that kind bring nothing"),
    Form("resume", "resume REQUEST", "ends `stop REQUEST`"),
    Form("forgetAll", "forget subscriptions", "forgets all subscriptions to market data, and says nothing"),
    Form("forget", "forget REQUEST", "forgets the subscriptions of that kind"),
    Form(
        "price", "price SYMBOL PRICE", "the market is there now: bid, ask and last; orders that it reaches are filled"
    ),
)
_REQUESTS = (
    Form("silentNext", "silent next REQUEST", "takes the next such request, and says nothing on it, ever"),
    Form("silent", "silent REQUEST", "takes such requests from now on, and says nothing on them, ever"),
    Form("hold", "hold REQUEST", "takes up such requests only after `answer REQUEST`"),
    Form("delay", "delay REQUEST by SECONDS", "takes up each such request so much later"),
    Form("answer", "answer REQUEST", "ends `silent`, `hold` and `delay`, and takes up what is held"),
    Form("nextLostReset", "next REQUEST lost then reset", "never takes the next one, and resets the socket"),
    Form("nextLost", "next REQUEST lost", "never takes the next one, and says nothing"),
    Form("nextTakenReset", "next REQUEST taken then reset", "takes the next one, and resets the socket before a word"),
    Form("nextUnanswered", "next REQUEST taken without a word", "takes the next one, and does not answer it"),
    Form("nextRejected", 'next REQUEST rejected with CODE ["TEXT"]', "answers the next one with this error"),
    Form("nextDoubled", "next placeOrder doubled", "makes of the next change a second order beside the first one"),
)
_ORDERS = (
    Form("withhold", "withhold orders", "keeps back all that it would say on orders; lists on request are whole"),
    Form("tellReversed", "tell orders reversed", "says what it has kept back, the last word first"),
    Form("tellTwice", "tell orders twice", "says what it has kept back, each word twice"),
    Form("tellNever", "never tell orders", "throws away what it has kept back, and goes on as ever"),
    Form("tell", "tell orders", "says what it has kept back, and goes on as ever"),
    Form("repeat", "repeat orderStatus N times", "says each orderStatus so often from now on; 1 ends it"),
    Form("cancelOrders", "cancel orders", "IBKR cancels all open orders by itself"),
    Form("loseOrders", "lose orders", "open orders are gone, and nothing is said"),
    Form("cutLists", "cut lists", "completed orders and executions of before are gone"),
)  # fmt: skip

TWS: tuple[Form, ...] = (*_SOCKETS, *_RESTARTS, *_WORDS, *_DATA, *_REQUESTS, *_ORDERS)
#: The same by what they are about, for people.
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
    Form("subscribeKept", "subscribe history SYMBOL", "subscribes to historical bars that are kept up to date"),
    Form("subscribeTicks", "subscribe ticks SYMBOL", "subscribes to tick-by-tick trades"),
    Form("subscribeDepth", "subscribe depth SYMBOL", "subscribes to market depth"),
    Form("subscribePositions", "subscribe positions", "subscribes to positions"),
    Form("subscribe", "subscribe SYMBOL", "subscribes to market data"),
    Form("place", "place KEY SIDE QUANTITY SYMBOL at PRICE", "places a limit order under that key"),
    Form("change", "change KEY to PRICE", "changes the order's limit"),
    Form("cancel", "cancel KEY", "cancels the order"),
    Form("ask", "ask REQUEST", "makes a request that has no parameters"),
)
SEEN: tuple[Form, ...] = (
    Form("noRequest", "no request REQUEST", "no such request comes"),
    Form("noConnection", "no connection", "no client gets ready"),
    Form("noSocket", "no socket", "TCP is not opened"),
    Form("request", "request REQUEST [N times]", "such requests come, at least so many"),
    Form("connection", "connection [N times]", "a client has connected, and is ready"),
    Form("socket", "socket [N times]", "TCP is opened"),
    Form("disconnection", "disconnection", "a socket is closed, by either side"),
)
HEARD: tuple[Form, ...] = (
    Form("noTopic", "no TOPIC [VALUES]", "no such event comes"),
    Form("topic", "TOPIC [VALUES]", "an event with that topic, and these values in its data, comes"),
)
KNOWN: tuple[Form, ...] = (
    Form("stale", "value SYMBOL stale", "the last bid of the stock is marked as stale"),
    Form("fresh", "value SYMBOL fresh", "it is not"),
    Form("above", "value SYMBOL above PRICE", "it is not, and above that price"),
    Form("below", "value SYMBOL below PRICE", "it is not, and below that price"),
    Form("order", "order KEY STATE [VALUES]", "the order has that state, and these values in its facts"),
    Form("connected", "connection STATE", "the connection to TWS has that state"),
)
FORMS: Mapping[Who, tuple[Form, ...]] = {
    "tws": TWS, "client": CLIENT, "seen": SEEN, "heard": HEARD, "known": KNOWN,
}  # fmt: skip
#: Expectations that something does not happen: they take `for`, all others `within`.
ABSENCES: frozenset[str] = frozenset({"noRequest", "noConnection", "noSocket", "noTopic"})
