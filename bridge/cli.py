"""The command line. It reads the arguments, runs the command, and turns errors into a line and an exit code.

Exit codes: 0, the command succeeded; 1, it failed; 2, its arguments are wrong. `bridge.commands` has the arguments and
their help texts.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any, TextIO

import zmq
from pydantic import ValidationError

from bridge import commands, health, keys, logs, service, simulator
from bridge.bus.selftest import EndpointsUnprotected
from bridge.bus.sockets import Bus
from bridge.catalogue.grammar import NEWEST, OLDEST
from bridge.commands import Command
from bridge.commands.bridge import FLAGS
from bridge.commands.command import Run
from bridge.commands.simulator import SETTINGS
from bridge.http.token import TokenFileError
from bridge.ledger import LedgerRefused, LedgerUnusable, backup, check, export_fills, export_orders
from bridge.logs import AccountMask, one_line, tell
from bridge.settings import ENVIRONMENT, BridgeSettings, SettingsError, load, load_again, unknown_variables
from bridge.simulator import SimulatorSettings, Unusable, Unwritable
from bridge.simulator.scenario import control, library
from bridge.simulator.scenario.parser import Scenario, ScenarioError
from bridge.simulator.scenario.serving import serve_scenario
from bridge.state_folder import StateFolder, StateTaken
from bridge.status_text import status_lines
from bridge.wiretool import as_json, decode_lines, encode_lines
from tws_bridge_client import BridgeClient, BridgeError, Curve

USAGE = 2
_LOG = logging.getLogger("bridge")


class UsageError(Exception):
    """The arguments of the command are wrong; each argument of this error is the text of one mistake."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command `tws-bridge`. Returns its exit code."""
    _open_standard_streams()
    options = _parse(arguments)
    logging.basicConfig(
        level=logging.DEBUG if options.verbose else logging.INFO,
        format="%(asctime)s %(levelname)s %(message)s",
        stream=sys.stderr,
    )
    try:
        code: int = options.run(options)
    except UsageError as error:
        return _complain(error.args, USAGE)
    except BridgeError as error:
        return _complain([str(error)], 1)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code


