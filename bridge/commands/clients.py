"""The commands that connect to a running bridge: `tail`, `call`, `status`, `doctor`, `reload`, `health`."""

from __future__ import annotations

from pathlib import Path

from bridge.commands.bridge import FLAGS, add_setting
from bridge.commands.command import Command, Commands
from bridge.health import DEFAULT_STATE, PATIENCE
from tws_bridge_client.wire import EVENTS, REQUESTS

_WRONG = "The command line is wrong, or a key file cannot be used."


def add_tail(commands: Commands) -> None:
    tail = commands.add(
        "tail",
        "Print events as they arrive, one JSON object per line.",
        {1: "The bridge does not answer, or refuses the request.", 2: _WRONG, 130: "SIGINT or SIGTERM ended it."},
        "It prints the last values first, then every event. The `origin` of an event is `snapshot` or `live`; `gap` "
        "and `recovered` mark a loss of events.",
    )
    tail.add_argument(
        "prefixes", nargs="*", metavar="PREFIX", help="The prefixes of the topics. Without one: all topics."
    )
    tail.add_argument("--live", action="store_true", help="Do not print the last values.")
    _add_bridge(tail)


def add_call(commands: Commands) -> None:
    call = commands.add(
        "call",
        "Send one request and print its result as JSON.",
        {
            0: "The bridge answered with a result.",
            1: "The bridge answered with an error, or did not answer in time.",
            2: f"{_WRONG[:-1]}, or the parameters are not a JSON object.",
        },
    )
    call.add_argument("method", metavar="METHOD", help="The method, such as `reqContractDetails`.")
    call.add_argument("params", nargs="?", metavar="JSON", help="Its parameters, as a JSON object (default: {}).")
    _add_timeout(call, 30.0)
    _add_bridge(call)


def add_status(commands: Commands) -> None:
    status = commands.add(
        "status",
        "Print whether a running bridge trades, why not, and its state.",
        {
            0: "The bridge trades.",
            1: "It does not trade, or it does not answer.",
            2: _WRONG,
        },
    )
    status.add_argument("--json", action="store_true", help="Print the answer of the bridge as JSON, for programs.")
    _add_timeout(status, 5.0)
    _add_bridge(status)


def add_reload(commands: Commands) -> None:
    reload = commands.add(
        "reload",
        "Let a running bridge read its configuration again.",
        {
            0: "The bridge has taken over the configuration; with `--dry-run`: it has no mistake.",
            1: "The configuration has a mistake and nothing has changed, or the client is no admin, or the bridge does "
            "not answer.",
            2: _WRONG,
        },
        "It prints a line for each setting that changes, and for each that needs a restart. SIGHUP does the same, and "
        "writes the lines to the log of the bridge.",
    )
    reload.add_argument("--dry-run", action="store_true", help="Print the changes, and take over nothing.")
    _add_timeout(reload, 15.0)
    _add_bridge(reload)


def add_health(commands: Commands) -> None:
    health = commands.add(
        "health",
        "Print `alive` if a bridge on this machine works, whatever TWS does.",
        {
            0: "The bridge answers.",
            1: "It does not answer in time, or does not run; stderr says which.",
            2: "The command line is wrong.",
        },
        "It is for health checks: it takes little time, and needs no keys, but the user of the bridge and its state "
        "folder. An answer means that the bridge serves requests. `status` says whether TWS is ready.",
    )
    health.add_variable("--state", DEFAULT_STATE, "The state folder of the bridge.", metavar="DIR")
    _add_timeout(health, PATIENCE)


def _add_timeout(command: Command, seconds: float) -> None:
    command.add_argument(
        "--timeout",
        type=float,
        default=seconds,
        metavar="SECONDS",
        help=f"How long to wait for the answer (default: {seconds:g}).",
    )


def add_doctor(commands: Commands) -> None:
    doctor = commands.add(
        "doctor",
        "Check step by step whether a bridge with these settings can trade, and say what to change.",
        {
            0: "No check failed.",
            1: "A check failed.",
            2: _WRONG,
        },
        "It takes the settings of `run`. If a bridge runs with this state folder, it asks that bridge. Otherwise it "
        "connects to TWS with the bridge's client id for some seconds; it places no order. A bridge that starts "
        "meanwhile gets error 326 from TWS, and tries again. Run it as the user of the bridge. It makes and changes "
        "no file.",
    )
    for name, metavar in FLAGS.items():
        if name != "key":
            add_setting(doctor, name, metavar)
    doctor.add_argument("--config", type=Path, metavar="FILE", help="The configuration file of the bridge, in TOML.")
    doctor.add_argument("--json", action="store_true", help="Print one JSON object per check, for programs.")
    _add_client(doctor)


def _add_bridge(command: Command) -> None:
    """Add the flags for the endpoints of the bridge and for the client."""
    command.add_variable("--requests", REQUESTS, "The bridge's endpoint for requests.", metavar="ENDPOINT")
    command.add_variable("--events", EVENTS, "The bridge's endpoint for events.", metavar="ENDPOINT")
    _add_client(command)


def _add_client(command: Command) -> None:
    """Add the flags for the client."""
    command.add_argument(
        "--client",
        metavar="NAME",
        help="The name of the client. Without it: the name in the key file, or `cli`.",
    )
    command.add_variable(
        "--key", None, "The client's own key file, NAME.secret.", type=Path, metavar="FILE", variable="client_key"
    )
    command.add_variable("--server-key", None, "The public key of the bridge, or the path of its file.", metavar="KEY")
