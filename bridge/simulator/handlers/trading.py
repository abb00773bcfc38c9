"""Requests about orders and executions; the rules are in `orders.py`."""

from __future__ import annotations

from bridge.simulator.clients import Client
from bridge.simulator.executions import wanted
from bridge.simulator.floor import Floor
from bridge.simulator.handlers.base import Handler, request_id
from bridge.simulator.refusals import Refused, invalid
from bridge.simulator.values import Data


def place_order(floor: Floor, client: Client, data: Data) -> None:
    """New, changed, or what-if."""
    if any(data.get("attachedOrders", {}).values()):
        raise invalid("Attached orders have no presets on the simulated exchange")
    floor.book.place(client.id, int(data.get("orderId", 0)), data.get("contract", {}), data.get("order", {}))


def cancel_order(floor: Floor, client: Client, data: Data) -> None:
    """Only one's own."""
    floor.book.cancel(client.id, int(data.get("orderId", 0)))


def req_global_cancel(floor: Floor, client: Client, data: Data) -> None:
    """Everybody's orders."""
    floor.book.cancel_all()


def req_open_orders(floor: Floor, client: Client, data: Data) -> None:
    """One's own orders, then the end."""
    for ticket in floor.book.open(client.id):
        floor.book.tell(ticket)
    floor.emit(client.id, "openOrderEnd", {})


def req_all_open_orders(floor: Floor, client: Client, data: Data) -> None:
    """All clients' orders, once, then the end."""
    for ticket in floor.book.open():
        floor.book.tell(ticket, client.id)
    floor.emit(client.id, "openOrderEnd", {})


def req_auto_open_orders(floor: Floor, client: Client, data: Data) -> None:
    """Client 0 binds orders entered by hand, of which the simulated TWS has none; others may not."""
    if client.id != 0:
        raise Refused(327, "Only API connections with clientId set to 0 can set the auto bind TWS orders property.")


def req_executions(floor: Floor, client: Client, data: Data) -> None:
    """Executions since midnight that pass the filter, each with its commission, then the end."""
    asked = request_id(data)
    criteria = data.get("executionFilter", {})
    for report in floor.book.reports:
        if wanted(report, criteria, floor.now):
            floor.emit(client.id, "execDetails", report.details(asked))
            floor.emit(client.id, "commissionAndFeesReport", report.commission)
    floor.emit(client.id, "execDetailsEnd", {"reqId": asked})


def req_completed_orders(floor: Floor, client: Client, data: Data) -> None:
    """Orders that are over, then the end."""
    for event in floor.book.completed_orders():
        floor.emit(client.id, "completedOrder", event)
    floor.emit(client.id, "completedOrdersEnd", {})


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
