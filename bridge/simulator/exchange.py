"""The simulated exchange and its accounts as one pure object: requests and the time in, events out.

Composes market, order book, accounts and clients; handles no request itself (see `handlers/`). It knows no socket, no
loop and no clock: `now` is ns since 1970 UTC and never runs backwards.
"""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import count

from bridge.simulator.account import Account
from bridge.simulator.balances import Balances, balances
from bridge.simulator.clients import Client, Stream, Watch
from bridge.simulator.configuration import Configuration
from bridge.simulator.handlers import HANDLERS
from bridge.simulator.handlers.accounts import on_booked, refresh_accounts, refresh_pnl
from bridge.simulator.handlers.advisors import advice_of
from bridge.simulator.handlers.bars import refresh_bars
from bridge.simulator.handlers.news import refresh_news
from bridge.simulator.handlers.scanner import refresh_scans
from bridge.simulator.instruments import Instrument
from bridge.simulator.kept import Changes, House, Kept, Record, Unusable, house_of, recalled
from bridge.simulator.market import HOME, Feed, Market
from bridge.simulator.orders import OrderBook
from bridge.simulator.refusals import Refused
from bridge.simulator.ticks import changed_ticks
from bridge.simulator.times import NS, local_date, midnight
from bridge.simulator.universe import build_universe
from bridge.simulator.values import Data

Events = list[tuple[int, str, Data]]
"""(client id, event name, its fields), in the order in which they are to be sent."""

FARMS = (
    (2104, "Market data farm connection is OK:usfarm"),
    (2106, "HMDS data farm connection is OK:ushmds"),
    (2158, "Sec-def data farm connection is OK:secdefnj"),
)
MAX_CLIENTS = 32
_ACCOUNT_PERIOD = 180
"""Seconds between two account updates without a trade, as at TWS."""


@dataclass(frozen=True, slots=True)
class ExchangeSettings:
    """What makes two exchanges alike: the same settings and requests give the same events."""

    seed: int = 1
    ticks_per_second: int = 100
    """Changes of quotes per second, over all instruments."""
    accounts: tuple[str, ...] = ("DU1234567",)
    cash: Decimal = Decimal(1_000_000)
    """US dollars with which each account begins."""
    first_perm_id: int = 1_000_000_001
    """permIds, and the execIds made of them, count from here; a new start with an empty book must not repeat them."""
    forget_ids: bool = False
    """Whether order ids begin at 1 again although there are orders, as has been seen with restarted Gateways."""
    longest_lag: int = NS
    """ns: what of the market a caller misses that comes later than this is not made up for."""


