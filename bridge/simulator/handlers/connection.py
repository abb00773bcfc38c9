"""Requests about the connection itself: ids, time, accounts, log level."""

from __future__ import annotations

from bridge.simulator.clients import Client
from bridge.simulator.floor import Floor
from bridge.simulator.handlers.base import Handler
from bridge.simulator.refusals import invalid
from bridge.simulator.values import Data


def req_ids(floor: Floor, client: Client, data: Data) -> None:
    """nextValidId; numIds is ignored, as by TWS."""
    floor.emit(client.id, "nextValidId", {"orderId": floor.book.next_valid_id(client.id)})


def req_current_time(floor: Floor, client: Client, data: Data) -> None:
    """Seconds since 1970 UTC."""
    floor.emit(client.id, "currentTime", {"currentTime": floor.seconds})


def req_current_time_in_millis(floor: Floor, client: Client, data: Data) -> None:
    """Milliseconds since 1970 UTC."""
    floor.emit(client.id, "currentTimeInMillis", {"currentTimeInMillis": floor.now // 1_000_000})


def req_managed_accounts(floor: Floor, client: Client, data: Data) -> None:
    """The account names, comma-separated."""
    floor.emit(client.id, "managedAccounts", {"accountsList": ",".join(floor.accounts)})


def set_server_log_level(floor: Floor, client: Client, data: Data) -> None:
    """TWS is silent about a valid level (1 to 5)."""
    if data.get("logLevel") not in range(1, 6):
        raise invalid("Invalid log level")


def start_api(floor: Floor, client: Client, data: Data) -> None:
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
