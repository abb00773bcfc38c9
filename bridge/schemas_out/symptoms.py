"""The page `docs/reference/symptoms.md`: what stops trading or limits what clients get, by symptom."""

from __future__ import annotations

from bridge.schemas_out.markdown import table
from bridge.session.verdict_table import TABLE

_HEAD = """# Symptoms

`tws-bridge schemas` writes this page from `bridge/session/verdict_table.py`. Do not edit it. The bridge judges by this
table whether it trades. The first condition that holds and stops trading is the verdict: `status` has it as `verdict`,
and the bridge publishes each change as `system.verdict`. The other conditions that hold are in `also`.

"""


def symptoms() -> str:
    """The whole page."""
    parts = [_HEAD]
    for title, stops in (("What stops trading", True), ("What limits the bridge while it trades", False)):
        rows = [(f"`{row.code}`", row.symptom, row.remedy) for row in TABLE if row.stops == stops]
        parts += [f"## {title}\n\n", table(("code", "symptom", "what to do"), rows), "\n"]
    return "".join(parts).rstrip("\n") + "\n"
