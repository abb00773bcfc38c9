"""Connects Python's `logging` with the log of the bridge: `tell` makes records, `BridgeLog` takes them."""

from __future__ import annotations

import logging
import sys
import threading
import time
import traceback
from types import TracebackType
from typing import Any

from bridge.logs.entry import LEVELS, Entry, Said, declared
from bridge.logs.lines import Format, maker
from bridge.logs.mask import AccountMask
from bridge.logs.throttle import Throttle
from bridge.logs.writer import MOST, Writer


def tell(logger: logging.Logger, event: str, /, **fields: Any) -> None:
    """Write an event to the log. A field that is None is absent. From any thread; it never waits."""
    given = {name: value for name, value in fields.items() if value is not None}
    number = LEVELS[declared(event).level_with(given)]
    if logger.isEnabledFor(number):
        logger.handle(logging.LogRecord(logger.name, number, "", 0, Said(event, given), (), None))


class BridgeLog(logging.Handler):
    """Writes records as lines to a file descriptor, in a thread of its own. See `Writer` and `Throttle`."""

    def __init__(self, descriptor: int, form: Format, mask: AccountMask, most: int = MOST) -> None:
        super().__init__()
        self.mask = mask
        self._throttle = Throttle()
        self._writer = Writer(descriptor, maker(form, mask), self._due, most)
        self._writer.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Take a record. `logging` calls it, and holds the lock of this handler."""
        entry = _entry(record)
        if self._throttle.admits(entry.event, entry.fields, time.monotonic()):
            self._writer.put(entry)

    def close(self) -> None:
        """Write what waits, at most for a second."""
        for entry in self._due(all_of_them=True):
            self._writer.put(entry)
        self._writer.close()
        super().close()

    def _due(self, *, all_of_them: bool = False) -> list[Entry]:
        self.acquire()
        try:
            if not self._throttle.is_counting:
                return []
            return self._throttle.due(time.monotonic(), time.time(), all_of_them=all_of_them)
        finally:
            self.release()


def _entry(record: logging.LogRecord) -> Entry:
    if isinstance(record.msg, Said):
        return Entry(record.created, _word(record.levelno), record.msg.event, record.msg.fields)
    facts = {"logger": record.name, "reason": record.getMessage()}
    if record.exc_info is not None and record.exc_info[0] is not None:
        facts["traceback"] = "".join(traceback.format_exception(*record.exc_info))
    return Entry(record.created, _word(record.levelno), "library", facts)


def _word(number: int) -> str:
    """The word for a level of `logging`: the highest of `LEVELS` that is not above it."""
    return max((least, word) for word, least in LEVELS.items() if least <= max(number, logging.DEBUG))[1]


def start(form: Format, level: str, mask: AccountMask, descriptor: int | None = None) -> BridgeLog:
    """Write all that the process logs to stderr from now on, uncaught exceptions and warnings of Python too."""
    handler = BridgeLog(sys.stderr.fileno() if descriptor is None else descriptor, form, mask)
    root = logging.getLogger()
    for before in list(root.handlers):
        if type(before) is logging.StreamHandler:  # the one of `logging.basicConfig`
            root.removeHandler(before)
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    logging.getLogger("bridge").setLevel(LEVELS[level])
    if LEVELS[level] > logging.INFO:
        root.setLevel(LEVELS[level])
    logging.captureWarnings(capture=True)
    # No line has these, and to find them out takes a part of the time that a record takes.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    _catch_uncaught()
    return handler


def _catch_uncaught() -> None:
    """An exception that nobody catches becomes one line, and not a traceback of many."""
    logger = logging.getLogger("bridge")

    def uncaught(
        kind: type[BaseException], fault: BaseException | None, trace: TracebackType | None, where: str
    ) -> None:
        if issubclass(kind, KeyboardInterrupt | SystemExit):
            return
        lines = "".join(traceback.format_exception(kind, fault, trace))
        tell(logger, "defect", what=f"uncaught in {where}", reason=f"{kind.__name__}: {fault}", traceback=lines)

    sys.excepthook = lambda kind, fault, trace: uncaught(kind, fault, trace, "the main thread")
    threading.excepthook = lambda args: uncaught(
        args.exc_type, args.exc_value, args.exc_traceback, args.thread.name if args.thread else "a thread"
    )
