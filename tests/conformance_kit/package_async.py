"""The package's asynchronous client, said in the lines of `tws-bridge conform`."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

from tests.conformance_kit.lines import IN_DOUBT, NOT_SENT, Market, Total, say
from tws_bridge_client import AsyncBridgeClient, BridgeError, LogPosition


async def watch(client, params):
    market = Market()
    topic = (await client.request("reqMktData", json.loads(params)))["topic"]
    async with client.subscribe(topic) as events:
        async for event in events:
            if market.take(event):
                await client.request("reqMktData", json.loads(params))


async def orders(client):
    total = Total(Path(os.environ["TWS_BRIDGE_CLIENT_STATE"]))
    async with client.orders(total.position and LogPosition(*total.position)) as events:
        async for event in events:
            total.take(event)


async def place(client, params):
    params = json.loads(params)
    state = "unknown"
    while state in IN_DOUBT:
        try:
            state = (await client.request("placeOrder", params))["state"]
        except BridgeError as error:
            state = "unknown" if error.code in NOT_SENT else error.data.get("state", error.code)
        await asyncio.sleep(0.5)
    say(order={"orderKey": params["orderKey"], "state": state})


async def ask(client, method, params):
    say(answer=await client.request(method, json.loads(params)))


async def run(task, *words):
    environment = os.environ
    name, requests, events = (environment[f"TWS_BRIDGE_{word}"] for word in ("CLIENT", "REQUESTS", "EVENTS"))
    async with AsyncBridgeClient(name, requests, events) as client:
        await {"watch": watch, "orders": orders, "place": place, "ask": ask}[task](client, *words)


def main(*words):
    asyncio.run(run(*words))


if __name__ == "__main__":
    main(*sys.argv[1:])
