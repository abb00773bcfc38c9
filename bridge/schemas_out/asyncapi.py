"""The wire contract as an AsyncAPI 3.0 document: channels are topics, messages are events."""

from __future__ import annotations

import re
from typing import Any

from bridge.catalogue import Catalogue, Message

_EVENTS = "./events.schema.json#/$defs/"


def asyncapi(known: Catalogue, contract: dict[str, Any]) -> dict[str, Any]:
    """The document; payload schemas are references to `events.schema.json` beside it."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "tws-bridge",
            "version": str(contract["version"]),
            "description": "Events are two ZeroMQ frames: the topic (ASCII) and a msgpack map. "
            "Requests are one msgpack map each way, on a ROUTER socket.",
        },
        "defaultContentType": "application/msgpack",
        "channels": {**_event_channels(known, contract), **_request_channels()},
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
                "envelope": _object(contract["envelope"], contract["envelopeRequired"]),
                "request": _object(contract["request"], contract["requestRequired"]),
                "reply": _object(contract["reply"], contract["replyRequired"]),
            }
        },
    }


def _event_channels(known: Catalogue, contract: dict[str, Any]) -> dict[str, Any]:
    channels = {}
    for topic, channel in contract["topics"].items():
        channels[topic] = {
            "address": channel["address"],
            "description": channel["description"],
            "parameters": {name: {} for name in re.findall(r"{(\w+)}", channel["address"])},
            "messages": {
                name: _message(message, name)
                for message in sorted(known.events(), key=lambda m: m.name)
                if message.topic == topic
                for name in message.callbacks()
            },
        }
    return channels


def _message(message: Message, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "summary": message.about,
        "payload": {
            "allOf": [
                {"$ref": "#/components/schemas/envelope"},
                {"properties": {"event": {"const": name}, "data": {"$ref": _EVENTS + name}}},
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
            "messages": {"reply": {"payload": {"$ref": "#/components/schemas/reply"}}},
        },
    }


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required}
