"""The commands that connect to a running bridge: `tail`, `call`, `status`, `health`."""

from __future__ import annotations

from pathlib import Path

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
        "Print the state of a running bridge as JSON.",
        {
            0: "The connection to TWS is `ready`.",
            1: "It is not `ready`, or the bridge does not answer.",
            2: _WRONG,
        },
    )
    _add_timeout(status, 5.0)
    _add_bridge(status)


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


def _add_bridge(command: Command) -> None:
    """Add the flags for the endpoints of the bridge and for the client."""
    command.add_variable("--requests", REQUESTS, "The bridge's endpoint for requests.", metavar="ENDPOINT")
    command.add_variable("--events", EVENTS, "The bridge's endpoint for events.", metavar="ENDPOINT")
    command.add_argument(
        "--client",
        metavar="NAME",
        help="The name of the client. Without it: the name in the key file, or `cli`.",
    )
    command.add_variable(
        "--key", None, "The client's own key file, NAME.secret.", type=Path, metavar="FILE", variable="client_key"
    )
    command.add_variable("--server-key", None, "The public key of the bridge, or the path of its file.", metavar="KEY")
