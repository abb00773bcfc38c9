"""The commands that operate the bridge: `run` and `keys`."""

from __future__ import annotations

import argparse
from pathlib import Path

from bridge.commands.command import Command, Commands, sources
from bridge.settings import ENVIRONMENT, BridgeSettings

#: The settings that have a flag, each with the placeholder for its value.
FLAGS: dict[str, str] = {
    "tws": "HOST:PORT",
    "client_id": "N",
    "events": "ENDPOINT",
    "requests": "ENDPOINT",
    "state": "DIR",
    "key": "FILE",
    "log_format": "text|json",
    "log_level": "LEVEL",
    "http": "HOST:PORT",
    "http_token": "FILE",
}


def add_run(commands: Commands) -> None:
    run = commands.add(
        "run",
        "Run the bridge.",
        {
            0: "SIGTERM or SIGINT ended the bridge, or `--check-config` found no mistake.",
            1: "The bridge cannot start: another one uses the state folder, the ledger or a key file cannot be used, "
            "the bridge cannot bind an endpoint, or an endpoint accepts an unknown key.",
            2: "A setting or flag is wrong; stderr has a line for each mistake.",
        },
        "A flag wins over the environment variable, and that over the configuration file.",
    )
    for name, metavar in FLAGS.items():
        add_setting(run, name, metavar)
    run.add_argument(
        "--config", type=Path, metavar="FILE", help="The configuration file, in TOML. It may have all settings."
    )
    run.add_argument(
        "--check-config",
        action="store_true",
        help="Report all mistakes in the settings and exit, without connecting.",
    )


def add_setting(run: Command, name: str, metavar: str) -> None:
    """Add a flag for a setting. It has no default, because the settings also read the variable and the file."""
    field = BridgeSettings.model_fields[name]
    flag = f"--{name.replace('_', '-')}"
    text = f"{field.description} {sources(ENVIRONMENT + name.upper(), field.default)}"
    run.add_argument(flag, dest=name, default=argparse.SUPPRESS, metavar=metavar, help=text)


def add_keys(commands: Commands) -> None:
    keys = commands.add_group("keys", "Make CURVE keys.")
    new = keys.add(
        "new",
        "Make a CURVE key pair: NAME.secret and NAME.public.",
        {
            0: "Both files are written.",
            1: "A file exists already or cannot be written, or the name is not allowed.",
            2: "The command line is wrong.",
        },
        "The command never overwrites a file. Only the owner of NAME.secret may read it.",
    )
    new.add_argument("name", metavar="NAME", help="The name of the client. The keys of the bridge can have any name.")
    new.add_argument(
        "--folder",
        type=Path,
        default=Path(),
        metavar="DIR",
        help="The folder for both files (default: the current one).",
    )
