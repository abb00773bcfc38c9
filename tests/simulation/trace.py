"""What happened, a line for each event, and one number that stands for all of it.

The number is over all lines and all bytes. With `states` each line also has how everybody stands; that costs time, and
changes nothing that happens.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path

from tests.simulation.clock import Clock

#: Lines that are kept for the report of a failure.
KEPT = 120


class Trace:
    """`states` is asked for the state of everybody after the event before; None: nobody wants it."""

    def __init__(self, clock: Clock, path: Path | None = None) -> None:
        self._clock = clock
        self._hash = blake2b(digest_size=16)
        self._file = None if path is None else path.open("w")
        self.states: Callable[[], str] | None = None
        self.last: deque[str] = deque(maxlen=KEPT)

    @property
    def is_full(self) -> bool:
        return self._file is not None

    def note(self, text: str) -> None:
        """Something happens."""
        line = f"{self._clock.now:.6f} {text}"
        self._hash.update(line.encode())
        if self._file is not None:
            line = f"{self._clock.moment():%d %H:%M:%S.%f} {text}"
            if self.states is not None:
                line = f"{line}  | {self.states()}"
            self._file.write(line + "\n")
        self.last.append(line)

    def count(self, data: bytes) -> None:
        """Bytes that went somewhere: they count, and have no line."""
        self._hash.update(data)

    def number(self) -> str:
        return self._hash.hexdigest()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
