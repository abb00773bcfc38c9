"""The arguments of `tws-bridge ledger`."""

from __future__ import annotations

from bridge.commands.command import Commands

_FILE = "The ledger: `ledger.sqlite` in the state folder of a bridge, which may run."


def add_ledger(commands: Commands) -> None:
    """Add `ledger check`, `ledger backup` and `ledger export`."""
    group = commands.add_group("ledger", "Check, copy or export the ledger of a bridge.")
    check = group.add(
        "check",
        "Check a ledger: damage, holes in the order logs, orders that have not ended.",
        {0: "The ledger is sound.", 1: "The ledger has a problem, or cannot be read."},
        "It only reads. It reads the whole file, so that a large ledger takes minutes.",
    )
    check.add_argument("file", metavar="FILE", help=_FILE)
    backup = group.add(
        "backup",
        "Copy a ledger while its bridge runs, and check the copy.",
        {0: "The copy is complete and sound.", 1: "There is no copy; the reason is on stderr."},
        "The copy is the ledger at one moment. It gets its name when it is complete.",
    )
    backup.add_argument("file", metavar="FILE", help=_FILE)
    backup.add_argument("to", metavar="TO", help="The file for the copy.")
    backup.add_argument("--force", action="store_true", help="Replace the file TO if it exists.")
    export = group.add(
        "export",
        "Write the orders or the executions of a ledger as CSV, or as Parquet into a file whose name ends in .parquet.",
        {0: "The files are complete.", 1: "A file could not be written; the reason is on stderr."},
        "Times are in UTC. `isValid` is false for an execution that TWS has corrected. Parquet needs `pip install "
        "'tws-bridge[parquet]'`.",
    )
    export.add_argument("file", metavar="FILE", help=_FILE)
    export.add_argument("--orders", metavar="TO", help="Write the orders into this new file.")
    export.add_argument("--fills", metavar="TO", help="Write the executions with their commissions into this new file.")
    export.add_argument("--since", metavar="DAY", help="Only what is not older than this day: 2026-11-01, in UTC.")
