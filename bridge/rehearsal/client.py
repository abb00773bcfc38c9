"""The client of a rehearsal. It runs the `client` lines, checks the `known` lines, and receives all events."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from typing import Any

from bridge.simulator.instruments.universe import STOCKS
from bridge.simulator.scenario.forms import Fields, Phrase
from bridge.simulator.scenario.player import Observation, holds
from bridge.simulator.scenario.playing import LineFailed
from tws_bridge_client import AsyncBridgeClient, BridgeError

Data = dict[str, Any]

#: The name of the client, which owns its orders.
NAME = "rehearsal"
#: The timeout of a request in seconds. It is longer than any outage of a scenario.
_PATIENCE = 8.0
#: The timeout in seconds of a request that checks a `known` line.
_GLANCE = 0.2
_BID = 1

_BARS: Data = {"barSize": 5, "whatToShow": "TRADES", "useRTH": False}
_BOOK: Data = {"numRows": 5, "isSmartDepth": True}
_KEPT: Data = {
    "endDateTime": "", "duration": "1800 S", "barSizeSetting": "1 min", "whatToShow": "TRADES", "useRTH": False,
    "formatDate": 1, "keepUpToDate": True,
}  # fmt: skip


class RehearsalClient:
    """The client. `take` gets each event as an Observation, `tell` a line for each answer.

    The caller calls `begin` first and `end` last.
    """

    def __init__(
        self, client: AsyncBridgeClient, take: Callable[[Observation], None], tell: Callable[[str], None]
    ) -> None:
        self._client = client
        self._take = take
        self._tell = tell
        self._tasks: set[asyncio.Task[None]] = set()
        self._subscribing: set[asyncio.Task[None]] = set()
        self._orders: dict[str, Data] = {}
        self._revisions: dict[str, int] = {}

    async def begin(self) -> None:
        """Subscribe to all events. Returns when the subscription is live."""
        heard = asyncio.Event()
        self._run(self._listen(heard))
        await heard.wait()

    async def end(self) -> None:
        """Cancel all requests and the subscription."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def do(self, phrase: Phrase) -> None:
        """Send the request of a `client` line, and do not wait for its answer. Raises LineFailed."""
        method, params = _REQUESTS[phrase.verb](self, phrase.fields)
        task = self._run(self._ask(phrase, method, params))
        if phrase.verb.startswith("subscribe"):
            self._subscribing.add(task)
            task.add_done_callback(self._subscribing.discard)

    async def knows(self, phrase: Phrase) -> tuple[bool, str]:
        """Returns whether the bridge answers what a `known` line expects, and its answer as text."""
        try:
            return await _QUESTIONS[phrase.verb](self, phrase.fields)
        except BridgeError as error:
            return False, str(error)

    # Internal

    def _run(self, work: Any) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _listen(self, heard: asyncio.Event) -> None:
        async with self._client.subscribe("") as events:
            while not events.is_live:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(events.next(), 0.05)
            heard.set()
            async for event in events:
                if event.origin == "live":
                    self._take(Observation("heard", event.topic, event.data))

    async def _ask(self, phrase: Phrase, method: str, params: Data) -> None:
        try:
            answer = await self._client.request(method, params, _PATIENCE)
        except BridgeError as error:
            self._tell(f"           {phrase.text}: {error}")
        else:
            brief = {key: value for key, value in answer.items() if not isinstance(value, dict | list)}
            self._tell(f"           {phrase.text}: {brief}")

    # Requests

    def subscription(self, method: str, symbol: str, more: Mapping[str, Any]) -> tuple[str, Data]:
        """The method and the parameters of a subscription."""
        return method, {"contract": _contract(symbol), **more}

    def place(self, fields: Fields) -> tuple[str, Data]:
        """The method and the parameters that place the order of a line."""
        order = {
            "action": fields["side"], "orderType": "LMT", "totalQuantity": str(fields["quantity"]),
            "lmtPrice": float(fields["price"]), "tif": "GTC",
        }  # fmt: skip
        self._orders[fields["key"]] = order
        return "placeOrder", {"orderKey": fields["key"], "contract": _contract(fields["symbol"]), "order": order}

    def change(self, fields: Fields) -> tuple[str, Data]:
        """The method and the parameters that change the price of an order. Raises LineFailed."""
        key = fields["key"]
        if key not in self._orders:
            raise LineFailed(f"no earlier line has placed {key}")
        self._revisions[key] = self._revisions.get(key, 0) + 1
        order = {**self._orders[key], "lmtPrice": float(fields["price"])}
        return "modifyOrder", {"orderKey": key, "revision": self._revisions[key], "order": order}

    # Questions

    async def bid(self, fields: Fields) -> tuple[bool | None, Decimal | None, str]:
        """Returns whether the last bid is stale, the bid, and a text with both. Without a bid both are None."""
        if self._subscribing:
            return None, None, "the bridge has not answered a subscription yet"
        prefix = f"market.{STOCKS[fields['symbol']]}."
        events = (await self._client.request("snapshot", {"prefix": prefix}, _GLANCE))["events"]
        for event in events:
            if event["event"] == "tickPrice" and event["data"]["tickType"] == _BID:
                is_stale, price = bool(event.get("stale", False)), Decimal(str(event["data"]["price"]))
                return is_stale, price, f"the bid is {price}, {'stale' if is_stale else 'fresh'}"
        return None, None, "there is no bid"

    async def order(self, fields: Fields) -> tuple[bool, str]:
        """Whether an order has the state and the values of a `known` line, and its state as text."""
        asked = {"orderKey": fields["key"], "until": "ended"}
        try:
            facts = await self._client.request("awaitOrder", asked, _GLANCE)
        except BridgeError as error:
            facts = error.data
            if "state" not in facts:
                raise
        is_so = facts["state"] == fields["state"]
        is_so = is_so and all(holds(facts.get(name), value) for name, value in fields.get("values", {}).items())
        return is_so, f"it is {facts}"

    async def connection(self, fields: Fields) -> tuple[bool, str]:
        """Whether the connection has the state of a `known` line, and its state as text."""
        state = (await self._client.request("status", {}, _GLANCE))["connection"]["state"]
        return state == fields["state"], f"it is {state}"


