"""The program `tws-bridge`. The health check runs every few seconds, so it must not wait for all other imports.

SIGHUP asks a bridge to reload, so it must not end one that still starts, which takes a second or two.
"""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command that was typed. Returns its exit code."""
    if sys.argv[1:] == ["health"]:
        from bridge.health import main as health  # noqa: PLC0415

        return health()
    if sys.argv[1:2] == ["run"]:
        import signal  # noqa: PLC0415

        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until the bridge runs; it is about to read its configuration
    from bridge.cli import main as command  # noqa: PLC0415

    return command()


if __name__ == "__main__":
    sys.exit(main())
