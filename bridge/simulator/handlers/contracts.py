"""Requests about contracts."""

from __future__ import annotations

from bridge.simulator.clients import Client
from bridge.simulator.details import contract_details
from bridge.simulator.floor import Floor
from bridge.simulator.handlers.base import Handler, request_id
from bridge.simulator.refusals import invalid, no_definition
from bridge.simulator.values import Data


def req_contract_details(floor: Floor, client: Client, data: Data) -> None:
    """One event for each match, then the end; 200 without any."""
    wanted = data.get("contract", {})
    asked = request_id(data)
    if not wanted.get("secType") and not any(wanted.get(name) for name in ("conId", "secId", "localSymbol")):
        raise invalid("Please enter a valid security type")
    found = floor.universe.matching(wanted)
    if not found:
        raise no_definition()
    for instrument in found:
        name = "bondContractDetails" if instrument.secType == "BOND" else "contractDetails"
        details = contract_details(instrument, floor.seconds, wanted.get("exchange", ""))
        floor.emit(client.id, name, {"reqId": asked, **details})
    floor.emit(client.id, "contractDetailsEnd", {"reqId": asked})


def cancel_contract_data(floor: Floor, client: Client, data: Data) -> None:
    """Answered at once: there is never anything left to cancel."""


HANDLERS: dict[str, Handler] = {
    "reqContractDetails": req_contract_details,
    "cancelContractData": cancel_contract_data,
}
