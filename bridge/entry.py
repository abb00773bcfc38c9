"""The program `tws-bridge`. The health check runs every few seconds, so it must not wait for all other imports."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command that was typed. Returns its exit code."""
    if sys.argv[1:] == ["health"]:
        from bridge.health import main as health  # noqa: PLC0415

        return health()
    from bridge.cli import main as command  # noqa: PLC0415

    return command()


if __name__ == "__main__":
    sys.exit(main())
