"""`tws-bridge decode` and `encode`."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from bridge.catalogue.grammar import NEWEST, OLDEST
from bridge.runs.say import UsageError, say
from bridge.wiretool import decode_lines, encode_lines


def decode(options: argparse.Namespace) -> int:
    return _lines(decode_lines, options)


def encode(options: argparse.Namespace) -> int:
    return _lines(encode_lines, options)


def _lines(convert: Any, options: argparse.Namespace) -> int:
    if not OLDEST <= options.server_version <= NEWEST:
        raise UsageError(f"--server-version: expected {OLDEST} to {NEWEST}")
    for line in convert(sys.stdin, options.server_version, options.sender):
        say(line)
    return 0
