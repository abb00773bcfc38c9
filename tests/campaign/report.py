"""What a campaign prints: a table of what must be 0 and of what was counted, and the story of each guilty intent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from tests.campaign.episode import Outcome
from tests.campaign.judge import FIGURES, Fault, intent_of
from tests.campaign.plan import Data

#: Stories told of one episode; the rest are in its folder.
MOST_STORIES = 3


def table(seed: int, outcomes: list[Outcome]) -> str:
    """The seed first, then the figures, then the counts."""
    counts: Counter[str] = Counter({"episodes": len(outcomes)})
    for outcome in outcomes:
        counts += _count(outcome)
    figures = {name: sum(len(outcome.faults[name]) for outcome in outcomes) for name in FIGURES}
    width = max(map(len, [*figures, *counts]))
    lines = [f"{'seed':{width}}  {seed}", "", "must be 0"]
    lines += [f"{name:{width}}  {count}" for name, count in figures.items()]
    lines += ["", "counted"]
    lines += [f"{name:{width}}  {count}" for name, count in counts.items()]
    longest = max((outcome.settled_in for outcome in outcomes), default=0.0)
    return "\n".join([*lines, f"{'seconds until all was settled, at most':{width}}  {longest:.1f}"])


def _count(outcome: Outcome) -> Counter[str]:
    evidence = outcome.evidence
    orders = evidence.book.orders.values()
    intents = [intent for of_one in evidence.intents.values() for intent in of_one.values()]
    words = [event["fate"] for event in evidence.truth if event["what"] == "said"]
    told = [line["told"].get("state", "no state") for line in _lines(outcome, "told")]
    days = sum(event["what"] == "day" for event in evidence.truth) - 1
    return Counter(
        {
            "intents": len(intents),
            "intents that no evidence can settle": sum(intent.over is None for intent in intents),
            "orders at TWS": len(orders),
            "orders at TWS before faults ended": sum(taken < outcome.calm_at for taken in _taken(outcome)),
            "orders that came in place of another": sum(len(intent.ways) for intent in intents),
            "executions": sum(len(entry.executions) for entry in orders),
            "corrections of executions": sum(one.nth > 1 for entry in orders for one in entry.executions),
            "changes asked": sum(line["method"] == "modifyOrder" for line in _lines(outcome, "asked")),
            "cancels asked": sum(line["method"] == "cancelOrder" for line in _lines(outcome, "asked")),
            "answers to traders": len(told),
            "answers unknown, notFound or inactive": sum(s in ("unknown", "notFound", "inactive") for s in told),
            "words on orders": len(words),
            "words lost, with nobody there, late or repeated": sum(fate != "at once" for fate in words),
            "new days at TWS": days,
            **outcome.done,
        }
    )


def _taken(outcome: Outcome) -> list[float]:
    return [event["t"] for event in outcome.evidence.truth if event["what"] == "taken"]


def _lines(outcome: Outcome, what: str) -> Iterator[Data]:
    for lines in outcome.evidence.lines.values():
        yield from (line for line in lines if line["what"] == what)


def verdict(outcome: Outcome, folder: str) -> str:
    """One line for an episode; where it has faults, a line for each, and the stories of the first."""
    what = f"episode {outcome.plan.seed} (TWS {outcome.plan.version}), settled in {outcome.settled_in:.1f} s"
    if outcome.is_clean:
        return f"{what}: agree"
    found = [(name, fault) for name, faults in outcome.faults.items() for fault in faults]
    lines = [f"{what}: {len(found)} at fault, see {folder}"]
    lines += [f"  {name}: {fault.owner} {fault.intent}: {fault.text}" for name, fault in found]
    guilty = list(dict.fromkeys((fault.owner, fault.intent) for _, fault in found if fault.intent))
    for owner, intent in guilty[:MOST_STORIES]:
        lines += [f"  the story of {owner} {intent}", *(f"    {line}" for line in story(outcome, owner, intent))]
    return "\n".join(lines)


def story(outcome: Outcome, owner: str, intent: str) -> list[str]:
    """A line of state for each event of the intent: what TWS had and said, what its trader asked and was told."""
    events: list[tuple[float, str]] = list(outcome.happened)
    begin = events[0][0]
    for event in outcome.evidence.truth:
        is_day = event["what"] == "day"
        if is_day or (event.get("owner") == owner and intent_of(event["key"]) == intent):
            events.append((event["t"], f"TWS    {_of_tws(event)}"))
    for line in outcome.evidence.lines[owner]:
        if line.get("intent") == intent or (line["what"] == "log" and intent_of(line["key"]) == intent):
            events.append((line["t"], f"trader {_of_trader(line)}"))
    return [
        f"{at - begin:7.3f} {datetime.fromtimestamp(at):%H:%M:%S} {text}" for at, text in _told_once(sorted(events))
    ]


def _told_once(events: list[tuple[float, str]]) -> Iterator[tuple[float, str]]:
    """Without what a trader is asking and told again and again."""
    last: dict[str, str] = {}
    for at, text in events:
        kind = " ".join(text.split()[:2])
        if kind not in ("trader asks", "trader is") or last.get(kind) != text:
            yield at, text
        last[kind] = text


def _of_tws(event: Data) -> str:
    facts = {name: event[name] for name in ("key", "orderId", "perm", "status", "execId", "shares") if name in event}
    match event["what"]:
        case "said":
            return f"says {event['word']} of {event['perm']}: {event['fate']}"
        case "note":
            return f"{event['key']} {event['orderId']}: {event['text']}"
        case "day":
            return f"a new day: {event['day']}"
        case what:
            return f"{what} {_plain(facts)}"


def _of_trader(line: Data) -> str:
    match line["what"]:
        case "told":
            return f"is told by {line['method']} {line['key']}: {_plain(line['told'])}"
        case "asked":
            return f"asks {line['method']} {line['key']}"
        case "log":
            return f"hears {line['n']} {line['event']} {line['key']} {line['status']} {line['execId'] or ''}"
        case what:
            return f"{what} {_plain({k: v for k, v in line.items() if k not in ('t', 'what', 'intent')})}"


def _plain(facts: Data) -> str:
    return " ".join(f"{name}={value}" for name, value in facts.items())


__all__ = ["Fault", "story", "table", "verdict"]
