"""Writes the metrics in Prometheus' text formats, with prometheus-client."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from prometheus_client import GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector, CollectorRegistry

from bridge.http import declarations
from bridge.http.declarations import METRICS, Shown
from bridge.session.tallies import HistogramFigures

#: A version of a text format, as prometheus-client can compare it.
_VERSION = re.compile(r"[0-9]{1,4}(\.[0-9]{1,4}){0,3}")


class BridgeMetrics(Collector):
    """The metrics of one scrape, and those of the process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(self)
        self._shown: Shown | None = None
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        GCCollector(registry=self._registry)

    def collect(self) -> Iterator[Metric]:
        """Return the families of this scrape. prometheus-client calls it."""
        if self._shown is not None:
            for metric in METRICS:
                yield _family(metric, metric.read(self._shown))

    def describe(self) -> Iterable[Metric]:
        """Return nothing: the families are known only when there is something to show."""
        return ()

    def write(self, shown: Shown, accept: str) -> tuple[bytes, str]:
        """Return the text, in the format that the header `Accept` prefers, and its content type."""
        self._shown = shown
        encoder, content_type = choose_encoder(_understood(accept))
        return encoder(self._registry), content_type


def _understood(accept: str) -> str:
    """The formats of the header `Accept`, without those of a version that is none: prometheus-client fails on them."""
    return ",".join(one for one in accept.split(",") if all(map(_VERSION.fullmatch, _versions(one))))


def _versions(accepted: str) -> Iterator[str]:
    for parameter in accepted.split(";"):
        name, separator, value = parameter.strip().partition("=")
        if separator and name == "version":
            yield value


def _family(metric: declarations.Metric, samples: Iterable[declarations.Sample]) -> Metric:
    if metric.kind == "histogram":
        histogram = HistogramMetricFamily(metric.name, metric.help, labels=metric.labels)
        for labels, figures in samples:
            assert isinstance(figures, HistogramFigures)
            histogram.add_metric(labels, list(_buckets(figures)), figures.sum)
        return histogram
    kind = CounterMetricFamily if metric.kind == "counter" else GaugeMetricFamily
    family = kind(metric.name, metric.help, labels=metric.labels)
    for labels, value in samples:
        assert not isinstance(value, HistogramFigures)
        family.add_metric(labels, float(value))
    return family


def _buckets(figures: HistogramFigures) -> Iterator[tuple[str, float]]:
    """Prometheus' buckets count all values up to their bound."""
    count = 0
    for bound, more in zip((*map(repr, figures.bounds), "+Inf"), figures.counts, strict=True):
        count += more
        yield bound, count
