"""How deep the campaigns look: an ordinary run plays a share of their seeds, `make deep` all of them.

The share is always the same, so that a commit is judged by the same seeds wherever it is tested.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
DEEP = os.environ.get("TEST_DEPTH") == "full"


def share(seeds: Sequence[T], one_of: int) -> Sequence[T]:
    """Return one of so many seeds; all in a deep run."""
    return seeds if DEEP else seeds[::one_of]
