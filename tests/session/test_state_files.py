"""What an admin's halt and a new run of a client are worth when their file cannot be written, or not yet."""

from __future__ import annotations

import pytest

from bridge.session.rights.grants import Grant
from bridge.session.rights.permissions import Permissions
from bridge.session.state_files import PATIENCE, RETRY
from tests.session.conftest import Bench
from tests.session.test_permissions import rule, try_order


@pytest.fixture
def bench() -> Bench:
    everyone = Grant(frozenset({"observe", "trade", "account", "admin"}))
    bench = Bench(permissions=Permissions({"boss": everyone, "alice": everyone, "bob": everyone}))
    bench.ready()
    return bench


def also(bench):
    return {finding["code"]: finding for finding in bench.result(bench.ask("status"))["verdict"]["also"]}


def test_a_halt_holds_at_once_and_is_answered_when_it_is_on_disk(bench):
    bench.files_hang = True
    id_ = bench.ask("halt", client="boss", reason="drill")
    assert rule(bench, try_order(bench)) == "halt"
    assert not bench.answers(id_)
    assert bench.halted is None
    bench.files_hang = False
    bench.release()
    assert bench.result(id_) == {"halted": True, "reasons": {"admin": "drill (boss)"}, "stored": True}
    assert bench.halted == "drill (boss)"


def test_a_halt_that_the_disk_refuses_holds_and_says_that_a_restart_forgets_it(bench):
    bench.files_fail = "Operation not permitted"
    told = bench.result(bench.ask("halt", client="boss", reason="drill"))
    assert (told["halted"], told["stored"]) == (True, False)
    assert "would forget" in told["notStored"]
    assert "Operation not permitted" in told["notStored"]
    assert rule(bench, try_order(bench)) == "halt"
    assert also(bench)["notStored"]["because"] == told["notStored"]
    bench.wait(5 * RETRY)
    assert [log.event for log in bench.logs].count("notStored") == 1
    bench.files_fail = None
    bench.wait(RETRY + 0.1)
    assert bench.halted == "drill (boss)"
    assert "notStored" not in also(bench)
    assert [log.event for log in bench.logs].count("stored") == 1


def test_a_disk_that_hangs_delays_the_answer_for_a_time_and_nobody_else(bench):
    bench.files_hang = True
    id_ = bench.ask("halt", client="boss", reason="drill")
    other = bench.ask("ping", client="bob")
    assert bench.result(other)
    bench.wait(PATIENCE + 0.1)
    told = bench.result(id_)
    assert (told["halted"], told["stored"]) == (True, False)
    assert "has not answered" in told["notStored"]
    assert "notStored" in also(bench)
    again = bench.ask("halt", client="boss", reason="drill")
    bench.files_hang = False
    bench.release()
    assert bench.result(again)["stored"] is True
    assert "notStored" not in also(bench)


def test_the_newest_wish_is_what_gets_to_the_disk(bench):
    bench.files_hang = True
    halt, resume = bench.ask("halt", client="boss", reason="drill"), bench.ask("resume", client="boss")
    bench.files_hang = False
    bench.release()
    assert bench.result(halt)["stored"]
    assert bench.result(resume) == {"halted": False, "reasons": {}, "stored": True}
    assert bench.halted is None


def test_a_resume_that_is_not_stored_says_that_a_restart_halts_again(bench):
    bench.ask("halt", client="boss", reason="drill")
    bench.files_fail = "Read-only file system"
    told = bench.result(bench.ask("resume", client="boss"))
    assert (told["halted"], told["stored"]) == (False, False)
    assert "would halt trading again" in told["notStored"]


def test_a_new_run_fences_the_older_at_once_and_is_answered_when_it_is_on_disk(bench):
    assert bench.result(bench.ask("hello", client="alice", instance="one"))["stored"]
    bench.files_hang = True
    id_ = bench.ask("hello", client="alice", instance="two")
    body = {"v": 1, "id": "x", "client": "alice", "method": "cancelMine", "instance": "one", "params": {}}
    bench.request(body, "elsewhere")
    assert bench.failure("x")["code"] == "fenced"
    assert not bench.answers(id_)
    bench.files_hang = False
    bench.release()
    assert bench.result(id_)["stored"]
    assert bench.runs == {"alice": ["one", "two"]}


def test_a_hello_that_is_not_stored_says_so_and_each_later_one_too(bench):
    bench.files_fail = "No space left on device"
    told = bench.result(bench.ask("hello", client="alice", instance="one"))
    assert told["stored"] is False
    assert "would not fence" in told["notStored"]
    attempts = len(bench.remembered)
    assert bench.result(bench.ask("hello", client="alice", instance="one"))["stored"] is False
    assert len(bench.remembered) == attempts
    bench.files_fail = None
    bench.wait(RETRY + 0.1)
    assert bench.result(bench.ask("hello", client="alice", instance="one"))["stored"]
    assert bench.runs == {"alice": ["one"]}


def test_one_write_at_a_time_however_many_ask(bench):
    bench.files_hang = True
    ids = [bench.ask("hello", client=client, instance=f"run{n}") for n in range(5) for client in ("alice", "bob")]
    assert len(bench.remembered) == 1
    bench.files_hang = False
    bench.release()
    assert all(bench.result(id_)["stored"] for id_ in ids)
    assert len(bench.remembered) == 2


def test_the_operators_halt_waits_for_the_disk_too(bench):
    outcomes = []
    bench.files_hang = True
    bench.session.on_operator("halt", {"reason": "smoke"}, bench.now, outcomes.append)
    bench.collect()
    assert rule(bench, try_order(bench)) == "halt"
    assert not outcomes
    bench.files_hang = False
    bench.release()
    assert outcomes == [
        {
            "ok": True,
            "kind": "halt",
            "result": {"halted": True, "reasons": {"admin": "smoke (console)"}, "stored": True},
        }
    ]
