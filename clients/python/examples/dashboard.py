"""Shows the open positions and their profit, once a second. A line that is out of date says so."""

from tws_bridge_client import BridgeClient

with BridgeClient("dashboard") as client:
    account, portfolio = client.account(), client.portfolio()
    while client.sleep(1):
        print(account.text("NetLiquidation"), "STALE" if account.stale else "", flush=True)
        for item in portfolio:
            print(item.contract.symbol, item.position, item.marketValue, item.unrealizedPNL, flush=True)
