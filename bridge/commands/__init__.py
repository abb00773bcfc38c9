"""The commands of `tws-bridge` with their arguments, help texts and exit codes. `bridge.cli` runs them.

`docs/reference/cli.md` is generated from them, so users read every text here.
"""

from __future__ import annotations

from collections.abc import Mapping

from bridge import __version__
from bridge.commands import bridge, clients, ledger, simulator, tools
from bridge.commands.command import Command, Commands, Run

__all__ = ["Command", "parser"]

#: The exit codes of every command.
ANY_EXIT_CODES: dict[int, str] = {
    0: "The command succeeded.",
    1: "It failed; the reason is on stderr.",
    2: "The command line is wrong; stderr says where.",
    130: "SIGINT (Ctrl-C) ended it.",
}


def parser(runs: Mapping[str, Run]) -> Command:
    """The parser of all commands. `runs` has the function of each, by its name; a subcommand is `keys new`."""
    top = Command(prog="tws-bridge", description="Share one TWS API connection over ZeroMQ.")
    top.add_argument("--version", action="version", version=f"tws-bridge {__version__}", help="Print the version.")
    top.add_argument("--verbose", action="store_true", help="Log more details to stderr.")
    commands = Commands(top, runs)
    bridge.add_run(commands)
    simulator.add_simulate(commands)
    simulator.add_tws(commands)
    simulator.add_rehearse(commands)
    tools.add_conform(commands)
    bridge.add_keys(commands)
    simulator.add_demo(commands)
    clients.add_tail(commands)
    clients.add_call(commands)
    clients.add_status(commands)
    clients.add_doctor(commands)
    clients.add_reload(commands)
    clients.add_health(commands)
    ledger.add_ledger(commands)
    tools.add_wire_tools(commands)
    tools.add_schemas(commands)
    return top
