"""`python -m bridge.simulator`: the simulator by itself."""

import argparse
import asyncio
import logging
import sys
from pathlib import Path

from pydantic import ValidationError

from bridge.simulator.keeper import Unwritable
from bridge.simulator.kept import Unusable
from bridge.simulator.server import serve
from bridge.simulator.settings import SimulatorSettings
from bridge.state_folder import StateTaken


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit code: 0 after SIGTERM, 2 for a wrong argument or state, 1 if it cannot listen or keep."""
    defaults = SimulatorSettings()
    parser = argparse.ArgumentParser(
        prog="python -m bridge.simulator", description="A small TWS with its own exchange."
    )
    parser.add_argument("--listen", default=defaults.listen, metavar="HOST:PORT", help="port 0 takes a free one")
    parser.add_argument("--server-version", type=int, default=defaults.server_version, metavar="N")
    parser.add_argument("--seed", type=int, default=defaults.seed, metavar="N")
    parser.add_argument("--ticks-per-second", type=int, default=defaults.ticks_per_second, metavar="N")
    parser.add_argument("--account", action="append", dest="accounts", metavar="NAME", help="may be repeated")
    parser.add_argument("--client-buffer", type=int, default=defaults.client_buffer, metavar="BYTES")
    parser.add_argument("--state", type=Path, metavar="DIR", help="keep there what outlives a Gateway")
    parser.add_argument("--forget-ids", action="store_true", help="begin order ids at 1 again")
    parser.add_argument("--verbose", action="store_true", help="log each connection")
    given = vars(parser.parse_args(arguments))
    verbose = given.pop("verbose")
    given["accounts"] = tuple(given["accounts"] or defaults.accounts)
    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING, format="%(asctime)s %(message)s")
    try:
        settings = SimulatorSettings(**given)
    except ValidationError as mistake:
        for error in mistake.errors():
            print(f"--{str(error['loc'][0]).replace('_', '-')}: {error['msg']}", file=sys.stderr)
        return 2
    try:
        asyncio.run(serve(settings))
    except (StateTaken, Unusable) as refusal:
        print(f"--state: {refusal}", file=sys.stderr)
        return 2
    except Unwritable as failure:
        print(f"state cannot be kept: {failure}", file=sys.stderr)
        return 1
    except OSError as failure:
        print(f"cannot listen on {settings.listen}: {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
