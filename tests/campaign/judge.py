"""Whether truth, the independent client, the ledger, the order logs and what traders were told agree. Pure.

Each figure is a list of what is at fault, and must be empty: `(owner, intent or key, text)`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple

from tests.campaign.evidence import Evidence, Row
from tests.campaign.plan import Data
from tests.campaign.reach import Reach
from tests.campaign.trader.answers import UNADVISED
from tests.campaign.trader.intent import ENDED, FREE, Attempt, Intent
from tests.campaign.tws.book import Book, Entry


class Fault(NamedTuple):
    """`intent` is empty where it is about the bridge as a whole."""

    owner: str
    intent: str
    text: str


#: Seconds in which an event of the order log reaches its trader.
MOMENT = 3.0

Figure = Callable[[Evidence], Iterator[Fault]]


def intent_of(key: str) -> str:
    return key.rpartition("_")[0]


# Figures of the truth alone


def over_executed(evidence: Evidence) -> Iterator[Fault]:
    executed: Counter[tuple[str, str]] = Counter()
    for entry in evidence.book.orders.values():
        owner, key = entry.name
        executed[owner, intent_of(key)] += entry.filled
    for owner, intents in evidence.intents.items():
        for intent in intents.values():
            if executed[owner, intent.id] > intent.quantity:
                text = f"{executed[owner, intent.id]} of {intent.quantity} executed, by way of {_way(intent)}"
                yield Fault(owner, intent.id, text)


def alive_twice(evidence: Evidence) -> Iterator[Fault]:
    """At any time, not only at the end."""
    book, guilty = Book(), set()
    for event in evidence.truth:
        book.apply(event)
        if event["what"] not in ("taken", "status"):
            continue
        mine = (event["owner"], intent_of(event["key"]))
        alive = [e.name[1] for e in book.live() if (e.name[0], intent_of(e.name[1])) == mine]
        if len(alive) > 1 and mine not in guilty:
            guilty.add(mine)
            intent = evidence.intents[mine[0]][mine[1]]
            yield Fault(*mine, f"two live orders at a time: {', '.join(alive)}, by way of {_way(intent)}")


def _way(intent: Intent) -> str:
    """What the trader was told before each order that it placed after the first."""
    return ", ".join(intent.ways) or "no advice: under one key"


# Figures of the truth against the ledger


def unknown_to_owner(evidence: Evidence) -> Iterator[Fault]:
    for entry in evidence.book.orders.values():
        owner, key = entry.name
        row = evidence.rows.get(entry.order_id)
        intent = evidence.intents.get(owner, {}).get(intent_of(key))
        if row is None or (row.owner, row.key) != (owner, key):
            yield Fault(owner, intent_of(key), f"order {entry.order_id} of {key} at TWS is not in the ledger")
        elif intent is None or key not in [attempt.key for attempt in intent.attempts]:
            yield Fault(owner, intent_of(key), f"order {entry.order_id} at TWS has a key that its trader never used")
        elif entry.is_live and row.state not in ("acknowledged", "inactive"):
            text = f"order {entry.order_id} is {entry.status} at TWS, and {row.state} to its owner"
            yield Fault(owner, intent_of(key), text)


def missing_executions(evidence: Evidence) -> Iterator[Fault]:
    reach = Reach(evidence)
    known = {one.exec_id for log in evidence.logs.values() for one in log if one.event == "execDetails"}
    for entry in evidence.book.orders.values():
        for execution in entry.executions:
            if reach.owes(execution) and execution.exec_id not in known:
                yield Fault(entry.name[0], intent_of(entry.name[1]), f"execution {execution.exec_id} is not in the log")


def repeated_executions(evidence: Evidence) -> Iterator[Fault]:
    """In the order log, or in what the trader took of it."""
    for owner, log in evidence.logs.items():
        taken = [str(line["execId"]) for line in evidence.lines[owner] if line.get("event") == "execDetails"]
        for source in ([str(one.exec_id) for one in log if one.event == "execDetails"], taken):
            for exec_id, count in Counter(source).items():
                if count > 1:
                    yield Fault(owner, "", f"execution {exec_id} is there {count} times")


def log_holes(evidence: Evidence) -> Iterator[Fault]:
    """Numbers that do not follow on each other, and logs that differ: as told, as written, as the trader took it.

    A trader has a moment to take what is new.
    """
    for owner, log in evidence.logs.items():
        if [one.n for one in log] != list(range(1, len(log) + 1)):
            yield Fault(owner, "", "the order log has holes")
        if log != evidence.written[owner][: len(log)]:
            yield Fault(owner, "", "the order log as it is told differs from the ledger's file")
        taken = [(line["n"], line["execId"]) for line in evidence.lines[owner] if line["what"] == "log"]
        due = sum(one.at < evidence.at - MOMENT for one in log)
        if len(taken) < due or taken != [(one.n, one.exec_id) for one in log][: len(taken)]:
            yield Fault(owner, "", f"the trader took {len(taken)} events of a log of {len(log)}, or others")


def left_unknown(evidence: Evidence) -> Iterator[Fault]:
    reach = Reach(evidence)
    for row in reach.current_rows():
        if row.state in ("unknown", "sent", "queued") and (why := reach.settles(row)):
            yield Fault(row.owner, intent_of(row.key), f"order {row.order_id} is {row.state}, and {why}")


def changes_left_unknown(evidence: Evidence) -> Iterator[Fault]:
    for row in evidence.rows.values():
        if row.change in ("unknown", "sent") and row.state in ("filled", "cancelled", "rejected", "abandoned"):
            text = f"order {row.order_id} is {row.state}, its change {row.change}"
            yield Fault(row.owner, intent_of(row.key), text)


def at_odds(evidence: Evidence) -> Iterator[Fault]:
    """The ledger says of an order what is not so, though TWS tells."""
    reach = Reach(evidence)
    for row in reach.current_rows():
        entry = evidence.book.by_number(1, row.order_id)
        text = _odds(row, entry, is_told=reach.is_of_today(row))
        if text is not None:
            yield Fault(row.owner, intent_of(row.key), f"order {row.order_id}: {text}")


def _odds(row: Row, entry: Entry | None, *, is_told: bool) -> str | None:
    status = "nothing" if entry is None else entry.status
    filled = 0 if entry is None else entry.filled
    match row.state:
        case "acknowledged" | "inactive" if entry is None or not entry.is_live:
            return f"the ledger has it {row.state}, TWS {status}"
        case "filled" if status != "Filled":
            return f"the ledger has it filled, TWS {status}"
        case "cancelled" if is_told and status == "Filled":
            return "the ledger has it cancelled, TWS Filled"
        case "rejected" | "notFound" if filled:
            return f"the ledger has it {row.state}, TWS has executed {filled}"
    is_over = row.state in ("filled", "cancelled") and entry is not None and is_told
    if is_over and entry is not None and not entry.filled <= float(row.filled) <= entry.most_filled:
        return f"the ledger has {row.filled} filled, TWS {entry.filled}"
    return None


def told_wrong(evidence: Evidence) -> Iterator[Fault]:
    """What a trader was told last of an order that is over, or was never there.

    A `conflict` in its order log takes back what it was told before: there `at_odds` looks at the ledger.
    """
    for owner, intents in evidence.intents.items():
        warned = _warned_last(evidence.lines[owner])
        for intent in intents.values():
            for attempt in intent.attempts:
                if attempt.key in warned:
                    continue
                entries = [e for e in evidence.book.orders.values() if e.name == (owner, attempt.key)]
                if (text := _untruth(attempt, entries)) is not None:
                    yield Fault(owner, intent.id, f"{attempt.key}: told {text}")


def _warned_last(lines: list[Data]) -> set[str]:
    """The keys that had a `conflict` after the last answer about their order."""
    warned: set[str] = set()
    for line in lines:
        if line.get("event") == "conflict":
            warned.add(line["key"])
        elif line["what"] == "told":
            warned.discard(line["key"])
    return warned


def _untruth(attempt: Attempt, entries: list[Entry]) -> str | None:
    least, most = sum(e.filled for e in entries), sum(e.most_filled for e in entries)
    alive = [entry.status for entry in entries if entry.is_live]
    match attempt.state:
        case "filled" if not any(entry.status == "Filled" for entry in entries):
            return f"filled, at TWS {[entry.status for entry in entries]}"
        case "cancelled" if attempt.is_final and (alive or not least <= attempt.filled <= most):
            return f"cancelled with {attempt.filled} filled for good, at TWS {least} {alive}"
        case "rejected" | "unsent" | "abandoned" | "notFound" if alive or most:
            return f"{attempt.state}, at TWS {most} executed {alive}"
    return None


def came_back(evidence: Evidence) -> Iterator[Fault]:
    """An order that a trader was told was over is over no more, with no event `conflict`, or for no reason.

    The reasons are an openOrder that came late, and an execution that was corrected.
    """
    shown = {(said["owner"], said["key"]) for said in evidence.truth if said["what"] == "said" and _is_late_show(said)}
    shown |= {entry.name for entry in evidence.book.orders.values() if any(one.nth > 1 for one in entry.executions)}
    for owner, lines in evidence.lines.items():
        warned = {line["key"] for line in lines if line.get("event") == "conflict" and (owner, line["key"]) in shown}
        ended: dict[str, str] = {}
        for line in lines:
            state = line["told"].get("state") if line["what"] == "told" else None
            if state in ENDED or state in FREE:
                ended[line["key"]] = state
            elif state is not None and ended.get(line["key"]) in ENDED and line["key"] not in warned:
                yield Fault(owner, line["intent"], f"{line['key']} was {ended.pop(line['key'])}, and is {state}")


def _is_late_show(said: Data) -> bool:
    return said["word"].split()[0] == "openOrder" and "after" in said["fate"]


# The rest


def unsettled(evidence: Evidence) -> Iterator[Fault]:
    """Intents that are not over, though evidence could settle them."""
    reach = Reach(evidence)
    for owner, intents in evidence.intents.items():
        for intent in intents.values():
            if intent.over is None and not reach.excuses(owner, intent):
                state = intent.current.state if intent.attempts else "not begun"
                yield Fault(owner, intent.id, f"not over in time: {state}, last asked {_last_method(intent)}")


def _last_method(intent: Intent) -> str:
    return intent.current.last_method or "nothing" if intent.attempts else "nothing"


def unadvised(evidence: Evidence) -> Iterator[Fault]:
    """Answers that a trader which follows the contract should never get."""
    for owner, lines in evidence.lines.items():
        for line in lines:
            told = line.get("told", {})
            if told.get("code") in UNADVISED:
                text = f"{line['method']} of {line['key']} was answered {told['code']}: {told['message']}"
                yield Fault(owner, line["intent"], text)


def tracebacks(evidence: Evidence) -> Iterator[Fault]:
    for line in evidence.bridge_log.splitlines():
        if "Traceback" in line or "UNIQUE constraint" in line:
            yield Fault("bridge", "", line[:200])


def views_differ(evidence: Evidence) -> Iterator[Fault]:
    """The independent client hears what the truth is: else the hostile TWS itself is wrong."""
    book, view = evidence.book, evidence.view
    alive = {str(entry.perm): entry.status for entry in book.live()}
    completed = {str(entry.perm) for entry in book.completed()}
    if {perm: status for perm, status in view.orders.items() if perm not in completed} != alive:
        yield Fault("client 77", "", f"open orders {view.orders} are not {alive} and {sorted(completed)}")
    if sorted(view.executions) != sorted(execution.exec_id for _, execution in book.executions()):
        yield Fault("client 77", "", "executions of the day differ")


#: In the order of the table.
FIGURES: dict[str, Figure] = {
    "intents executed beyond their quantity": over_executed,
    "intents with two live orders": alive_twice,
    "orders at TWS unknown to their owner": unknown_to_owner,
    "executions missing in the owner's log": missing_executions,
    "executions repeated in the owner's log": repeated_executions,
    "order logs with holes, or told otherwise": log_holes,
    "orders left unknown that evidence could settle": left_unknown,
    "changes left unknown on ended orders": changes_left_unknown,
    "orders in the ledger otherwise than at TWS": at_odds,
    "orders told otherwise than at TWS": told_wrong,
    "orders that came back from their end unannounced": came_back,
    "intents not settled in time": unsettled,
    "answers without advice": unadvised,
    "tracebacks in the bridge's log": tracebacks,
    "independent client's view differs from TWS's book": views_differ,
}


def judge(evidence: Evidence) -> dict[str, list[Fault]]:
    return {name: list(figure(evidence)) for name, figure in FIGURES.items()}
