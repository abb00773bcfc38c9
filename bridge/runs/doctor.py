"""`tws-bridge doctor`."""

from __future__ import annotations

import argparse

from bridge.commands.bridge import FLAGS
from bridge.doctor import examine
from bridge.doctor.places import to_connect
from bridge.runs.ask import client_at, curve_of
from bridge.runs.say import say_all
from bridge.settings import BridgeSettings
from bridge.wiretool import as_json
from tws_bridge_client import BridgeClient


def doctor(options: argparse.Namespace) -> int:
    flags = {name: value for name, value in vars(options).items() if name in FLAGS and name != "key"}
    curve = curve_of(options)

    def ask(settings: BridgeSettings) -> BridgeClient:
        return client_at(options.client, curve, to_connect(settings.requests), to_connect(settings.events))

    found = examine(flags, options.config, ask)
    lines = [as_json(check.as_data()) for check in found.checks] if options.json else found.lines()
    say_all(lines)
    return 0 if found.is_passed else 1
