"""The simulated exchange and its accounts as one pure object: requests and the time go in, events come out.

The exchange combines the market, the order book, the accounts and the clients. The functions in `handlers/` answer the
requests. The exchange uses no socket, no event loop and no clock. `now` is in ns since 1970 UTC and never decreases.
"""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import count

from bridge.simulator.accounts.account import Account
from bridge.simulator.accounts.balances import Balances, balances
from bridge.simulator.core.refusals import Refused
from bridge.simulator.core.times import EXCHANGE_ZONE, NS, local_date, midnight
from bridge.simulator.core.values import Data
from bridge.simulator.handlers import HANDLERS
from bridge.simulator.handlers.accounts import on_booked, refresh_accounts, refresh_pnl
from bridge.simulator.handlers.advisors import advisor_configuration_of
from bridge.simulator.handlers.bars import refresh_bars
from bridge.simulator.handlers.client import Client
from bridge.simulator.handlers.configuration import Configuration
from bridge.simulator.handlers.news import refresh_news
from bridge.simulator.handlers.scanner import refresh_scans
from bridge.simulator.instruments.instrument import Instrument
from bridge.simulator.instruments.universe import build_universe
from bridge.simulator.market.feed import Feed
from bridge.simulator.market.market import Market
from bridge.simulator.market.subscriptions import FeedSubscription, QuoteSubscription
from bridge.simulator.market.ticks import changed_ticks
from bridge.simulator.orders.order_book import OrderBook
from bridge.simulator.persistence.persisted_state import (
    Changes,
    ExchangeRecord,
    PersistedState,
    exchange_record_of,
    restored,
)
from bridge.simulator.persistence.records import Record, Unusable

Events = list[tuple[int, str, Data]]
"""(client id, event name, fields of the event), in the order in which the shell sends them."""

FARMS = (
    (2104, "Market data farm connection is OK:usfarm"),
    (2106, "HMDS data farm connection is OK:ushmds"),
    (2158, "Sec-def data farm connection is OK:secdefnj"),
)
MAX_CLIENTS = 32
_ACCOUNT_PERIOD = 180
"""Seconds between two account updates if there is no trade. TWS has the same interval."""


@dataclass(frozen=True, slots=True)
class ExchangeSettings:
    """The settings of an exchange. The same settings and the same requests at the same times give the same events."""

    seed: int = 1
    ticks_per_second: int = 100
    """Changes of quotes per second, summed over all instruments."""
    accounts: tuple[str, ...] = ("DU1234567",)
    cash: Decimal = Decimal(1_000_000)
    """US dollars in each account at the start."""
    first_perm_id: int = 1_000_000_001
    """The first permId. execIds contain the permId, so an exchange with an empty book must not reuse one."""
    forget_ids: bool = False
    """Whether order ids restart at 1 although there are orders. Users have seen this after a restart of the Gateway."""
    longest_lag: int = NS
    """In ns. If `on_time` is called later than this after the last quote, the exchange skips the missed quotes."""


