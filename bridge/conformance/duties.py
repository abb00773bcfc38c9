"""A client's duties, each a sentence of the wire contract: the report names the one that a client broke.

The numbers are those of docs/reference/contract.md.
"""

from __future__ import annotations

from enum import StrEnum


class Duty(StrEnum):
    """What the contract asks of every client."""

    SUBSCRIBE = (
        "C6.4: `topic` is the prefix of the stream's topics; a client MUST subscribe its SUB socket to it by itself."
    )
    UNKNOWN = "C2.18: A client MUST ignore keys that it does not know in events, replies and `data`."
    INTEGERS = "C2.2: A client MUST read integers with 64 bits, because `ts` and other times are above 2^53."
    JOIN = (
        "C4.1: To join, a client MUST subscribe to the prefix first, then to `sync.<nonce>` with a new random "
        "nonce of 1 to 64 of `A-Z a-z 0-9 _ -`, and then ask `snapshot` with both."
    )
    KEEP = "C4.4: A client MUST keep the events of the prefix, unused, until it has both the reply and the marker."
    MARKER = (
        "C4.5: While the marker is missing, a client SHOULD ask again 200 ms after each reply, with a new `id` and "
        "the same nonce; while the reply is missing, it SHOULD wait longer, since only the reply to its newest "
        "request counts (C4.6)."
    )
    OLD = "C4.14: A client MUST drop an event whose `seq` is not above the number that the snapshot has for its topic."
    HOLE = "C4.18: A client MUST join anew (C4.1) below the prefix where it sees a hole in `seq`."
    EPOCH = "C4.19: A client MUST join anew below all of its prefixes where it sees a new `epoch`."
    FLOOR = (
        "C4.16: A topic that `sequences` does not have begins one above its floor: the number that `floors` has "
        "for the first token of the topic, or 0."
    )
    RISEN_FLOOR = "C4.20: A client MUST join anew below the prefix where `floors` differs from what it was told before."
    NUMBERS = (
        "C4.23: Where `sequences` is ahead of what a client has heard, the client SHOULD wait 1 s for what is "
        "under way, and MUST join anew if a number is still ahead."
    )
    RECONNECTED = (
        "C4.26: A client without a socket monitor MUST subscribe to `system.heartbeat`, and join anew below all of "
        "its prefixes where the `seq` of the heartbeat has a hole: the connection was made anew, or lost events."
    )
    HELD = (
        "C4.31: After each join that follows a loss a client MUST compare the streams that it wants with `streams` "
        "in `status`, and subscribe again to those whose `held` is not true, since it may have lost an `ended`."
    )
    KEPT = "C6.10: A client MUST subscribe again after a restart of the bridge (a new `epoch`) where `kept` was false."
    STALE = "C6.37: A client MUST NOT use values of a stream as current between `stale` and `fresh`."
    FRESH = (
        "C6.36: When TWS serves such a stream again, the bridge publishes `fresh` there, and what TWS has not told "
        "again does not hold any more."
    )
    LEASE = "C6.17: A client that holds a stream MUST send a request at least every 10 s; `ping` is there for that."
    REQUEST = (
        "C5.1: A client MUST send `v`, `id`, `client` and `method`, and MAY send `params`, `timeout`, `expires`, "
        "`stream`, `instance`, `wait` and `fresh`."
    )
    EXPIRES = (
        "C5.100: A client MUST send `expires` with each request that changes something: `placeOrder`, `placeOrders`, "
        "`modifyOrder`, `exerciseOptions`, `replaceFA`, `updateConfig`, `resume`, `reload`, and `reqMktData` with "
        "`regulatorySnapshot`."
    )
    SAME_EXPIRES = (
        "C5.101: `expires` MUST NOT be later than the time until which the client waits for the reply; it is the same "
        "in each repetition of the request."
    )
    SAME_ID = "C5.22: A client that gets no reply SHOULD send the same request again, under the same `id`, every 5 s."
    NEW_ID = (
        "C5.21: A client MUST NOT use an `id` for a second request, also after its own restart; a random prefix "
        "for each run does that."
    )
    ANOTHER_ANSWER = (
        "C9.2: A client that asks again after an error MUST take a new `id`, since the same one gets the stored "
        "error (C5.13)."
    )
    SAME_KEY = (
        "C9.3: A client that asks again for an order, a change or a request with a `onceKey` MUST keep `orderKey`, "
        "`revision` or `onceKey` as they were, unless the row of the code says otherwise."
    )
    ASK_AGAIN = (
        "C7.18: A client that has no reply, or the state `queued`, `sent` or `unknown`, MUST ask again under a new "
        "`id` and the same `orderKey`, or use `awaitOrder`."
    )
    UNKNOWN_ORDER = (
        "C7.26: `unknown` | The order may live or have been executed, and `reason` says what is missing; a client "
        "MUST NOT place it under another key, and MAY cancel it."
    )
    REFUSED = (
        "C7.25: `rejected` | TWS refused the order, and the reply is the error `rejectedByTws`; a client MUST take "
        "another key for another try."
    )
    FILLS = (
        "C8.8: A client that must take each fill exactly once MUST store (`log`, `n`) in one transaction with what "
        "it makes of the event, and begin with `orderLog` after that `n`."
    )
    REPEAT = "C8.10: A client MUST ignore a published event whose `n` is not above its own."
    READ_ON = (
        "C8.11: A client MUST read on with `orderLog` where an `n` is further ahead, where `head` is above its own "
        "`n`, and where its events connection was made anew."
    )
    OTHER_LOG = (
        "C8.12: A client MUST begin at `after` 0 where the name of the log is another one, tell its user that events "
        "may be lost, and apply no execution again whose `execId` it has applied, since that log may repeat executions."
    )
    SET_BACK = (
        "C8.13: A client MUST take a `head` below its own `n` under the same name for a log that was set back, go "
        "on from that `head`, tell its user, and apply no execution again whose `execId` it has applied."
    )
    ADAPTER = "The client prints what it believes, a JSON line for each change (docs/reference/conformance.md)."


class Wrong(Exception):
    """The client did something wrong, and which duty it broke by that."""

    def __init__(self, duty: Duty, what: str) -> None:
        super().__init__(what)
        self.duty = duty
        self.what = what