def _open_standard_streams() -> None:
    """Whoever started the process may have closed them. Then a socket or the ledger would get their numbers."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - to the end of the process


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    """Parse the arguments. The parameters of `call` may also come after the flags, which argparse does not allow."""
    options, rest = parser().parse_known_args(arguments)
    match rest:
        case [params] if getattr(options, "params", "") is None and not params.startswith("-"):
            options.params = params
        case [_, *_]:
            parser().error(f"unrecognized arguments: {' '.join(rest)}")
    return options


def _complain(lines: Iterable[str], code: int) -> int:
    for line in lines:
        _say(f"tws-bridge: {line}", sys.stderr)
    return code


def _say_all(lines: Iterable[str]) -> None:
    for line in lines:
        _say(line)


def _say(text: str, to: TextIO | None = None) -> None:
    """Print one line. Words of others (a reason, a name, a text of TWS) must not look like further lines."""
    print(one_line(text), file=to or sys.stdout, flush=True)


def parser() -> Command:
    """The parser of all commands. The parsed options have the function that runs the command as `run`."""
    return commands.parser(RUNS)


# Commands


def _run(options: argparse.Namespace) -> int:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until the bridge runs; it is about to read its configuration
    flags = {name: value for name, value in vars(options).items() if name in BridgeSettings.model_fields}
    try:
        settings = load(flags, options.config)
    except SettingsError as error:
        if flags.get("log_format", os.environ.get(f"{ENVIRONMENT}LOG_FORMAT")) != "json":
            raise UsageError(*error.problems) from None
        with contextlib.closing(logs.start("json", "info", AccountMask())):
            return _not_started(error.problems, "json", USAGE)
    if options.check_config:
        for line in unknown_variables():
            logging.warning(one_line(line))
        _say("settings: no mistakes")
        return 0
    mask = AccountMask(is_on=not settings.log_accounts)
    mask.learn(account for client in settings.clients.values() for account in client.accounts or ())
    level = "debug" if options.verbose else settings.log_level
    with contextlib.closing(logs.start(settings.log_format, level, mask)):
        for line in unknown_variables():
            tell(_LOG, "settingUnknown", reason=line)
        return _serve(settings, mask, lambda: load_again(flags, options.config))


def _serve(settings: BridgeSettings, mask: AccountMask, read: Callable[[], BridgeSettings]) -> int:
    def announce(bus: Bus) -> None:
        _say(f"events {bus.events_endpoint} requests {bus.requests_endpoint}")

    try:
        with StateFolder(settings.state):
            asyncio.run(service.serve(settings, announce, mask=mask, read=read))
    except (StateTaken, LedgerRefused, keys.KeyFileError) as error:
        return _not_started([str(error)], settings.log_format)
    except (service.HttpUnbound, TokenFileError) as error:
        return _not_started([str(error)], settings.log_format)
    except EndpointsUnprotected as error:
        return _not_started([f"not started: the endpoints are not protected: {error}"], settings.log_format)
    except zmq.ZMQError as error:
        reason = f"cannot bind {settings.events} and {settings.requests}: {error.strerror}"
        return _not_started([reason], settings.log_format)
    return 0


def _not_started(reasons: list[str], log_format: str, code: int = 1) -> int:
    """Say why the bridge does not run: as every command does, or as events of the log."""
    if log_format != "json":
        return _complain(reasons, code)
    for reason in reasons:
        tell(_LOG, "startFailed", reason=reason)
    return code


def _new_keys(options: argparse.Namespace) -> int:
    try:
        pair, secret, public = keys.write_new(options.folder, options.name)
    except keys.KeyFileError as error:
        return _complain([str(error)], 1)
    _say(f"{secret}: secret, only {options.name} may have it")
    _say(f"{public}: public; for a client, add this to the configuration of the bridge:")
    for line in ("", f"[clients.{options.name}]", f'public_key = "{pair.public}"', 'roles = ["observe"]'):
        _say(line)
    return 0


def _simulate(options: argparse.Namespace) -> int:
    if options.scenario == "list":
        _say_all(library.listing().splitlines())
        return 0
    settings = _simulator_settings({name: getattr(options, name) for name in SETTINGS})
    scenario = _scenario(options.scenario) if options.scenario is not None else None
    passed = True
    try:
        if scenario is None and options.control is None:
            asyncio.run(simulator.serve(settings))
        else:
            if options.control is not None:
                control.check(options.control)
            passed = asyncio.run(serve_scenario(settings, scenario, options.control))
    except control.ControlRefused as error:
        raise UsageError(f"--control: {error}") from None
    except (StateTaken, Unusable) as error:
        raise UsageError(f"--state: {error}") from None
    except Unwritable as error:
        return _complain([f"cannot save the state: {error}"], 1)
    except OSError as error:
        return _complain([f"cannot listen on {settings.listen}: {error.strerror}"], 1)
    return 0 if passed else 1


def _simulator_settings(given: dict[str, Any]) -> SimulatorSettings:
    try:
        return SimulatorSettings(**given)
    except ValidationError as error:
        lines = [f"--{str(e['loc'][0]).replace('_', '-')}: {e['msg']}" for e in error.errors()]
        raise UsageError(*lines) from None


def _scenario(place: str) -> Scenario:
    try:
        return library.load(place)
    except ScenarioError as error:
        raise UsageError(*error.problems) from None


def _tws(options: argparse.Namespace) -> int:
    try:
        control.command(options.control, options.phrase)
    except control.ControlRefused as error:
        return _complain([str(error)], 1)
    _say("ok")
    return 0


def _rehearse(options: argparse.Namespace) -> int:
    from bridge import rehearsal  # noqa: PLC0415 - only this command needs it

    if options.scenario == "list":
        _say_all(library.listing().splitlines())
        return 0
    settings = _simulator_settings({"listen": "127.0.0.1:0", "server_version": options.server_version})
    try:
        return 0 if asyncio.run(rehearsal.rehearse(_scenario(options.scenario), settings, _say)) else 1
    except rehearsal.RehearsalFailed as broken:
        return _complain([str(broken)], 1)


def _conform(options: argparse.Namespace) -> int:
    from bridge import conformance  # noqa: PLC0415 - only this command needs it
    from bridge.conformance.program import starting  # noqa: PLC0415 - only this command needs it

    if options.list:
        _say_all(conformance.listing().splitlines())
        return 0
    unknown = set(options.only) - {scenario.name for scenario in conformance.ALL}
    if unknown:
        raise UsageError(f"--only: there is no scenario {', '.join(sorted(unknown))}; --list has them all")
    if not options.command or options.jobs < 1:
        raise UsageError("expected: tws-bridge conform [--only NAME] [--jobs N] -- COMMAND...")
    try:
        passed = True
        for result in conformance.conform(starting(options.command), options.only, options.jobs):
            _say_all(result.told().splitlines())
            passed = passed and result.passed
    except OSError as error:
        return _complain([f"cannot start {options.command[0]}: {error.strerror}"], 1)
    return 0 if passed else 1


def _demo(options: argparse.Namespace) -> int:
    from bridge.demo import play  # noqa: PLC0415 - only this command needs it

    pace = options.pace
    if pace is None:
        pace = play.READING if sys.stdout.isatty() else 0.0
    return play.run(play.Plan(pace=pace, stay=options.stay))


def _tail(options: argparse.Namespace) -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with _client(options) as client, client.subscribe(*options.prefixes) as events:
        for event in events:
            if event.origin == "live" or not options.live:
                _say(as_json({"topic": event.topic, "origin": event.origin, **event.envelope}))
    return 0


def _call(options: argparse.Namespace) -> int:
    try:
        params = json.loads(options.params or "{}")
    except ValueError as error:
        raise UsageError(f"JSON: {error}") from None
    if not isinstance(params, dict):
        raise UsageError('JSON: the parameters must be an object, such as \'{"contract": {"conId": 265598}}\'')
    with _client(options) as client:
        _say_all(_json_lines(client.request(options.method, params, options.timeout)))
    return 0


def _status(options: argparse.Namespace) -> int:
    with _client(options) as client:
        status = client.request("status", {}, options.timeout)
    _say_all(_json_lines(status) if options.json else status_lines(status))
    return 0 if status["verdict"]["trading"] else 1


def _doctor(options: argparse.Namespace) -> int:
    from bridge import doctor  # noqa: PLC0415 - only this command needs it
    from bridge.doctor.places import to_connect  # noqa: PLC0415 - only this command needs it

    flags = {name: value for name, value in vars(options).items() if name in FLAGS and name != "key"}
    curve = _curve(options)

    def ask(settings: BridgeSettings) -> BridgeClient:
        return _client_at(options.client, curve, to_connect(settings.requests), to_connect(settings.events))

    found = doctor.examine(flags, options.config, ask)
    lines = [as_json(check.as_data()) for check in found.checks] if options.json else found.lines()
    _say_all(lines)
    return 0 if found.is_passed else 1


def _reload(options: argparse.Namespace) -> int:
    with _client(options) as client:
        told = client.request("reload", {"dryRun": options.dry_run}, options.timeout)
    for change in told["changes"]:
        _say(f"{change['setting']}: {change.get('before', '(not set)')} -> {change.get('after', '(not set)')}")
    for change in told["needRestart"]:
        now, later = change.get("before", "(not set)"), change.get("after", "(not set)")
        _say(f"{change['setting']}: needs a restart, still {now}; the configuration has {later}")
    count = len(told["changes"])
    _say(f"{count} changes, {'taken over' if told['applied'] else 'nothing taken over: --dry-run'}")
    return 0


def _health(options: argparse.Namespace) -> int:
    return health.main(options.state, options.timeout)


def _ledger_check(options: argparse.Namespace) -> int:
    try:
        found = check(Path(options.file))
    except LedgerUnusable as error:
        return _complain([str(error)], 1)
    for line in (*found.facts, *(f"problem: {problem}" for problem in found.problems)):
        _say(line)
    _say(f"{len(found.problems)} problems")
    return 1 if found.problems else 0


def _ledger_backup(options: argparse.Namespace) -> int:
    try:
        size = backup(Path(options.file), Path(options.to), force=options.force)
    except LedgerUnusable as error:
        return _complain([str(error)], 1)
    _say(f"{options.to}: {size} bytes, checked")
    return 0


def _ledger_export(options: argparse.Namespace) -> int:
    if options.orders is None and options.fills is None:
        raise UsageError("expected --orders TO or --fills TO")
    try:
        since = None if options.since is None else date.fromisoformat(options.since)
    except ValueError:
        raise UsageError(f"--since: expected a day such as 2026-11-01, not {options.since}") from None
    try:
        for export, to in ((export_orders, options.orders), (export_fills, options.fills)):
            if to is not None:
                _say(f"{to}: {export(Path(options.file), Path(to), since)} rows")
    except LedgerUnusable as error:
        return _complain([str(error)], 1)
    return 0


def _client(options: argparse.Namespace) -> BridgeClient:
    return _client_at(options.client, _curve(options), options.requests, options.events)


def _curve(options: argparse.Namespace) -> Curve | None:
    """The keys of the client, if the options name some."""
    if (options.key is None) != (options.server_key is None):
        raise UsageError(
            "--key and --server-key go together: the client's own key file, and the public key of the bridge"
        )
    try:
        return None if options.key is None else Curve.load(Path(options.key), options.server_key)
    except keys.KeyFileError as error:
        raise UsageError(str(error)) from None


def _client_at(name: str | None, curve: Curve | None, requests: str, events: str) -> BridgeClient:
    try:
        own = name or ("cli" if curve is None else curve.pair.name)
        return BridgeClient(own, requests=requests, events=events, curve=curve)
    except keys.KeyFileError as error:
        raise UsageError(str(error)) from None
    except zmq.ZMQError as error:
        raise UsageError(f"{requests}: {error.strerror}") from None


def _decode(options: argparse.Namespace) -> int:
    return _lines(decode_lines, options)


def _encode(options: argparse.Namespace) -> int:
    return _lines(encode_lines, options)


def _lines(convert: Any, options: argparse.Namespace) -> int:
    if not OLDEST <= options.server_version <= NEWEST:
        raise UsageError(f"--server-version: expected {OLDEST} to {NEWEST}")
    for line in convert(sys.stdin, options.server_version, options.sender):
        _say(line)
    return 0


def _schemas(options: argparse.Namespace) -> int:
    from bridge import schemas_out  # noqa: PLC0415 - only this command needs it

    if options.check:
        stale = schemas_out.check()
        return _complain([f"out of date: {file}" for file in stale], 1) if stale else 0
    for file in schemas_out.write():
        _say(str(file))
    return 0


def _json_lines(value: Any) -> list[str]:
    """JSON for people. A line end can only be one of the layout: JSON escapes those in texts."""
    return as_json(value, indent=2).split("\n")


#: The function that runs each command.
RUNS: dict[str, Run] = {
    "run": _run,
    "simulate": _simulate,
    "tws": _tws,
    "rehearse": _rehearse,
    "conform": _conform,
    "keys new": _new_keys,
    "demo": _demo,
    "tail": _tail,
    "call": _call,
    "status": _status,
    "doctor": _doctor,
    "reload": _reload,
    "health": _health,
    "ledger check": _ledger_check,
    "ledger backup": _ledger_backup,
    "ledger export": _ledger_export,
    "decode": _decode,
    "encode": _encode,
    "schemas": _schemas,
}


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        sys.exit(main())