class Exchange:
    """The exchange. It implements ExchangePort for the order book and HandlerContext for the request handlers."""

    def __init__(self, settings: ExchangeSettings, now: int, records: Sequence[Record] = ()) -> None:
        """Open the exchange at `now`.

        `records` are those of an earlier exchange: this one continues with its orders and accounts. Raises Unusable if
        the records belong to other accounts, or if they cannot be read.
        """
        self.settings = settings
        self.now = now
        opened = now // NS
        self.changed = Changes()
        self._recorded = exchange_record_of(records)
        self._listed = self._recorded.listed if self._recorded else local_date(opened, EXCHANGE_ZONE)
        self.universe = build_universe(self._listed)
        self.market = Market(self.universe, settings.seed, opened)
        cash = settings.cash
        self.accounts = {name: Account(name, {"USD": cash}, day_start=cash) for name in settings.accounts}
        self.book = OrderBook(self, self.universe, self.market, self.accounts, settings.first_perm_id)
        self.book.fills.booked = self._booked
        self.clients: dict[int, Client] = {}
        self.quote_subscriptions: dict[int, list[QuoteSubscription]] = {}
        self.feed_subscriptions: dict[int, list[FeedSubscription]] = {}
        self.groups: dict[int, str] = {}
        self.configuration = Configuration()
        self.advisor_configuration = advisor_configuration_of(settings.accounts)
        self._out: Events = []
        self._timers: list[tuple[int, int, Callable[[], None]]] = []
        self._order = count()
        self._tick_base, self._tick_number = now, 0
        self._midnight = self._next_midnight(opened)
        self._second = opened
        self.later(NS - now % NS, self._every_second)
        if self._recorded is None:
            for account in self.accounts.values():
                self.changed.account(account)
        else:
            self._restore(restored(records, self._recorded, self.universe))

    # Called by the shell

    def on_connect(self, client_id: int, now: int, server_version: int) -> Events:
        """Process a startApi and return the first events for the client.

        Raises Refused 326 if the client id is in use, 321 if there are too many clients or the id is negative.
        """
        self.now = max(self.now, now)
        if client_id in self.clients:
            raise Refused(326, "Unable to connect as the client id is already in use. Retry with a unique client id.")
        if len(self.clients) >= MAX_CLIENTS:
            raise Refused(321, f"Error validating request.-'bW' : cause - At most {MAX_CLIENTS} clients can connect")
        if client_id < 0:
            raise Refused(321, "Error validating request.-'bW' : cause - Invalid client id")
        self.clients[client_id] = Client(client_id, server_version)
        self.emit(client_id, "managedAccounts", {"accountsList": ",".join(self.accounts)})
        self.emit(client_id, "nextValidId", {"orderId": self.book.next_valid_id(client_id)})
        for code, message in FARMS:
            self.error(client_id, -1, code, message)
        return self._drain()

    def on_disconnect(self, client_id: int, now: int) -> Events:
        """Process the end of a client connection: its subscriptions end, its orders stay."""
        self.now = max(self.now, now)
        self.clients.pop(client_id, None)
        for quote_subscriptions in self.quote_subscriptions.values():
            quote_subscriptions[:] = [
                subscription for subscription in quote_subscriptions if subscription.client_id != client_id
            ]
        for feed_subscriptions in self.feed_subscriptions.values():
            feed_subscriptions[:] = [
                subscription for subscription in feed_subscriptions if subscription.client_id != client_id
            ]
        return self._drain()

    def on_request(self, client_id: int, name: str, data: Data, now: int) -> Events:
        """Process one request of a connected client. The answer to an invalid request is an `error` event."""
        self.now = max(self.now, now)
        client = self.clients[client_id]
        request_id = next((int(data[key]) for key in ("reqId", "orderId") if key in data), -1)
        handler = HANDLERS.get(name)
        try:
            if handler is None:
                raise Refused(322, f"Error processing request.-'bW' : cause - {name} is not simulated")
            handler(self, client, data)
        except Refused as refusal:
            self.error(client_id, request_id, refusal.code, refusal.message)
        return self._drain()

    def on_time(self, now: int) -> Events:
        """Process everything that is due at `now`: quotes, fills, bars and account updates."""
        if now - self._tick_due() > self.settings.longest_lag:
            self._tick_base, self._tick_number = now, 0
        while True:
            tick, timer = self._tick_due(), self._timers[0][0]
            if min(tick, timer) > now:
                break
            if timer <= tick:
                self.now = max(self.now, timer)
                heapq.heappop(self._timers)[2]()
            else:
                self.now = max(self.now, tick)
                self._tick()
        self.now = max(self.now, now)
        return self._drain()

    def next_time(self) -> int:
        """Return the time of the next quote or timer, in ns: the shell calls `on_time` then."""
        return min(self._tick_due(), self._timers[0][0])

    # State that outlives a TWS process

    def changes(self) -> list[Record]:
        """Return a record of everything that has changed since the last call.

        The first call after a start without records returns everything; with records, only what differs from them.
        """
        record = ExchangeRecord(self._listed, self._midnight, self.book.next_perm_id)
        if record != self._recorded:
            self._recorded = record
            self.changed.exchange(record)
        return self.changed.take()

    def _restore(self, persisted: PersistedState) -> None:
        if persisted.accounts.keys() != self.accounts.keys():
            raise Unusable(
                f"the state belongs to accounts {','.join(persisted.accounts)}, not {','.join(self.accounts)}"
            )
        for name in self.accounts:  # the parts of the order book share this dict
            self.accounts[name] = persisted.accounts[name]
        self.book.restore(
            persisted.orders,
            persisted.executions,
            persisted.next_order_ids,
            next_perm_id=persisted.exchange.next_perm_id,
            forget_ids=self.settings.forget_ids,
        )
        if self._second >= persisted.exchange.midnight:
            self._begin_day()
        self.on_time(self.now)

    # ExchangePort: used by the order book

    def emit(self, client_id: int, name: str, data: Data) -> None:
        """Queue an event for a client. Do nothing if the client is not connected."""
        if client_id in self.clients:
            self._out.append((client_id, name, data))

    def error(self, client_id: int, request_id: int, code: int, message: str) -> None:
        """Queue an `error` event for a client."""
        data = {"id": request_id, "errorTime": self.now // 1_000_000, "errorCode": code, "errorMsg": message}
        self.emit(client_id, "error", data)

    def later(self, delay: int, action: Callable[[], None]) -> None:
        """Call `action` after `delay` ns."""
        heapq.heappush(self._timers, (self.now + delay, next(self._order), action))

    # HandlerContext: used by the request handlers

    @property
    def seconds(self) -> int:
        """The current time in whole seconds since 1970 UTC."""
        return self.now // NS

    def mark(self, con_id: int) -> Decimal:
        """Return the mark price of an instrument: positions are valued at it."""
        return Decimal(str(self.market.feeds[con_id].mark))

    def balances(self, account: str) -> Balances:
        """Return the balances of an account at current mark prices."""
        return balances(self.accounts[account], self.mark)

    def subscribe_quotes(self, client: Client, subscription: QuoteSubscription) -> None:
        """Start a reqMktData subscription: send each change of its feed to the client."""
        client.quote_subscriptions[subscription.request_id] = subscription
        self.quote_subscriptions.setdefault(subscription.feed.instrument.conId, []).append(subscription)

    def unsubscribe_quotes(self, client: Client, request_id: int) -> None:
        """End a reqMktData subscription. Raises KeyError if the request id has none."""
        subscription = client.quote_subscriptions.pop(request_id)
        quote_subscriptions = self.quote_subscriptions.get(subscription.feed.instrument.conId, [])
        if subscription in quote_subscriptions:  # the list does not contain snapshots
            quote_subscriptions.remove(subscription)

    def subscribe_feed(self, client: Client, subscription: FeedSubscription) -> None:
        """Start a subscription to tick-by-tick data or market depth."""
        client.feed_subscriptions[subscription.kind, subscription.request_id] = subscription
        self.feed_subscriptions.setdefault(subscription.feed.instrument.conId, []).append(subscription)

    def unsubscribe_feed(self, client: Client, subscription: FeedSubscription) -> None:
        """End a subscription to tick-by-tick data or market depth."""
        del client.feed_subscriptions[subscription.kind, subscription.request_id]
        self.feed_subscriptions[subscription.feed.instrument.conId].remove(subscription)

    def traded(self, feed: Feed, changed: int) -> None:
        """Send a change of a feed to all its subscribers. `changed` has the bits of `market/feed.py`."""
        for stream in self.feed_subscriptions.get(feed.instrument.conId, ()):
            self._out += [(stream.client_id, name, data) for name, data in stream.changes(changed)]
        for subscription in self.quote_subscriptions.get(feed.instrument.conId, ()):
            client_id = subscription.client_id
            self._out += [(client_id, name, data) for name, data in changed_ticks(subscription, changed)]

    # Time

    def _tick_due(self) -> int:
        return self._tick_base + (self._tick_number + 1) * NS // self.settings.ticks_per_second

    def _tick(self) -> None:
        self._tick_number += 1
        feed, changed = self.market.step(self.now // NS)
        con_id = feed.instrument.conId
        if self.quote_subscriptions.get(con_id) or self.feed_subscriptions.get(con_id):
            self.traded(feed, changed)
        if self.book.active(con_id):
            self.book.on_quote(feed)

    def _every_second(self) -> None:
        self.later(NS, self._every_second)
        self._second = self.seconds
        if self._second >= self._midnight:
            self._roll_day()
        self.book.recheck()
        for client in self.clients.values():
            refresh_bars(self, client)
            refresh_pnl(self, client)
            refresh_news(self, client)
            refresh_scans(self, client)
            if self._second % _ACCOUNT_PERIOD == 0:
                refresh_accounts(self, client)

    def _roll_day(self) -> None:
        self._midnight = self._next_midnight(self._second)
        self.market.roll_day()
        self._begin_day()

    def _begin_day(self) -> None:
        """Start a trading day: end day orders, and compute daily profit from the current values."""
        self.book.roll_day()
        for name, account in self.accounts.items():
            account.day_start = self.balances(name).net_liquidation
            self.changed.account(account)
            for con_id, position in account.positions.items():
                position.day_start = position.realized + position.unrealized(self.mark(con_id))
                self.changed.position(name, position)

    def _next_midnight(self, second: int) -> int:
        today = midnight(local_date(second, EXCHANGE_ZONE), EXCHANGE_ZONE)
        return midnight(local_date(today + 90_000, EXCHANGE_ZONE), EXCHANGE_ZONE)

    def _booked(self, account: str, instrument: Instrument) -> None:
        self.changed.account(self.accounts[account])
        self.changed.position(account, self.accounts[account].positions[instrument.conId])
        for client in self.clients.values():
            on_booked(self, client, account, instrument)

    def _drain(self) -> Events:
        out, self._out = self._out, []
        return out
