"""Requests of financial advisors. An account whose name begins with DF is an advisor's master account."""

from __future__ import annotations

from bridge.simulator.clients import Client
from bridge.simulator.floor import Floor
from bridge.simulator.handlers.base import Handler, request_id
from bridge.simulator.refusals import invalid
from bridge.simulator.values import Data

GROUPS, PROFILES, ALIASES = 1, 2, 3


def advice_of(accounts: tuple[str, ...]) -> dict[int, str]:
    """The configuration that an advisor begins with; none where no account is an advisor's."""
    if not any(name.startswith("DF") for name in accounts):
        return {}
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    aliases = "".join(
        f"<AccountAlias><account>{name}</account><alias>{name}</alias></AccountAlias>" for name in accounts
    )
    members = "".join(f"<String>{name}</String>" for name in accounts)
    group = f'<Group><name>All</name><ListOfAccts varName="list">{members}</ListOfAccts></Group>'
    return {
        GROUPS: f"{head}<ListOfGroups>{group}</ListOfGroups>\n",
        ALIASES: f"{head}<ListOfAccountAliases>{aliases}</ListOfAccountAliases>\n",
    }


def _checked(floor: Floor, kind: int) -> int:
    if not floor.advice:
        raise invalid("FA data operations ignored for non FA customers.")
    if kind == PROFILES:
        raise invalid("FA Profile is not supported anymore, use FA Group instead.")
    if kind not in floor.advice:
        raise invalid(f"Invalid FA data type {kind}")
    return kind


def request_fa(floor: Floor, client: Client, data: Data) -> None:
    """One part of the configuration."""
    kind = _checked(floor, int(data.get("faDataType", 0)))
    floor.emit(client.id, "receiveFA", {"faDataType": kind, "xml": floor.advice[kind]})


def replace_fa(floor: Floor, client: Client, data: Data) -> None:
    """Takes any text that looks like XML."""
    kind = _checked(floor, int(data.get("faDataType", 0)))
    xml = str(data.get("xml", ""))
    if not xml.lstrip().startswith("<"):
        raise invalid("Invalid FA data: not XML")
    floor.advice[kind] = xml
    floor.emit(client.id, "replaceFAEnd", {"reqId": request_id(data), "text": "success"})


HANDLERS: dict[str, Handler] = {"requestFA": request_fa, "replaceFA": replace_fa}
