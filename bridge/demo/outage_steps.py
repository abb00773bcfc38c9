"""The step of the demo in which TWS dies."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from bridge.demo.claim import DemoFailed, check
from bridge.demo.order_steps import KEY, STRATEGY
from bridge.demo.processes import PATIENCE, Program
from bridge.demo.programs import INSTRUMENTS
from bridge.demo.screen import Screen, price
from bridge.demo.stage import Stage
from tws_bridge_client import Event, Subscription, Ticker

_HEAD = ("instrument", "bid", "ask", "midpoint", "state")
_NANOSECONDS = 1e9


def killed_tws(stage: Stage, screen: Screen) -> str:
    """TWS is killed and started again. No program does anything about it."""
    orders = stage.orders_at_tws(STRATEGY, KEY)
    with stage.client("desk") as client, client.subscribe("system.") as system:
        tickers = {symbol: client.ticker(contract) for symbol, contract in INSTRUMENTS.items()}
        check(client.wait_for(lambda: _all_fresh(tickers), PATIENCE), "there are no quotes before the kill")
        _join(system)
        screen.fact(f"kill -9 of TWS, process {stage.kill_tws()}")
        check(client.wait_for(lambda: all(one.stale for one in tickers.values()), PATIENCE), "quotes are not stale")
        check(not any(one.midpoint() for one in tickers.values()), "a stale quote has a midpoint")
        gap = _next(system, "gap")
        check(set(gap.data["streams"]) >= {one.stream for one in tickers.values()}, f"the gap misses streams: {gap}")
        screen.fact(f"system.gap: {len(gap.data['streams'])} streams, {gap.data['reason']}")
        screen.table(_HEAD, _rows(tickers))
        stage.start_tws()
        back_at = datetime.now(UTC)
        screen.fact("TWS runs again; the programs do nothing")
        check(client.wait_for(lambda: _all_fresh(tickers, back_at), PATIENCE), "no quotes after TWS came back")
        seconds = _outage(gap, _next(system, "recovered"))
        screen.fact(f"system.recovered: the outage lasted {seconds:.1f} s")
        screen.table(_HEAD, _rows(tickers))
    _readers_go_on(stage)
    found = stage.orders_at_tws(STRATEGY, KEY)
    check(found == orders, f"TWS has {found} orders under the key {KEY} after the outage, and had {orders}")
    return f"quotes turned stale, the gap was shown, data are back after {seconds:.1f} s"


def _all_fresh(tickers: dict[str, Ticker], since: datetime | None = None) -> bool:
    """Whether each quote is current, and of after `since`."""
    return all(
        one.midpoint() is not None and (since is None or (one.time is not None and one.time > since))
        for one in tickers.values()
    )


def _rows(tickers: dict[str, Ticker]) -> list[list[str]]:
    return [
        [symbol, price(one.bid), price(one.ask), price(one.midpoint(), 3), "STALE" if one.stale else "live"]
        for symbol, one in tickers.items()
    ]


def _join(system: Subscription) -> None:
    """Read the last values, so that only news follow."""
    end = time.monotonic() + PATIENCE
    while not system.is_live:
        check(time.monotonic() < end, "the topics of the bridge say nothing")
        system.poll(0.1)


def _next(system: Subscription, name: str) -> Event:
    """Wait for the next event of this name."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        event = system.poll(0.5)
        if event is not None and event.origin == "live" and event.envelope["event"] == name:
            return event
    raise DemoFailed(f"the bridge has not published system.{name}")


def _outage(gap: Event, recovered: Event) -> float:
    """The seconds from the beginning of the outage to its end."""
    check(recovered.data["since"] == gap.data["since"], f"another outage is over: {recovered.data}")
    return float((recovered.data["until"] - gap.data["since"]) / _NANOSECONDS)


def _readers_go_on(stage: Stage) -> None:
    """The programs of the first steps have data again, and did nothing for it."""
    for name in ("screen", "recorder"):
        reader = stage.reader(name)
        _wait_fresh(reader, reader.report()["live"])
        check(not reader.facts["lost"], f"{name} lost events")


def _wait_fresh(reader: Program, before: int) -> None:
    reader.wait_for("fresh again", lambda facts: facts["fresh"] and facts["live"] > before)
