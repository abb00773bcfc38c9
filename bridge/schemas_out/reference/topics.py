"""The page `topics.md`: each topic pattern with its events, the roles that may hear it, and an example."""

from __future__ import annotations

import json
from typing import Any

from bridge.schemas_out import forms
from bridge.schemas_out.reference import examples
from bridge.schemas_out.reference.declared import Declared
from bridge.schemas_out.reference.described import kind_of
from bridge.schemas_out.reference.text import address, code, link, sentence, table, written_by
from bridge.session.rights.grants import ROLES, Grant, Role

#: A client, and another client whose orders and requests are not its own.
_CLIENT, _OTHER = "momentum", "screen"
#: Example values for the parts of a topic that vary.
_PARTS = {
    "stream": "265598",
    "account": "DU1234567",
    "source": "BRFG",
    "orderKey": "k1",
    "nonce": "n1",
}
_HEAD = f"""# Topics

{written_by("`schemas/contract.json` and the other declarations in `schemas/`")}
The bridge publishes each event on one topic. A subscription is a prefix of topics: `market.` is all market data,
`market.265598.` is one instrument. End the prefix with the dot: `market.2655` also matches `market.265598.tickPrice`.

"""
_EVENT = """
## The event

An event has two frames: the topic in ASCII, and a msgpack map with these keys.

"""
_NAMES = """
## Names in topics

"""
#: What the parts in angle brackets are.
ABOUT_PARTS: dict[str, str] = {
    "stream": "Name of the stream: the conId of its contract, with the exchange if that is not SMART "
    "(`265598-ISLAND`), and with the parameters that distinguish it (`265598-5s-TRADES`). "
    "The reply to a subscription has it.",
    "event": "Name of the event, the same as in the map.",
    "owner": "Client that placed the order. `external`: the order was not placed through this bridge.",
    "orderKey": "Key of the order. For owner `external` it is the order's permId.",
    "account": "Account.",
    "source": "News provider, or `bulletins`.",
    "client": "Client that sent the request.",
    "nonce": "Nonce of the client's `snapshot` request.",
}
_ROLES = """
## Who hears what

The bridge sends a client only those topics of a subscription that one of the client's roles may hear. Each role
includes `observe`, and `admin` includes every role. Without `clients` in the configuration every client has the role
`admin`. A client with a list of [`accounts`](settings.md#clients) hears `account.` of these accounts only, and not
`system.managedAccounts`. `own` means the client's own orders and requests only.

"""
_SYSTEM = """
A client with a role hears these events of `system.`:

"""


def topics_page(declared: Declared) -> str:
    """The whole page."""
    channels = declared.contract.channels
    rows = [(link(_pattern(declared, name), "", name), channels[name]["description"]) for name in channels]
    hears = [(_pattern(declared, name), *(_hears(declared, name, role) for role in ROLES)) for name in channels]
    events = sorted({one.event for one in declared.carried["system"]})
    system = [(code(event), *(_yes(_may(role, f"system.{event}")) for role in ROLES)) for event in events]
    parts = ((code(f"<{name}>"), about) for name, about in ABOUT_PARTS.items())
    return "".join(
        (
            _HEAD,
            table(("topic", "events"), rows),
            _EVENT,
            _envelope(declared),
            _NAMES,
            table(("part", "stands for"), parts),
            _ROLES,
            table(("topic", *ROLES), hears),
            _SYSTEM,
            table(("event", *ROLES), system),
            *(_channel(declared, name) for name in channels),
        )
    )


def _pattern(declared: Declared, channel: str) -> str:
    return code(address(declared.contract.channels[channel]["address"]))


def _envelope(declared: Declared) -> str:
    wire = declared.contract.wire
    always = examples.live_keys(declared)
    rows = [
        (
            code(key),
            kind_of(schema, code) if "type" in schema else "bool",
            "yes" if key in always else "",
            _said(schema),
        )
        for key, schema in wire["envelope"].items()
    ]
    return table(("key", "type", "always there", "meaning"), rows)


def _said(schema: dict[str, Any]) -> str:
    constant = schema.get("const")
    fixed = "" if constant is None else f" Always {code(json.dumps(constant))}."
    return sentence(str(schema.get("description", ""))) + fixed


def _channel(declared: Declared, channel: str) -> str:
    """The events of one pattern, the methods that cause them, and an example."""
    events = ", ".join(link(one.event, "events.md", one.heading) for one in declared.carried[channel])
    methods = ", ".join(link(name, "methods.md") for name in _methods(declared, channel))
    brought = f"Methods that cause these events: {methods}.\n\n" if methods else ""
    return (
        f"\n## {channel}\n\n{_pattern(declared, channel)}: {declared.contract.channels[channel]['description']}.\n\n"
        f"Events: {events}.\n\n{brought}{_example(declared, channel)}"
    )


#: Channel -> the methods that cause its events, if the plans do not say so.
_BRING: dict[str, tuple[str, ...]] = {
    "order": ("placeOrder", "placeOrders", "modifyOrder", "cancelOrder", "exerciseOptions"),
    "news": ("reqMktData", "reqNewsBulletins"),
    "sync": ("snapshot",),
}


def _methods(declared: Declared, channel: str) -> tuple[str, ...]:
    """The methods whose streams use the channel. For `request` it is every method, for `system` almost none."""
    streams = (plan for plan in declared.vocabulary.requests.values() if forms.may_stream(plan))
    return _BRING.get(channel) or tuple(sorted(plan.name for plan in streams if plan.family == channel))


def _example(declared: Declared, channel: str) -> str:
    topic, body = examples.example(declared, channel)
    return f"Example, on the topic `{topic}`:\n\n```json\n{json.dumps(body, indent=2, ensure_ascii=False)}\n```\n"


def _hears(declared: Declared, channel: str, role: Role) -> str:
    """Whether a client of that role hears the pattern: `yes`, `own`, `some` or nothing."""
    pattern = declared.contract.channels[channel]["address"]
    if channel == "system":
        return "yes" if role == "admin" else "some"
    own, other = (_may(role, _topic(pattern, name)) for name in (_CLIENT, _OTHER))
    return "yes" if other else "own" if own else "no"


def _topic(pattern: str, client: str) -> str:
    return pattern.format(**_PARTS, event="event", owner=client, client=client)


def _may(role: Role, topic: str) -> bool:
    return topic.startswith(Grant(frozenset({role})).hears(_CLIENT))


def _yes(may: bool) -> str:
    return "yes" if may else "no"
