"""Bridges as processes that are forked from one that has loaded all: a hundred of them cost little."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import sys
from collections.abc import AsyncIterator
from multiprocessing.connection import Connection
from pathlib import Path

PATIENCE = 20.0

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.rehearsal.warm"])


@contextlib.asynccontextmanager
async def forked(arguments: list[str], log: Path) -> AsyncIterator[str]:
    """`tws-bridge` with these arguments: the first line that it says."""
    reader, writer = _CONTEXT.Pipe(duplex=False)
    process = _CONTEXT.Process(target=_run, args=(arguments, str(log), writer), daemon=True)
    process.start()
    writer.close()
    try:
        yield await asyncio.to_thread(_first_line, reader)
    finally:
        process.terminate()
        await asyncio.to_thread(process.join, PATIENCE)
        if process.is_alive():
            process.kill()
            process.join()


def _first_line(reader: Connection) -> str:
    with contextlib.closing(reader), open(os.dup(reader.fileno()), encoding="utf-8") as output:
        return output.readline()


def _run(arguments: list[str], log: str, writer: Connection) -> None:
    """In the forked process: its output goes to the pipe, its errors into the log."""
    from bridge.cli import main

    os.dup2(writer.fileno(), 1)
    os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
    sys.exit(main(arguments))
