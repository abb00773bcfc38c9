"""Handlers for orders and executions. The room `orders` has the rules."""

from __future__ import annotations

from bridge.simulator.core.refusals import Refused, invalid
from bridge.simulator.core.values import Data
from bridge.simulator.handlers.client import Client
from bridge.simulator.handlers.context import HandlerContext
from bridge.simulator.handlers.handler import Handler, request_id
from bridge.simulator.orders.executions import wanted


def place_order(context: HandlerContext, client: Client, data: Data) -> None:
    """Place an order, change it, or answer a what-if order."""
    if any(data.get("attachedOrders", {}).values()):
        raise invalid("Attached orders have no presets on the simulated exchange")
    context.book.place(client.id, int(data.get("orderId", 0)), data.get("contract", {}), data.get("order", {}))


def cancel_order(context: HandlerContext, client: Client, data: Data) -> None:
    """Cancel an order of this client."""
    context.book.cancel(client.id, int(data.get("orderId", 0)))


def req_global_cancel(context: HandlerContext, client: Client, data: Data) -> None:
    """Cancel the orders of all clients."""
    context.book.cancel_all()


def req_open_orders(context: HandlerContext, client: Client, data: Data) -> None:
    """Send the open orders of this client, then the end."""
    for sim_order in context.book.open(client.id):
        context.book.report(sim_order)
    context.emit(client.id, "openOrderEnd", {})


def req_all_open_orders(context: HandlerContext, client: Client, data: Data) -> None:
    """Send the open orders of all clients once, then the end."""
    for sim_order in context.book.open():
        context.book.report(sim_order, client.id)
    context.emit(client.id, "openOrderEnd", {})


def req_auto_open_orders(context: HandlerContext, client: Client, data: Data) -> None:
    """Accept the request from client 0 only. It would bind manual orders, which the simulated TWS does not have."""
    if client.id != 0:
        raise Refused(327, "Only API connections with clientId set to 0 can set the auto bind TWS orders property.")


def req_executions(context: HandlerContext, client: Client, data: Data) -> None:
    """Send the executions since midnight that pass the filter, each with its commission, then the end."""
    asked = request_id(data)
    criteria = data.get("executionFilter", {})
    for report in context.book.reports:
        if wanted(report, criteria, context.now):
            context.emit(client.id, "execDetails", report.details(asked))
            context.emit(client.id, "commissionAndFeesReport", report.commission)
    context.emit(client.id, "execDetailsEnd", {"reqId": asked})


def req_completed_orders(context: HandlerContext, client: Client, data: Data) -> None:
    """Send the completed orders, then the end."""
    for event in context.book.completed_orders():
        context.emit(client.id, "completedOrder", event)
    context.emit(client.id, "completedOrdersEnd", {})


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
