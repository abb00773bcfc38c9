"""The views: what the HTTP server shows, made from the newest figures of the bridge and shared by all requests."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable

from bridge.http.answers import encoded
from bridge.http.asking import Answer, Asking
from bridge.http.declarations import Shown
from bridge.http.metrics import BridgeMetrics
from bridge.meters import BridgeFigures
from bridge.session.overview import completed, not_ready_reason
from bridge.session.values import Data


class Views:
    """See the module. `figures`: makes all figures, in the bridge's loop."""

    def __init__(self, bridge: asyncio.AbstractEventLoop, figures: Callable[[], BridgeFigures]) -> None:
        self._asking = Asking(bridge, figures)
        self._living = Asking(bridge, lambda: True)
        self._metrics = BridgeMetrics()
        #: By path and status, the answers so far.
        self.answers: Counter[tuple[str, str]] = Counter()
        self._before: Data | None = None
        self._overview: tuple[Data, bytes] | None = None
        #: The written metrics, by what they were made from.
        self._written: dict[tuple[float, bool, str], tuple[bytes, str]] = {}

    async def is_alive(self) -> bool:
        """Return whether the bridge's loop answers in time."""
        return (await self._living.ask()).is_fresh

    async def not_ready(self) -> tuple[str, str] | None:
        """Return code and text of why the bridge does not trade now; None if it does."""
        answer = await self._asking.ask()
        if answer.value is None or not answer.is_fresh:
            return "notAlive", "the bridge's event loop does not answer"
        return not_ready_reason(answer.value.overview)

    async def metrics(self, accept: str) -> tuple[bytes, str]:
        """Return the metrics and their content type. Two scrapes of the same figures get the same text."""
        answer = await self._asking.ask()
        key = (answer.at, answer.is_fresh, accept)
        if key not in self._written or not answer.is_fresh:
            if len(self._written) > 8 or (self._written and next(iter(self._written))[0] != answer.at):
                self._written.clear()
            shown = Shown(answer.value, answer.is_fresh, _age(answer), self.answers)
            self._written[key] = self._metrics.write(shown, accept)
        return self._written[key]

    async def overview(self) -> tuple[bytes, bool]:
        """Return the overview in JSON, and whether the bridge's loop answers. Empty before the first one."""
        answer = await self._asking.ask()
        if answer.value is None:
            return b"", False
        made = answer.value.overview
        if self._overview is None or self._overview[0] is not made:
            self._overview = made, encoded(completed(self._before, made) | {"meters": _meters(answer.value)})
            self._before = made
        return self._overview[1], answer.is_fresh


def _meters(figures: BridgeFigures) -> Data:
    """What a plot needs: numbers that grow from the start of the bridge. Times are in seconds."""
    tallies = figures.tallies
    told = {"publishLag": figures.publish_lag, "orderSent": tallies.order_sent, "orderAnswered": tallies.order_answered}
    return {
        "events": sum(figures.events.values()),
        "sent": figures.sent,
        **{name: {"count": sum(one.counts), "sum": one.sum} for name, one in told.items()},
    }


def _age(answer: Answer[BridgeFigures]) -> float:
    return max(0.0, time.monotonic() - answer.at)
