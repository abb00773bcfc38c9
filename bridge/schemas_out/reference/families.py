"""The families that group methods and events on pages: the folders of `schemas/messages`, and the bridge's own."""

from __future__ import annotations

from bridge.schemas_out.reference.declared import Declared

#: Family -> title, in the order of the pages.
TITLES: dict[str, str] = {
    "bridge": "The bridge",
    "streams": "Snapshots and streams",
    "orders": "Orders",
    "market-data": "Market data",
    "trades": "Tick by tick",
    "depth": "Market depth",
    "history": "History and bars",
    "contracts": "Contracts",
    "account": "Accounts",
    "news": "News",
    "scanner": "Scanners",
    "reference": "Rules and exchanges",
    "wsh": "Calendar of corporate events",
    "advisors": "Financial advisors",
    "display": "Display groups",
    "config": "Settings of TWS",
    "session": "Session",
    "verify": "Verification",
}
#: The family of each method that TWS does not have.
_OWN: dict[str, str] = {
    "ping": "bridge",
    "hello": "bridge",
    "status": "bridge",
    "methods": "bridge",
    "clients": "bridge",
    "halt": "bridge",
    "resume": "bridge",
    "reload": "bridge",
    "snapshot": "streams",
    "sequences": "streams",
    "release": "streams",
    "placeOrders": "orders",
    "modifyOrder": "orders",
    "cancelMine": "orders",
    "abandon": "orders",
    "awaitOrder": "orders",
    "orderLog": "orders",
}


def title(family: str) -> str:
    return TITLES[family]


def family_of(declared: Declared, method: str) -> str:
    message = declared.catalogue.messages.get(method)
    return _OWN[method] if message is None else message.family


def methods_by_family(declared: Declared) -> dict[str, list[str]]:
    """Family -> its methods by name, in the order of the pages, without families that have no method."""
    found: dict[str, list[str]] = {family: [] for family in TITLES}
    for method in sorted(declared.params):
        found[family_of(declared, method)].append(method)
    return {family: methods for family, methods in found.items() if methods}


def events_by_family(declared: Declared) -> dict[str, list[str]]:
    """Family -> its TWS events by name, in the order of the pages, without families that have no event."""
    found: dict[str, list[str]] = {family: [] for family in TITLES}
    for message in sorted(declared.catalogue.events(), key=lambda message: message.name):
        found[message.family] += message.callbacks()
    return {family: events for family, events in found.items() if events}
