"""How a program of the demo tells what it knows: one JSON object per line, on stdout."""

from __future__ import annotations

import json
from typing import Any


def report(**facts: Any) -> None:
    """Print facts."""
    print(json.dumps(facts), flush=True)
