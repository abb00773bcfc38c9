"""The wire contract as an AsyncAPI 3.1 document: channels are topics, messages are events, requests and replies.

Each channel has its operation. Each message has a name, a title and a payload of its own: a reference to the definition
in `events.schema.json`, `requests.schema.json` or `replies.schema.json` beside it.
"""

from __future__ import annotations

import re

from bridge.catalogue import Catalogue
from bridge.contract import Contract
from bridge.params.models import build
from bridge.schemas_out.channels import carried
from bridge.schemas_out.documents import Schema
from bridge.schemas_out.names import pascal, whole
from bridge.schemas_out.replies import reply_of
from bridge.schemas_out.requests import about, request_of

#: The parts in braces of a channel's address.
_PARAMETERS = {
    "stream": "Name of the stream, from the answer to the subscription.",
    "event": "Name of the event, the same as in the envelope.",
    "owner": "Client that placed the order; `external` for orders that were not placed through this bridge.",
    "orderKey": "Key of the order; for owner `external` the order's permId.",
    "account": "Account.",
    "source": "News provider, or `bulletins`.",
    "client": "Client that sent the request.",
    "nonce": "Nonce of the client's `snapshot` request.",
}


def asyncapi(known: Catalogue, made: Contract) -> Schema:
    """The document. The bridge is its application: it sends events and receives requests."""
    methods = sorted(build(known))
    events = carried(known, made)
    return {
        "asyncapi": "3.1.0",
        "info": {
            "title": "tws-bridge",
            "version": str(made.wire["version"]),
            "description": "Events are two ZeroMQ frames: the topic (ASCII) and a msgpack map. "
            "A request and its reply are one msgpack map each, on a ROUTER socket.",
        },
        "defaultContentType": "application/msgpack",
        "channels": {**_event_channels(made, events), **_request_channels(methods)},
        "operations": {**_event_operations(made), **_request_operations()},
        "components": {"messages": {**_events(known, made, events), **_asked(known, made, methods)}},
    }


def channel_of(topic: str) -> str:
    """The channel's name. Modelina makes a type of it, so it must differ from records such as `Order`."""
    return f"{topic}Events"


def _event_channels(made: Contract, events: dict[str, list[str]]) -> Schema:
    return {
        channel_of(topic): {
            "address": channel["address"],
            "title": f"Events of {topic}",
            "description": channel["description"],
            "parameters": {
                name: {"description": _PARAMETERS[name]} for name in re.findall(r"{(\w+)}", channel["address"])
            },
            "messages": {event: _message(whole(event)) for event in events[topic]},
        }
        for topic, channel in made.channels.items()
    }


def _event_operations(made: Contract) -> Schema:
    return {
        f"send{pascal(topic)}": {
            "action": "send",
            "title": f"Publish {topic}",
            "summary": channel["description"],
            "channel": {"$ref": f"#/channels/{channel_of(topic)}"},
        }
        for topic, channel in made.channels.items()
    }


def _request_channels(methods: list[str]) -> Schema:
    replies = {name: _message(reply_of(name)) for name in methods}
    return {
        "requests": {
            "address": "requests",
            "title": "Requests",
            "description": "From a DEALER or REQ socket to the bridge's ROUTER socket.",
            "messages": {name: _message(request_of(name)) for name in methods},
        },
        "replies": {
            "address": "replies",
            "title": "Replies",
            "description": "One reply to each request. If the request has `stream`, parts come before it.",
            "messages": {**replies, "streamedPart": _message("StreamedPart")},
        },
    }


def _request_operations() -> Schema:
    return {
        "receiveRequests": {
            "action": "receive",
            "title": "Receive a request",
            "summary": "The bridge answers each request once. The same `client` and `id` is the same request.",
            "channel": {"$ref": "#/channels/requests"},
            "reply": {"channel": {"$ref": "#/channels/replies"}},
        },
        "sendReplies": {
            "action": "send",
            "title": "Send a reply",
            "summary": "The bridge sends the reply to the socket that sent the request.",
            "channel": {"$ref": "#/channels/replies"},
        },
    }


def _events(known: Catalogue, made: Contract, events: dict[str, list[str]]) -> Schema:
    abouts = {name: message.about for name, message in known.by_event.items()}
    for name in dict.fromkeys(event.event for event in made.events.values()):
        abouts[name] = " ".join(event.about for event in made.events.values() if event.event == name)
    names = dict.fromkeys(name for listed in events.values() for name in listed)
    return {whole(name): _described(whole(name), abouts[name], "events") for name in names}


def _asked(known: Catalogue, made: Contract, methods: list[str]) -> Schema:
    requests = {request_of(m): _described(request_of(m), about(known, made, m), "requests") for m in methods}
    replies = {reply_of(m): _described(reply_of(m), f"The reply to {m}.", "replies") for m in methods}
    part = _described("StreamedPart", "A part of an answer, sent before the reply.", "replies")
    return {**requests, **replies, "StreamedPart": part}


def _message(name: str) -> Schema:
    return {"$ref": f"#/components/messages/{name}"}


def _described(name: str, about: str, file: str) -> Schema:
    title = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return {
        "name": name,
        "title": title,
        "summary": about,
        "contentType": "application/msgpack",
        "payload": {"$ref": f"./{file}.schema.json#/$defs/{name}"},
    }
