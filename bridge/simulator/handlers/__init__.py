"""The request handlers of the exchange: one function for each request, in a table by the request's name.

Each module handles one family of requests and has a table of its own. To add a family, add its table to HANDLERS. A
handler raises Refused if TWS would answer with an error.
"""

from bridge.simulator.handlers import (
    accounts,
    advisors,
    bars,
    contracts,
    depth,
    display,
    historical_data,
    market_data,
    news,
    options,
    reference,
    scanner,
    settings,
    single_ticks,
    trading,
    verification,
    wall_street_horizon,
)
from bridge.simulator.handlers import connection as connection_requests
from bridge.simulator.handlers.handler import Handler

HANDLERS: dict[str, Handler] = {
    **connection_requests.HANDLERS,
    **contracts.HANDLERS,
    **market_data.HANDLERS,
    **bars.HANDLERS,
    **trading.HANDLERS,
    **accounts.HANDLERS,
    **advisors.HANDLERS,
    **settings.HANDLERS,
    **depth.HANDLERS,
    **display.HANDLERS,
    **wall_street_horizon.HANDLERS,
    **news.HANDLERS,
    **options.HANDLERS,
    **historical_data.HANDLERS,
    **reference.HANDLERS,
    **scanner.HANDLERS,
    **single_ticks.HANDLERS,
    **verification.HANDLERS,
}
