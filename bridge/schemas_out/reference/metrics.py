"""The page `metrics.md`: each metric of `/metrics` with its kind, labels and help."""

from __future__ import annotations

from bridge.http.declarations import METRICS
from bridge.schemas_out.reference.text import code, codes, table, written_by

_HEAD = f"""# Metrics

{written_by("`bridge/http/declarations.py`")}
A bridge with the setting [`http`](settings.md#the-bridge) serves these metrics under `/metrics`, in the formats of
Prometheus and OpenMetrics. [Deployment](../guides/deployment.md#monitor-it) says how to use them;
`deploy/prometheus/alerts.yaml` and `deploy/grafana/tws-bridge.json` do.

The bridge makes the figures when somebody asks, at most once a second. If its event loop does not answer, the figures
are old, and `tws_bridge_up_to_date` is 0. A histogram has `_bucket`, `_sum` and `_count`.

ZeroMQ does not say when it drops an event for a subscriber that reads too slowly, so no metric counts that. The
subscriber sees a hole in `seq`.

"""
_TAIL = """
The values of `state` are those of [the connection](connection-states.md), [streams](stream-states.md),
[orders](order-states.md) and [clients](client-states.md). `code` is an [error code](errors.md), and `bound` a
[bound](limits.md).

The values of `client` are names of the configuration. All other labels have values of a fixed list, of the contract, or
of the declarations of TWS's messages.

The metrics of the process (`process_cpu_seconds_total`, `process_resident_memory_bytes`, `process_open_fds` and so on)
and of Python (`python_gc_collections_total`, `python_info` and so on) are those of Prometheus' client library.
"""


def metrics_page() -> str:
    """The whole page."""
    rows = [(code(metric.name), metric.kind, codes(metric.labels), metric.help) for metric in METRICS]
    return _HEAD + table(("metric", "kind", "labels", "meaning"), rows) + _TAIL