class Exchange:
    """Implements Desk for its parts, Floor for the handlers of requests."""

    def __init__(self, settings: ExchangeSettings, now: int, records: Sequence[Record] = ()) -> None:
        """Opens at `now`, with the book and the accounts of an earlier one if there are its records.

        Raises Unusable for records of other accounts, or that cannot be read.
        """
        self.settings = settings
        self.now = now
        opened = now // NS
        self.changed = Changes()
        self._house = house_of(records)
        self._listed = self._house.listed if self._house else local_date(opened, HOME)
        self.universe = build_universe(self._listed)
        self.market = Market(self.universe, settings.seed, opened)
        cash = settings.cash
        self.accounts = {name: Account(name, {"USD": cash}, day_start=cash) for name in settings.accounts}
        self.book = OrderBook(self, self.universe, self.market, self.accounts, settings.first_perm_id)
        self.book.filler.booked = self._booked
        self.clients: dict[int, Client] = {}
        self.watches: dict[int, list[Watch]] = {}
        self.streams: dict[int, list[Stream]] = {}
        self.groups: dict[int, str] = {}
        self.configuration = Configuration()
        self.advice = advice_of(settings.accounts)
        self._out: Events = []
        self._timers: list[tuple[int, int, Callable[[], None]]] = []
        self._order = count()
        self._tick_base, self._tick_number = now, 0
        self._midnight = self._next_midnight(opened)
        self._second = opened
        self.later(NS - now % NS, self._every_second)
        if self._house is None:
            for account in self.accounts.values():
                self.changed.account(account)
        else:
            self._recall(recalled(records, self._house, self.universe))

    # The face of the exchange

    def on_connect(self, client_id: int, now: int, server_version: int) -> Events:
        """startApi. Raises Refused 326 for a client id in use, 321 for too many clients or a negative id."""
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
        """The client is gone; what it listened to ends, its orders stay."""
        self.now = max(self.now, now)
        self.clients.pop(client_id, None)
        for watches in self.watches.values():
            watches[:] = [watch for watch in watches if watch.client_id != client_id]
        for streams in self.streams.values():
            streams[:] = [stream for stream in streams if stream.client_id != client_id]
        return self._drain()

    def on_request(self, client_id: int, name: str, data: Data, now: int) -> Events:
        """One request of a connected client; whatever is wrong with it is answered with an `error` event."""
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
        """Everything that is due at `now`: quotes, fills, bars, account updates."""
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
        """When on_time has something to do."""
        return min(self._tick_due(), self._timers[0][0])

    # What outlives TWS

    def changes(self) -> list[Record]:
        """What is not as it was when this was last asked, or as in the records given at first; else everything."""
        house = House(self._listed, self._midnight, self.book.next_perm_id)
        if house != self._house:
            self._house = house
            self.changed.house(house)
        return self.changed.take()

    def _recall(self, kept: Kept) -> None:
        if kept.accounts.keys() != self.accounts.keys():
            raise Unusable(f"it belongs to accounts {','.join(kept.accounts)}, not {','.join(self.accounts)}")
        for name in self.accounts:  # the book and its parts hold this very dict
            self.accounts[name] = kept.accounts[name]
        self.book.next_perm_id = kept.house.next_perm_id
        self.book.recall(kept, forget_ids=self.settings.forget_ids)
        if self._second >= kept.house.midnight:
            self._begin_day()
        self.on_time(self.now)

    # Desk: what the parts may do

    def emit(self, client_id: int, name: str, data: Data) -> None:
        """Queues an event for a client, if it is connected."""
        if client_id in self.clients:
            self._out.append((client_id, name, data))

    def error(self, client_id: int, request_id: int, code: int, message: str) -> None:
        """Queues an `error` event."""
        data = {"id": request_id, "errorTime": self.now // 1_000_000, "errorCode": code, "errorMsg": message}
        self.emit(client_id, "error", data)

    def later(self, delay: int, action: Callable[[], None]) -> None:
        """Runs `action` in `delay` ns."""
        heapq.heappush(self._timers, (self.now + delay, next(self._order), action))

    # What handlers share

    @property
    def seconds(self) -> int:
        """Whole seconds since 1970 UTC."""
        return self.now // NS

    def mark(self, con_id: int) -> Decimal:
        """The price at which a position is valued."""
        return Decimal(str(self.market.feeds[con_id].mark))

    def balances(self, account: str) -> Balances:
        """The account's sums at present prices."""
        return balances(self.accounts[account], self.mark)

    def watch(self, client: Client, watch: Watch) -> None:
        """Sends this feed's changes to the client from now on."""
        client.watches[watch.request_id] = watch
        self.watches.setdefault(watch.feed.instrument.conId, []).append(watch)

    def unwatch(self, client: Client, request_id: int) -> None:
        """Ends what `watch` began. Raises KeyError for a request id that watches nothing."""
        watch = client.watches.pop(request_id)
        watches = self.watches.get(watch.feed.instrument.conId, [])
        if watch in watches:  # a snapshot is not
            watches.remove(watch)

    def listen(self, client: Client, stream: Stream) -> None:
        """Tells this stream each change of its feed from now on."""
        client.streams[stream.kind, stream.request_id] = stream
        self.streams.setdefault(stream.feed.instrument.conId, []).append(stream)

    def unlisten(self, client: Client, stream: Stream) -> None:
        """Ends what `listen` began."""
        del client.streams[stream.kind, stream.request_id]
        self.streams[stream.feed.instrument.conId].remove(stream)

    def traded(self, feed: Feed, changed: int) -> None:
        """Tells those who watch a feed what has changed on it."""
        for stream in self.streams.get(feed.instrument.conId, ()):
            self._out += [(stream.client_id, name, data) for name, data in stream.changes(changed)]
        for watch in self.watches.get(feed.instrument.conId, ()):
            client_id = watch.client_id
            self._out += [(client_id, name, data) for name, data in changed_ticks(watch, changed)]

    # Time

    def _tick_due(self) -> int:
        return self._tick_base + (self._tick_number + 1) * NS // self.settings.ticks_per_second

    def _tick(self) -> None:
        self._tick_number += 1
        feed, changed = self.market.step(self.now // NS)
        con_id = feed.instrument.conId
        if self.watches.get(con_id) or self.streams.get(con_id):
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
        """Day orders end, and profit counts from here."""
        self.book.roll_day()
        for name, account in self.accounts.items():
            account.day_start = self.balances(name).net_liquidation
            self.changed.account(account)
            for con_id, position in account.positions.items():
                position.day_start = position.realized + position.unrealized(self.mark(con_id))
                self.changed.position(name, position)

    def _next_midnight(self, second: int) -> int:
        today = midnight(local_date(second, HOME), HOME)
        return midnight(local_date(today + 90_000, HOME), HOME)

    def _booked(self, account: str, instrument: Instrument) -> None:
        self.changed.account(self.accounts[account])
        self.changed.position(account, self.accounts[account].positions[instrument.conId])
        for client in self.clients.values():
            on_booked(self, client, account, instrument)

    def _drain(self) -> Events:
        out, self._out = self._out, []
        return out
