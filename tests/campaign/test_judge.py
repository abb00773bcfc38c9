"""The judge finds what it must find: each figure has evidence that makes it guilty, and a clean story makes none so."""

from __future__ import annotations

import pytest

from tests.campaign.evidence import Evidence, Logged, Row, View
from tests.campaign.judge import FIGURES, judge
from tests.campaign.plan import Plan

AT = 1_000_000.0
EXEC = "3b9aca01.0001.01"
REF = "#tb:0123abcd:alice:{}:{}"


def order(number, key, status="Submitted", day="20261123"):
    """A line of the truth: an order that TWS took."""
    sent = {"action": "BUY", "totalQuantity": "5", "orderRef": REF.format(key, number), "tif": "DAY"}
    return {
        "t": AT, "what": "taken", "perm": 1000 + number, "orderId": number, "client": 1, "contract": {"conId": 1},
        "order": sent, "day": day, "status": status, "owner": "alice", "key": key,
    }  # fmt: skip


def executed(number, key, shares, exec_id=EXEC, day="20261123"):
    return {
        "t": AT, "what": "executed", "perm": 1000 + number, "owner": "alice", "key": key, "execId": exec_id,
        "shares": shares, "price": 10.0, "day": day, "time": f"{day} 10:00:00 UTC",
    }  # fmt: skip


def status(number, key, word, day="20261123"):
    return {
        "t": AT, "what": "status", "perm": 1000 + number, "owner": "alice", "key": key, "status": word, "day": day,
    }  # fmt: skip


def told(key, method="placeOrder", **facts):
    line = {"t": AT + 1, "what": "told", "intent": "i0", "key": key, "method": method, "revision": 0}
    return {**line, "told": facts}


def asked(key):
    return {"t": AT, "what": "asked", "intent": "i0", "key": key, "method": "placeOrder"}


def attempt(key):
    return {"t": AT, "what": "attempt", "intent": "i0", "key": key, "quantity": 5}


OVER = {"t": AT + 2, "what": "over", "intent": "i0", "why": "filled"}
DAY = {"t": AT - 10, "what": "day", "day": "20261123", "away": True}
HEARD = {
    "t": AT, "what": "log", "log": "x", "n": 1, "event": "execDetails", "key": "i0_0", "execId": EXEC, "shares": "5",
    "status": None,
}  # fmt: skip


class Story:
    """A clean one: an intent of five, executed under its first key, and everybody knows. Parts can be replaced."""

    def __init__(self):
        self.truth = [DAY, order(1, "i0_0"), executed(1, "i0_0", 5), status(1, "i0_0", "Filled")]
        self.rows = [Row(1, "alice", "i0_0", "filled", "Filled", "5", None)]
        self.log = [Logged(1, AT, "i0_0", "execDetails", EXEC)]
        self.written = None
        self.lines = [attempt("i0_0"), asked("i0_0"), told("i0_0", state="filled", filled="5"), OVER, HEARD]
        self.view = View({"1001": "Filled"}, [EXEC])
        self.bridge_log = ""

    def evidence(self):
        wish = {"id": "i0", "quantity": 5, "order": {}, "starts": 0.0, "patience": 1.0}
        plan = Plan("0/0", 213, {"alice": {"name": "alice", "contract": {}, "intents": [wish]}})
        return Evidence(
            plan, AT + 60, self.truth, self.view, {row.order_id: row for row in self.rows}, {"alice": self.log},
            {"alice": self.log if self.written is None else self.written}, {"alice": self.lines}, self.bridge_log,
        )  # fmt: skip


def over_executed(story):
    story.truth += [order(2, "i0_1"), executed(2, "i0_1", 1, "3b9aca02.0001.01")]


def alive_twice(story):
    story.truth += [order(2, "i0_1"), order(3, "i0_2"), status(2, "i0_1", "Cancelled"), status(3, "i0_2", "Cancelled")]


def not_in_the_ledger(story):
    story.rows = []


def lives_unknown(story):
    story.truth = [DAY, order(1, "i0_0")]
    story.rows = [Row(1, "alice", "i0_0", "cancelled", "Cancelled", "0", None)]


def missing(story):
    story.log = []


def repeated(story):
    story.log = [*story.log, Logged(2, AT, "i0_0", "execDetails", EXEC)]


def hole(story):
    story.log = [Logged(2, AT, "i0_0", "execDetails", EXEC)]


def differs_on_disk(story):
    story.written = []


def not_taken(story):
    story.lines = [line for line in story.lines if line is not HEARD]


