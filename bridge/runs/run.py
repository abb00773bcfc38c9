"""`tws-bridge run`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Callable

import zmq

from bridge import keys, logs, service
from bridge.bus.selftest import EndpointsUnprotected
from bridge.bus.sockets import Bus
from bridge.http.token import TokenFileError
from bridge.ledger import LedgerRefused
from bridge.logs import AccountMask, one_line, tell
from bridge.reloading import at_rest
from bridge.runs.say import USAGE, UsageError, complain, say
from bridge.settings import ENVIRONMENT, BridgeSettings, SettingsError, load, load_again, unknown_variables
from bridge.state_folder import StateFolder, StateTaken

_LOG = logging.getLogger("bridge")


def run(options: argparse.Namespace) -> int:
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
        say("settings: no mistakes")
        return 0
    mask = AccountMask(is_on=not settings.log_accounts)
    mask.learn(account for client in settings.clients.values() for account in client.accounts or ())
    level = "debug" if options.verbose else settings.log_level
    with contextlib.closing(logs.start(settings.log_format, level, mask)):
        for line in unknown_variables():
            tell(_LOG, "settingUnknown", reason=line)
        return _serve(settings, mask, lambda: at_rest(lambda: load_again(flags, options.config), options.config))


def _serve(settings: BridgeSettings, mask: AccountMask, read: Callable[[], BridgeSettings]) -> int:
    def announce(bus: Bus) -> None:
        try:
            say(f"events {bus.events_endpoint} requests {bus.requests_endpoint}")
        except OSError as error:  # the log has the endpoints, too
            os.dup2(os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC), sys.stdout.fileno())
            tell(_LOG, "stdoutUnwritable", reason=os.strerror(error.errno or 0))

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
    tell(_LOG, "bridgeEnded")
    return 0


def _not_started(reasons: list[str], log_format: str, code: int = 1) -> int:
    """Say why the bridge does not run: as every command does, or as events of the log."""
    if log_format != "json":
        return complain(reasons, code)
    for reason in reasons:
        tell(_LOG, "startFailed", reason=reason)
    return code
