"""The command line: reads arguments, calls what does the work, turns what goes wrong into a line and an exit code.

0: done. 1: it did not work. 2: the command itself was wrong.
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
from pathlib import Path
from typing import Any

import zmq
from pydantic import ValidationError

from bridge import __version__, demo, keys, rehearsal, schemas_out, service, simulator
from bridge.bus.selftest import EndpointsUnprotected
from bridge.bus.sockets import Bus
from bridge.catalogue.grammar import NEWEST, OLDEST
from bridge.client import BridgeClient, BridgeError, Curve
from bridge.ledger import LedgerRefused
from bridge.settings import ENVIRONMENT, EVENTS, REQUESTS, BridgeSettings, SettingsError, load
from bridge.simulator import SimulatorSettings, Unusable, Unwritable
from bridge.simulator.scenario import control, library
from bridge.simulator.scenario.parser import Scenario, ScenarioError
from bridge.simulator.scenario.serving import serve_scenario
from bridge.state_folder import StateFolder, StateTaken
from bridge.wiretool import decode_lines, encode_lines

USAGE = 2


class UsageError(Exception):
    """The command cannot be meant; each line of the text is one mistake."""


def main(arguments: list[str] | None = None) -> int:
    """The command `tws-bridge`; returns its exit code."""
    options = parser().parse_args(arguments)
    logging.basicConfig(
        level=logging.DEBUG if options.verbose else logging.INFO,
        format="%(asctime)s %(levelname)s %(message)s",
        stream=sys.stderr,
    )
    try:
        code: int = options.run(options)
    except UsageError as error:
        return _complain(str(error), USAGE)
    except BridgeError as error:
        return _complain(str(error), 1)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code


def _complain(text: str, code: int) -> int:
    for line in text.splitlines():
        print(f"tws-bridge: {line}", file=sys.stderr)
    return code


def parser() -> argparse.ArgumentParser:
    """All commands with their arguments."""
    top = argparse.ArgumentParser(prog="tws-bridge", description="Share one TWS API connection over ZeroMQ.")
    top.add_argument("--version", action="version", version=f"tws-bridge {__version__}")
    top.add_argument("--verbose", action="store_true", help="log more, on stderr")
    commands = top.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_run(commands)
    _add_simulate(commands)
    _add_rehearsal(commands)
    _add_keys(commands)
    _add(commands, "demo", _demo, "simulator, bridge, two subscribers and a trader; ends by itself")
    tail = _add(commands, "tail", _tail, "print events as they come, a JSON object a line")
    tail.add_argument("prefixes", nargs="*", metavar="PREFIX", help="topics to follow; all without one")
    tail.add_argument("--live", action="store_true", help="leave out the snapshot")
    call = _add(commands, "call", _call, "make one request and print the result as JSON")
    call.add_argument("method", metavar="METHOD")
    call.add_argument("params", nargs="?", default="{}", metavar="JSON")
    status = _add(commands, "status", _status, "ask a running bridge how it is; exit code 0 if it is ready")
    for command, seconds in ((call, 30.0), (status, 5.0)):
        command.add_argument("--timeout", type=float, default=seconds, metavar="SECONDS")
    for command in (tail, call, status):
        command.add_argument("--requests", default=_env("REQUESTS", REQUESTS), metavar="ENDPOINT")
        command.add_argument("--events", default=_env("EVENTS", EVENTS), metavar="ENDPOINT")
        command.add_argument("--client", metavar="NAME", help="default: the key's name, else one of its own")
        command.add_argument("--key", type=Path, default=_env("CLIENT_KEY", None), metavar="FILE", help="NAME.secret")
        command.add_argument(
            "--server-key", default=_env("SERVER_KEY", None), metavar="KEY", help="the bridge's public key, or its file"
        )
    for name, run, text in (
        ("decode", _decode, "hex frames on stdin to JSON, a line each"),
        ("encode", _encode, "JSON on stdin to hex frames, a line each"),
    ):
        wire = _add(commands, name, run, text)
        wire.add_argument("--server-version", type=int, required=True, metavar="N")
        wire.add_argument(
            "--from", dest="sender", choices=("tws", "client"), required=True, help="who sends the frames"
        )
    schemas = _add(commands, "schemas", _schemas, "write schemas/generated/ anew")
    schemas.add_argument("--check", action="store_true", help="write nothing; exit code 1 if it is not up to date")
    return top


def _add(commands: Any, name: str, run: Any, text: str) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(
        name, help=text, description=text[0].upper() + text[1:] + "."
    )
    command.set_defaults(run=run)
    return command


def _env(name: str, otherwise: str | None) -> str | None:
    return os.environ.get(ENVIRONMENT + name, otherwise)


def _add_run(commands: Any) -> None:
    run = _add(commands, "run", _run, "the bridge: flags, then TWS_BRIDGE_* variables, then the config file")
    fields = BridgeSettings.model_fields
    for name, metavar in (("tws", "HOST:PORT"), ("client_id", "N"), ("events", "ENDPOINT"), ("requests", "ENDPOINT"),
                          ("state", "DIR"), ("key", "FILE")):  # fmt: skip
        default = fields[name].default
        text = f"{fields[name].description}" + (f" (default: {default})" if default is not None else "")
        run.add_argument(
            f"--{name.replace('_', '-')}", dest=name, default=argparse.SUPPRESS, metavar=metavar, help=text
        )
    run.add_argument("--config", type=Path, metavar="FILE", help="TOML, with any of the settings")
    run.add_argument("--check-config", action="store_true", help="report every mistake in the settings, and end")


def _add_keys(commands: Any) -> None:
    made = commands.add_parser("keys", help="CURVE key pairs", description="CURVE key pairs.")
    verbs = made.add_subparsers(title="commands", required=True, metavar="COMMAND")
    new = _add(verbs, "new", _new_keys, "make a key pair: NAME.secret and NAME.public")
    new.add_argument("name", metavar="NAME", help="the client's name; for the bridge itself any")
    new.add_argument("--folder", type=Path, default=Path(), metavar="DIR", help="where to write (default: here)")


def _add_simulate(commands: Any) -> None:

    simulate = _add(commands, "simulate", _simulate, "a simulated TWS with a small market and account")
    defaults = SimulatorSettings()
    simulate.add_argument("--listen", default=defaults.listen, metavar="HOST:PORT", help="port 0 takes a free one")
    for name in ("server_version", "seed", "ticks_per_second"):
        flag = f"--{name.replace('_', '-')}"
        simulate.add_argument(flag, dest=name, type=int, default=getattr(defaults, name), metavar="N")
    simulate.add_argument(
        "--state", type=Path, metavar="DIR", help="keep there what outlives a Gateway: orders, executions, accounts"
    )
    simulate.add_argument("--forget-ids", action="store_true", help="begin order ids at 1 again, as Gateways have done")
    simulate.add_argument(
        "--scenario", metavar="NAME|FILE", help="play a scenario, and write what happens; `list` lists the shipped ones"
    )
    simulate.add_argument("--control", metavar="ENDPOINT", help="take phrases there: see `tws-bridge tws`")


def _add_rehearsal(commands: Any) -> None:
    tws = _add(commands, "tws", _tws, 'have a running simulator do something, such as "error 1100"')
    tws.add_argument("phrase", metavar="PHRASE", help="as in a line of a scenario, after `tws`")
    tws.add_argument("--control", required=True, metavar="ENDPOINT", help="that of `tws-bridge simulate --control`")
    rehearse = _add(
        commands, "rehearse", _rehearse, "play a scenario with a bridge of its own; exit code 0 if it passes"
    )
    rehearse.add_argument("scenario", metavar="NAME|FILE", help="`list` lists the shipped ones")
    default = SimulatorSettings().server_version
    rehearse.add_argument("--server-version", type=int, default=default, metavar="N")


# Commands


def _run(options: argparse.Namespace) -> int:

    flags = {name: value for name, value in vars(options).items() if name in BridgeSettings.model_fields}
    try:
        settings = load(flags, options.config)
    except SettingsError as error:
        raise UsageError(str(error)) from None
    if options.check_config:
        print("settings: no mistakes")
        return 0

    def announce(bus: Bus) -> None:
        print(f"events {bus.events_endpoint} requests {bus.requests_endpoint}", flush=True)

    try:
        with StateFolder(settings.state):
            asyncio.run(service.serve(settings, announce))
    except (StateTaken, LedgerRefused, keys.KeyFileError) as error:
        return _complain(str(error), 1)
    except EndpointsUnprotected as error:
        return _complain(f"not started, for strangers could get in: {error}", 1)
    except zmq.ZMQError as error:
        return _complain(f"cannot bind {settings.events} and {settings.requests}: {error.strerror}", 1)
    return 0


def _new_keys(options: argparse.Namespace) -> int:
    try:
        pair, secret, public = keys.write_new(options.folder, options.name)
    except keys.KeyFileError as error:
        return _complain(str(error), 1)
    print(f"{secret}: for {options.name} alone")
    print(f"{public}: may be known to anyone; for a client, put into the bridge's configuration:")
    print(f'\n[clients.{options.name}]\npublic_key = "{pair.public}"\nroles = ["observe"]')
    return 0


def _simulate(options: argparse.Namespace) -> int:

    names = ("listen", "server_version", "seed", "ticks_per_second", "state", "forget_ids")
    if options.scenario == "list":
        print(library.listing())
        return 0
    settings = _simulator_settings({name: getattr(options, name) for name in names})
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
        return _complain(f"state cannot be kept: {error}", 1)
    except OSError as error:
        return _complain(f"cannot listen on {settings.listen}: {error.strerror}", 1)
    return 0 if passed else 1


def _simulator_settings(given: dict[str, Any]) -> SimulatorSettings:
    try:
        return SimulatorSettings(**given)
    except ValidationError as error:
        lines = [f"--{str(e['loc'][0]).replace('_', '-')}: {e['msg']}" for e in error.errors()]
        raise UsageError("\n".join(lines)) from None


def _scenario(place: str) -> Scenario:
    try:
        return library.load(place)
    except ScenarioError as error:
        raise UsageError(str(error)) from None


def _tws(options: argparse.Namespace) -> int:
    try:
        control.command(options.control, options.phrase)
    except control.ControlRefused as error:
        return _complain(str(error), 1)
    print("ok")
    return 0


def _rehearse(options: argparse.Namespace) -> int:
    if options.scenario == "list":
        print(library.listing())
        return 0
    settings = _simulator_settings({"listen": "127.0.0.1:0", "server_version": options.server_version})
    try:
        return 0 if asyncio.run(rehearsal.rehearse(_scenario(options.scenario), settings, print)) else 1
    except rehearsal.Broken as broken:
        return _complain(str(broken), 1)


def _demo(_options: argparse.Namespace) -> int:

    return demo.run()


def _tail(options: argparse.Namespace) -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with _client(options) as client, client.subscribe(*options.prefixes) as events:
        for event in events:
            if event.origin == "live" or not options.live:
                print(_json({"topic": event.topic, "origin": event.origin, **event.envelope}), flush=True)
    return 0


def _call(options: argparse.Namespace) -> int:
    try:
        params = json.loads(options.params)
    except ValueError as error:
        raise UsageError(f"JSON: {error}") from None
    if not isinstance(params, dict):
        raise UsageError('JSON: the params are an object, such as \'{"contract": {"conId": 265598}}\'')
    with _client(options) as client:
        print(_json(client.request(options.method, params, options.timeout), indent=2))
    return 0


def _status(options: argparse.Namespace) -> int:
    with _client(options) as client:
        status = client.request("status", {}, options.timeout)
    print(_json(status, indent=2))
    return 0 if status["connection"]["state"] == "ready" else 1


def _client(options: argparse.Namespace) -> BridgeClient:
    if (options.key is None) != (options.server_key is None):
        raise UsageError("--key and --server-key go together: one's own key file, and the bridge's public key")
    try:
        curve = None if options.key is None else Curve.load(Path(options.key), options.server_key)
        name = options.client or (f"cli-{os.getpid()}" if curve is None else curve.pair.name)
        return BridgeClient(name, requests=options.requests, events=options.events, curve=curve)
    except keys.KeyFileError as error:
        raise UsageError(str(error)) from None
    except zmq.ZMQError as error:
        raise UsageError(f"{options.requests}: {error.strerror}") from None


def _decode(options: argparse.Namespace) -> int:

    return _lines(decode_lines, options)


def _encode(options: argparse.Namespace) -> int:

    return _lines(encode_lines, options)


def _lines(convert: Any, options: argparse.Namespace) -> int:

    if not OLDEST <= options.server_version <= NEWEST:
        raise UsageError(f"--server-version: expected {OLDEST} to {NEWEST}")
    for line in convert(sys.stdin, options.server_version, options.sender):
        print(line, flush=True)
    return 0


def _schemas(options: argparse.Namespace) -> int:

    if options.check:
        stale = schemas_out.check()
        return _complain("\n".join(f"not up to date: {file}" for file in stale), 1) if stale else 0
    for file in schemas_out.write():
        print(file)
    return 0


def _json(value: Any, indent: int | None = None) -> str:
    """JSON, with the bytes that a decode error carries as hex."""
    return json.dumps(value, ensure_ascii=False, indent=indent, default=lambda raw: raw.hex())


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        sys.exit(main())