def left_unknown(story):
    story.rows = [Row(1, "alice", "i0_0", "unknown", None, "0", None)]


def change_unknown(story):
    story.rows = [Row(1, "alice", "i0_0", "filled", "Filled", "5", "unknown")]


def said_alive(story):
    story.rows = [Row(1, "alice", "i0_0", "acknowledged", "Submitted", "5", None)]


def filled_otherwise(story):
    story.rows = [Row(1, "alice", "i0_0", "filled", "Filled", "3", None)]


def told_rejected(story):
    story.lines = [attempt("i0_0"), asked("i0_0"), told("i0_0", state="rejected"), OVER, HEARD]


def told_final_too_soon(story):
    story.lines[2] = told("i0_0", state="cancelled", filled="3", fillsFinal=True)


def back_from_the_end(story):
    story.lines.append(told("i0_0", state="acknowledged"))


def not_settled(story):
    story.lines.remove(OVER)


def no_advice(story):
    story.lines.append(told("i0_0", code="keyConflict", message="another order"))


def traceback(story):
    story.bridge_log = "Traceback (most recent call last):\n"


def other_view(story):
    story.view = View({"1001": "Submitted"}, [])


GUILTY = {
    over_executed: "intents executed beyond their quantity",
    alive_twice: "intents with two live orders",
    not_in_the_ledger: "orders at TWS unknown to their owner",
    lives_unknown: "orders at TWS unknown to their owner",
    missing: "executions missing in the owner's log",
    repeated: "executions repeated in the owner's log",
    hole: "order logs with holes, or told otherwise",
    differs_on_disk: "order logs with holes, or told otherwise",
    not_taken: "order logs with holes, or told otherwise",
    left_unknown: "orders left unknown that evidence could settle",
    change_unknown: "changes left unknown on ended orders",
    said_alive: "orders in the ledger otherwise than at TWS",
    filled_otherwise: "orders in the ledger otherwise than at TWS",
    told_rejected: "orders told otherwise than at TWS",
    told_final_too_soon: "orders told otherwise than at TWS",
    back_from_the_end: "orders that came back from their end unannounced",
    not_settled: "intents not settled in time",
    no_advice: "answers without advice",
    traceback: "tracebacks in the bridge's log",
    other_view: "independent client's view differs from TWS's book",
}


def test_a_clean_story_has_no_fault():
    assert not any(judge(Story().evidence()).values())


@pytest.mark.parametrize("spoil", GUILTY, ids=lambda spoil: spoil.__name__)
def test_each_fault_is_found(spoil):
    story = Story()
    spoil(story)
    assert judge(story.evidence())[GUILTY[spoil]]


def test_each_figure_has_a_fault_that_shows_it():
    assert set(GUILTY.values()) == set(FIGURES)


NIGHT = {"t": AT + 30, "what": "day", "day": "20261124", "away": True}


CONFLICT = {**HEARD, "n": 2, "event": "conflict", "execId": None, "shares": None}


def test_a_conflict_takes_back_what_was_told_and_the_ledger_counts():
    story = Story()
    story.truth = [DAY, order(1, "i0_0"), executed(1, "i0_0", 4), status(1, "i0_0", "Cancelled")]
    story.rows = [Row(1, "alice", "i0_0", "cancelled", "Cancelled", "4", None)]
    story.log.append(Logged(2, AT, "i0_0", "conflict", None))
    story.lines = [*story.lines, CONFLICT]
    story.view = View({"1001": "Cancelled"}, [EXEC])
    assert not any(judge(story.evidence()).values())
    story.lines.append(told("i0_0", state="filled", filled="4"))
    assert judge(story.evidence())["orders told otherwise than at TWS"]


def test_what_a_night_has_taken_is_nobodys_fault():
    """An order that went unseen before the night stays unknown, and its execution is not owed."""
    story = Story()
    story.truth += [NIGHT]
    story.rows = [Row(1, "alice", "i0_0", "unknown", None, "0", None)]
    story.log, story.view = [], View()
    story.lines = [attempt("i0_0"), asked("i0_0"), told("i0_0", state="unknown")]
    assert not any(judge(story.evidence()).values())


def test_an_execution_is_owed_once_the_bridge_came_back_for_the_next_list():
    story = Story()
    listed = {"t": AT, "what": "listed", "client": 1, "line": "1-1", "execIds": [EXEC]}
    story.truth += [listed, {**listed, "nth": 2}, NIGHT]
    story.rows = [Row(1, "alice", "i0_0", "unknown", None, "0", None)]
    story.log, story.view = [], View()
    assert judge(story.evidence())["executions missing in the owner's log"]
