"""The commands that ask a running bridge: `tail`, `call`, `status`, `reload`."""

from __future__ import annotations

import argparse
import contextlib
import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import zmq

from bridge import keys
from bridge.runs.say import Failed, UsageError, say, say_all
from bridge.status_text import status_lines
from bridge.wiretool import as_json
from tws_bridge_client import BridgeClient, BridgeError, Curve


def tail(options: argparse.Namespace) -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with _client(options) as client, client.subscribe(*options.prefixes) as events:
        for event in events:
            if event.origin == "live" or not options.live:
                say(as_json({"topic": event.topic, "origin": event.origin, **event.envelope}))
    return 0


def call(options: argparse.Namespace) -> int:
    try:
        params = json.loads(options.params or "{}")
    except ValueError as error:
        raise UsageError(f"JSON: {error}") from None
    if not isinstance(params, dict):
        raise UsageError('JSON: the parameters must be an object, such as \'{"contract": {"conId": 265598}}\'')
    with _client(options) as client:
        say_all(json_lines(client.request(options.method, params, options.timeout)))
    return 0


def status(options: argparse.Namespace) -> int:
    with _client(options) as client:
        status = client.request("status", {}, options.timeout)
    say_all(json_lines(status) if options.json else status_lines(status))
    return 0 if status["verdict"]["trading"] else 1


def reload(options: argparse.Namespace) -> int:
    with _client(options) as client:
        told = client.request("reload", {"dryRun": options.dry_run}, options.timeout)
    for change in told["changes"]:
        say(f"{change['setting']}: {change.get('before', '(not set)')} -> {change.get('after', '(not set)')}")
    for change in told["needRestart"]:
        now, later = change.get("before", "(not set)"), change.get("after", "(not set)")
        say(f"{change['setting']}: needs a restart, still {now}; the configuration has {later}")
    count = len(told["changes"])
    say(f"{count} changes, {'taken over' if told['applied'] else 'nothing taken over: --dry-run'}")
    return 0


def json_lines(value: Any) -> list[str]:
    """JSON for people. A line end can only be one of the layout: JSON escapes those in texts."""
    return as_json(value, indent=2).split("\n")


@contextlib.contextmanager
def _client(options: argparse.Namespace) -> Iterator[BridgeClient]:
    """The client that the options describe. Raises Failed if the bridge refuses a request or does not answer."""
    try:
        with client_at(options.client, curve_of(options), options.requests, options.events) as client:
            yield client
    except BridgeError as error:
        raise Failed(str(error)) from None


def curve_of(options: argparse.Namespace) -> Curve | None:
    """The keys of the client, if the options name some."""
    if (options.key is None) != (options.server_key is None):
        raise UsageError(
            "--key and --server-key go together: the client's own key file, and the public key of the bridge"
        )
    try:
        return None if options.key is None else Curve.load(Path(options.key), options.server_key)
    except keys.KeyFileError as error:
        raise UsageError(str(error)) from None


def client_at(name: str | None, curve: Curve | None, requests: str, events: str) -> BridgeClient:
    try:
        own = name or ("cli" if curve is None else curve.pair.name)
        return BridgeClient(own, requests=requests, events=events, curve=curve)
    except keys.KeyFileError as error:
        raise UsageError(str(error)) from None
    except zmq.ZMQError as error:
        raise UsageError(f"{requests}: {error.strerror}") from None
