"""Requests about the connection itself: ids, time, accounts, log level."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.simulator.clients import Client
from bridge.simulator.handlers.base import Handler
from bridge.simulator.refusals import invalid
from bridge.simulator.values import Data

if TYPE_CHECKING:
    from bridge.simulator.exchange import Exchange


def req_ids(exchange: Exchange, client: Client, data: Data) -> None:
    """nextValidId; numIds is ignored, as by TWS."""
    exchange.emit(client.id, "nextValidId", {"orderId": exchange.book.next_valid_id(client.id)})


def req_current_time(exchange: Exchange, client: Client, data: Data) -> None:
    """Seconds since 1970 UTC."""
    exchange.emit(client.id, "currentTime", {"currentTime": exchange.seconds})


def req_current_time_in_millis(exchange: Exchange, client: Client, data: Data) -> None:
    """Milliseconds since 1970 UTC."""
    exchange.emit(client.id, "currentTimeInMillis", {"currentTimeInMillis": exchange.now // 1_000_000})


def req_managed_accounts(exchange: Exchange, client: Client, data: Data) -> None:
    """The account names, comma-separated."""
    exchange.emit(client.id, "managedAccounts", {"accountsList": ",".join(exchange.accounts)})


def set_server_log_level(exchange: Exchange, client: Client, data: Data) -> None:
    """TWS is silent about a valid level (1 to 5)."""
    if data.get("logLevel") not in range(1, 6):
        raise invalid("Invalid log level")


def start_api(exchange: Exchange, client: Client, data: Data) -> None:
    """A second startApi on one connection."""
    raise invalid("API has already been started on this connection")


HANDLERS: dict[str, Handler] = {
    "startApi": start_api,
    "reqIds": req_ids,
    "reqCurrentTime": req_current_time,
    "reqCurrentTimeInMillis": req_current_time_in_millis,
    "reqManagedAccts": req_managed_accounts,
    "setServerLogLevel": set_server_log_level,
}
