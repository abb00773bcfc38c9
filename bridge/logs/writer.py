"""A thread that writes lines to a file descriptor, so that a reader who stops reading stops nobody else.

A container engine that has stalled leaves the pipe of stderr full, and a write into a full pipe waits. So the bridge
puts entries into a queue of bounded length, and never waits for it. If the queue is full, entries are left out, and
counted; when there is room again, the log says how many are lost. Details are left out first, and last the facts that
the log always has. A line that a full disk has cut is completed when there is room again.
"""

from __future__ import annotations

import os
import select
import threading
import time
from collections import deque
from collections.abc import Callable

from bridge.logs.entry import Entry, declared

#: How many entries may wait.
MOST = 10_000
#: So many times `MOST` entries may wait before one of this kind is left out.
_ROOM_OF_DETAILS, _ROOM, _ROOM_OF_FACTS = 0.5, 1.0, 2.0
#: Seconds for which `close` waits for the queue to empty, while nobody reads.
_PATIENCE = 1.0
#: Seconds between two attempts to write to a full disk.
_AGAIN = 1.0
_MOST_AT_ONCE = 500


class Writer(threading.Thread):
    """Writes the lines of entries to `descriptor`. `tick`: called each second, returns further entries."""

    def __init__(
        self, descriptor: int, line: Callable[[Entry], str], tick: Callable[[], list[Entry]], most: int = MOST
    ) -> None:
        super().__init__(name="log", daemon=True)
        self._descriptor = descriptor
        self._line = line
        self._tick = tick
        self._most = most
        self._waiting: deque[Entry] = deque()
        self._dropped = 0
        #: The rest of a line that is written in part.
        self._begun = b""
        self._is_closing = self._has_gone = False
        self._changed = threading.Condition()

    def put(self, entry: Entry) -> None:
        """Write the entry soon, or count it as lost. Never waits."""
        with self._changed:
            if len(self._waiting) >= self._most * _room(entry):
                self._dropped += 1
                return
            self._waiting.append(entry)
            if len(self._waiting) == 1:
                self._changed.notify()

    def close(self) -> None:
        """Write what waits, and end the thread; leave it alone if nobody reads."""
        with self._changed:
            self._is_closing = True
            self._changed.notify()
        self.join(_PATIENCE)

    # In the thread

    def run(self) -> None:
        """Write until `close`. The thread calls it."""
        while (entries := self._take()) is not None:
            if entries and not self._has_gone:
                self._write_all(entries)
        self._write(b"")

    def write_waiting(self) -> None:
        """Write what waits. For tests, in place of the thread."""
        self._write_all(self._take() or [])

    def _write_all(self, entries: list[Entry]) -> None:
        lost = self._write("".join(map(self._safe_line, entries)).encode("utf-8", "backslashreplace"))
        self._tell_dropped(lost)

    def _take(self) -> list[Entry] | None:
        """Wait for entries, or for the next tick. None: the log is closed, and all is written."""
        with self._changed:
            if not self._waiting and not self._is_closing:
                self._changed.wait(1.0)
            taken = [self._waiting.popleft() for _ in range(min(len(self._waiting), _MOST_AT_ONCE))]
            is_over = self._is_closing and not taken
        return None if is_over else taken + self._tick()

    def _safe_line(self, entry: Entry) -> str:
        """The line of an entry. One that cannot be made must not end the thread."""
        try:
            return f"{self._line(entry)}\n"
        except Exception as fault:
            facts = {"what": f"the log cannot write {entry.event}", "reason": f"{type(fault).__name__}: {fault}"}
            return f"{self._line(Entry(entry.created, 'error', 'defect', facts))}\n"

    def _tell_dropped(self, lost: int) -> None:
        """Say how many lines are lost, with those that the last write has lost, if the log can be written."""
        with self._changed:
            dropped, self._dropped = self._dropped + lost, 0
        if dropped and not lost:
            line = self._line(Entry(time.time(), "warning", "linesDropped", {"count": dropped}))
            lost = self._write(f"{line}\n".encode())
        if lost:
            with self._changed:
                self._dropped += dropped

    def _write(self, data: bytes) -> int:
        """Write all of it, however long that takes. Returns how many lines a full disk has lost.

        If the reader has gone, the log ends.
        """
        whole, self._begun = self._begun + data, b""
        begins_inside = len(whole) > len(data)
        rest = memoryview(whole)
        while rest:
            try:
                rest = rest[os.write(self._descriptor, rest) :]
            except BlockingIOError:
                select.select([], [self._descriptor], [], 1.0)
            except BrokenPipeError:
                self._has_gone = True
                return 0
            except OSError:
                time.sleep(_AGAIN)
                at = len(whole) - len(rest)
                is_inside = whole[at - 1] != ord("\n") if at else begins_inside
                end = whole.index(b"\n", at) + 1 if is_inside else at
                self._begun = whole[at:end]
                return whole.count(b"\n", end)
        return 0


def _room(entry: Entry) -> float:
    if entry.level == "debug":
        return _ROOM_OF_DETAILS
    return _ROOM if declared(entry.event).fact is None else _ROOM_OF_FACTS
