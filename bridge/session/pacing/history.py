"""The rules of TWS for requests of historical data, and for subscriptions tick by tick.

Source: IBKR's documentation (historical data limitations, tick-by-tick data) and TWS_RULES. TWS answers a breach with
error 162 or 10186, or is silent. For bars of 30 seconds and less: no identical request within 15 seconds; fewer than
six requests for the same contract, exchange and tick type within two seconds; at most 60 requests in ten minutes, where
a request for BID_ASK counts twice. At most 50 historical requests are open at a time. TWS takes one tick-by-tick
request per instrument in 15 seconds, and 60 new subscriptions to real-time bars in ten minutes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence

from bridge.session import topic_names
from bridge.session.digest import digest
from bridge.session.effects import Send
from bridge.session.values import Data

_SMALL = frozenset({"1 secs", "5 secs", "10 secs", "15 secs", "30 secs"})
_IDENTICAL = 15.0
#: At most so many requests of the same contract, exchange and tick type in so many seconds.
_SAME_MOST, _SAME_WINDOW = 5, 2.0
_MOST, _WINDOW = 60, 600.0
#: At most so many open requests of historical data.
MOST_OPEN = 50
_TICK_BY_TICK = 15.0
_BARS = "reqRealTimeBars"
HISTORICAL = frozenset({"reqHistoricalData", "reqHistoricalTicks"})
_TICKS = "reqTickByTickData"
#: The requests that are counted.
_COUNTED = HISTORICAL | {_TICKS, _BARS}
#: What TWS refuses after a pacing violation (error 162, for real-time bars 420).
_PAUSED = HISTORICAL | {_BARS}
#: Seconds without these requests after a pacing violation. Each further one doubles them, up to the window of the rule.
_PAUSE = 60.0


class HistoryRules:
    """When TWS may take a historical request. `count_open`: returns how many of them TWS has not answered.

    `known`: returns a contract with its conId, if the bridge has found it before: so one instrument with two names is
    one. `is_on`: whether the rules apply. TWS counts when a request leaves, and a request may wait in the pacer before
    that. While it waits there, it counts as one that leaves now.
    """

    def __init__(
        self,
        count_open: Callable[[], int],
        known: Callable[[Data], Data | None] = lambda _contract: None,
        *,
        is_on: bool = True,
    ) -> None:
        self._count_open = count_open
        self._known = known
        self._is_on = is_on
        self._identical: dict[str, float] = {}
        self._same: dict[str, deque[float]] = {}
        self._small: deque[float] = deque()
        self._ticks: dict[str, float] = {}
        self._bars: deque[float] = deque(maxlen=_MOST)
        self._pause = 0.0
        self._paused_at = float("-inf")
        #: The requests that wait in the pacer, by request id: method and params.
        self._waiting: dict[int, tuple[str, Data]] = {}

    def turn(self, *, is_on: bool) -> None:
        """From now on the rules apply, or do not. What has left while they did not apply is not known."""
        self._is_on = is_on
        if not is_on:
            self._waiting.clear()

    def asked(self, send: Send) -> None:
        """The session hands the message to the pacer."""
        if self._is_on and send.name in _COUNTED:
            self._waiting[send.data["reqId"]] = (send.name, _params(send))

    def left(self, send: Send, now: float) -> None:
        """The pacer lets the message leave."""
        if self._is_on and send.name in _COUNTED:
            self._waiting.pop(send.data["reqId"], None)
            self.count(send.name, _params(send), now)

    def dropped(self) -> None:
        """The messages that wait in the pacer never leave."""
        self._waiting.clear()

    def pause(self, now: float) -> float:
        """TWS has reported a pacing violation. Return for how many seconds no request leaves; 0 if nothing changes."""
        if not self._is_on or now < self._paused_at + self._pause:
            return 0.0  # TWS answers requests that left before the pause
        is_again = now < self._paused_at + self._pause + _WINDOW
        self._pause = min(2 * self._pause, _WINDOW) if is_again else _PAUSE
        self._paused_at = now
        return self._pause

    def wait(self, method: str, params: Data, now: float) -> float:
        """Return the seconds until TWS may take the request, as far as that is known; 0 for now."""
        if not self._is_on:
            return 0.0
        if method == _TICKS:
            name = self._instrument(params)
            is_waiting = any(other == _TICKS and self._instrument(of) == name for other, of in self._waiting.values())
            last = now if is_waiting else self._ticks.get(name, float("-inf"))
            return max(0.0, last + _TICK_BY_TICK - now)
        if method not in _PAUSED:
            return 0.0
        wait = max(0.0, self._paused_at + self._pause - now)
        if method == _BARS:
            bars = [*self._bars, *(now for other, _ in self._waiting.values() if other == _BARS)]
            return max(wait, _until(bars, _MOST, 1, _WINDOW, now))
        if self._count_open() >= MOST_OPEN:
            wait = max(wait, 1.0)
        if not is_small(method, params):
            return wait
        return max(wait, self._small_wait(method, params, now))

    def _small_wait(self, method: str, params: Data, now: float) -> float:
        """Return the seconds until the rules for small bars let the request leave; 0 for now."""
        identity, series = self._identity(method, params), self._series(method, params)
        waiting = [(other, of) for other, of in self._waiting.values() if other in HISTORICAL and is_small(other, of)]
        is_waiting = any(self._identity(*one) == identity for one in waiting)
        same = [*self._same.get(series, ()), *(now for one in waiting if self._series(*one) == series)]
        small = [*self._small, *(now for _, of in waiting for _ in range(_weight(of)))] if waiting else self._small
        last = now if is_waiting else self._identical.get(identity, float("-inf"))
        return max(
            0.0,
            last + _IDENTICAL - now,
            _until(same, _SAME_MOST, 1, _SAME_WINDOW, now),
            _until(small, _MOST, _weight(params), _WINDOW, now),
        )

    def estimate(self, method: str, params: Data, ahead: Iterable[Data], now: float) -> float:
        """Return about how long the request waits for the rules. `ahead`: requests of this method that wait before it.

        The request is for small bars.
        """
        if not self._is_on:
            return 0.0
        small, series = [other for other in ahead if is_small(method, other)], self._series(method, params)
        same = sum(self._series(method, other) == series for other in small)
        by_series = self.wait(method, params, now) + _SAME_WINDOW * (same // _SAME_MOST)
        sent = [time for time in self._small if time > now - _WINDOW]
        over = len(sent) + sum(map(_weight, small)) + _weight(params) - _MOST
        if over <= 0:
            return by_series
        windows, nth = divmod(over - 1, _MOST)
        oldest = sent[min(nth, len(sent) - 1)] if sent else now
        return max(by_series, oldest + (windows + 1) * _WINDOW - now)

    def count(self, method: str, params: Data, now: float) -> None:
        """TWS gets the request now."""
        if not self._is_on:
            return
        if method == _TICKS:
            self._ticks[self._instrument(params)] = now
            self._ticks = {name: at for name, at in self._ticks.items() if at > now - _TICK_BY_TICK}
        if method == _BARS:
            self._bars.append(now)
        if method not in HISTORICAL or not is_small(method, params):
            return
        self._identical[self._identity(method, params)] = now
        self._identical = {name: at for name, at in self._identical.items() if at > now - _IDENTICAL}
        self._same.setdefault(self._series(method, params), deque(maxlen=_SAME_MOST)).append(now)
        self._same = {name: times for name, times in self._same.items() if times[-1] > now - _SAME_WINDOW}
        self._small.extend([now] * _weight(params))
        while self._small and self._small[0] <= now - _WINDOW:
            self._small.popleft()

    def _instrument(self, params: Data) -> str:
        contract = params.get("contract", {})
        name = topic_names.instrument(contract)
        if name is None and (known := self._known(contract)) is not None:
            name = topic_names.instrument(known)
        return name or digest(contract)

    def _series(self, method: str, params: Data) -> str:
        return f"{self._instrument(params)} {params.get('whatToShow')} {method}"

    def _identity(self, method: str, params: Data) -> str:
        contract = {"contract": self._instrument(params), "exchange": params.get("contract", {}).get("exchange")}
        return digest([method, {**params, **contract}])


def _params(send: Send) -> Data:
    return {name: value for name, value in send.data.items() if name != "reqId"}


def _until(times: Sequence[float], most: int, cost: int, window: float, now: float) -> float:
    """Return the seconds until at most `most - cost` of these times are younger than `window`; at least 0."""
    over = len(times) - (most - cost)
    return max(0.0, times[over - 1] + window - now) if over > 0 else 0.0


def is_small(method: str, params: Data) -> bool:
    """Whether the request is for small bars. Historical ticks count as such."""
    return method == "reqHistoricalTicks" or params.get("barSizeSetting") in _SMALL


def _weight(params: Data) -> int:
    return 2 if params.get("whatToShow") == "BID_ASK" else 1
