"""What the caches share: a client's question, and the counts that `status` has."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from bridge.session.requests import Request
from bridge.session.routing import RequestPlan
from bridge.session.values import Data


class Question(NamedTuple):
    """A client's request that the cache may answer."""

    plan: RequestPlan
    request: Request
    params: Data


@dataclass(slots=True)
class CacheCounts:
    """What the cache has done since the bridge started."""

    hits: int = 0
    misses: int = 0
    #: Facts of the file, from its last report.
    file: Data = field(default_factory=dict)
