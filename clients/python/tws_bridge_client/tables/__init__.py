"""Messages as rows and columns, in plain Python. `frames.py` makes DataFrames of them.

The columns have the names of IBKR's fields. Each function takes what a request has returned, events of a subscription,
live objects, or plain maps of the wire.
"""

from tws_bridge_client.tables.accounts import account_summary, executions, portfolio, positions
from tws_bridge_client.tables.market import bars, ticks
from tws_bridge_client.tables.table import Column, Decimals, Table, with_decimals

__all__ = [
    "Column",
    "Decimals",
    "Table",
    "account_summary",
    "bars",
    "executions",
    "portfolio",
    "positions",
    "ticks",
    "with_decimals",
]
