"""The log of the bridge: one line on stderr for each fact, as text or as JSON.

`schemas/bridge/logs.json` declares the events. `tell` writes one, from any thread; `start` sends all lines of the
process to stderr. Writing never blocks: a thread writes, and if it cannot follow, lines are left out and counted.
"""

from bridge.logs.entry import Said
from bridge.logs.handler import BridgeLog, start, tell
from bridge.logs.mask import AccountMask
from bridge.logs.requests import RequestTrace
from bridge.logs.text import one_line

__all__ = ["AccountMask", "BridgeLog", "RequestTrace", "Said", "one_line", "start", "tell"]
