"""What must not happen twice: a key on the disk before, the answer after, and no second time by guess."""

from __future__ import annotations

from bridge.session.rights.grants import Grant
from bridge.session.rights.permissions import Permissions
from tests.session.conftest import AAPL, Bench
from tests.session.test_orders import status

OPTION = {"conId": 700, "symbol": "AAPL", "secType": "OPT", "exchange": "SMART", "currency": "USD"}
EXERCISE = {"contract": OPTION, "exerciseAction": 1, "exerciseQuantity": 2, "account": "DU1"}


def replace_groups(bench, key="g1", xml="<groups/>"):
    return bench.ask("replaceFA", onceKey=key, faDataType=1, xml=xml)


def answer(bench):
    bench.tws("replaceFAEnd", reqId=bench.last_sent("replaceFA")["reqId"], text="done")


def test_the_key_is_written_before_the_request_leaves_and_the_answer_when_it_comes(ready):
    ready.disk.held = True
    id_ = replace_groups(ready)
    assert ready.sends("replaceFA") == []
    ready.release()
    assert "onceKey" not in ready.last_sent("replaceFA")
    answer(ready)
    assert ready.result(id_)["text"] == "done"
    assert ready.disk.once["alice", "g1"].outcome["ok"] is True


def test_the_same_key_gets_the_same_answer_also_after_a_new_start(ready):
    replace_groups(ready)
    answer(ready)
    assert ready.result(replace_groups(ready))["text"] == "done"
    again = Bench(disk=ready.disk)
    again.ready()
    assert again.result(replace_groups(again))["text"] == "done"
    assert len(ready.sends("replaceFA")) == 1
    assert again.sends("replaceFA") == []


def test_an_answer_from_before_replies_had_kinds_has_one(ready):
    replace_groups(ready)
    answer(ready)
    record = ready.disk.once["alice", "g1"]
    outcome = {name: value for name, value in record.outcome.items() if name != "kind"}
    ready.disk.once["alice", "g1"] = record._replace(outcome=outcome)
    again = Bench(disk=ready.disk)
    again.ready()
    (reply,) = again.answers(replace_groups(again))
    assert (reply["kind"], reply["result"]["text"]) == ("event", "done")


def test_a_key_with_other_content_is_a_conflict(ready):
    replace_groups(ready)
    assert ready.failure(replace_groups(ready, xml="<other/>"))["code"] == "keyConflict"


def test_what_may_have_happened_in_a_crash_is_not_made_again(ready):
    replace_groups(ready)
    again = Bench(disk=ready.disk)
    again.ready()
    error = again.failure(replace_groups(again))
    assert (error["code"], error["data"]["state"]) == ("noResponse", "unknown")
    assert again.sends("replaceFA") == []


def test_a_refusal_of_tws_is_the_answer_that_is_kept(ready):
    id_ = replace_groups(ready)
    ready.error(ready.last_sent("replaceFA")["reqId"], 321, "not an advisor")
    assert ready.failure(id_)["twsCode"] == ready.failure(replace_groups(ready))["twsCode"] == 321


def test_on_a_full_disk_it_does_not_leave_and_may_be_asked_again(ready):
    ready.disk.full = True
    assert ready.failure(replace_groups(ready))["code"] == "ledgerFailed"
    ready.disk.full = False
    replace_groups(ready)
    assert len(ready.sends("replaceFA")) == 1


def test_a_request_that_timed_out_before_the_disk_does_not_leave(ready):
    ready.disk.held = True
    replace_groups(ready)
    ready.wait(31)
    ready.release()
    assert ready.sends("replaceFA") == []


def test_an_exercise_is_an_order_with_a_number_and_a_key(ready):
    id_ = ready.ask("exerciseOptions", orderKey="x1", **EXERCISE)
    sent = ready.last_sent("exerciseOptions")
    assert sent == {"orderId": 100, **EXERCISE}
    assert ready.disk.orders[100].key == "x1"
    status(ready, 100)
    assert ready.result(id_)["orderKey"] == "x1"
    assert ready.result(ready.ask("exerciseOptions", orderKey="x1", **EXERCISE))["orderId"] == 100
    assert len(ready.sends("exerciseOptions")) == 1
    assert ready.on("order.alice.x1.orderStatus")
    change = ready.ask("modifyOrder", orderKey="x1", revision=1, order={"action": "BUY", "orderType": "MKT",
                                                                       "totalQuantity": 1})  # fmt: skip
    assert ready.failure(change)["code"] == "invalidParams"


def test_a_paid_snapshot_takes_a_key(make_bench):
    grant = Grant(roles=frozenset({"observe"}), regulatory_snapshots=True)
    bench = make_bench(permissions=Permissions({"alice": grant}))
    bench.ready()
    for _ in range(2):
        bench.ask("reqMktData", onceKey="s1", contract=AAPL, regulatorySnapshot=True)
    bench.ask("reqMktData", onceKey="s2", contract=AAPL, snapshot=True)
    assert list(bench.disk.once) == [("alice", "s1")]
    assert [bool(send.get("regulatorySnapshot")) for send in bench.sends("reqMktData")] == [True, False]


def test_a_key_whose_request_has_never_left_may_be_used_again(ready):
    """The connection was lost, or time was over, while the key was on its way to the disk."""
    ready.disk.held = True
    late = replace_groups(ready)
    ready.session.on_lost("end of file", ready.now)
    ready.release()
    assert ready.failure(late)["code"] == "notConnected"
    assert ready.sends("replaceFA") == []
    ready.wait(2)
    ready.ready()
    ready.disk.held = True
    slow = replace_groups(ready)
    ready.wait(31)
    ready.release()
    assert ready.failure(slow)["code"] == "noResponse"
    again = Bench(disk=ready.disk)
    again.ready()
    replace_groups(again, xml="<other/>")
    assert len(again.sends("replaceFA")) == 1


def test_a_request_id_that_can_be_no_key_takes_one(ready):
    id_ = ready.ask("replaceFA", id="my groups!", faDataType=1, xml="<groups/>")
    assert ready.failure(id_)["data"]["field"] == "onceKey"
