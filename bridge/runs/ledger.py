"""`tws-bridge ledger check`, `ledger backup` and `ledger export`."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from bridge.ledger import LedgerUnusable, backup, check, export_fills, export_orders
from bridge.runs.say import UsageError, complain, say


def check_file(options: argparse.Namespace) -> int:
    try:
        found = check(Path(options.file))
    except LedgerUnusable as error:
        return complain([str(error)], 1)
    for line in (*found.facts, *(f"problem: {problem}" for problem in found.problems)):
        say(line)
    say(f"{len(found.problems)} problems")
    return 1 if found.problems else 0


def backup_file(options: argparse.Namespace) -> int:
    try:
        size = backup(Path(options.file), Path(options.to), force=options.force)
    except LedgerUnusable as error:
        return complain([str(error)], 1)
    say(f"{options.to}: {size} bytes, checked")
    return 0


def export_file(options: argparse.Namespace) -> int:
    if options.orders is None and options.fills is None:
        raise UsageError("expected --orders TO or --fills TO")
    try:
        since = None if options.since is None else date.fromisoformat(options.since)
    except ValueError:
        raise UsageError(f"--since: expected a day such as 2026-11-01, not {options.since}") from None
    try:
        for export, to in ((export_orders, options.orders), (export_fills, options.fills)):
            if to is not None:
                say(f"{to}: {export(Path(options.file), Path(to), since)} rows")
    except LedgerUnusable as error:
        return complain([str(error)], 1)
    return 0
