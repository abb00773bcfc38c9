"""The metrics: each is declared once, follows Prometheus' conventions, and has the value of the overview."""

from __future__ import annotations

import re

import pytest

from bridge.http.declarations import METRICS
from bridge.meters import Meters
from bridge.session.topic_store import Topic
from tests.http.scrapes import families, figures, sample, scrape, traded

#: What Prometheus' conventions and `promtool check metrics` say of units: base units, in the plural.
_BASE = ("seconds", "bytes", "ratio", "info")
_NOT_BASE = re.compile(r"_(milliseconds|ms|minutes|hours|microseconds|kilobytes|mb|percent|celsius|bits)(_|$)")
_NAME = re.compile(r"tws_bridge_[a-z0-9]+(_[a-z0-9]+)*")


def test_each_name_is_declared_once() -> None:
    names = [metric.name for metric in METRICS]
    assert len(names) == len(set(names)) > 40


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_a_declaration_follows_the_conventions(metric) -> None:
    assert _NAME.fullmatch(metric.name)
    assert not _NOT_BASE.search(metric.name), "not a base unit"
    assert (metric.kind == "counter") == metric.name.endswith("_total")
    assert not metric.name.endswith(("_count", "_sum", "_bucket")), "reserved for histograms"
    assert metric.kind != "histogram" or metric.name.endswith(("_seconds", "_bytes"))
    assert not any(kind in metric.name.split("_") for kind in ("counter", "gauge", "histogram")), "a type in the name"
    assert metric.help.endswith(".") and "\n" not in metric.help
    assert not set(metric.labels) & {"le", "quantile", "job", "instance", "__name__"}


@pytest.mark.parametrize("accept", ["", "application/openmetrics-text; version=1.0.0"])
def test_a_scrape_has_what_is_declared_and_nothing_else(accept: str) -> None:
    text = scrape(figures(traded()), accept=accept)
    told = [line.split(" ", 3) for line in text.splitlines() if line.startswith("# HELP tws_bridge")]
    names = {line[2].removesuffix("_total"): line[3] for line in told}
    assert names == {metric.name.removesuffix("_total"): metric.help for metric in METRICS}
    assert len(told) == len(names)
    assert text.endswith("# EOF\n") == bool(accept)


@pytest.mark.parametrize("version", ["zz", "1.x", "one.0.0", "", "1..0", "9" * 5000, "1.0.0;escaping=zz", "999.0"])
@pytest.mark.parametrize("kind", ["text/plain", "application/openmetrics-text"])
def test_a_header_that_makes_no_sense_gets_metrics(kind: str, version: str) -> None:
    text = scrape(figures(traded()), accept=f"{kind};version={version},{kind};q=0.5")
    assert "tws_bridge_ready" in text


def test_samples_have_the_declared_labels() -> None:
    found = families(scrape(figures(traded())))
    for metric in METRICS:
        for one in found[metric.name.removesuffix("_total")].samples:
            assert set(one.labels) - {"le"} == set(metric.labels), one


def test_values_are_those_of_the_session() -> None:
    bench = traded()
    text = scrape(figures(bench))
    assert sample(text, "tws_bridge_up_to_date") == 1
    assert sample(text, "tws_bridge_ready") == 1
    assert sample(text, "tws_bridge_connection_state", state="ready") == 1
    assert sample(text, "tws_bridge_connection_state", state="lost") == 0
    assert sample(text, "tws_bridge_streams", family="market", state="live") == 1
    assert sample(text, "tws_bridge_lines", line="marketData") == 1
    assert sample(text, "tws_bridge_request_errors_total", code="unknownMethod") == 1
    assert sample(text, "tws_bridge_requests_total", method="reqMktData") == 1
    assert sample(text, "tws_bridge_connection_changes_total", state="ready") == 1
    bench.clock += 7
    assert sample(scrape(figures(bench)), "tws_bridge_stream_newest_event_age_seconds", family="market") == 7


def test_a_name_that_a_client_invents_is_in_no_label() -> None:
    bench = traded()
    bench.request({"v": 1, "id": "1", "client": "evil-name", "method": "evilMethod", "params": {}})
    bench.request({"v": 1, "id": "2", "client": "evil name", "method": "ping"})
    text = scrape(figures(bench))
    assert "evil" not in text
    assert bench.session.overview(bench.now)["refusals"][0]["client"] == "evil name"


def test_a_halt_and_a_lost_connection_are_seen() -> None:
    bench = traded()
    bench.ask("halt", reason="test")
    text = scrape(figures(bench))
    assert (sample(text, "tws_bridge_halted"), sample(text, "tws_bridge_ready")) == (1, 0)
    assert sample(text, "tws_bridge_tradable") == 1
    bench.session.on_lost("gone", bench.now)
    bench.collect()
    text = scrape(figures(bench))
    assert sample(text, "tws_bridge_tradable") == 0
    assert sample(text, "tws_bridge_connection_changes_total", state="lost") == 1
    assert sample(text, "tws_bridge_streams", family="market", state="lost") == 1


def test_farms_that_are_broken_are_counted() -> None:
    bench = traded()
    bench.error(-1, 2103, "Market data farm connection is broken:usfarm")
    assert sample(scrape(figures(bench)), "tws_bridge_farms", kind="marketData", state="broken") == 1
    bench.error(-1, 2104, "Market data farm connection is OK:usfarm")
    text = scrape(figures(bench))
    assert sample(text, "tws_bridge_farms", kind="marketData", state="broken") == 0
    assert sample(text, "tws_bridge_tws_notices_total") == 2


def test_without_figures_a_scrape_says_so() -> None:
    text = scrape(None, is_fresh=False)
    assert sample(text, "tws_bridge_up_to_date") == 0
    assert sample(text, "tws_bridge_ready") is None
    assert sample(text, "process_start_time_seconds") is not None


def test_events_are_counted_by_family_and_the_lag_by_event() -> None:
    meters = Meters()
    market, order = Topic("market.1.tickPrice", "tickPrice", None), Topic("order.a.k.openOrder", "openOrder", None)
    meters.read_at = 100.0
    meters.published([(topic, 1, 1, {}, None) for topic in (market, market, order, market)], 100.002)
    meters.read_at = None
    meters.published([(order, 2, 1, {}, None)], 200.0)
    assert meters.events == {"market": 3, "order": 2}
    text = scrape(figures(traded(), meters))
    assert sample(text, "tws_bridge_events_total", family="market") == 3
    assert sample(text, "tws_bridge_publish_lag_seconds_count") == 4
    assert sample(text, "tws_bridge_publish_lag_seconds_bucket", le="0.001") == 0
    assert sample(text, "tws_bridge_publish_lag_seconds_bucket", le="0.0025") == 4
    assert sample(text, "tws_bridge_publish_lag_seconds_sum") == pytest.approx(0.008)
