"""Handlers for the display groups of TWS's windows. All subscribers of a group receive what it shows."""

from __future__ import annotations

from bridge.simulator.core.refusals import duplicate_ticker, invalid
from bridge.simulator.core.values import Data
from bridge.simulator.handlers.client import Client
from bridge.simulator.handlers.context import HandlerContext
from bridge.simulator.handlers.handler import Handler, request_id

GROUPS = range(1, 8)
NOTHING = "none"


def query_display_groups(context: HandlerContext, client: Client, data: Data) -> None:
    """Send the numbers of all groups."""
    groups = "|".join(str(number) for number in GROUPS)
    context.emit(client.id, "displayGroupList", {"reqId": request_id(data), "groups": groups})


def subscribe_to_group_events(context: HandlerContext, client: Client, data: Data) -> None:
    """Send what the group shows, now and after each change."""
    asked, group = request_id(data), int(data.get("groupId", 0))
    if asked in client.groups:
        raise duplicate_ticker()
    if group not in GROUPS:
        raise invalid(f"Invalid display group {group}")
    client.groups[asked] = group
    _send_group(context, client, asked, group)


def update_display_group(context: HandlerContext, client: Client, data: Data) -> None:
    """Change what a group shows. The request id is that of a subscription to the group."""
    group = client.groups.get(request_id(data))
    if group is None:
        raise invalid("Not subscribed to display group events")
    shown = str(data.get("contractInfo", "")) or NOTHING
    if shown not in (NOTHING, "combo"):
        con_id = shown.partition("@")[0]
        if not con_id.isdecimal() or int(con_id) not in context.universe.by_id:
            raise invalid(f"Invalid contract info {shown}")
    context.groups[group] = shown
    for other in context.clients.values():
        for asked, followed in other.groups.items():
            if followed == group:
                _send_group(context, other, asked, group)


def _send_group(context: HandlerContext, client: Client, asked: int, group: int) -> None:
    shown = context.groups.get(group, NOTHING)
    context.emit(client.id, "displayGroupUpdated", {"reqId": asked, "contractInfo": shown})


def unsubscribe_from_group_events(context: HandlerContext, client: Client, data: Data) -> None:
    """End a subscription. TWS sends no answer."""
    client.groups.pop(request_id(data), None)


HANDLERS: dict[str, Handler] = {
    "queryDisplayGroups": query_display_groups,
    "subscribeToGroupEvents": subscribe_to_group_events,
    "updateDisplayGroup": update_display_group,
    "unsubscribeFromGroupEvents": unsubscribe_from_group_events,
}
