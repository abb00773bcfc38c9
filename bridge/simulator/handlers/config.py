"""Requests for the settings of TWS, and to change them."""

from __future__ import annotations

from bridge.simulator.clients import Client
from bridge.simulator.floor import Floor
from bridge.simulator.handlers.base import Handler, request_id
from bridge.simulator.values import Data


def req_config(floor: Floor, client: Client, data: Data) -> None:
    """All settings."""
    floor.emit(client.id, "configResponse", {"reqId": request_id(data), **floor.configuration.told()})


def update_config(floor: Floor, client: Client, data: Data) -> None:
    """All or nothing: what is wrong with one value leaves the others as they are."""
    asked = request_id(data)
    wrong = floor.configuration.wrong(data)
    if wrong:
        answer = {"reqId": asked, "status": "error", "message": "Nothing was changed", "errors": wrong}
    else:
        changed = floor.configuration.update(data)
        answer = {"reqId": asked, "status": "success", "message": "Configuration updated", "changedFields": changed}
    floor.emit(client.id, "updateConfigResponse", answer)


HANDLERS: dict[str, Handler] = {"reqConfig": req_config, "updateConfig": update_config}
