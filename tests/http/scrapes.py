"""Scrapes of `/metrics` as values."""

from __future__ import annotations

from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from bridge.http.declarations import Shown
from bridge.http.metrics import BridgeMetrics
from bridge.meters import BridgeFigures, Meters, TallyFigures
from bridge.session.tallies import SHORT, Histogram
from tests.session.conftest import AAPL, Bench

__all__ = ["families", "figures", "sample", "scrape", "traded"]


def traded(**rules: object) -> Bench:
    """A session with a stream, an order, and a refused request."""
    bench = Bench(lines={"marketData": 100}, messages_per_second=50, **rules)
    bench.ready()
    bench.wait(2)  # what the bridge itself has asked has left
    bench.ask("reqMktData", contract=AAPL)
    bench.tws("tickPrice", reqId=bench.sent[-1].data["reqId"], tickType=1, price=190.0, size="1", attrMask=0)
    bench.ask("noSuchMethod")
    return bench


def figures(bench: Bench, meters: Meters | None = None) -> BridgeFigures:
    """The figures of a session on the bench, as the shell would make them."""
    meters = meters or Meters()
    return BridgeFigures(
        bench.session.overview(bench.now), TallyFigures.of(bench.session.tallies), dict(meters.events),
        meters.publish_lag.figures(), meters.sent, meters.received_bytes, Histogram(SHORT).figures(), 0,
    )  # fmt: skip


def scrape(made: BridgeFigures | None, *, is_fresh: bool = True, accept: str = "") -> str:
    """The text of one scrape."""
    text, _ = BridgeMetrics().write(Shown(made, is_fresh, 0.5, {("/metrics", "200"): 1}), accept)
    return text.decode()


def families(text: str) -> dict[str, Metric]:
    """The families of a scrape, by name. The parser drops `_total` from the names of counters."""
    return {family.name: family for family in text_string_to_metric_families(text)}


def sample(text: str, name: str, **labels: str) -> float | None:
    """The value of one sample; None if the scrape has none."""
    for family in families(text).values():
        for one in family.samples:
            if one.name == name and one.labels == labels:
                return float(one.value)
    return None