def _contract(symbol: str) -> Data:
    return {"conId": STOCKS[symbol], "symbol": symbol, "secType": "STK", "exchange": "SMART", "currency": "USD"}


Request = Callable[[RehearsalClient, Fields], tuple[str, Data]]

_REQUESTS: Mapping[str, Request] = {
    "subscribe": lambda client, fields: client.subscription("reqMktData", fields["symbol"], {}),
    "subscribeBars": lambda client, fields: client.subscription("reqRealTimeBars", fields["symbol"], _BARS),
    "subscribeKept": lambda client, fields: client.subscription("reqHistoricalData", fields["symbol"], _KEPT),
    "subscribeTicks": lambda client, fields: client.subscription(
        "reqTickByTickData", fields["symbol"], {"tickType": "AllLast"}
    ),
    "subscribeDepth": lambda client, fields: client.subscription("reqMktDepth", fields["symbol"], _BOOK),
    "subscribePositions": lambda client, fields: ("reqPositions", {}),
    "place": RehearsalClient.place,
    "change": RehearsalClient.change,
    "cancel": lambda client, fields: ("cancelOrder", {"orderKey": fields["key"]}),
    "ask": lambda client, fields: (fields["request"], {}),
}


async def _stale(client: RehearsalClient, fields: Fields) -> tuple[bool, str]:
    is_stale, _, words = await client.bid(fields)
    return is_stale is True, words


async def _fresh(client: RehearsalClient, fields: Fields) -> tuple[bool, str]:
    is_stale, _, words = await client.bid(fields)
    return is_stale is False, words


async def _above(client: RehearsalClient, fields: Fields) -> tuple[bool, str]:
    is_stale, price, words = await client.bid(fields)
    return is_stale is False and price is not None and price > fields["price"], words


async def _below(client: RehearsalClient, fields: Fields) -> tuple[bool, str]:
    is_stale, price, words = await client.bid(fields)
    return is_stale is False and price is not None and price < fields["price"], words


_QUESTIONS: Mapping[str, Callable[[RehearsalClient, Fields], Awaitable[tuple[bool, str]]]] = {
    "stale": _stale,
    "fresh": _fresh,
    "above": _above,
    "below": _below,
    "order": RehearsalClient.order,
    "connected": RehearsalClient.connection,
}
