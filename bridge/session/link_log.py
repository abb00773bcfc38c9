"""What the log says about the connection: each change of its state once, and equal failures in few lines."""

from __future__ import annotations

from typing import assert_never

from bridge.session.effects import Log
from bridge.session.link import LinkChange
from bridge.session.values import Instant, utc

#: After so many failed attempts the log says that they go on; then after twice as many, and so on.
FIRST_SUMMARY = 5
#: And at least after so many seconds.
LONGEST_SILENCE = 3600.0
#: So many reasons of one series are kept, so that none is told twice.
_MOST_REASONS = 20


class LinkLog:
    """Makes the lines of the log from the changes of the link. A *series* is what happens until TWS is ready."""

    def __init__(self, host: str, port: int) -> None:
        self._tws = f"{host}:{port}"
        self._is_first = True
        self._is_ready = False
        self._lost: LinkChange | None = None
        self._degraded_since: int | None = None
        self._begin_series()

    def _begin_series(self) -> None:
        self._tries, self._since = 0, 0
        self._summary_at, self._told_at = FIRST_SUMMARY, 0.0
        self._reasons: list[str | None] = []

    def lines(self, change: LinkChange, now: Instant, *, planned: str | None, version: int | None) -> list[Log]:
        """Return the lines for a change. `planned`: the planned restart under way. `version`: TWS's server version."""
        match change.state:
            case "connecting":
                return [self._on_connecting(change)]
            case "handshaking" | "starting":
                return [self._on_progress(change)]
            case "ready":
                return [self._on_ready(change, now, version)]
            case "degraded":
                self._degraded_since = self._degraded_since or now.ts
                return [Log.of("connectionDegraded", reason=change.reason, twsCode=change.code, planned=planned)]
            case "lost":
                self._lost = change
                return []  # the line comes with the next attempt's time
            case "backingOff":
                return self._on_failure(change, now, planned)
            case "stopped":
                return [Log.of("bridgeStopped", reason=change.reason or "")]
        assert_never(change.state)

    def _on_connecting(self, change: LinkChange) -> Log:
        if not self._is_first and change.reason is None:
            return Log.of("connectionProgress", state=change.state)
        self._is_first = False
        return Log.of("connectionOpening", tws=self._tws, reason=change.reason)

    def _on_progress(self, change: LinkChange) -> Log:
        if change.reason is None or not self._is_new(change.reason):
            return Log.of("connectionProgress", state=change.state, reason=change.reason)
        return Log.of("connectionWaits", state=change.state, reason=change.reason)

    def _on_ready(self, change: LinkChange, now: Instant, version: int | None) -> Log:
        since, self._degraded_since = self._degraded_since, None
        if self._is_ready:
            seconds = None if since is None else round((now.ts - since) / 1e9, 3)
            return Log.of("connectionRestored", reason=change.reason, twsCode=change.code, seconds=seconds)
        tries = self._tries or None
        self._is_ready = True
        self._begin_series()
        return Log.of("connectionReady", serverVersion=version, tries=tries)

    def _on_failure(self, change: LinkChange, now: Instant, planned: str | None) -> list[Log]:
        lost, self._lost = self._lost or change, None
        was_ready, self._is_ready, self._degraded_since = self._is_ready, False, None
        facts = {"reason": lost.reason or "", "twsCode": lost.code, "planned": planned}
        if was_ready:
            return [Log.of("connectionLost", retrySeconds=change.retry_seconds, **facts)]
        self._tries += 1
        self._since = self._since or now.ts
        if self._is_new(lost.reason):
            self._told_at = now.clock
            return [Log.of("connectionAttemptFailed", retrySeconds=change.retry_seconds, tries=self._tries, **facts)]
        if self._tries < self._summary_at and now.clock - self._told_at < LONGEST_SILENCE:
            return []
        self._summary_at, self._told_at = 2 * self._tries, now.clock
        return [Log.of("connectionStillFails", tries=self._tries, since=utc(self._since), **facts)]

    def _is_new(self, reason: str | None) -> bool:
        if reason in self._reasons:
            return False
        self._reasons = [*self._reasons[-_MOST_REASONS:], reason]
        return True
