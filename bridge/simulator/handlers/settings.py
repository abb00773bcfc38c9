"""Handlers for reading and changing the settings of TWS."""

from __future__ import annotations

from bridge.simulator.core.values import Data
from bridge.simulator.handlers.client import Client
from bridge.simulator.handlers.context import HandlerContext
from bridge.simulator.handlers.handler import Handler, request_id


def req_config(context: HandlerContext, client: Client, data: Data) -> None:
    """Send all settings."""
    context.emit(client.id, "configResponse", {"reqId": request_id(data), **context.configuration.current()})


def update_config(context: HandlerContext, client: Client, data: Data) -> None:
    """Change all given settings, or none if one of them is invalid."""
    asked = request_id(data)
    problems = context.configuration.problems(data)
    if problems:
        answer = {"reqId": asked, "status": "error", "message": "Nothing was changed", "errors": problems}
    else:
        changed = context.configuration.update(data)
        answer = {"reqId": asked, "status": "success", "message": "Configuration updated", "changedFields": changed}
    context.emit(client.id, "updateConfigResponse", answer)


HANDLERS: dict[str, Handler] = {"reqConfig": req_config, "updateConfig": update_config}
