"""What the bridge itself says on the wire, as `schemas/bridge/` declares it: its events, results, errors and rules.

The messages of TWS are the catalogue's. Knows declarations only: no session, no socket, and no JSON Schema.
"""

from bridge.contract.grammar import ErrorCode, Event, Field, Method, Rule, Type
from bridge.contract.loader import Contract, contract, load

__all__ = ["Contract", "ErrorCode", "Event", "Field", "Method", "Rule", "Type", "contract", "load"]
