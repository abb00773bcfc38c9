"""What a soak has shown: the figures, and what is wrong with them."""

from __future__ import annotations

import statistics
from collections import Counter

from benchmarks.soak.run import Data, Record
from benchmarks.soak.subscriber import latency

#: How far the bridge's memory may be, after the warm-up and at the end, from each other.
FLAT = 0.05
#: Part of a cycle, at its end, over which its memory is told: nothing is stopped then, and all queues are empty.
_LATE = 0.15
#: Seconds until a subscriber that goes on has read what waited for it, and is connected again where it was given up.
DRAIN = 10.0
#: Part of the rate that the load has to reach for the run to count.
_HELD = 0.98
#: What may become of an order: TWS fills it, or the bridge refuses it while TWS is away.
_FATES = ("filled", "notConnected", "notTradable")
_BILLION = 1_000_000_000


class Report:
    """`problems` is empty where all is as it must be."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self.warm = self._memory(0)
        self.end = self._memory(-1)
        self.problems = [*self._in_memory(), *self._in_numbers(), *self._in_load()]

    # What is wrong

    def _memory(self, cycle: int) -> float:
        """Bytes that the bridge used at the end of a cycle, counted from 0; -1 is the last."""
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
        for number, told in enumerate(self._record.subscribers):
            who = f"subscriber {number}"
            unexplained = [hole for hole in told["holes"] if number or not self._was_stopped(hole[2], hole[3])]
            problems += [f"{who} has an unexplained hole: {hole}" for hole in unexplained[:3]]
            if told["repeated"]:
                problems.append(f"{who} was told {told['repeated']} numbers twice")
            last = {topic: seq for topic, seq in told["last"].items() if topic in self._record.sequences}
            if last != self._record.sequences:
                problems.append(f"{who} has not the newest number of each topic")
        return problems

    def _was_stopped(self, before: int, after: int) -> bool:
        """Whether events between these moments were published while the subscriber was stopped, or read on after it."""
        slack = DRAIN * _BILLION
        return any(begin - _BILLION <= before and after <= end + slack for begin, end in self._record.stops)

    def _in_load(self) -> list[str]:
        record, problems = self._record, []
        if record.tws["rate"] < _HELD * record.rate:
            problems.append(f"TWS has sent {record.tws['rate']:,.0f} events/s, not {record.rate:,}")
        if record.tws["connections"] != record.drops + 1:
            problems.append(f"{record.drops} drops, but {record.tws['connections']} connections")
        for told in record.subscribers[1:]:
            if told["outages"] != {"gap": record.drops, "recovered": record.drops}:
                problems.append(f"{record.drops} outages were told as {told['outages']}")
        if bad := {word: count for word, count in record.orders.items() if word not in _FATES}:
            problems.append(f"orders came to {bad}")
        if not any(told["holes"] for told in record.subscribers[:1]):
            problems.append("the stopped subscriber has lost nothing: the run shows nothing of that")
        return problems

    # The figures

    def _stopped_lost(self) -> str:
        told = self._record.subscribers[0]
        missing = sum(hole[1] for hole in told["holes"])
        return f"{missing:,} events in {len(told['holes'])} holes, all within its stops and {DRAIN:g} s after them"

    def _latencies(self) -> list[float]:
        """Seconds: median, 99 %, 99.9 %, the longest; of the subscribers that never were stopped."""
        classes: Counter[int] = Counter()
        for told in self._record.subscribers[1:]:
            classes.update(dict(map(tuple, told["latencies"])))
        return [latency(_quantile(classes, part)) for part in (0.5, 0.99, 0.999, 1.0)]

    def lines(self) -> list[str]:
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
            f"| lost by the stopped subscriber | {self._stopped_lost()} |",
            f"| lost by the others | {self._lost_by_others()} |",
            f"| from TWS to a subscriber, ms | {times} (median / 99 % / 99.9 % / longest) |",
            f"| CPU of a core | {_counted(share)} |",
        ]

    def _by_cycle(self) -> str:
        cycles = range(round(self._record.plan.seconds / self._record.plan.cycle))
        return ", ".join(f"{self._memory(cycle) / 1e6:.1f}" for cycle in cycles)

    def _lost_by_others(self) -> str:
        told: list[Data] = self._record.subscribers[1:]
        return f"{sum(hole[1] for one in told for hole in one['holes']):,} events"


def _quantile(classes: Counter[int], part: float) -> int:
    left = part * sum(classes.values())
    for class_ in sorted(classes):
        left -= classes[class_]
        if left <= 0:
            return class_
    return max(classes)


def _counted(told: dict[str, object] | Counter[str] | dict[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in told.items()) or "none"


def _mb(size: float) -> str:
    return f"{size / 1e6:.1f} MB"
