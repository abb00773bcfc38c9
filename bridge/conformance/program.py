"""The client program under test: a child process that gets its task as arguments, and prints what it believes."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

#: Variables that would make the client something else than the scripts expect, such as keys for a real bridge.
_OURS = "TWS_BRIDGE_"


class Program(Protocol):
    """A running client. `output`: the descriptor of what it prints."""

    @property
    def output(self) -> int: ...
    def exit_code(self) -> int | None: ...
    def kill(self) -> None: ...


#: Starts the client with the words of its task and the variables of its environment; its errors go to the file.
Start = Callable[[Sequence[str], Mapping[str, str], Path], Program]


class ChildProgram:
    """A command of its author's, as a process."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], errors: Path) -> None:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
        with errors.open("ab") as stderr:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr, env={**clean, **environment}
            )
        assert self._process.stdout is not None
        self._stdout = self._process.stdout

    @property
    def output(self) -> int:
        return self._stdout.fileno()

    def exit_code(self) -> int | None:
        return self._process.poll()

    def kill(self) -> None:
        """SIGKILL, as a power cut would end it."""
        self._process.kill()
        self._process.wait()
        self._stdout.close()


def starting(command: Sequence[str]) -> Start:
    """Starts this command, with the words of the task behind it."""
    return lambda task, environment, errors: ChildProgram([*command, *task], environment, errors)
