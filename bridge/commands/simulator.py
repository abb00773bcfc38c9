"""The commands of the simulated TWS: `simulate`, `tws`, `rehearse`, `demo`."""

from __future__ import annotations

from pathlib import Path

from bridge.commands.command import Command, Commands
from bridge.simulator import SimulatorSettings

#: The settings of the simulator that `simulate` has as flags.
SETTINGS = ("listen", "server_version", "seed", "ticks_per_second", "messages_per_second", "state", "forget_ids")
_WRONG = "The command line is wrong."
#: Seconds.
_LONGEST_STEP = 60.0


def add_simulate(commands: Commands) -> None:
    simulate = commands.add(
        "simulate",
        "Run a simulated TWS with a small market and account.",
        {
            0: "SIGTERM or SIGINT ended it, and the scenario, if any, has passed.",
            1: "The scenario has not passed, or the simulator cannot listen or cannot store its state.",
            2: "A flag is wrong, the scenario has a mistake, or the state folder is in use or unusable.",
        },
    )
    _add_setting(simulate, "listen", "HOST:PORT")
    for name in ("server_version", "seed", "ticks_per_second", "messages_per_second"):
        _add_setting(simulate, name, "N", type=int)
    simulate.add_argument("--state", type=Path, metavar="DIR", help=_about("state"))
    simulate.add_argument(
        "--forget-ids", action="store_true", help="Let `nextValidId` begin at 1 again, as some Gateways do."
    )
    simulate.add_argument(
        "--scenario",
        metavar="NAME|FILE",
        help="Run this scenario and print what happens. `list` prints the included scenarios and exits.",
    )
    simulate.add_argument(
        "--control", metavar="ENDPOINT", help="Accept phrases of `tws-bridge tws` at this endpoint, on loopback or ipc."
    )


def add_tws(commands: Commands) -> None:
    tws = commands.add(
        "tws",
        "Send a phrase to a running simulator.",
        {
            0: "The simulator has carried out the phrase.",
            1: "The simulator refused the phrase, or does not answer.",
            2: _WRONG,
        },
        'Example: `tws-bridge tws --control ipc:///tmp/control "error 1100"`.',
    )
    tws.add_argument("phrase", metavar="PHRASE", help="What to do: a line of a scenario, after the word `tws`.")
    tws.add_argument(
        "--control", required=True, metavar="ENDPOINT", help="The endpoint of `tws-bridge simulate --control`."
    )


def add_rehearse(commands: Commands) -> None:
    rehearse = commands.add(
        "rehearse",
        "Run a scenario with a simulator, a bridge and a client, and check each line.",
        {
            0: "The scenario has passed.",
            1: "It has not passed, or a process ended too early.",
            2: "The command line is wrong, or the scenario has a mistake.",
        },
    )
    rehearse.add_argument(
        "scenario", metavar="NAME|FILE", help="The scenario. `list` prints the included scenarios and exits."
    )
    _add_setting(rehearse, "server_version", "N", type=int)


def add_demo(commands: Commands) -> None:
    demo = commands.add(
        "demo",
        "Show in 30 seconds what the bridge does: eight claims with real processes, each checked.",
        {0: "Each claim came true.", 1: "A claim did not come true; stderr names it.", 2: _WRONG},
        "It starts a simulated TWS, a bridge and the programs, and ends them. It needs no account.",
    )
    demo.add_argument(
        "--pace",
        type=_pace,
        metavar="SECONDS",
        help="How long each step takes at least, so that you can read it (default: 3 on a terminal, else 0).",
    )
    demo.add_argument(
        "--stay", action="store_true", help="Keep the bridge and the simulated TWS running at the end, until Ctrl-C."
    )


def _pace(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds <= _LONGEST_STEP:
        raise ValueError(text)
    return seconds


def _add_setting(command: Command, name: str, metavar: str, type: type = str) -> None:
    """Add a flag for a setting of the simulator."""
    default = SimulatorSettings.model_fields[name].default
    flag = f"--{name.replace('_', '-')}"
    text = f"{_about(name)} (default: {default})"
    command.add_argument(flag, dest=name, type=type, default=default, metavar=metavar, help=text)


def _about(name: str) -> str:
    return str(SimulatorSettings.model_fields[name].description)
