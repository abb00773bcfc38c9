"""Clients forked from a process that has loaded the bridge's client: hundreds of them cost little."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

CLIENTS = Path(__file__).parents[2] / "clients" / "minimal"

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.conformance_kit.lines", "tws_bridge_client", "msgpack", "zmq"])


class Forked:
    """The `main` of a module, in a process of its own, as `bridge.conformance.program.Program` has it."""

    def __init__(self, module: str, task: Sequence[str], environment: Mapping[str, str], errors: Path) -> None:
        self._reader, writer = _CONTEXT.Pipe(duplex=False)
        self._process = _CONTEXT.Process(
            target=_run, args=(module, tuple(task), dict(environment), str(errors), writer), daemon=True
        )
        self._process.start()
        writer.close()

    @property
    def output(self) -> int:
        return self._reader.fileno()

    def exit_code(self) -> int | None:
        return self._process.exitcode

    def kill(self) -> None:
        self._process.kill()
        self._process.join()
        self._reader.close()


def _run(module: str, task: tuple[str, ...], environment: dict[str, str], errors: str, writer: object) -> None:
    """In the forked process: its output goes to the pipe, its errors into the file."""
    os.environ.update(environment)
    os.dup2(writer.fileno(), 1)
    writer.close()
    os.dup2(os.open(errors, os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
    sys.path.insert(0, str(CLIENTS))
    name, _, variant = module.partition(":")
    main = importlib.import_module(name).main
    if variant:
        main(variant, *task)
    else:
        main(*task)


def starting(module: str):
    """Starts the `main` of this module with the words of the task; behind a colon may stand one more word for it."""
    return lambda task, environment, errors: Forked(module, task, environment, errors)
