"""What the HTTP server may ask of the bridge."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from bridge.meters import BridgeFigures
from bridge.session.session import OperatorMethod
from bridge.session.topic_store import TopicsSeen
from bridge.session.values import Data


class BridgeSide(NamedTuple):
    """Each function runs in the bridge's loop, and must take little time.

    `figures`: makes all figures. `topics`: returns some topics below a prefix. `operate`: halts or resumes trading for
    the operator, and calls its third argument with the outcome `{ok, result}` or `{ok, error}`, now or later.
    """

    figures: Callable[[], BridgeFigures]
    topics: Callable[[str], TopicsSeen]
    operate: Callable[[OperatorMethod, Data, Callable[[Data], None]], None]
