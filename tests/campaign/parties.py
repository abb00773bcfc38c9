"""The processes of an episode: the hostile TWS, the bridge, the traders; each can be killed, stopped, started again."""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from tests.campaign.plan import Plan
from tests.chaos.world import configured
from tests.end_to_end.processes import Bridge
from tests.end_to_end.processes import bridge as running_bridge

_FORM = "%Y%m%d %H:%M:%S"
_FIRST = datetime(2026, 11, 23, 9, 30)


class CampaignError(Exception):
    """A process of the campaign itself has failed: its figures mean nothing."""


class Parties:
    """`folder` has the truth, the traders' files, the bridge's state, and what each process has logged.

    `events` is what was done to them, by the wall clock, for those who read what came of it.
    """

    def __init__(self, plan: Plan, folder: Path) -> None:
        self.plan = plan
        self.folder = folder
        self.begin = time.time()
        self.events: list[tuple[float, str]] = []
        self.bridge: Bridge | None = None
        self._life = contextlib.ExitStack()
        self._places: tuple[str, ...] = ()
        self._ends: tuple[str, ...] = ()
        self._processes: dict[str, subprocess.Popen[str]] = {}
        self._tws_time, self._tws_since = _FIRST, time.monotonic()
        self._port = _free_port()
        for name, trader in plan.traders.items():
            (folder / f"{name}.plan.json").write_text(json.dumps(trader))

    @property
    def tws(self) -> str:
        return f"127.0.0.1:{self._port}"

    def start_all(self) -> None:
        self.start("tws")
        self.start("bridge")
        self.begin = time.time()
        for name in self.plan.traders:
            self.start(name)

    def start(self, whom: str, *, night: bool = False, late: bool = False, forgets: bool = False) -> None:
        if whom == "bridge":
            self._start_bridge()
        elif whom == "tws":
            self._start_tws(night=night, late=late, forgets=forgets)
        else:
            self._spawn(whom, "tests.campaign.trader", whom, *self._ends, str(self.folder), str(self.begin))
        self._note(f"{whom} starts" + self._tws_time.strftime(f" at {_FORM}") * (whom == "tws"))

    def kill(self, whom: str) -> None:
        """SIGKILL, whatever it is doing."""
        self._note(f"{whom} is killed")
        if whom == "bridge":
            self._life.close()
            self.bridge = None
        else:
            process = self._processes.pop(whom)
            self._check(whom, process)
            process.kill()
            process.wait()

    def fell(self) -> bool:
        """Whether TWS has died by itself, as some of its orders make it."""
        process = self._processes.get("tws")
        if process is None or process.poll() != -signal.SIGKILL:
            return False
        self._note("tws has died by itself")
        del self._processes["tws"]
        return True

    def signal(self, whom: str, number: signal.Signals) -> None:
        """SIGSTOP or SIGCONT; nothing where it does not run."""
        process = self.bridge.process if whom == "bridge" and self.bridge else self._processes.get(whom)
        if process is not None:
            self._note(f"{whom} gets {number.name}")
            process.send_signal(number)

    def runs(self, whom: str) -> bool:
        return self.bridge is not None if whom == "bridge" else whom in self._processes

    def check(self) -> None:
        """Raise CampaignError where a process has ended that nobody killed."""
        if self.bridge is not None and self.bridge.process.poll() is not None:
            raise CampaignError(f"the bridge has ended by itself: {self.bridge.log.read_text()[-2000:]}")
        for whom, process in self._processes.items():
            self._check(whom, process)

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """All of them, for a `with` block; none is left behind."""
        try:
            self.start_all()
            yield
        finally:
            self._life.close()
            for process in self._processes.values():
                process.kill()
                process.wait()

    def _start_bridge(self) -> None:
        more = ("--config", str(configured(self.folder)), *self._places)
        self.bridge = self._life.enter_context(running_bridge(self.tws, self.folder, *more))
        self._places, self._ends = self.bridge.places, (self.bridge.requests, self.bridge.events)

    def _start_tws(self, *, night: bool, late: bool, forgets: bool) -> None:
        moment = self._tws_time + timedelta(seconds=time.monotonic() - self._tws_since)
        if night:
            moment = datetime.combine(moment.date() + timedelta(days=1), _FIRST.time())
        elif late:
            moment = max(moment, datetime.combine(moment.date(), datetime.max.time()) - timedelta(seconds=4.5))
        self._tws_time, self._tws_since = moment, time.monotonic()
        arguments = [
            "--port", str(self._port), "--folder", str(self.folder), "--seed", self.plan.seed,
            "--version", str(self.plan.version), "--start", moment.strftime(_FORM),
        ]  # fmt: skip
        self._spawn("tws", "tests.campaign.tws", *arguments, *(["--forget-ids"] if forgets else []))

    def _spawn(self, whom: str, module: str, *arguments: str) -> None:
        with (self.folder / f"{whom}.log").open("ab") as log:
            self._processes[whom] = subprocess.Popen(
                [sys.executable, "-m", module, *arguments], stdin=subprocess.DEVNULL, stdout=log, stderr=log, text=True
            )

    def _check(self, whom: str, process: subprocess.Popen[str]) -> None:
        if process.poll() is not None and (whom, process.returncode) != ("tws", -signal.SIGKILL):
            log = (self.folder / f"{whom}.log").read_text()
            raise CampaignError(f"{whom} has ended by itself ({process.returncode}): {log[-2000:]}")

    def _note(self, text: str) -> None:
        self.events.append((time.time(), text))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])
