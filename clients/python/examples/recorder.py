"""Records each price of some stocks in ticks.csv, and each loss. It goes on by itself after any restart."""

import csv

from tws_bridge_client import BridgeClient

STOCKS = ["AAPL", "MSFT"]

with BridgeClient("recorder") as client, open("ticks.csv", "a", newline="", buffering=1) as file:
    rows = csv.writer(file)
    for symbol in STOCKS:
        client.ticker({"symbol": symbol, "secType": "STK", "exchange": "SMART", "currency": "USD"})
    for event in client:
        if event.origin == "gap":
            rows.writerow([event.origin, event.topic, event.data["reason"]])
        elif event.envelope["event"] == "tickPrice":
            tick = event.data
            ts = event.envelope["ts"]
            rows.writerow([event.origin, event.topic, ts, tick["tickType"], tick["price"], tick.get("size")])
