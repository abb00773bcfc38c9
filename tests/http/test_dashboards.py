"""The dashboard and the alert rules in deploy/: all that their PromQL names exists in a scrape."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from bridge.meters import Meters
from bridge.session.topic_store import Topic
from tests.http.promql import read
from tests.http.scrapes import families, figures, scrape, traded

DEPLOY = Path(__file__).parents[2] / "deploy"
DASHBOARD = json.loads((DEPLOY / "grafana" / "tws-bridge.json").read_text(encoding="utf-8"))
ALERTS = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yaml").read_text(encoding="utf-8"))
RULES = [rule for group in ALERTS["groups"] for rule in group["rules"]]
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
#: What Prometheus adds itself.
ADDED = {"instance", "job"}
#: Labels whose values depend on what happens, not on a list in the code.
OPEN = {"method", "code", "client", "version", "status"}


@pytest.fixture(scope="module")
def samples():
    """Name of a sample -> its labels with their values."""
    found, meters = {}, Meters()
    meters.published([(Topic("market.1.tickPrice", "tickPrice", None), 1, 1, {}, None)], 0.0)
    for family in families(scrape(figures(traded(), meters))).values():
        for one in family.samples:
            labels = found.setdefault(one.name, {})
            for label, value in one.labels.items():
                labels.setdefault(label, set()).add(value)
        if not family.samples:
            found[family.name] = {}
            found[f"{family.name}_total"] = {}
    return found


def expressions():
    for panel in PANELS:
        for target in panel["targets"]:
            yield pytest.param(target["expr"], target["legendFormat"], id=f"panel {panel['title']}")
    for rule in RULES:
        texts = " ".join(rule["annotations"].values())
        legend = " ".join(f"{{{{{label}}}}}" for label in re.findall(r"\$labels\.(\w+)", texts))
        yield pytest.param(rule["expr"], legend, id=f"alert {rule['alert']}")


@pytest.mark.parametrize(("expression", "legend"), list(expressions()))
def test_metrics_and_labels_exist(expression, legend, samples) -> None:
    found = read(expression.replace("[$__rate_interval]", "[5m]"))
    labels_of_all = set(ADDED)
    assert found.selectors
    for name, matchers in found.selectors:
        if name == "up":
            continue
        assert name in samples, f"there is no metric {name}"
        labels_of_all |= samples[name].keys()
        for label, operator, value in matchers:
            assert label in samples[name].keys() | ADDED, f"{name} has no label {label}"
            if label not in ADDED | OPEN:
                wanted = value.split("|") if "~" in operator else [value]
                assert set(wanted) <= samples[name][label], f"{name}: no {label} is ever one of {wanted}"
        if name.endswith("_total"):
            assert re.search(rf"(rate|increase)\({name}", expression), f"{name} is a counter"
    # Client limits have no samples without clients in the configuration.
    labels_of_all |= {"client", "limit"} if "client_limit" in expression else set()
    assert found.labels <= labels_of_all
    assert set(re.findall(r"{{ ?(\w+) ?}}", legend)) <= labels_of_all


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_is_complete(rule) -> None:
    assert re.fullmatch(r"TwsBridge[A-Z]\w+", rule["alert"])
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert set(rule["annotations"]) == {"summary", "description"}
    assert re.search(r"[<>=]", rule["expr"]), "without a comparison the alert always fires"
    assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
    assert re.fullmatch(r"\d+[sm]", rule.get("for", "1m"))


def test_the_alerts_are_there_and_unique() -> None:
    names = [rule["alert"] for rule in RULES]
    assert len(names) == len(set(names))
    for about in ("OrdersInDoubt", "NotTradable", "NoTicks", "LedgerFailed", "ReconnectStorm", "OrderLogLag",
                  "PacingSaturated", "FarmDown", "Stalled"):  # fmt: skip
        assert f"TwsBridge{about}" in names


def test_each_panel_has_a_place_of_its_own() -> None:
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))
    taken = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                 for y in range(place["y"], place["y"] + place["h"])}  # fmt: skip
        assert place["x"] + place["w"] <= 24
        assert not cells & taken, panel["title"]
        taken |= cells
        assert panel["type"] == "row" or panel["datasource"]["uid"] == "${datasource}"
