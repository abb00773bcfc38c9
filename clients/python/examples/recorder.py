"""Records each price of some stocks in ticks.csv, and each loss. It goes on by itself after any restart."""

import csv

from tws_bridge_client import BridgeClient, Stock, messages

with BridgeClient("recorder") as client, open("ticks.csv", "a", newline="", buffering=1) as file:
    rows = csv.writer(file)
    for symbol in ("AAPL", "MSFT"):
        client.ticker(Stock(symbol))
    for event in client:
        if event.origin == "gap":
            rows.writerow([event.origin, event.topic, event.data["reason"]])
            continue
        match event.message:
            case messages.TickPrice(tickType=kind, price=price, size=size):
                rows.writerow([event.origin, event.topic, event.envelope["ts"], kind, price, size])
