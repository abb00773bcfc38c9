"""The hostile TWS as a process: `python -m tests.campaign.tws --port N --folder DIR --seed S --version N --start TIME`.

`--folder` has its book (`truth.jsonl`), which outlives it. While that folder has a file `calm`, faults are over.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tests.campaign.tws.server import Server


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--seed", required=True)
    parser.add_argument("--version", type=int, required=True)
    parser.add_argument("--start", required=True, help="TWS's own time as it begins: '20261123 14:00:00'")
    parser.add_argument("--forget-ids", action="store_true", help="nextValidId begins at 1 again")
    options = parser.parse_args()
    made = {"version": options.version, "start": options.start, "forgets_ids": options.forget_ids}
    Server(options.port, options.folder, options.seed, **made).run()


if __name__ == "__main__":
    main()
