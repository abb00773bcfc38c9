"""The metrics: each is declared once here, with its help, its labels and where its value comes from.

`metrics.py` writes them in Prometheus' format, and `docs/reference/metrics.md` is generated from them. Names and units
follow Prometheus' conventions. The values of each label come from a fixed list, from the configuration, or from the
contract: never from the text of a client.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import product
from typing import Any, Literal, NamedTuple, get_args

from bridge.meters import BridgeFigures
from bridge.session.farms import Kind as FarmKind
from bridge.session.farms import State as FarmState
from bridge.session.link_table import STATES as LINK_STATES
from bridge.session.orders.state import OPEN
from bridge.session.orders.state import STATES as ORDER_STATES
from bridge.session.overview import not_ready_reason
from bridge.session.streams.life import STREAM
from bridge.session.tallies import HistogramFigures
from bridge.session.values import Data

Kind = Literal["counter", "gauge", "histogram"]
#: The values of the labels, in their order; and the value, or the buckets of a histogram.
Sample = tuple[tuple[str, ...], float | HistogramFigures]
_NS = 1e9


class Shown(NamedTuple):
    """What one scrape shows. `figures`: the newest figures of the bridge, or None before the first.

    `is_fresh`: the bridge's loop has answered in time. `age`: seconds since it made the figures. `answers`: by path and
    status, how many HTTP requests were answered.
    """

    figures: BridgeFigures | None
    is_fresh: bool
    age: float
    answers: Mapping[tuple[str, str], int]


class Metric(NamedTuple):
    """One metric. `labels`: the names of its labels. `read`: returns its samples."""

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...]
    read: Callable[[Shown], Iterable[Sample]]


def _of_figures(read: Callable[[BridgeFigures], Iterable[Sample]]) -> Callable[[Shown], Iterable[Sample]]:
    """Samples that need the figures of the bridge; none before the first."""
    return lambda shown: () if shown.figures is None else read(shown.figures)


def _value(read: Callable[[BridgeFigures], float | HistogramFigures]) -> Callable[[Shown], Iterable[Sample]]:
    """The one sample of a metric without labels."""
    return _of_figures(lambda figures: [((), read(figures))])


def _of_overview(read: Callable[[Data], float | None]) -> Callable[[Shown], Iterable[Sample]]:
    """The one sample of a metric without labels, from the overview; none for None."""

    def samples(figures: BridgeFigures) -> Iterable[Sample]:
        value = read(figures.overview)
        return () if value is None else [((), float(value))]

    return _of_figures(samples)


def _by(counts: Mapping[str, float]) -> Iterable[Sample]:
    return [((name,), count) for name, count in sorted(counts.items())]


def _all(names: Iterable[str], counts: Mapping[str, float]) -> Iterable[Sample]:
    """A sample for each name, also for those that count nothing."""
    return [((name,), counts.get(name, 0)) for name in names]


def _each(rows: Callable[[Data], Iterable[Data]], labels: tuple[str, ...], key: str) -> Callable[[Shown], Any]:
    """A sample for each row of the overview that has the key."""

    def samples(figures: BridgeFigures) -> Iterable[Sample]:
        return [(tuple(str(row[label]) for label in labels), row[key]) for row in rows(figures.overview) if key in row]

    return _of_figures(samples)


# What needs more than one line


def _info(figures: BridgeFigures) -> Iterable[Sample]:
    return [((figures.overview["version"],), 1)]


def _connection_state(figures: BridgeFigures) -> Iterable[Sample]:
    return _all(LINK_STATES, {figures.overview["connection"]["state"]: 1})


def _farms(figures: BridgeFigures) -> Iterable[Sample]:
    counts = Counter((farm["kind"], farm["state"]) for farm in figures.overview["farms"])
    return [((kind, state), counts[kind, state]) for kind, state in product(get_args(FarmKind), get_args(FarmState))]


def _streams(figures: BridgeFigures) -> Iterable[Sample]:
    counts = Counter((stream["family"], stream["state"]) for stream in figures.overview["streams"])
    families = sorted({family for family, _ in counts} | {"market"})
    states = [state for state in STREAM.about if state != "ended"]
    return [((family, state), counts[family, state]) for family, state in product(families, states)]


def _ages(figures: BridgeFigures, choose: Callable[[Iterable[int]], int]) -> Iterator[Sample]:
    """Seconds since the event that `choose` selects of the newest events of the live streams, by family."""
    newest: dict[str, list[int]] = {}
    for stream in figures.overview["streams"]:
        if stream["state"] == "live" and stream["newest"]:
            newest.setdefault(stream["family"], []).append(stream["newest"])
    for family, times in sorted(newest.items()):
        yield (family,), max(0.0, (figures.overview["ts"] - choose(times)) / _NS)


def _clients(figures: BridgeFigures) -> Iterable[Sample]:
    counts = Counter(client["state"] for client in figures.overview["clients"])
    return _all(("present", "listening"), counts)


def _doubt_age(overview: Data) -> float:
    return max((order["age"] for order in overview["orders"]["inDoubt"]), default=0.0)


_LANES = ("cancels", "orders", "rest", "releases")
_OPEN_STATES = [state for state in ORDER_STATES if state in OPEN]

METRICS: tuple[Metric, ...] = (
    # The bridge
    Metric(
        "tws_bridge_up_to_date", "gauge",
        "1 if the bridge's event loop answered this scrape in time; 0 if the other figures are old.",
        (), lambda shown: [((), float(shown.is_fresh))],
    ),
    Metric(
        "tws_bridge_snapshot_age_seconds", "gauge", "Age of the figures in this scrape.",
        (), lambda shown: () if shown.figures is None else [((), shown.age)],
    ),
    Metric("tws_bridge_build_info", "gauge", "Always 1; the version of the bridge is a label.", ("version",),
           _of_figures(_info)),
    Metric(
        "tws_bridge_start_time_seconds", "gauge", "When the bridge started, in seconds since 1970 UTC.",
        (), _of_overview(lambda told: told["started"] / _NS),
    ),
    Metric(
        "tws_bridge_ready", "gauge", "1 if the verdict is that the bridge trades, else 0.",
        (), _of_overview(lambda told: not_ready_reason(told) is None),
    ),
    Metric(
        "tws_bridge_tradable", "gauge", "1 if the bridge may send orders to TWS. A halt does not change it.",
        (), _of_overview(lambda told: told["trading"]["tradable"]),
    ),
    Metric("tws_bridge_halted", "gauge", "1 if the kill switch halts trading.",
           (), _of_overview(lambda told: told["trading"]["halted"])),
    Metric(
        "tws_bridge_planned_restart", "gauge", "1 if a planned restart is under way, or so close that no order leaves.",
        (), _of_overview(lambda told: "plannedRestart" in told["trading"]),
    ),
    # The connection to TWS
    Metric("tws_bridge_connection_state", "gauge", "1 for the state of the connection to TWS, 0 for all others.",
           ("state",), _of_figures(_connection_state)),
    Metric(
        "tws_bridge_connection_changes_total", "counter", "How often the connection to TWS entered each state.",
        ("state",), _of_figures(lambda figures: _all(LINK_STATES, figures.tallies.connection_changes)),
    ),
    Metric("tws_bridge_farms", "gauge", "IBKR's data farms that TWS has named on this connection.",
           ("kind", "state"), _of_figures(_farms)),
    Metric("tws_bridge_tws_received_bytes_total", "counter", "Bytes received from TWS.",
           (), _value(lambda figures: figures.received_bytes)),
    Metric("tws_bridge_tws_sent_messages_total", "counter", "Messages sent to TWS.",
           (), _value(lambda figures: figures.sent)),
    Metric("tws_bridge_tws_notices_total", "counter", "Notices of TWS that are about no request.",
           (), _value(lambda figures: figures.tallies.notices)),
    Metric("tws_bridge_undecoded_messages_total", "counter", "Messages of TWS that the bridge could not decode.",
           (), _of_overview(lambda told: told["undecoded"])),
    # Events
    Metric("tws_bridge_events_total", "counter", "Published events, by the first token of their topics.",
           ("family",), _of_figures(lambda figures: _by(figures.events))),
    Metric(
        "tws_bridge_publish_lag_seconds", "histogram",
        "Time from reading bytes from TWS to the publication of their events; for all events of one read that of the "
        "last.",
        (), _value(lambda figures: figures.publish_lag),
    ),
    Metric("tws_bridge_streams", "gauge", "Subscriptions at TWS that clients hold.",
           ("family", "state"), _of_figures(_streams)),
    Metric(
        "tws_bridge_stream_newest_event_age_seconds", "gauge",
        "Time since the newest event of all live streams of the family. Absent if there was none.",
        ("family",), _of_figures(lambda figures: _ages(figures, max)),
    ),
    Metric(
        "tws_bridge_stream_oldest_event_age_seconds", "gauge",
        "Time since the newest event of that live stream of the family that is silent for longest.",
        ("family",), _of_figures(lambda figures: _ages(figures, min)),
    ),
    Metric("tws_bridge_lines", "gauge", "Lines at TWS in use, by kind.", ("line",),
           _each(lambda told: told["lines"], ("line",), "used")),
    Metric("tws_bridge_lines_limit", "gauge", "Lines that TWS has for the bridge, by kind.", ("line",),
           _each(lambda told: told["lines"], ("line",), "limit")),
    # Requests and pacing
    Metric("tws_bridge_requests_total", "counter", "Requests of clients that the bridge let in, by method.",
           ("method",), _of_figures(lambda figures: _by(figures.tallies.requests))),
    Metric("tws_bridge_request_errors_total", "counter", "Error replies to clients, by code of the contract.",
           ("code",), _of_figures(lambda figures: _by(figures.tallies.errors))),
    Metric(
        "tws_bridge_waiting_requests", "gauge", "Requests that wait for TWS, for room, or for another request.",
        (), _of_overview(lambda told: told["pacing"]["waitingRequests"]),
    ),
    Metric("tws_bridge_request_wait_seconds", "histogram", "How long requests waited that did not run at once.",
           (), _value(lambda figures: figures.tallies.waits)),
    Metric(
        "tws_bridge_pacing_limit_messages", "gauge",
        "How many messages may leave to TWS in a second now. Absent without a limit.",
        (), _of_overview(lambda told: told["pacing"]["limit"]),
    ),
    Metric("tws_bridge_pacing_sent_messages", "gauge", "Messages that left to TWS in the last 1.15 seconds.",
           (), _of_overview(lambda told: told["pacing"]["sent"])),
    Metric(
        "tws_bridge_pacing_queued_messages", "gauge", "Messages that wait for room to TWS, by lane.",
        ("lane",), _of_figures(lambda figures: _all(_LANES, figures.overview["pacing"]["lanes"])),
    ),
    Metric(
        "tws_bridge_pacing_violations_total", "counter", "Reports of TWS that the bridge asks too fast.",
        ("counted",), _of_figures(lambda figures: _all(("messages", "history"), figures.tallies.slow_downs)),
    ),
    # Orders
    Metric(
        "tws_bridge_orders", "gauge", "Orders that have not ended, by state.",
        ("state",), _of_figures(lambda figures: _all(_OPEN_STATES, figures.overview["orders"]["byState"])),
    ),
    Metric("tws_bridge_order_states_total", "counter", "How often an order entered each state.",
           ("state",), _of_figures(lambda figures: _all(ORDER_STATES, figures.tallies.order_states))),
    Metric("tws_bridge_orders_in_doubt", "gauge",
           "Orders that are `unknown` or `notFound`, or whose last change is unknown.",
           (), _of_overview(lambda told: told["orders"]["inDoubtCount"])),
    Metric("tws_bridge_order_in_doubt_age_seconds", "gauge", "For how long the oldest of these is in doubt; 0 if none.",
           (), _of_overview(_doubt_age)),
    Metric("tws_bridge_order_send_seconds", "histogram",
           "Time from the receipt of a request to the sending of its order to TWS.",
           (), _value(lambda figures: figures.tallies.order_sent)),
    Metric("tws_bridge_order_answer_seconds", "histogram",
           "Time from the sending of an order to TWS's first message that settles what became of it.",
           (), _value(lambda figures: figures.tallies.order_answered)),
    # The ledger
    Metric("tws_bridge_ledger_commit_seconds", "histogram", "Time of the ledger's commits to disk.",
           (), _value(lambda figures: figures.commits)),
    Metric("tws_bridge_ledger_jobs", "gauge", "Writes and reads that wait for the ledger.",
           (), _value(lambda figures: figures.ledger_jobs)),
    Metric("tws_bridge_ledger_failed", "gauge", "1 while the bridge cannot write the ledger.",
           (), _of_overview(lambda told: told["orderLog"]["failure"] is not None)),
    Metric("tws_bridge_order_log_unwritten_events", "gauge", "Events of the order logs that are not on disk yet.",
           (), _of_overview(lambda told: told["orderLog"]["unwritten"])),
    # Clients and bounds
    Metric("tws_bridge_clients", "gauge", "Clients that the bridge knows, by state.",
           ("state",), _of_figures(_clients)),
    Metric(
        "tws_bridge_client_limit_used", "gauge",
        "What a client of the configuration has used of its pre-trade limits that count something.",
        ("client", "limit"), _each(lambda told: told["clientLimits"], ("client", "limit"), "used"),
    ),
    Metric("tws_bridge_client_limit", "gauge", "The pre-trade limits of the clients of the configuration.",
           ("client", "limit"), _each(lambda told: told["clientLimits"], ("client", "limit"), "most")),
    Metric("tws_bridge_bound_used", "gauge", "What is in use of each bound; the reference of limits lists them.",
           ("bound",), _each(lambda told: told["limits"], ("bound",), "used")),
    Metric("tws_bridge_bound_limit", "gauge", "The most of each bound. Absent if nothing but the machine limits it.",
           ("bound",), _each(lambda told: told["limits"], ("bound",), "most")),
    Metric(
        "tws_bridge_bound_refusals_total", "counter",
        "What the bridge refused or dropped because a bound was reached: requests, replies, connections.",
        ("bound",), _each(lambda told: told["limits"], ("bound",), "refused"),
    ),
    # The cache
    Metric("tws_bridge_cache_hits_total", "counter", "Requests that the cache answered.",
           (), _of_overview(lambda told: told["cache"]["hits"])),
    Metric("tws_bridge_cache_misses_total", "counter", "Requests that the cache could have answered, but did not.",
           (), _of_overview(lambda told: told["cache"]["misses"])),
    Metric("tws_bridge_cache_shared_requests_total", "counter", "Requests that shared the answer to an equal one.",
           (), _of_overview(lambda told: told["cache"]["shared"])),
    # The HTTP server
    Metric(
        "tws_bridge_http_requests_total", "counter", "HTTP requests that the bridge answered.",
        ("path", "status"), lambda shown: sorted(shown.answers.items()),
    ),
)  # fmt: skip
