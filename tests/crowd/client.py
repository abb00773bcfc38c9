"""One client of the crowd: it asks at random, checks each answer, and prints what came of it as JSON.

`python -m tests.crowd.client REQUESTS-ENDPOINT NAME COUNT INSTRUMENTS`
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections import Counter, defaultdict
from typing import Any

from benchmarks.morning_tws import FIRST
from tws_bridge_client import AsyncBridgeClient, BridgeError, BridgeTimeout

#: Questions that a client asks at the same time.
AT_ONCE = 8
PATIENCE = 120.0
#: How often each kind of request comes.
KINDS = {
    "details": 6, "search": 2, "hours": 3, "seconds": 2, "stream": 4, "snapshot": 3, "depth": 1, "ticks": 1, "bars": 1,
    "summary": 1, "order": 3, "time": 1,
}  # fmt: skip


class Member:
    """A client with its own dice. `told`: by kind and outcome, how often. `wrong`: answers that do not fit."""

    def __init__(self, client: AsyncBridgeClient, name: str, instruments: int) -> None:
        self._client = client
        self._name = name
        self._dice = random.Random(name)
        self._instruments = instruments
        self._orders = 0
        # A client holds a stream once: its release also cancels its requests that still wait for the stream.
        self._one_at_a_time: defaultdict[tuple[str, int], asyncio.Lock] = defaultdict(asyncio.Lock)
        self.told: Counter[str] = Counter()
        self.wrong: list[str] = []

    async def ask(self, count: int) -> None:
        """Ask so many questions."""
        kinds = self._dice.choices(list(KINDS), list(KINDS.values()), k=count)
        room = asyncio.Semaphore(AT_ONCE)

        async def one(kind: str) -> None:
            async with room:
                await self._one(kind)

        await asyncio.gather(*(one(kind) for kind in kinds))

    async def _one(self, kind: str) -> None:
        con_id = FIRST + self._dice.randrange(self._instruments)
        try:
            is_right = await getattr(self, f"_{kind}")(con_id)
        except BridgeTimeout:
            self.told[f"{kind} timeout"] += 1
            return
        except BridgeError as error:
            self.told[f"{kind} {error.code} {error.tws_code or ''}".strip()] += 1
            return
        self.told[f"{kind} ok"] += 1
        if not is_right:
            self.wrong.append(f"{self._name} {kind} {con_id}")

    async def _request(self, method: str, params: dict[str, Any]) -> Any:
        return await self._client.request(method, params, PATIENCE)

    async def _details(self, con_id: int) -> bool:
        events = await self._request("reqContractDetails", {"contract": _contract(con_id)})
        return [event["data"]["contract"]["conId"] for event in events if event["event"] == "contractDetails"] == [
            con_id
        ]

    async def _search(self, con_id: int) -> bool:
        symbol = f"S{con_id - FIRST:02}"
        found = (await self._request("reqMatchingSymbols", {"pattern": symbol}))["contractDescriptions"]
        return any(one["contract"]["symbol"] == symbol for one in found)

    async def _hours(self, con_id: int) -> bool:
        return await self._history(con_id, "1 D", "1 hour", "")

    async def _seconds(self, con_id: int) -> bool:
        end = f"2026112{self._dice.randrange(3, 6)} 15:{self._dice.randrange(60):02}:00 US/Eastern"
        return await self._history(con_id, "60 S", "5 secs", end)

    async def _history(self, con_id: int, length: str, size: str, end: str) -> bool:
        params = {"contract": _contract(con_id), "endDateTime": end, "duration": length, "barSizeSetting": size,
                  "whatToShow": "TRADES", "useRTH": True, "formatDate": 1}  # fmt: skip
        events = await self._request("reqHistoricalData", params)
        bars = [bar for event in events for bar in event["data"].get("historicalDataBars", ())]
        price = 50.0 + con_id - FIRST  # each instrument begins at a price of its own
        return bool(bars) and all(0.5 < bar["close"] / price < 2 for bar in bars)

    async def _stream(self, con_id: int) -> bool:
        return await self._held("reqMktData", con_id, {"genericTickList": self._dice.choice(["", "233", "236"])})

    async def _bars(self, con_id: int) -> bool:
        return await self._held("reqRealTimeBars", con_id, {"barSize": 5, "whatToShow": "TRADES", "useRTH": False})

    async def _depth(self, con_id: int) -> bool:
        return await self._held("reqMktDepth", con_id, {"numRows": 5, "isSmartDepth": True})

    async def _ticks(self, con_id: int) -> bool:
        return await self._held(
            "reqTickByTickData", con_id, {"tickType": "Last", "numberOfTicks": 0, "ignoreSize": False}
        )

    async def _held(self, method: str, con_id: int, params: dict[str, Any]) -> bool:
        async with self._one_at_a_time[method, con_id]:
            told = await self._request(method, {"contract": _contract(con_id), **params})
            await asyncio.sleep(self._dice.random() * 2)
            await self._request("release", {"stream": told["stream"], "method": method})
        return bool(told["stream"].startswith(str(con_id)))

    async def _snapshot(self, con_id: int) -> bool:
        events = await self._request("reqMktData", {"contract": _contract(con_id), "snapshot": True})
        prices = [
            e["data"]["price"] for e in events if e["event"] == "tickPrice" and e["data"]["tickType"] in (1, 2, 4)
        ]
        price = 50.0 + con_id - FIRST
        return all(0.5 < told / price < 2 for told in prices if told > 0)

    async def _summary(self, _con_id: int) -> bool:
        tags = self._dice.choice(["NetLiquidation", "BuyingPower", "TotalCashValue"])
        async with self._one_at_a_time["reqAccountSummary", 0]:
            told = await self._request("reqAccountSummary", {"group": "All", "tags": tags})
            await self._request("release", {"stream": told["stream"], "method": "reqAccountSummary"})
        return {event["data"].get("tag") for event in told["snapshot"]["events"]} & {tags} != set()

    async def _order(self, con_id: int) -> bool:
        self._orders += 1
        key = f"{self._name}-{self._orders}"
        order = {"action": "BUY", "orderType": "LMT", "totalQuantity": "1", "lmtPrice": 1.0}
        placed = await self._request("placeOrder", {"orderKey": key, "contract": _contract(con_id), "order": order})
        ended = await self._request("cancelOrder", {"orderKey": key})
        return bool(placed["orderKey"] == ended["orderKey"] == key and placed["state"] == "acknowledged")

    async def _time(self, _con_id: int) -> bool:
        return abs((await self._request("reqCurrentTime", {}))["currentTime"] - time.time()) < 3600


def _contract(con_id: int) -> dict[str, Any]:
    return {
        "conId": con_id,
        "symbol": f"S{con_id - FIRST:02}",
        "secType": "STK",
        "exchange": "SMART",
        "currency": "USD",
    }


async def main(endpoint: str, name: str, count: int, instruments: int) -> None:
    """Ask, and print the outcome."""
    async with AsyncBridgeClient(name, requests=endpoint) as client:
        member = Member(client, name, instruments)
        print("ready", flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
        await member.ask(count)
    print(json.dumps({"told": member.told, "wrong": member.wrong}), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
