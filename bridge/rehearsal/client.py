"""The client of a rehearsal: does what `client` lines say, asks what `known` lines expect, hears all events."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from typing import Any

from bridge.client import AsyncBridgeClient, BridgeError
from bridge.simulator.instruments.universe import STOCKS
from bridge.simulator.scenario.forms import Fields, Phrase
from bridge.simulator.scenario.player import Observation, holds
from bridge.simulator.scenario.playing import LineFailed

Data = dict[str, Any]

#: Who it is: owner of its orders.
NAME = "rehearsal"
#: Seconds that a request has: longer than any outage of a scenario. An order that got no word by then is looked for.
_PATIENCE = 8.0
#: Seconds that a question about an order has.
_GLANCE = 0.2
_BID = 1

_BARS: Data = {"barSize": 5, "whatToShow": "TRADES", "useRTH": False}
_BOOK: Data = {"numRows": 5, "isSmartDepth": True}
_KEPT: Data = {
    "endDateTime": "", "duration": "1800 S", "barSizeSetting": "1 min", "whatToShow": "TRADES", "useRTH": False,
    "formatDate": 1, "keepUpToDate": True,
}  # fmt: skip


class RehearsalClient:
    """`take` gets each event as an Observation; `tell` a line for each answer. `begin`, and `end` at last."""

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
        """Hear all events from now on."""
        heard = asyncio.Event()
        self._run(self._listen(heard))
        await heard.wait()

    async def end(self) -> None:
        """Wait for nothing any more."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def do(self, phrase: Phrase) -> None:
        """Make the request of a `client` line, and go on without its answer. Raises Undone."""
        method, params = _REQUESTS[phrase.verb](self, phrase.fields)
        task = self._run(self._ask(phrase, method, params))
        if phrase.verb.startswith("subscribe"):
            self._subscribing.add(task)
            task.add_done_callback(self._subscribing.discard)

    async def knows(self, phrase: Phrase) -> tuple[bool, str]:
        """Whether the bridge answers what a `known` line says, and what it answered."""
        try:
            return await _QUESTIONS[phrase.verb](self, phrase.fields)
        except BridgeError as error:
            return False, str(error)

    # Within

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
        return method, {"contract": _contract(symbol), **more}

    def place(self, fields: Fields) -> tuple[str, Data]:
        order = {
            "action": fields["side"], "orderType": "LMT", "totalQuantity": str(fields["quantity"]),
            "lmtPrice": float(fields["price"]), "tif": "GTC",
        }  # fmt: skip
        self._orders[fields["key"]] = order
        return "placeOrder", {"orderKey": fields["key"], "contract": _contract(fields["symbol"]), "order": order}

    def change(self, fields: Fields) -> tuple[str, Data]:
        key = fields["key"]
        if key not in self._orders:
            raise LineFailed(f"no line before has placed {key}")
        self._revisions[key] = self._revisions.get(key, 0) + 1
        order = {**self._orders[key], "lmtPrice": float(fields["price"])}
        return "modifyOrder", {"orderKey": key, "revision": self._revisions[key], "order": order}

    # Questions

    async def bid(self, fields: Fields) -> tuple[bool | None, Decimal | None, str]:
        """Whether the last bid is stale, the bid, and both as words; None for both where there is none."""
        if self._subscribing:
            return None, None, "a subscription is not answered yet"
        prefix = f"market.{STOCKS[fields['symbol']]}."
        events = (await self._client.request("snapshot", {"prefix": prefix}, _GLANCE))["events"]
        for event in events:
            if event["event"] == "tickPrice" and event["data"]["tickType"] == _BID:
                is_stale, price = bool(event.get("stale", False)), Decimal(str(event["data"]["price"]))
                return is_stale, price, f"the bid is {price}, {'stale' if is_stale else 'fresh'}"
        return None, None, "there is no bid"

    async def order(self, fields: Fields) -> tuple[bool, str]:
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
