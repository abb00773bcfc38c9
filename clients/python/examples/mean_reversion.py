"""Buys AAPL when its price is below its mean, with a target and a stop. It may be killed at any time.

A round has three orders. The program writes their limits to its store before it places them. So after a crash it places
the same round again, under the same keys, and the bridge knows the orders. The store counts each fill once.
"""

import sys
from collections import deque
from statistics import mean

from tws_bridge_client import BridgeClient, BridgeError, SqliteStore

AAPL = {"symbol": "AAPL", "secType": "STK", "exchange": "SMART", "currency": "USD", "conId": 265598}
BELOW, STEP, COUNT, QUANTITY = 0.01, 0.10, 20, "10"


def bracket(number, price):
    """The orders of one round: the entry, and its target and stop, of which one cancels the other."""
    entry = {"action": "BUY", "orderType": "LMT", "lmtPrice": price}
    target = {"action": "SELL", "orderType": "LMT", "lmtPrice": round(price + STEP, 2)}
    stop = {"action": "SELL", "orderType": "STP", "auxPrice": round(price - STEP, 2)}
    for name, order in (("entry", entry), ("target", target), ("stop", stop)):
        parent = {} if name == "entry" else {"parentKey": f"{number}-entry"}
        order |= {"totalQuantity": QUANTITY, "tif": "GTC"}
        yield {"orderKey": f"{number}-{name}", "contract": AAPL, "order": order, **parent}


def place(client, number, price):
    """Place a round, or find it again: repeat until the bridge says what has become of it."""
    while True:
        try:
            orders = client.place_group(bracket(number, price))
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
