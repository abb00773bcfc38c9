"""Requests about contracts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.simulator.clients import Client
from bridge.simulator.details import contract_details
from bridge.simulator.handlers.base import Handler, request_id
from bridge.simulator.refusals import invalid, no_definition
from bridge.simulator.values import Data

if TYPE_CHECKING:
    from bridge.simulator.exchange import Exchange


def req_contract_details(exchange: Exchange, client: Client, data: Data) -> None:
    """One event for each match, then the end; 200 without any."""
    wanted = data.get("contract", {})
    asked = request_id(data)
    if not wanted.get("secType") and not any(wanted.get(name) for name in ("conId", "secId", "localSymbol")):
        raise invalid("Please enter a valid security type")
    found = exchange.universe.matching(wanted)
    if not found:
        raise no_definition()
    for instrument in found:
        name = "bondContractDetails" if instrument.secType == "BOND" else "contractDetails"
        details = contract_details(instrument, exchange.seconds, wanted.get("exchange", ""))
        exchange.emit(client.id, name, {"reqId": asked, **details})
    exchange.emit(client.id, "contractDetailsEnd", {"reqId": asked})


HANDLERS: dict[str, Handler] = {"reqContractDetails": req_contract_details}
