"""Buys AAPL when its price is below its mean, with a target and a stop. It may be killed at any time.

A round has three orders. The program writes its price to the store before it places them. So after a crash it places
the same round again, under the same keys, and the bridge knows the orders. The store counts each fill once.
"""

import sys
from collections import deque
from statistics import mean

from tws_bridge_client import BridgeClient, BridgeError, SqliteStore, Stock, bracket, limit

AAPL = Stock("AAPL", conId=265598)
BELOW, STEP, COUNT, QUANTITY = 0.01, 0.10, 20, 10


def place(client, number, price):
    """Place a round, or find it again: repeat until the bridge says what has become of it."""
    entry = limit("BUY", QUANTITY, price, tif="GTC")
    target, stop = round(price + STEP, 2), round(price - STEP, 2)
    while True:
        try:
            orders = client.place_group(bracket(f"round-{number}", AAPL, entry, take_profit=target, stop_loss=stop))
        except BridgeError as error:
            if error.code in ("invalidParams", "notPermitted", "keyConflict"):
                raise
            client.sleep(1)  # and then again, with the same keys
        else:
            for order in orders:
                if order.state == "rejected":
                    sys.exit(f"TWS has rejected {order.key}: {order.reason}")
            return orders


with BridgeClient("reversion") as client, SqliteStore("reversion.db") as store, client.fill_log(store) as log:
    store.connection.execute("CREATE TABLE IF NOT EXISTS rounds (number INTEGER PRIMARY KEY, price REAL)")
    number, price = store.connection.execute("SELECT max(number), price FROM rounds").fetchone()
    position = sum(fill.quantity for fill in store.fills())
    orders = place(client, number, price) if number else []
    ticker, prices = client.ticker(AAPL), deque(maxlen=COUNT)
    while client.sleep(0.1):
        while (fill := log.poll(0)) is not None:
            position += fill.change
            print(fill.key, fill.change, fill.price, "position", position, flush=True)
        middle = ticker.midpoint()
        if middle is None:
            continue
        prices.append(middle)
        if position == 0 and all(order.fills_final for order in orders) and middle < mean(prices) - BELOW:
            number, price = (number or 0) + 1, round(ticker.ask, 2)
            with store.connection as rounds:
                rounds.execute("INSERT INTO rounds VALUES (?, ?)", (number, price))
            orders = place(client, number, price)
