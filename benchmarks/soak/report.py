"""The results of a soak test: the figures and the problems."""

from __future__ import annotations

import statistics
from collections import Counter

from benchmarks.soak.run import Data, Record
from benchmarks.soak.subscriber import latency

#: How much the bridge's memory at the end may differ from that after the warm-up, as a fraction.
FLAT = 0.05
#: The last fraction of a cycle, in which memory is measured: no subscriber is stopped, and all queues are empty.
_LATE = 0.15
#: A resumed subscriber may need this many seconds to read its queue or to reconnect.
DRAIN = 10.0
#: The fraction of the rate that TWS must reach.
_HELD = 0.98
#: The allowed outcomes of an order: TWS fills it, or the bridge refuses it while TWS is disconnected.
_OUTCOMES = ("filled", "notConnected", "notTradable")
_BILLION = 1_000_000_000


class Report:
    """The report of a run. `problems` is empty if the run has passed."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self.warm = self._memory(0)
        self.end = self._memory(-1)
        self.problems = [*self._in_memory(), *self._in_numbers(), *self._in_load()]

    # Problems

    def _memory(self, cycle: int) -> float:
        """The memory of the bridge in bytes at the end of a cycle. The first cycle is 0, the last one -1."""
        plan = self._record.plan
        until = plan.seconds + (cycle + 1) * plan.cycle if cycle < 0 else (cycle + 1) * plan.cycle
        late = [rss for at, rss in self._record.memory if until - _LATE * plan.cycle <= at <= until]
        return statistics.median(late)

    def _in_memory(self) -> list[str]:
        if abs(self.end / self.warm - 1) <= FLAT:
            return []
        return [f"the bridge's memory is not flat: {_mb(self.warm)} after the warm-up, {_mb(self.end)} at the end"]

    def _in_numbers(self) -> list[str]:
        problems = []
        for number, result in enumerate(self._record.subscribers):
            who = f"subscriber {number}"
            unexplained = [hole for hole in result["holes"] if number or not self._was_stopped(hole[2], hole[3])]
            problems += [f"{who} has an unexplained hole: {hole}" for hole in unexplained[:3]]
            if result["repeated"]:
                problems.append(f"{who} received {result['repeated']} numbers twice")
            last = {topic: seq for topic, seq in result["last"].items() if topic in self._record.sequences}
            if last != self._record.sequences:
                problems.append(f"{who} does not have the newest number of each topic")
        return problems

    def _was_stopped(self, before: int, after: int) -> bool:
        """Whether the events between these times were published while the subscriber was stopped, or shortly after."""
        slack = DRAIN * _BILLION
        return any(begin - _BILLION <= before and after <= end + slack for begin, end in self._record.stops)

    def _in_load(self) -> list[str]:
        record, problems = self._record, []
        if record.tws["rate"] < _HELD * record.rate:
            problems.append(f"TWS has sent {record.tws['rate']:,.0f} events/s, not {record.rate:,}")
        if record.tws["connections"] != record.drops + 1:
            problems.append(f"{record.drops} drops, but {record.tws['connections']} connections")
        for result in record.subscribers[1:]:
            if result["outages"] != {"gap": record.drops, "recovered": record.drops}:
                problems.append(f"{record.drops} outages were reported as {result['outages']}")
        if bad := {word: count for word, count in record.orders.items() if word not in _OUTCOMES}:
            problems.append(f"orders ended as {bad}")
        if not any(result["holes"] for result in record.subscribers[:1]):
            problems.append("the stopped subscriber has lost nothing, so the run does not test losses")
        return problems

    # Figures

    def _lost_by_stopped(self) -> str:
        result = self._record.subscribers[0]
        missing = sum(hole[1] for hole in result["holes"])
        return f"{missing:,} events in {len(result['holes'])} holes, all within its stops and {DRAIN:g} s after them"

    def _latencies(self) -> list[float]:
        """The latency in seconds of the subscribers that were never stopped: median, 99 %, 99.9 %, longest."""
        classes: Counter[int] = Counter()
        for result in self._record.subscribers[1:]:
            classes.update(dict(map(tuple, result["latencies"])))
        return [latency(_quantile(classes, part)) for part in (0.5, 0.99, 0.999, 1.0)]

    def lines(self) -> list[str]:
        """The figures as a Markdown table."""
        record, plan = self._record, self._record.plan
        most = max(rss for _, rss in record.memory)
        share = {name: f"{100 * cpu / record.seconds:.0f} %" for name, cpu in record.cpu.items()}
        times = " / ".join(f"{1000 * at:.1f}" for at in self._latencies())
        return [
            "| | |",
            "|---|---|",
            f"| length | {record.seconds:,.0f} s, cycles of {plan.cycle:.0f} s |",
            f"| load | {record.tws['rate']:,.0f} events/s from TWS on {len(record.sequences)} topics, "
            f"{record.tws['sent']:,} in all, to {len(record.subscribers)} subscribers |",
            f"| what went wrong | {record.drops} times TWS dropped; one subscriber stopped {len(record.stops)} times "
            f"for {plan.stopped:.0f} s |",
            f"| orders | {_counted(record.orders)} |",
            f"| memory of the bridge | {_mb(record.rss_at_start)} at the start, {_mb(self.warm)} after the warm-up, "
            f"{_mb(self.end)} at the end ({100 * (self.end / self.warm - 1):+.1f} %), {_mb(most)} at most |",
            f"| the same at the end of each cycle | {self._by_cycle()} |",
            f"| lost by the stopped subscriber | {self._lost_by_stopped()} |",
            f"| lost by the others | {self._lost_by_others()} |",
            f"| from TWS to a subscriber, ms | {times} (median / 99 % / 99.9 % / longest) |",
            f"| CPU of a core | {_counted(share)} |",
        ]

    def _by_cycle(self) -> str:
        cycles = range(round(self._record.plan.seconds / self._record.plan.cycle))
        return ", ".join(f"{self._memory(cycle) / 1e6:.1f}" for cycle in cycles)

    def _lost_by_others(self) -> str:
        result: list[Data] = self._record.subscribers[1:]
        return f"{sum(hole[1] for one in result for hole in one['holes']):,} events"


def _quantile(classes: Counter[int], part: float) -> int:
    left = part * sum(classes.values())
    for class_ in sorted(classes):
        left -= classes[class_]
        if left <= 0:
            return class_
    return max(classes)


def _counted(result: dict[str, object] | Counter[str] | dict[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in result.items()) or "none"


def _mb(size: float) -> str:
    return f"{size / 1e6:.1f} MB"
