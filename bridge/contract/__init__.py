"""The declarations in `schemas/bridge/`: the events, results, errors, rules and log of the bridge itself.

The catalogue has the messages of TWS. This package knows declarations only: no session, no socket, no JSON Schema.
"""

from bridge.contract.grammar import Apart, ErrorCode, Event, Field, Level, LogEvent, Method, Rule, Type
from bridge.contract.loader import Contract, contract, load

__all__ = [
    "Apart",
    "Contract",
    "ErrorCode",
    "Event",
    "Field",
    "Level",
    "LogEvent",
    "Method",
    "Rule",
    "Type",
    "contract",
    "load",
]
