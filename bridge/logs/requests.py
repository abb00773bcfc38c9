"""Logs each request with its outcome and how long the answer took, at the level debug."""

from __future__ import annotations

import logging
from typing import Any

from bridge.logs.handler import tell

#: So many requests without an answer are followed; older ones are forgotten.
_MOST = 20_000


class RequestTrace:
    """Follows requests from their arrival to their final reply. `clock` is in seconds on a steady clock."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        #: Route and id -> client, method, when it came.
        self._open: dict[tuple[Any, str], tuple[str, str, float]] = {}

    def came(self, route: Any, request: Any, clock: float) -> None:
        """A request has come. `request`: what a client has sent, unchecked."""
        if not isinstance(request, dict) or not isinstance(request.get("id"), str):
            return
        client, method = (str(request.get(name))[:64] for name in ("client", "method"))
        self._open[route, request["id"]] = client, method, clock
        if len(self._open) > _MOST:
            del self._open[next(iter(self._open))]

    def answered(self, route: Any, reply: dict[str, Any], clock: float) -> None:
        """A reply leaves. Parts of an answer are not logged."""
        known = None if "part" in reply else self._open.pop((route, reply["id"]), None)
        if known is None:
            return
        client, method, came = known
        outcome = "ok" if reply["ok"] else reply["error"]["code"]
        milliseconds = round(1000 * (clock - came), 3)
        tell(
            self._logger, "requestAnswered", client=client, method=method, requestId=reply["id"][:64], outcome=outcome,
            milliseconds=milliseconds,
        )  # fmt: skip
