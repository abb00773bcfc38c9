"""Handlers for requests of financial advisors.

An account whose name starts with DF is the master account of an advisor.
"""

from __future__ import annotations

from bridge.simulator.core.refusals import invalid
from bridge.simulator.core.values import Data
from bridge.simulator.handlers.client import Client
from bridge.simulator.handlers.context import HandlerContext
from bridge.simulator.handlers.handler import Handler, request_id

GROUPS, PROFILES, ALIASES = 1, 2, 3


def advisor_configuration_of(accounts: tuple[str, ...]) -> dict[int, str]:
    """Return the initial configuration of an advisor, by faDataType; empty if no account belongs to an advisor."""
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


def _checked(context: HandlerContext, kind: int) -> int:
    if not context.advisor_configuration:
        raise invalid("FA data operations ignored for non FA customers.")
    if kind == PROFILES:
        raise invalid("FA Profile is not supported anymore, use FA Group instead.")
    if kind not in context.advisor_configuration:
        raise invalid(f"Invalid FA data type {kind}")
    return kind


def request_fa(context: HandlerContext, client: Client, data: Data) -> None:
    """Send one part of the configuration."""
    kind = _checked(context, int(data.get("faDataType", 0)))
    context.emit(client.id, "receiveFA", {"faDataType": kind, "xml": context.advisor_configuration[kind]})


def replace_fa(context: HandlerContext, client: Client, data: Data) -> None:
    """Replace one part of the configuration. Any text that starts like XML is accepted."""
    kind = _checked(context, int(data.get("faDataType", 0)))
    xml = str(data.get("xml", ""))
    if not xml.lstrip().startswith("<"):
        raise invalid("Invalid FA data: not XML")
    context.advisor_configuration[kind] = xml
    context.emit(client.id, "replaceFAEnd", {"reqId": request_id(data), "text": "success"})


HANDLERS: dict[str, Handler] = {"requestFA": request_fa, "replaceFA": replace_fa}
