"""Handlers for requests about the connection: ids, time, accounts, log level."""

from __future__ import annotations

from bridge.simulator.core.refusals import invalid
from bridge.simulator.core.values import Data
from bridge.simulator.handlers.client import Client
from bridge.simulator.handlers.context import HandlerContext
from bridge.simulator.handlers.handler import Handler


def req_ids(context: HandlerContext, client: Client, data: Data) -> None:
    """Send nextValidId. As at TWS, numIds has no effect."""
    context.emit(client.id, "nextValidId", {"orderId": context.book.next_valid_id(client.id)})


def req_current_time(context: HandlerContext, client: Client, data: Data) -> None:
    """Send the time in seconds since 1970 UTC."""
    context.emit(client.id, "currentTime", {"currentTime": context.seconds})


def req_current_time_in_millis(context: HandlerContext, client: Client, data: Data) -> None:
    """Send the time in milliseconds since 1970 UTC."""
    context.emit(client.id, "currentTimeInMillis", {"currentTimeInMillis": context.now // 1_000_000})


def req_managed_accounts(context: HandlerContext, client: Client, data: Data) -> None:
    """Send the account names, separated by commas."""
    context.emit(client.id, "managedAccounts", {"accountsList": ",".join(context.accounts)})


def set_server_log_level(context: HandlerContext, client: Client, data: Data) -> None:
    """Accept a level from 1 to 5. TWS sends no answer."""
    if data.get("logLevel") not in range(1, 6):
        raise invalid("Invalid log level")


def start_api(context: HandlerContext, client: Client, data: Data) -> None:
    """Refuse a second startApi on a connection."""
    raise invalid("API has already been started on this connection")


HANDLERS: dict[str, Handler] = {
    "startApi": start_api,
    "reqIds": req_ids,
    "reqCurrentTime": req_current_time,
    "reqCurrentTimeInMillis": req_current_time_in_millis,
    "reqManagedAccts": req_managed_accounts,
    "setServerLogLevel": set_server_log_level,
}
