"""Requests about the display groups of TWS's windows: every follower hears what a group shows."""

from __future__ import annotations

from bridge.simulator.clients import Client
from bridge.simulator.floor import Floor
from bridge.simulator.handlers.base import Handler, request_id
from bridge.simulator.refusals import duplicate_ticker, invalid
from bridge.simulator.values import Data

GROUPS = range(1, 8)
NOTHING = "none"


def query_display_groups(floor: Floor, client: Client, data: Data) -> None:
    """Their numbers."""
    groups = "|".join(str(number) for number in GROUPS)
    floor.emit(client.id, "displayGroupList", {"reqId": request_id(data), "groups": groups})


def subscribe_to_group_events(floor: Floor, client: Client, data: Data) -> None:
    """What the group shows, at once and after each change."""
    asked, group = request_id(data), int(data.get("groupId", 0))
    if asked in client.groups:
        raise duplicate_ticker()
    if group not in GROUPS:
        raise invalid(f"Invalid display group {group}")
    client.groups[asked] = group
    _tell(floor, client, asked, group)


def update_display_group(floor: Floor, client: Client, data: Data) -> None:
    """The group of an earlier subscription shows something else."""
    group = client.groups.get(request_id(data))
    if group is None:
        raise invalid("Not subscribed to display group events")
    shown = str(data.get("contractInfo", "")) or NOTHING
    if shown not in (NOTHING, "combo"):
        con_id = shown.partition("@")[0]
        if not con_id.isdecimal() or int(con_id) not in floor.universe.by_id:
            raise invalid(f"Invalid contract info {shown}")
    floor.groups[group] = shown
    for other in floor.clients.values():
        for asked, followed in other.groups.items():
            if followed == group:
                _tell(floor, other, asked, group)


def _tell(floor: Floor, client: Client, asked: int, group: int) -> None:
    shown = floor.groups.get(group, NOTHING)
    floor.emit(client.id, "displayGroupUpdated", {"reqId": asked, "contractInfo": shown})


def unsubscribe_from_group_events(floor: Floor, client: Client, data: Data) -> None:
    """Silent."""
    client.groups.pop(request_id(data), None)


HANDLERS: dict[str, Handler] = {
    "queryDisplayGroups": query_display_groups,
    "subscribeToGroupEvents": subscribe_to_group_events,
    "updateDisplayGroup": update_display_group,
    "unsubscribeFromGroupEvents": unsubscribe_from_group_events,
}
