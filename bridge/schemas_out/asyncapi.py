"""The wire contract as an AsyncAPI 3.0 document: channels are topics, messages are events."""

from __future__ import annotations

import copy
import re
from typing import Any

from bridge.catalogue import Catalogue
from bridge.contract import Contract
from bridge.schemas_out.channels import Carried, carried

_EVENTS = "./events.schema.json#/$defs/"


def asyncapi(known: Catalogue, made: Contract) -> dict[str, Any]:
    """The document; payload schemas are references to `events.schema.json` beside it."""
    wire = made.wire
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "tws-bridge",
            "version": str(wire["version"]),
            "description": "Events are two ZeroMQ frames: the topic (ASCII) and a msgpack map. "
            "Requests are one msgpack map each way, on a ROUTER socket.",
        },
        "defaultContentType": "application/msgpack",
        "channels": {**_event_channels(known, made), **_request_channels()},
        "operations": {
            "publish": {"action": "send", "channel": {"$ref": "#/channels/market"}},
            "request": {
                "action": "receive",
                "channel": {"$ref": "#/channels/requests"},
                "reply": {"channel": {"$ref": "#/channels/replies"}},
            },
        },
        "components": {
            "schemas": {
                "envelope": _object(wire["envelope"], wire["envelopeRequired"]),
                "request": _object(wire["request"], wire["requestRequired"]),
                "reply": _reply(made),
                "part": _object(wire["part"], wire["partRequired"]),
            }
        },
    }


def _event_channels(known: Catalogue, made: Contract) -> dict[str, Any]:
    events = carried(known, made)
    return {
        topic: {
            "address": channel["address"],
            "description": channel["description"],
            "parameters": {name: {} for name in re.findall(r"{(\w+)}", channel["address"])},
            "messages": {name: _message(event) for name, event in events[topic].items()},
        }
        for topic, channel in made.channels.items()
    }


def _message(carried: Carried) -> dict[str, Any]:
    """One event. A name in braces stands for a word that the topic has, too."""
    event = {"type": "string"} if carried.event.startswith("{") else {"const": carried.event}
    return {
        "name": carried.event,
        "summary": carried.about,
        "payload": {
            "allOf": [
                {"$ref": "#/components/schemas/envelope"},
                {"properties": {"event": event, "data": {"$ref": _EVENTS + carried.definition}}},
            ]
        },
    }


def _request_channels() -> dict[str, Any]:
    return {
        "requests": {
            "address": "requests",
            "description": "DEALER or REQ to the ROUTER socket; params by method: requests.schema.json",
            "messages": {"request": {"payload": {"$ref": "#/components/schemas/request"}}},
        },
        "replies": {
            "address": "replies",
            "description": "one reply to each request, and parts before it; results by method: requests.schema.json",
            "messages": {
                "reply": {"payload": {"$ref": "#/components/schemas/reply"}},
                "part": {"payload": {"$ref": "#/components/schemas/part"}},
            },
        },
    }


def _reply(made: Contract) -> dict[str, Any]:
    """A reply has a result or an error, as `ok` says; the known codes are examples, for new ones may come."""
    reply = _object(copy.deepcopy(made.wire["reply"]), made.wire["replyRequired"])
    reply["properties"]["error"]["properties"]["code"]["examples"] = list(made.errors)
    reply["oneOf"] = [
        {"properties": {"ok": {"const": True}, "error": False}, "required": ["result"]},
        {"properties": {"ok": {"const": False}, "result": False}, "required": ["error"]},
    ]
    return reply


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required}
