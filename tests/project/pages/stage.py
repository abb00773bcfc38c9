"""Runs the blocks of a page as a reader does: in their order, in one folder, with the commands of this checkout.

A page names the ports 7497, 7500 and 7501. The stage puts free ports in their place, so that it runs beside anything.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.project.pages.blocks import ROOT, Block

#: Seconds for one program; a busy machine takes some of them to start an interpreter.
PATIENCE = 90.0


@dataclass(frozen=True, slots=True)
class Places:
    """The ports that stand for those of the pages."""

    tws: int
    requests: int
    events: int

    @classmethod
    def free(cls) -> Places:
        with contextlib.ExitStack() as stack:
            sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(3)]
            return cls(*(listener.getsockname()[1] for listener in sockets))

    def moved(self, text: str) -> str:
        """The text with these ports, on loopback only."""
        for shown, port in ((7497, self.tws), (7500, self.requests), (7501, self.events)):
            text = re.sub(rf"(127\.0\.0\.1|0\.0\.0\.0):{shown}\b", f"127.0.0.1:{port}", text)
        return text


class Stage:
    """One page's folder and processes. Use it with `with`: what still runs ends with it."""

    def __init__(self, folder: Path, places: Places) -> None:
        self.places = places
        self._folder = folder
        self._running: list[subprocess.Popen[bytes]] = []
        self._count = 0
        (folder / "clients").symlink_to(ROOT / "clients")
        self._install_packages(folder / "node_modules", ROOT / "clients" / "typescript")
        self._bin = folder / ".bin"
        self._bin.mkdir()
        for name, words in (("tws-bridge", "-m bridge.cli"), ("python", "")):
            program = self._bin / name
            program.write_text(f'#!/bin/sh\nexec "{sys.executable}" {words} "$@"\n')
            program.chmod(0o755)

    def _install_packages(self, packages: Path, client: Path) -> None:
        """The TypeScript client and what it needs, as `npm install` would put them there."""
        packages.mkdir()
        for package in (*(client / "node_modules").glob("[!.]*"), client):
            name = "tws-bridge-client" if package == client else package.name
            (packages / name).symlink_to(package)

    def __enter__(self) -> Stage:
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self._running):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def play(self, block: Block) -> None:
        """Run a block, read it, or write it to its file. Raises AssertionError with the place and what was printed."""
        match block.language:
            case "json":
                json.loads(block.text)
            case "toml":
                tomllib.loads(block.text)
                (self._folder / block.note["file"]).write_text(self._with_own_keys(self.places.moved(block.text)))
            case "sh":
                self.run(block, "bash", "-euo", "pipefail", "-c", self.places.moved(block.text))
            case "python":
                self.run(block, "python", "-m", "tests.project.pages.snippet", self._written(block, "py"))
            case "javascript":
                self.run(block, "node", self._written(block, "mjs"))

    def run(self, block: Block, *command: str) -> None:
        self._count += 1
        output = self._folder / f".output-{self._count}"
        with output.open("wb") as file:
            process = subprocess.Popen(
                command, cwd=self._folder, env=self._environment(), stdin=subprocess.DEVNULL, stdout=file, stderr=file,
                start_new_session=True,
            )  # fmt: skip
        self._running.append(process)
        for _ in self._waits(process, block):
            if "stays" in block.note and not self._missing(block, output):
                return
        report = f"{block.place}: exit code {process.returncode}\n{output.read_text(errors='replace')}"
        assert "stays" not in block.note, f"it ended before it printed {self._missing(block, output)}: {report}"
        assert (process.returncode != 0) == ("fails" in block.note), report
        assert not self._missing(block, output), f"it did not print {self._missing(block, output)}: {report}"

    def _missing(self, block: Block, output: Path) -> list[str]:
        """What the block must print and has not printed."""
        said = output.read_text(errors="replace")
        return [text for text in self.places.moved(block.note.get("prints", "")).splitlines() if text not in said]

    def _waits(self, process: subprocess.Popen[bytes], block: Block) -> Iterator[None]:
        """One turn each twentieth of a second until the process has ended."""
        end = time.monotonic() + PATIENCE
        while process.poll() is None:
            assert time.monotonic() < end, f"{block.place}: neither done nor ready after {PATIENCE:g} s"
            yield
            time.sleep(0.05)

    def _written(self, block: Block, ending: str) -> str:
        file = self._folder / f"block-{block.line}.{ending}"
        file.write_text(self.places.moved(block.text))
        return file.name

    def _environment(self) -> dict[str, str]:
        """That of the tests, with the places of this stage as the commands' defaults."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("TWS_BRIDGE_")}
        return inherited | {
            "PATH": f"{self._bin}:{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "clients" / "python"))),
            "PYTHONUNBUFFERED": "1",
            "TWS_BRIDGE_TWS": f"127.0.0.1:{self.places.tws}",
            "TWS_BRIDGE_REQUESTS": f"tcp://127.0.0.1:{self.places.requests}",
            "TWS_BRIDGE_EVENTS": f"tcp://127.0.0.1:{self.places.events}",
        }

    def _with_own_keys(self, text: str) -> str:
        """A configuration with the keys that an earlier block has made: a reader writes them in by hand."""
        for name in re.findall(r"^\[clients\.(\w+)\]$", text, flags=re.MULTILINE):
            made = self._folder / f"{name}.public"
            if made.exists():
                key = tomllib.loads(made.read_text())["public"]
                shown = rf'(\[clients\.{name}\]\npublic_key = )".*"'
                text = re.sub(shown, lambda found, key=key: f'{found[1]}"{key}"', text)
        return text
