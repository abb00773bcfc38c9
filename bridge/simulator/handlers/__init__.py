"""The requests that the exchange answers, one function each, by the request's name.

A family of requests is a module with a table; adding one is adding it here. A handler raises `Refused` for what TWS
would answer with an error.
"""

from bridge.simulator.handlers import (
    accounts,
    advisors,
    bars,
    config,
    contracts,
    depth,
    display,
    horizon,
    market_data,
    news,
    options,
    past,
    reference,
    scanner,
    trades,
    trading,
    verify,
)
from bridge.simulator.handlers import connection as connection_requests
from bridge.simulator.handlers.base import Handler

HANDLERS: dict[str, Handler] = {
    **connection_requests.HANDLERS,
    **contracts.HANDLERS,
    **market_data.HANDLERS,
    **bars.HANDLERS,
    **trading.HANDLERS,
    **accounts.HANDLERS,
    **advisors.HANDLERS,
    **config.HANDLERS,
    **depth.HANDLERS,
    **display.HANDLERS,
    **horizon.HANDLERS,
    **news.HANDLERS,
    **options.HANDLERS,
    **past.HANDLERS,
    **reference.HANDLERS,
    **scanner.HANDLERS,
    **trades.HANDLERS,
    **verify.HANDLERS,
}
