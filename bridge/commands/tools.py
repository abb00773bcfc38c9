"""The commands for developers: `conform`, `decode`, `encode`, `schemas`."""

from __future__ import annotations

from bridge.catalogue.grammar import NEWEST, OLDEST
from bridge.commands.command import Commands


def add_conform(commands: Commands) -> None:
    conform = commands.add(
        "conform",
        "Play a bridge against a client's program, and judge the client by what it prints.",
        {
            0: "The client has passed all scenarios.",
            1: "The client has failed a scenario, or its program cannot be started.",
            2: "The command line is wrong.",
        },
        "docs/reference/conformance.md says what the program must print.",
    )
    conform.add_argument(
        "command",
        nargs="*",
        metavar="COMMAND",
        help="The program, after `--`. `conform` appends a task.",
    )
    conform.add_argument(
        "--only", action="append", default=[], metavar="NAME", help="Play this scenario alone. May be repeated."
    )
    conform.add_argument("--list", action="store_true", help="List the scenarios, and end.")
    conform.add_argument(
        "--jobs", type=int, default=4, metavar="N", help="How many scenarios to play at a time (default: 4)."
    )


def add_wire_tools(commands: Commands) -> None:
    for name, about in (
        ("decode", "Read frames of the TWS protocol in hex from stdin, and print each as JSON."),
        ("encode", "Read messages in JSON from stdin, and print each as a frame in hex."),
    ):
        tool = commands.add(
            name,
            about,
            {
                0: 'All lines were read. The output for a line that cannot be converted is `{"error": ...}`.',
                2: "The command line is wrong.",
            },
        )
        tool.add_argument(
            "--server-version",
            type=int,
            required=True,
            metavar="N",
            help=f"The server version of the connection, {OLDEST} to {NEWEST}.",
        )
        tool.add_argument(
            "--from", dest="sender", choices=("tws", "client"), required=True, help="The sender of the frames."
        )


def add_schemas(commands: Commands) -> None:
    schemas = commands.add(
        "schemas",
        "Write the generated files: schemas/generated/, and the generated pages of docs/reference/.",
        {
            0: "The files are up to date.",
            1: "With `--check`: a file is missing or out of date.",
            2: "The command line is wrong.",
        },
        "It prints the files that it changed.",
    )
    schemas.add_argument("--check", action="store_true", help="Write nothing; print each file that is out of date.")
