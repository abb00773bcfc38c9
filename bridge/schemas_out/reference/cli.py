"""The page `cli.md`: each command with its arguments and exit codes, from the tree of argparse parsers."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from bridge import commands
from bridge.commands import ANY_EXIT_CODES, Command
from bridge.commands.command import Run
from bridge.schemas_out.reference.text import code, link, table, written_by

_HEAD = f"""# Commands

{written_by("`bridge/commands/`")}
`tws-bridge COMMAND --help` prints the same texts. Write `--verbose` and `--version` before the command. If a flag
names an environment variable, the command reads that variable when you do not give the flag.

"""
_ANY = """
## Exit codes of every command

"""


def cli_page() -> str:
    """The whole page."""
    top = commands.parser(_Nothing())
    found = list(commands_of(top))
    contents = table(
        ("command", "action"), ((link(code(command.prog), "", command.prog), _about(command)) for command in found)
    )
    any_codes = table(("exit code", "meaning"), ((str(number), about) for number, about in ANY_EXIT_CODES.items()))
    return "".join((_HEAD, contents, "\n## tws-bridge\n\n", _arguments(top), _ANY, any_codes, *map(_command, found)))


class _Nothing(dict[str, Run]):
    """Runs nothing: the page needs only the tree."""

    def __missing__(self, _name: str) -> Run:
        return lambda _options: 0


def commands_of(command: Command) -> Iterator[Command]:
    """The commands below this one. The commands of a group replace the group."""
    below = [action for action in command._actions if isinstance(action, argparse._SubParsersAction)]
    if not below and command.exit_codes:
        yield command
    for action in below:
        for one in action.choices.values():
            yield from commands_of(one)


def arguments_of(command: Command) -> list[argparse.Action]:
    """The arguments of a command, without `--help` and the list of commands."""
    left_out = (argparse._HelpAction, argparse._SubParsersAction)
    return [action for action in command._actions if not isinstance(action, left_out)]


def _about(command: Command) -> str:
    """The first sentence of its description."""
    return (command.description or "").partition(". ")[0].rstrip(".") + "."


def _command(command: Command) -> str:
    codes = table(("exit code", "meaning"), ((str(number), about) for number, about in command.exit_codes.items()))
    synopsis = " ".join((command.prog, *(_synopsis(action) for action in arguments_of(command))))
    arguments = _arguments(command)
    return f"\n## {command.prog}\n\n{command.description}\n\n    {synopsis}\n\n{arguments}\n{codes}"


def _synopsis(action: argparse.Action) -> str:
    text = f"{action.option_strings[0]} {_value(action)}".strip() if action.option_strings else _value(action)
    if action.nargs == "*":
        text += " ..."
    needed = action.required and action.nargs not in ("*", "?")
    return text if needed else f"[{text}]"


def _value(action: argparse.Action) -> str:
    """The word for the value; empty for a switch."""
    if action.nargs == 0:
        return ""
    if action.choices is not None:
        return "|".join(map(str, action.choices))
    return str(action.metavar)


def _arguments(command: Command) -> str:
    rows = [
        (
            code(_name(action)),
            "yes" if action.required and action.nargs not in ("*", "?") else "",
            action.help or "",
        )
        for action in arguments_of(command)
    ]
    return table(("argument", "required", "meaning"), rows) if rows else "It has no arguments.\n"


def _name(action: argparse.Action) -> str:
    return f"{', '.join(action.option_strings)} {_value(action)}".strip()
