# Run it twice: the key "first-1" stands for one order. Arguments: where the bridge listens.
import sys

from tws_bridge_client import BridgeClient, Stock, market

AAPL = Stock("AAPL")

with BridgeClient("first", *sys.argv[1:]) as client:
    ticker = client.ticker(AAPL)
    client.wait_for(lambda: ticker.midpoint() is not None, timeout=20)
    print("AAPL bid", ticker.bid, "ask", ticker.ask, "stale" if ticker.stale else "live")

    order = client.place("first-1", AAPL, market("BUY", 10))
    order.wait(timeout=20)
    print(order.key, order.state, order.filled, "at", order.average_price)
