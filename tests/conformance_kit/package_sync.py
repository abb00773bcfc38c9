"""The package's blocking client, said in the lines of `tws-bridge conform`."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from tests.conformance_kit.lines import IN_DOUBT, NOT_SENT, Market, Total, say
from tws_bridge_client import BridgeClient, BridgeError, LogPosition


def watch(client, params):
    market = Market()
    with client.subscribe(client.request("reqMktData", json.loads(params))["topic"]) as events:
        for event in events:
            if market.take(event):
                client.request("reqMktData", json.loads(params))


def orders(client):
    total = Total(Path(os.environ["TWS_BRIDGE_CLIENT_STATE"]))
    with client.orders(total.position and LogPosition(*total.position)) as events:
        for event in events:
            total.take(event)


def place(client, params):
    params = json.loads(params)
    state = "unknown"
    while state in IN_DOUBT:
        try:
            state = client.request("placeOrder", params)["state"]
        except BridgeError as error:
            state = "unknown" if error.code in NOT_SENT else error.data.get("state", error.code)
        time.sleep(0.5)
    say(order={"orderKey": params["orderKey"], "state": state})


def ask(client, method, params):
    say(answer=client.request(method, json.loads(params)))


def main(task, *words):
    environment = os.environ
    name, requests, events = (environment[f"TWS_BRIDGE_{word}"] for word in ("CLIENT", "REQUESTS", "EVENTS"))
    with BridgeClient(name, requests, events) as client:
        {"watch": watch, "orders": orders, "place": place, "ask": ask}[task](client, *words)


if __name__ == "__main__":
    main(*sys.argv[1:])
