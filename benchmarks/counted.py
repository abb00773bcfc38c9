"""`tws-bridge` with a ledger of one kind, whose commits are counted: `python -m benchmarks.counted KIND run ...`.

Kinds: `kept`, the ledger as it is; `unflushed`, the same without waiting for the disk; `unwritten`, nothing is written
and all is reported at once. Prints the number of commits at its end.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from bridge import cli, service
from bridge.ledger import Ledger, Outcome, Store, Written, worker
from bridge.session.records import Record


class Counting(Store):
    commits = 0

    def write(self, records: Iterable[Record]) -> None:
        Counting.commits += 1
        super().write(records)


class Unflushed(Counting):
    def __init__(self, path: Path, client_id: int) -> None:
        super().__init__(path, client_id)
        self._db.execute("PRAGMA synchronous=OFF")


class Unwritten(Ledger):
    """Without a thread: what is to be written is said to be on disk, in the loop's next turn."""

    def start(self, report: Callable[[list[Outcome]], object]) -> None:
        self._report = report

    def persist(self, token: int, records: tuple[Record, ...]) -> None:
        self._report([Written(token)])


def main(kind: str, arguments: list[str]) -> int:
    worker.Store = Unflushed if kind == "unflushed" else Counting
    if kind == "unwritten":
        service.Ledger = Unwritten
    try:
        return cli.main(arguments)
    finally:
        print(Counting.commits, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
