"""`ib_async` receives the stream: `python -m benchmarks.asynchronous PORT`."""

from __future__ import annotations

import asyncio
import sys

from ib_async import IB, Contract, StartupFetchNONE

from benchmarks.source import LAST


async def main(port: int) -> None:
    """Print `done` when the last tick has arrived."""
    ib = IB()
    await ib.connectAsync("127.0.0.1", port, clientId=1, fetchFields=StartupFetchNONE)
    ticker = ib.reqMktData(Contract(conId=265598, exchange="SMART"))
    while ticker.bid != LAST:
        await asyncio.sleep(0.01)
    print("done", flush=True)
    ib.disconnect()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
