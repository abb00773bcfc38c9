"""A trader as a process: `python -m tests.campaign.trader NAME REQUESTS EVENTS FOLDER BEGIN`, until it is killed.

In the folder are its plan (`NAME.plan.json`), and its file (`NAME.jsonl`), from which it goes on.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.campaign.trader.desk import Desk
from tests.campaign.trader.memory import Memory
from tws_bridge_client import BridgeClient


def main(name: str, requests: str, events: str, folder: str, begin: str) -> None:
    home = Path(folder)
    plan = json.loads((home / f"{name}.plan.json").read_text())
    with BridgeClient(name, requests, events) as client:
        Desk(client, plan, Memory(home / f"{name}.jsonl"), float(begin), home / "calm").run()


if __name__ == "__main__":
    main(*sys.argv[1:])
