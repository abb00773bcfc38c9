"""A trader's file: a line for each thing that it intends, asks, is told and hears; all that it knows after a kill.

An event of the order log and the position behind it are one line, so that each is taken once.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from tests.campaign.trader.intent import Data
from tests.campaign.tws.book import events
from tws_bridge_client import LogEvent, LogPosition

_STATED = ("state", "reason", "unrecoverable")


class Memory:
    """`lines` is what the file has. A line is in the file before the trader acts on it."""

    def __init__(self, path: Path) -> None:
        self.lines: list[Data] = list(events(path))
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, what: str, **facts: object) -> Data:
        line: Data = {"t": time.time(), "what": what, **facts}
        os.write(self._file, json.dumps(line).encode() + b"\n")
        self.lines.append(line)
        return line

    def position(self) -> LogPosition | None:
        """Where the order log was left."""
        last = next((line for line in reversed(self.lines) if line["what"] == "log"), None)
        return None if last is None else LogPosition(last["log"], last["n"])

    def hear(self, event: LogEvent) -> None:
        """Take one event of the order log."""
        log, n = event.position
        execution = event.data.get("execution", {})
        facts = {name: event.data[name] for name in _STATED if name in event.data}
        self.write(
            "log", log=log, n=n, event=event.event, key=event.topic.split(".")[2], status=_status(event.data),
            execId=execution.get("execId"), shares=execution.get("shares"), **facts,
        )  # fmt: skip


def _status(data: Data) -> object:
    return data.get("status") or data.get("orderState", {}).get("status") or data.get("errorCode")
