"""Runs the simulator from the command line: `python -m bridge.simulator`."""

import argparse
import asyncio
import logging
import sys
from pathlib import Path

from pydantic import ValidationError

from bridge.simulator.persistence.records import Unusable
from bridge.simulator.shell.server import serve
from bridge.simulator.shell.settings import SimulatorSettings
from bridge.simulator.shell.state_file import Unwritable
from bridge.state_folder import StateTaken


def main(arguments: list[str] | None = None) -> int:
    """Run the simulator and return its exit code.

    0 after SIGTERM; 2 if an argument is wrong or the stored state is unusable; 1 if the simulator cannot listen or
    cannot save its state.
    """
    defaults = SimulatorSettings()
    parser = argparse.ArgumentParser(
        prog="python -m bridge.simulator", description="Runs a simulated TWS with its own exchange."
    )
    parser.add_argument(
        "--listen", default=defaults.listen, metavar="HOST:PORT", help="address to listen on; port 0 means a free port"
    )
    parser.add_argument(
        "--server-version", type=int, default=defaults.server_version, metavar="N", help="protocol version to offer"
    )
    parser.add_argument("--seed", type=int, default=defaults.seed, metavar="N", help="seed of the market's random walk")
    parser.add_argument(
        "--ticks-per-second", type=int, default=defaults.ticks_per_second, metavar="N", help="quote changes per second"
    )
    parser.add_argument(
        "--messages-per-second",
        type=int,
        default=defaults.messages_per_second,
        metavar="N",
        help="messages that a client may send in a second; 0 means no limit",
    )
    parser.add_argument(
        "--account", action="append", dest="accounts", metavar="NAME", help="account name; may be repeated"
    )
    parser.add_argument(
        "--client-buffer",
        type=int,
        default=defaults.client_buffer,
        metavar="BYTES",
        help="most unread bytes of a client before it is disconnected",
    )
    parser.add_argument(
        "--state", type=Path, metavar="DIR", help="folder for orders, executions and accounts that outlive the process"
    )
    parser.add_argument("--forget-ids", action="store_true", help="restart order ids at 1")
    parser.add_argument("--verbose", action="store_true", help="log each connection and disconnection")
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
        print(f"cannot save the state: {failure}", file=sys.stderr)
        return 1
    except OSError as failure:
        print(f"cannot listen on {settings.listen}: {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
