"""Requests about orders and executions; the rules are in `orders.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.simulator.clients import Client
from bridge.simulator.executions import wanted
from bridge.simulator.handlers.base import Handler, request_id
from bridge.simulator.refusals import Refused, invalid
from bridge.simulator.values import Data

if TYPE_CHECKING:
    from bridge.simulator.exchange import Exchange


def place_order(exchange: Exchange, client: Client, data: Data) -> None:
    """New, changed, or what-if."""
    if any(data.get("attachedOrders", {}).values()):
        raise invalid("Attached orders have no presets on the simulated exchange")
    exchange.book.place(client.id, int(data.get("orderId", 0)), data.get("contract", {}), data.get("order", {}))


def cancel_order(exchange: Exchange, client: Client, data: Data) -> None:
    """Only one's own."""
    exchange.book.cancel(client.id, int(data.get("orderId", 0)))


def req_global_cancel(exchange: Exchange, client: Client, data: Data) -> None:
    """Everybody's orders."""
    exchange.book.cancel_all()


def req_open_orders(exchange: Exchange, client: Client, data: Data) -> None:
    """One's own orders, then the end."""
    for ticket in exchange.book.open(client.id):
        exchange.book.tell(ticket)
    exchange.emit(client.id, "openOrderEnd", {})


def req_all_open_orders(exchange: Exchange, client: Client, data: Data) -> None:
    """All clients' orders, once, then the end."""
    for ticket in exchange.book.open():
        exchange.book.tell(ticket, client.id)
    exchange.emit(client.id, "openOrderEnd", {})


def req_auto_open_orders(exchange: Exchange, client: Client, data: Data) -> None:
    """Client 0 binds orders entered by hand, of which the simulated TWS has none; others may not."""
    if client.id != 0:
        raise Refused(327, "Only API connections with clientId set to 0 can set the auto bind TWS orders property.")


def req_executions(exchange: Exchange, client: Client, data: Data) -> None:
    """Executions since midnight that pass the filter, each with its commission, then the end."""
    asked = request_id(data)
    criteria = data.get("executionFilter", {})
    for report in exchange.book.reports:
        if wanted(report, criteria, exchange.now):
            exchange.emit(client.id, "execDetails", report.details(asked))
            exchange.emit(client.id, "commissionAndFeesReport", report.commission)
    exchange.emit(client.id, "execDetailsEnd", {"reqId": asked})


def req_completed_orders(exchange: Exchange, client: Client, data: Data) -> None:
    """Orders that are over, then the end."""
    for event in exchange.book.completed_orders():
        exchange.emit(client.id, "completedOrder", event)
    exchange.emit(client.id, "completedOrdersEnd", {})


HANDLERS: dict[str, Handler] = {
    "placeOrder": place_order,
    "cancelOrder": cancel_order,
    "reqGlobalCancel": req_global_cancel,
    "reqOpenOrders": req_open_orders,
    "reqAllOpenOrders": req_all_open_orders,
    "reqAutoOpenOrders": req_auto_open_orders,
    "reqExecutions": req_executions,
    "reqCompletedOrders": req_completed_orders,
}
