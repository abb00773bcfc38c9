"""`tws-bridge keys new`."""

from __future__ import annotations

import argparse

from bridge import keys
from bridge.runs.say import complain, say


def new_keys(options: argparse.Namespace) -> int:
    try:
        pair, secret, public = keys.write_new(options.folder, options.name)
    except keys.KeyFileError as error:
        return complain([str(error)], 1)
    say(f"{secret}: secret, only {options.name} may have it")
    say(f"{public}: public; for a client, add this to the configuration of the bridge:")
    for line in ("", f"[clients.{options.name}]", f'public_key = "{pair.public}"', 'roles = ["observe"]'):
        say(line)
    return 0
