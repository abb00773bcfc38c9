"""Runs the simulator as a separate process on a free port, for tests, demos and benchmarks."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Running:
    """A running simulator that accepts connections."""

    host: str
    port: int
    process: subprocess.Popen[str]

    @property
    def address(self) -> str:
        """HOST:PORT."""
        return f"{self.host}:{self.port}"


def start(*arguments: str, listen: str = "127.0.0.1:0") -> Running:
    """Start `python -m bridge.simulator` and wait until it accepts connections. The caller must end the process.

    `arguments` are additional command-line arguments. Raises RuntimeError if the process ends instead.
    """
    command = [sys.executable, "-m", "bridge.simulator", "--listen", listen, *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    line = process.stdout.readline().strip() if process.stdout else ""
    if not line.startswith("listening on "):
        process.kill()
        raise RuntimeError(f"the simulator did not start: exit code {process.wait()}")
    host, _, port = line.removeprefix("listening on ").rpartition(":")
    return Running(host, int(port), process)


def stop(running: Running, patience: float = 5.0) -> int:
    """End the process with SIGTERM and return its exit code.

    Raises subprocess.TimeoutExpired after `patience` seconds.
    """
    running.process.terminate()
    try:
        return running.process.wait(patience)
    finally:
        running.process.kill()
        if running.process.stdout:
            running.process.stdout.close()


@contextmanager
def simulator_process(*, server_version: int = 226, seed: int = 1, ticks_per_second: int = 100) -> Iterator[Running]:
    """Run a simulator during a `with` block."""
    flags = {"--server-version": server_version, "--seed": seed, "--ticks-per-second": ticks_per_second}
    running = start(*(str(word) for pair in flags.items() for word in pair))
    try:
        yield running
    finally:
        stop(running)
