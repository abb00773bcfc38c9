"""The hub of the live objects of one client: it routes events to them, and holds the streams that they need.

It knows no socket and no clock. It is a follower (see `follow.py`) of all prefixes of its objects, so all share one SUB
socket. It subscribes again by itself when the bridge does not hold a stream for this client any more: after `ended`,
after a lost lease, and after a restart of the bridge that has not kept the hold. `life.py` has the table.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from tws_bridge_client.calls import BridgeError
from tws_bridge_client.follow import Command, Event, Follower, SnapshotRequest
from tws_bridge_client.live.accounts import AccountBook
from tws_bridge_client.live.book import Book, Live
from tws_bridge_client.live.holds import PASSING, Hold
from tws_bridge_client.live.life import HELD
from tws_bridge_client.live.listeners import Listeners, Unread
from tws_bridge_client.live.orders import ALL_ORDERS, AllOrderBook, OrderBook, order_question
from tws_bridge_client.live.requested import Ended, Requested, is_of
from tws_bridge_client.live.ticker import Quotes, Ticker
from tws_bridge_client.struct import Data

#: The bridge publishes a heartbeat each second. After so many seconds without any event the values are uncertain.
SILENCE = 5.0
#: After so many seconds in which the program called nothing of the client, its lease at the bridge may have ended.
PAUSE = 20.0
#: A failed request for `status` is repeated after so many seconds.
CHECK_AGAIN = 2.0
#: While the bridge says that TWS does not serve a stream, the client asks again after so many seconds. Its word that
#: TWS serves the stream again may have overtaken that answer.
CHECK_STALE = 15.0
#: The states of a stream at the bridge in which TWS does not serve it, or may not.
_NOT_SERVED = frozenset({"cut", "doubtful", "lost"})
SERVED_AGAIN = "TWS serves the stream again"
HEARTBEAT = "system.heartbeat"
#: The tokens of the follower of all orders are above this number.
_ALL_TOKENS = 1 << 40

Answer = Callable[[Any, BridgeError | None, float], None]
BookType = TypeVar("BookType", bound=Book)


class Hub:
    """The live objects of one client. `clock` gives seconds; all times are of this clock.

    The caller passes input to the methods `on_...`, and after each call carries out `commands()`.
    """

    def __init__(
        self,
        client: str,
        clock: Callable[[], float],
        nonce: Callable[[], str] = lambda: os.urandom(8).hex(),
        *,
        requested: Requested | None = None,
        is_over: Callable[[], bool] = lambda: False,
    ) -> None:
        """`requested`: what the program holds by itself. `is_over`: whether nothing serves the hub any more."""
        self.client = client
        self._requested = requested or Requested()
        self._is_over = is_over
        self.listeners = Listeners()
        self.unread = Unread()
        self._clock = clock
        self._follower = Follower((), nonce, whole=True)
        #: The follower of the orders of all clients. Its prefix covers that of the client's own orders.
        self._all_follower = Follower((), nonce, whole=True, tokens=_ALL_TOKENS)
        self._books: dict[str, Book] = {}
        self._holds: dict[str, Hold] = {}
        #: Streams that closed objects had, by method and name, until they are released.
        self._dropped: set[tuple[str, str]] = set()
        self._tickers: list[Ticker] = []
        self._tokens = 0
        self._asks: list[SnapshotRequest] = []
        self._answers: dict[int, Answer] = {}
        self._is_up = True
        self._has_heard = False
        self._heard = float("-inf")
        self._turned = float("inf")
        self._check_due = float("inf")
        #: The bridge's clock, in seconds since 1970, minus the client's clock; None before the first event.
        self._clock_offset: float | None = None
        self._touched: set[str] = set()
        #: The books that the snapshot under way empties, because a stream below them was granted.
        self._renewing: set[str] = set()
        #: Why the bridge does not answer the requests for snapshots; None if it does.
        self.failure: BridgeError | None = None

    # The follower of all prefixes

    def start(self, now: float) -> None:
        """Begin to listen to the heartbeat of the bridge."""
        self._turned = now
        self._follower.add(HEARTBEAT, now)

    def commands(self) -> list[Command]:
        """Take the commands to carry out, in order."""
        asks, self._asks = self._asks, []
        return [*self._follower.commands(), *self._all_follower.commands(), *asks]

    def events(self) -> list[Event]:
        """No events: a loop over the client takes them from `unread`."""
        return []

    def next_timer(self) -> float:
        """The time at which to call `on_timer` next."""
        dues = [hold.due for hold in self._holds.values() if hold.state == "lost"]
        followers = self._follower.next_timer(), self._all_follower.next_timer()
        return min(*followers, self._check_due, self.orders_due(), *dues)

    def orders_due(self) -> float:
        """Return the time at which the client asks for the state of an order next."""
        book = self._books.get(f"order.{self.client}.")
        return book.next_ask() if isinstance(book, OrderBook) else float("inf")

    def on_event(self, topic: str, envelope: Data, now: float) -> None:
        """Take one event from the socket."""
        self._has_heard = True
        if topic == HEARTBEAT or self._clock_offset is None:
            self._clock_offset = envelope["ts"] / 1e9 - now
        self._follower.on_event(topic, envelope, now)
        self._all_follower.on_event(topic, envelope, now)
        self._route(now)

    def on_drained(self, now: float) -> None:
        """All events that have arrived are taken: if there were any, the bridge was there just now."""
        if self._has_heard:
            self._has_heard = False
            self._heard = now

    def on_reply(self, token: int, result: Any, now: float) -> None:
        """Take the result of a request, or None if it failed."""
        self.on_answer(token, result, None, now)

    def on_answer(self, token: int, result: Any, error: BridgeError | None, now: float) -> None:
        """Take the result of a request, or its error."""
        answer = self._answers.pop(token, None)
        if answer is not None:
            answer(result, error, now)
        else:
            self.failure = error
            (self._all_follower if token > _ALL_TOKENS else self._follower).on_reply(token, result, now)
            self._route(now)

    def on_reconnect(self, now: float) -> None:
        """Take a reconnect of the socket."""
        self._follower.on_reconnect(now)
        self._all_follower.on_reconnect(now)

    def on_link(self, is_up: bool) -> None:
        """Take whether the socket is connected."""
        if is_up != self._is_up:
            self._is_up = is_up
            self._touched.update(self._books)

    def on_timer(self, now: float) -> None:
        """Ask for what is due."""
        if now - self._turned > PAUSE:
            self._check_due = now
        self._turned = now
        self._follower.on_timer(now)
        self._all_follower.on_timer(now)
        for hold in self._holds.values():
            if hold.state == "lost" and now >= hold.due:
                hold.on("due")
                self._subscribe(hold)
        if now >= self._check_due:
            self._check(now)
        self._release_dropped()
        book = self._books.get(f"order.{self.client}.")
        if isinstance(book, OrderBook):
            for key in book.keys_to_ask(now):
                self._ask_order(book, key)

    def on_released(self, ended: Ended, now: float) -> None:
        """The program has released a stream by itself. Live objects that need it ask for it again."""
        for hold in self._holds.values():
            if is_of(ended, hold.method, hold.stream, hold.topic):
                hold.lose("unheld", now)
                self._touch(hold)

    def settle(self) -> None:
        """Note the callbacks of all objects that have changed since the last call."""
        touched, self._touched = self._touched, set()
        if touched:
            for live in self.listeners.objects():
                if not touched.isdisjoint(live.prefixes):
                    self.listeners.updated(live)

    # What live objects need

    def now(self) -> float:
        """The time of the client's clock."""
        return self._clock()

    def age_of(self, ts: int) -> float:
        """The seconds since the bridge's clock showed `ts`. The events, one each second at least, show that clock."""
        offset = self._clock_offset
        return float("inf") if offset is None else max(0.0, self._clock() + offset - ts / 1e9)

    def is_stale(self, hold: Hold | None, prefix: str) -> bool:
        """Whether the values below a prefix may be out of date."""
        if self._is_over() or not self._is_up or self._clock() - self._heard > SILENCE:
            return True
        return (hold is not None and hold.state != "live") or self._follower_of(prefix).is_joining(prefix)

    def _follower_of(self, prefix: str) -> Follower:
        return self._all_follower if prefix == ALL_ORDERS else self._follower

    def hold(self, method: str, params: Data) -> Hold:
        """The hold of this subscription. A new one is asked for."""
        key = json.dumps([method, params], sort_keys=True)
        found = self._holds.get(key)
        if found is None or found.state in ("refused", "closed"):
            found = self._holds[key] = Hold(method, params)
            self._subscribe(found)
        return found

    def enter(self, live: Live) -> None:
        """Keep a new live object current from now on."""
        if isinstance(live, Ticker):
            self._tickers.append(live)
        if live.hold is not None:
            live.hold.users += 1
        for prefix in live.prefixes:
            self._books[prefix].users += 1

    def close(self, live: Live) -> None:
        """Forget a live object, and release its stream if no other needs it."""
        if isinstance(live, Ticker):
            self._tickers.remove(live)
        self.listeners.forget(live)
        for prefix in live.prefixes:
            self._leave(prefix)
        hold = live.hold
        if hold is not None:
            hold.users -= 1
            if not hold.users:
                self._release(hold)

    def book(self, kind: type[BookType], prefix: str) -> BookType:
        """The book of a prefix. A new one is followed from now on."""
        found = self._books.get(prefix)
        if found is None:
            found = self._books[prefix] = kind(prefix)
            self._follower_of(prefix).add(prefix, self._clock())
        assert isinstance(found, kind)
        return found

    def orders(self) -> OrderBook:
        """The book of the orders of this client."""
        return self.book(OrderBook, f"order.{self.client}.")

    def all_orders(self) -> OrderBook:
        """The book of the orders of all clients, and of those that no client has placed."""
        return self.book(AllOrderBook, ALL_ORDERS)

    def account_book(self) -> AccountBook:
        """The book of all accounts."""
        return self.book(AccountBook, "account.")

    def renew(self, prefix: str) -> None:
        """Ask again for all values below a prefix: the client has dropped some that are needed now."""
        self._follower_of(prefix).renew(
            prefix, self._clock(), "the client has dropped ended orders, and reads them again"
        )

    def is_joined(self, prefix: str) -> bool:
        """Whether the values below a prefix are complete."""
        return prefix in self._books and not self._follower_of(prefix).is_joining(prefix)

    def _leave(self, prefix: str) -> None:
        book = self._books[prefix]
        book.users -= 1
        if not book.users:
            del self._books[prefix]
            self._follower_of(prefix).remove(prefix)

    def _release(self, hold: Hold) -> None:
        held = hold.state in HELD
        hold.on("closed")
        self._holds = {key: other for key, other in self._holds.items() if other is not hold}
        if held:
            self._drop(hold.method, hold.stream)

    def _drop(self, method: str, stream: str) -> None:
        """Release a stream as soon as it is certain that no other hold and no plain request has it, or may get it."""
        self._dropped.add((method, stream))
        self._release_dropped()

    def _release_dropped(self) -> None:
        others = self._holds.values()
        asking = {other.method for other in others if not other.stream and other.state != "closed"}
        held = {(other.method, other.stream) for other in others}
        for method, stream in sorted(self._dropped):
            if method not in asking and not self._requested.asks(method):
                self._dropped.discard((method, stream))
                if (method, stream) not in held and not self._requested.holds(method, stream):
                    self._ask("release", {"stream": stream, "method": method}, lambda _result, _error, _now: None)

    # Requests

    def _ask(self, method: str, params: Data, answer: Answer, timeout: float = 5.0) -> int:
        self._tokens -= 1
        self._answers[self._tokens] = answer
        self._asks.append(SnapshotRequest(self._tokens, method, params, timeout))
        return self._tokens

    def _subscribe(self, hold: Hold) -> None:
        """Ask the bridge for the stream. Its answer is the next event in the life of the hold."""
        self._ask(hold.method, hold.params, lambda result, error, now: self._on_hold(hold, result, error, now), 30.0)

    def _on_hold(self, hold: Hold, result: Any, error: BridgeError | None, now: float) -> None:
        if hold.state == "closed":
            if error is None:
                self._drop(hold.method, result["stream"])
            return
        hold.error = error
        if error is None:
            self._on_granted(hold, result, now)
        elif error.code in PASSING:
            hold.lose("denied", now)
        else:
            hold.on("refused")
        self._touch(hold)
        self._release_dropped()

    def _on_granted(self, hold: Hold, result: Data, now: float) -> None:
        """The bridge holds the stream for this client. Its book begins with a snapshot that is not older than that."""
        is_again = hold.was_granted
        hold.stream, hold.topic = result["stream"], result["topic"]
        hold.granted = hold.told = self._tokens
        hold.granted_at, hold.epoch = now, result["snapshot"].get("epoch", "")
        prefix = _prefix_of(hold)
        if prefix == "account." and not result.get("confirmed", True):
            hold.on("promised")
            self._check_due = min(self._check_due, now + CHECK_AGAIN)
        else:
            hold.on("granted")
        book = self._books.get(prefix)
        self.show(hold)
        if book is not None and not self._is_current(hold):
            self._renewing.add(prefix)
            self._follower.begin_anew(prefix, now, f"{hold.method} was subscribed to again" if is_again else "")

    def _is_current(self, hold: Hold) -> bool:
        """Whether another hold of the same stream has kept its book current."""
        others = (other for other in self._holds.values() if other is not hold and other.state in HELD)
        return any(
            (other.method, other.stream, other.topic) == (hold.method, hold.stream, hold.topic) for other in others
        )

    def show(self, hold: Hold) -> None:
        """Let the tickers of this hold show its topic. It can be another one after a new subscription."""
        for ticker in self._tickers:
            if ticker.hold is hold and hold.topic not in ticker.prefixes:
                for old in ticker.prefixes:
                    self._leave(old)
                quotes = self.book(Quotes, hold.topic)
                quotes.users += 1
                ticker.show(quotes)

    def _check(self, now: float) -> None:
        """Compare the holds with what the bridge holds for this client: an `ended` may be lost."""
        self._check_due = float("inf")
        if not self._holds:
            return
        token = 0

        def on_status(result: Any, error: BridgeError | None, later: float) -> None:
            if error is not None or result is None:
                self._check_due = later + CHECK_AGAIN
                return
            held = {(one["method"], one["stream"]): one["state"] for one in result["streams"] if one["held"]}
            served = set()
            for hold in self._holds.values():
                # Tokens fall. A hold that was granted after this request may be missing in its answer.
                if hold.granted > token:
                    state = held.get((hold.method, hold.stream))
                    if self._on_status(hold, state, is_newest=hold.told > token, now=later):
                        served.add(_prefix_of(hold))
            for prefix in served:  # its values may still be on their way
                self._follower.begin_anew(prefix, later, SERVED_AGAIN)

        token = self._ask("status", {}, on_status)

    def _on_status(self, hold: Hold, state: str | None, *, is_newest: bool, now: float) -> bool:
        """Take the state of a stream, None if it is not held. Returns whether TWS serves it, which was not certain.

        `is_newest`: the bridge has said nothing of the stream since.
        """
        is_served = False
        if state is None:
            hold.lose("unheld", now)
        elif is_newest and state == "live":
            is_served = hold.on("fresh")
        elif is_newest and state in _NOT_SERVED:
            hold.on("stale")
        if hold.state in ("unconfirmed", "stale"):
            again = CHECK_AGAIN if hold.state == "unconfirmed" else CHECK_STALE
            self._check_due = min(self._check_due, now + again)
        self._touch(hold)
        return is_served

    def _ask_order(self, book: OrderBook, key: str) -> None:
        def on_facts(result: Any, error: BridgeError | None, now: float) -> None:
            book.on_facts(key, result, error, now)
            self._touched.add(book.prefix)

        self._ask("awaitOrder", order_question(key), on_facts)

    # Events

    def _route(self, now: float) -> None:
        for prefix in [prefix for prefix in self._renewing if not self._follower.is_joining(prefix)]:
            self._renewing.discard(prefix)
            if prefix in self._books:
                self._books[prefix].reset()
                self._touched.add(prefix)
        for event in self._follower.events():
            self._take(event, self._book_of(event.topic), now)
        for event in self._all_follower.events():
            self._take(event, self._books.get(ALL_ORDERS), now)

    def _take(self, event: Event, book: Book | None, now: float) -> None:
        if book is not None:
            self._touched.add(book.prefix)
            if event.origin == "gap":
                if event.envelope["epoch"] != book.epoch:
                    book.on_restart()
                book.reset()
                self._on_snapshot(book, event.envelope["epoch"], now)
            else:
                self._on_word(event, now)
                book.on_event(event)
                book.epoch = event.envelope["epoch"]
            if book.prefix != ALL_ORDERS or f"order.{self.client}." not in self._books or not self._is_own(event.topic):
                self.unread.add(event)
                self.listeners.hear(event)

    def _is_own(self, topic: str) -> bool:
        return topic.startswith(f"order.{self.client}.")

    def _book_of(self, topic: str) -> Book | None:
        first, _, rest = topic.partition(".")
        return self._books.get(f"{first}.{rest.partition('.')[0]}.") or self._books.get(f"{first}.")

    def _on_snapshot(self, book: Book, epoch: str, now: float) -> None:
        """A new snapshot after a loss."""
        self._check_due = min(self._check_due, now)
        for hold in self._holds_of(book):
            hold.on("renewed" if epoch == hold.epoch else "restarted")
            hold.told, hold.epoch = self._tokens, epoch

    def _on_word(self, event: Event, now: float) -> None:
        """Take what the bridge says about the streams themselves."""
        data = event.envelope["data"]
        match event.envelope["event"]:
            case "stale":
                self._on_named("stale", [(data["stream"], data["topic"])], now)
            case "fresh":
                self._on_named("fresh", [(data["stream"], data["topic"])], now)
            case "gap":
                self._on_named("stale", zip(data["streams"], data["topics"], strict=True), now)
            case "recovered":
                self._on_named("fresh", zip(data["streams"], data["topics"], strict=True), now)
            case "ended":
                self._on_ended(data, now)

    def _on_named(self, event: Any, streams: Iterable[tuple[str, str]], now: float) -> None:
        for stream, topic in streams:
            for hold in self._holds.values():
                if hold.is_of(stream, topic):
                    hold.told = self._tokens
                    # After `fresh` a value that TWS has not sent again no longer holds: a new snapshot shows that.
                    if hold.on(event) and event == "fresh":
                        self._follower.renew(_prefix_of(hold), now, SERVED_AGAIN)

    def _on_ended(self, data: Data, now: float) -> None:
        self._requested.end(Ended(data["method"], data["stream"]))
        for hold in self._holds.values():
            if hold.is_of(data["stream"], data["topic"]) and hold.method == data["method"]:
                if hold.state == "asking":
                    self._check_due = min(self._check_due, now)
                if hold.lose("ended", now):
                    hold.error = BridgeError({
                        "code": "ended", "message": data["reason"], "twsCode": data.get("code"),
                    })  # fmt: skip

    def _holds_of(self, book: Book) -> list[Hold]:
        return [hold for hold in self._holds.values() if _prefix_of(hold) == book.prefix]

    def _touch(self, hold: Hold) -> None:
        if hold.topic:
            self._touched.add(_prefix_of(hold))


def _prefix_of(hold: Hold) -> str:
    """The prefix that the hub follows for a hold: one for all accounts."""
    return "account." if hold.topic.startswith("account.") else hold.topic
