"""Handlers for contract requests."""

from __future__ import annotations

from bridge.simulator.core.refusals import invalid, no_definition
from bridge.simulator.core.values import Data
from bridge.simulator.handlers.client import Client
from bridge.simulator.handlers.context import HandlerContext
from bridge.simulator.handlers.handler import Handler, request_id
from bridge.simulator.instruments.details import contract_details


def req_contract_details(context: HandlerContext, client: Client, data: Data) -> None:
    """Send one event for each matching contract, then the end. The answer is error 200 if there is none."""
    wanted = data.get("contract", {})
    asked = request_id(data)
    if not wanted.get("secType") and not any(wanted.get(name) for name in ("conId", "secId", "localSymbol")):
        raise invalid("Please enter a valid security type")
    found = context.universe.matching(wanted)
    if not found:
        raise no_definition()
    for instrument in found:
        name = "bondContractDetails" if instrument.secType == "BOND" else "contractDetails"
        details = contract_details(instrument, context.seconds, wanted.get("exchange", ""))
        context.emit(client.id, name, {"reqId": asked, **details})
    context.emit(client.id, "contractDetailsEnd", {"reqId": asked})


def cancel_contract_data(context: HandlerContext, client: Client, data: Data) -> None:
    """Do nothing: contract details are sent at once, so nothing is left to cancel."""


HANDLERS: dict[str, Handler] = {
    "reqContractDetails": req_contract_details,
    "cancelContractData": cancel_contract_data,
}
