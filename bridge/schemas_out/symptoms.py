"""The page `docs/reference/symptoms.md`: what stops trading or limits what clients get, by symptom."""

from __future__ import annotations

from bridge.schemas_out.markdown import table
from bridge.session.verdict_table import TABLE

_HEAD = """# Symptoms

`tws-bridge schemas` writes this page from `bridge/session/verdict_table.py`. Do not edit it. The bridge judges by this
table whether it trades. The first condition that holds and stops trading is the verdict: `status` has it as `verdict`,
and the bridge publishes each change as `system.verdict`. The other conditions that hold are in `also`.

"""

#: What ends `tws-bridge run` at its start: the step of `tws-bridge doctor`, the symptom, and what to change.
_STARTS = (
    ("settings", "The error names a setting, with its file and line.",
     "Correct it: a name that does not exist, a value of a wrong type or out of range, text that is not TOML, a role "
     "that does not exist, an endpoint beyond this machine without `key`, HTTP beyond this machine without "
     "`http_token`, a key or token file that is missing, damaged, or readable by others."),
    ("state folder", "The error names the state folder.",
     "Give the folder and its files to the bridge's user alone (`chmod 700`). Each bridge needs a state folder of its "
     "own: stop the other one, or name another folder. If `instances.json` is damaged, restore a backup."),
    ("ledger", "The error names the ledger.",
     "A damaged ledger: restore a backup, and reconcile with TWS before you trade. A ledger of another client id, or "
     "of a newer version: use the state folder of this client id, and that version. The doctor also compares the "
     "ledger's accounts with TWS's."),
    ("events", "The error names an endpoint: address in use, or no such folder.",
     "Stop the program that uses the port, or choose another one. The folder of an ipc endpoint must exist, and the "
     "bridge must be allowed to write there. The same for `requests` and `http`."),
    ("disk", "A warning of the doctor: little space is left.", "Free space: the ledger grows."),
)  # fmt: skip


def symptoms() -> str:
    """The whole page."""
    parts = [_HEAD]
    for title, stops in (("What stops trading", True), ("What limits the bridge while it trades", False)):
        rows = [(f"`{row.code}`", row.symptom, row.remedy) for row in TABLE if row.stops == stops]
        parts += [f"## {title}\n\n", table(("code", "symptom", "what to do"), rows), "\n"]
    parts += [
        "## What ends a bridge at its start\n\nThe exit code is not 0, and the error names the mistake. "
        "`tws-bridge doctor` names it too.\n\n",
        table(("step of the doctor", "symptom", "what to do"), [(f"`{step}`", *rest) for step, *rest in _STARTS]),
    ]
    return "".join(parts).rstrip("\n") + "\n"
