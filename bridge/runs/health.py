"""`tws-bridge health`."""

from __future__ import annotations

import argparse

from bridge.health import main


def health(options: argparse.Namespace) -> int:
    return main(options.state, options.timeout)
