"""The answer to `status` as text for people. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

Data = Mapping[str, Any]
#: So many streams are shown; those without current data first.
MOST_STREAMS = 30
_NS = 1_000_000_000
_COLUMN = 11


def status_lines(status: Data) -> list[str]:
    """The lines for one answer to `status`. The verdict comes first."""
    return [*_verdict(status), "", *_facts(status), *_streams(status)]


def _verdict(status: Data) -> Iterator[str]:
    verdict, now = status["verdict"], status["ts"]
    since = _since(verdict["since"], now)
    if verdict["trading"]:
        yield f"Trading: yes, since {since}"
    else:
        yield f"Trading: NO, since {since}: {verdict['because']} ({verdict['code']})"
        yield f"  -> {verdict['remedy']}"
    for other in verdict["also"]:
        yield f"Also: {other['because']} ({other['code']})"
        yield f"  -> {other['remedy']}"


def _facts(status: Data) -> Iterator[str]:
    now, link = status["ts"], status["connection"]
    yield _row("Bridge", f"version {status['version']}, since {_since(status['started'], now)}, epoch {link['epoch']}")
    version = f", server version {link['serverVersion']}" if "serverVersion" in link else ""
    yield _row("TWS", f"{link['state']} since {_since(link['since'], now)}{version}, client id {link['clientId']}")
    yield _row("Accounts", ", ".join(status["accounts"]) or "-")
    if (planned := status.get("plannedRestart")) is not None:
        yield _row("Restart", f"{planned['name']} {planned['state']}, until {_time(planned['ends'])}")
    farms = [f"{farm['farm']} ({farm['kind']}) {farm['state']}" for farm in status["farms"]]
    yield _row("Farms", ", ".join(farms) or "-")
    limit = status["pacing"].get("limit")
    yield _row("Pacing", f"{status['pacing']['queued']} wait, " + (f"at most {limit}/s" if limit else "no limit"))
    lines = [f"{one['line']} {one['used']}/{one['limit']}" for one in status["lines"]]
    yield _row("Lines", ", ".join(lines) or "-")
    yield _row("Clients", f"{status['clients']}, with {status['openRequests']} open requests")
    refused = [f"{one['bound']} {one['refused']}" for one in status["limits"] if one.get("refused")]
    if refused:
        yield _row("Refused", ", ".join(refused))
    if status["undecoded"]:
        yield _row("Undecoded", f"{status['undecoded']} messages of TWS")


def _streams(status: Data) -> Iterator[str]:
    streams = sorted(status["streams"], key=lambda one: (one["state"] == "live", one.get("lastValue", 0)))
    if not streams:
        yield _row("Streams", "none")
        return
    yield ""
    yield f"{'STREAM':<44}  {'STATE':<9}  {'AGE':>8}  HOLDERS  METHOD"
    for one in streams[:MOST_STREAMS]:
        last = one.get("lastValue")
        age = "-" if last is None else _length((status["ts"] - last) / _NS)
        yield f"{one['topic'][:44]:<44}  {one['state']:<9}  {age:>8}  {one['holderCount']:>7}  {one['method']}"
    if len(streams) > MOST_STREAMS:
        yield f"and {len(streams) - MOST_STREAMS} more; --json lists all"


def _row(name: str, text: str) -> str:
    return f"{name:<{_COLUMN}}{text}"


def _since(ts: int, now: int) -> str:
    return f"{_time(ts)} ({_length((now - ts) / _NS)})" if ts else "-"


def _time(ts: int) -> str:
    return f"{datetime.fromtimestamp(ts // _NS, UTC):%Y-%m-%d %H:%M:%S}Z"


def _length(seconds: float) -> str:
    """A length of time with one unit: `0.2 s`, `14 min`, `3.5 h`, `12 d`."""
    seconds = max(0.0, seconds)
    if seconds < 10:
        return f"{seconds:.1f} s"
    for unit, size, until in (("s", 1, 120), ("min", 60, 7200), ("h", 3600, 172_800)):
        if seconds < until:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds / 86_400:.0f} d"
