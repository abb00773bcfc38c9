"""`tws-bridge` with one kind of ledger, which counts its commits: `python -m benchmarks.counted KIND run ...`.

Kinds: `kept` is the real ledger. `unflushed` does not wait for the disk. `unwritten` writes nothing and reports each
job at once. The process prints the number of commits when it ends.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from bridge import cli, service
from bridge.ledger import Ledger, Outcome, Store, Written, worker
from bridge.session.records import Record


class Counting(Store):
    """Counts the commits."""

    commits = 0

    def write(self, records: Iterable[Record]) -> None:
        Counting.commits += 1
        super().write(records)


class Unflushed(Counting):
    """Does not wait for the disk."""

    def __init__(self, path: Path, client_id: int) -> None:
        super().__init__(path, client_id)
        self._db.execute("PRAGMA synchronous=OFF")


class Unwritten(Ledger):
    """Writes nothing, and reports each job as written at once. It has no thread."""

    def start(self, report: Callable[[list[Outcome]], object]) -> None:
        self._report = report

    def persist(self, token: int, records: tuple[Record, ...]) -> None:
        self._report([Written(token)])


def main(kind: str, arguments: list[str]) -> int:
    """Run `tws-bridge` with this kind of ledger. Returns its exit code."""
    worker.Store = Unflushed if kind == "unflushed" else Counting
    if kind == "unwritten":
        service.Ledger = Unwritten
    try:
        return cli.main(arguments)
    finally:
        print(Counting.commits, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
