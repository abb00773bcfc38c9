"""One strategy in the morning: details, chain, a year of daily and a week of minute bars of each instrument.

`python -m benchmarks.strategy bridge REQUESTS NAME` asks through the bridge, `... ib_async PORT CLIENT_ID` asks TWS. It
prints `ready`; for each line of its stdin it asks everything, and prints the seconds until the last answer and how many
answers came.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

from ib_async import IB, Contract, StartupFetchNONE

from benchmarks.morning_tws import FIRST, MOST
from tws_bridge_client import AsyncBridgeClient

DAILY = ("1 Y", "1 day")
MINUTES = ("1 W", "1 min")
#: TWS answers at most 50 historical requests of a client at a time. The bridge knows that; ib_async does not.
OPEN = 45
Ask = Callable[[int], Awaitable[None]]


async def morning(asks: list[Ask]) -> None:
    """Ask everything about all instruments at once, and print how long that took."""
    begun = time.monotonic()
    answers = await asyncio.gather(*(ask(con_id) for ask in asks for con_id in range(FIRST, FIRST + MOST)))
    print(f"{time.monotonic() - begun:.3f} {len(answers)}", flush=True)


async def over_the_bridge(endpoint: str, name: str) -> list[Ask]:
    """The questions, through the bridge."""
    client = await AsyncBridgeClient(name, requests=endpoint).__aenter__()

    def contract(con_id: int) -> dict[str, Any]:
        return {"conId": con_id, "secType": "STK", "exchange": "SMART", "currency": "USD"}

    async def details(con_id: int) -> None:
        assert await client.request("reqContractDetails", {"contract": contract(con_id)}, 300)

    async def chain(con_id: int) -> None:
        params = {"underlyingSymbol": f"S{con_id - FIRST:02}", "underlyingSecType": "STK", "underlyingConId": con_id}
        assert await client.request("reqSecDefOptParams", params, 300)

    async def bars(con_id: int, length: str, size: str) -> None:
        params = {"contract": contract(con_id), "endDateTime": "", "duration": length, "barSizeSetting": size,
                  "whatToShow": "TRADES", "useRTH": True, "formatDate": 1}  # fmt: skip
        assert await client.request("reqHistoricalData", params, 300)

    return [details, chain, lambda con_id: bars(con_id, *DAILY), lambda con_id: bars(con_id, *MINUTES)]


async def direct(port: int, client_id: int) -> list[Ask]:
    """The questions, to TWS."""
    ib = IB()
    await ib.connectAsync("127.0.0.1", port, clientId=client_id, timeout=60, fetchFields=StartupFetchNONE)
    room = asyncio.Semaphore(OPEN)

    def contract(con_id: int) -> Contract:
        return Contract(conId=con_id, secType="STK", exchange="SMART", currency="USD")

    async def details(con_id: int) -> None:
        assert await ib.reqContractDetailsAsync(contract(con_id))

    async def chain(con_id: int) -> None:
        assert await ib.reqSecDefOptParamsAsync(f"S{con_id - FIRST:02}", "", "STK", con_id)

    async def bars(con_id: int, length: str, size: str) -> None:
        async with room:
            assert await ib.reqHistoricalDataAsync(contract(con_id), "", length, size, "TRADES", True, timeout=300)

    return [details, chain, lambda con_id: bars(con_id, *DAILY), lambda con_id: bars(con_id, *MINUTES)]


async def main(kind: str, where: str, name: str) -> None:
    """Connect, and ask everything for each line."""
    asks = await (over_the_bridge(where, name) if kind == "bridge" else direct(int(where), int(name)))
    print("ready", flush=True)
    loop = asyncio.get_running_loop()
    while await loop.run_in_executor(None, sys.stdin.readline):
        await morning(asks)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
