"""The clock of the bridge's machine jumps: the log and the verdict say so, and `expires` stays a protection."""

from __future__ import annotations

import pytest

from bridge.session.clocks import JUMP, LASTS, Clocks
from bridge.session.time_question import PROBE
from bridge.session.values import Instant
from tests.session.conftest import AAPL, Bench
from tests.session.test_order_answers import ORDER, verdict, working

#: The wall clock of the bench when it is ready.
TIME = "20251009 08:53:20 UTC"


class Machine(Bench):
    """A bench whose wall clock somebody sets: it is then ahead by `ahead` seconds of what it was."""

    ahead = 0.0

    @property
    def now(self):
        right = super().now
        return right._replace(ts=right.ts + round(self.ahead * 1e9))

    def place(self, key, sent_ago=0.0, lasts=10.0):
        """An order of a client whose clock is right, sent so long ago. Return the code of its answer, or `sent`."""
        expires = Bench.now.fget(self).ts + round((lasts - sent_ago) * 1e9)
        params = {"orderKey": key, "contract": AAPL, "order": ORDER}
        body = {"v": 1, "id": key, "client": "alice", "method": "placeOrder", "params": params, "expires": expires}
        self.request(body)
        answers = self.answers(key)
        return answers[0]["error"]["code"] if answers else "sent"

    def tws_time(self, ahead=0.0):
        """TWS's clock is ahead of the right time by so many seconds."""
        self.tws("currentTime", currentTime=round(Bench.now.fget(self).ts / 1e9 + ahead))


@pytest.fixture
def machine():
    bench = Machine()
    bench.ready(time=TIME)
    bench.wait(2)
    return bench


def also(bench):
    return {found["code"]: found["because"] for found in verdict(bench)["also"]}


def jumps(bench):
    return [log.fields["seconds"] for log in bench.logs if log.event == "clockJumped"]


@pytest.mark.parametrize(("ahead", "side"), [(3600.0, "forward"), (-3600.0, "back"), (3 * 86400.0, "forward")])
def test_a_jump_is_logged_and_a_condition_until_the_clock_is_back(machine, ahead, side):
    assert also(machine) == {}
    machine.ahead = ahead
    machine.wait(2)
    assert jumps(machine) == [ahead]
    found = also(machine)
    assert found["clockJumped"] == f"the clock of the bridge's machine has jumped {side} by {abs(ahead):.0f} s"
    assert f"{abs(ahead):.0f} s {'behind' if ahead > 0 else 'ahead of'} the bridge's clock" in found["clocksDiffer"]
    assert verdict(machine)["trading"]
    machine.ahead = 0.0
    machine.wait(2)
    assert (also(machine), len(jumps(machine))) == ({}, 2)


def test_tws_is_asked_for_its_time_and_may_have_jumped_too(machine):
    machine.ahead = -3600.0
    machine.wait(2)
    assert len(machine.sends(PROBE)) == 1
    machine.tws_time(ahead=-3600.0)  # it is on the same machine
    assert list(also(machine)) == ["clockJumped"]
    machine.wait(20)
    assert len(machine.sends(PROBE)) == 1


def test_tws_is_asked_again_if_it_does_not_answer(machine):
    machine.ahead = 3600.0
    machine.wait(20)
    assert len(machine.sends(PROBE)) > 1
    machine.tws_time()
    sent = len(machine.sends(PROBE))
    machine.wait(20)
    assert len(machine.sends(PROBE)) == sent
    assert "3600 s behind" in also(machine)["clocksDiffer"]


def test_the_condition_ends_after_a_while_and_the_difference_to_tws_does_not(machine):
    machine.ahead = 3600.0
    machine.wait(2)
    machine.tws_time()
    machine.wait(LASTS)
    assert list(also(machine)) == ["clocksDiffer"]


def test_a_clock_that_is_corrected_slowly_does_not_jump_whatever_it_adds_up_to(machine):
    for _ in range(300):
        machine.ahead += 0.5
        machine.wait(1)
    assert (jumps(machine), "clockJumped" in also(machine)) == ([], False)


def test_a_bridge_that_stood_still_has_seen_no_jump(machine):
    machine.clock += 3600
    machine.session.on_timer(machine.now)
    machine.collect()
    assert jumps(machine) == []


def test_after_a_jump_forward_requests_are_refused_and_leave_their_keys_free(machine):
    machine.ahead = 3600.0
    assert machine.place("k1") == "expired"
    machine.ahead = 0.0
    machine.wait(1)
    assert machine.place("k2") == "sent"


def test_after_a_jump_back_late_requests_are_refused_as_before(machine):
    machine.ahead = -3600.0
    assert machine.place("late", sent_ago=60) == "expired"
    assert machine.failure("late")["data"] == {"secondsLate": 50.0}
    assert machine.place("in-time") == "sent"
    machine.wait(30)
    assert machine.place("late-too", sent_ago=11) == "expired"


def test_a_clock_that_is_set_right_is_believed_when_tws_has_the_same_time():
    machine = Machine()
    machine.ahead = 3600.0  # the clock is wrong from the beginning
    machine.ready(time=TIME)
    machine.wait(2)
    assert machine.place("k1") == "expired"
    machine.ahead = 0.0
    assert machine.place("k2") == "expired"
    machine.tws_time()
    assert machine.place("k3") == "sent"
    assert list(also(machine)) == ["clockJumped"]


def test_a_clock_that_is_set_back_is_believed_after_a_while():
    machine = Machine()
    machine.ready(time=TIME)
    machine.wait(2)
    machine.ahead = -3600.0
    machine.wait(LASTS + 2)
    assert machine.place("late", sent_ago=60) == "sent"  # no request is under way for so long
    assert "clocksDiffer" in also(machine)


def test_what_waits_in_the_bridge_does_not_leave_after_the_machine_was_suspended(machine):
    """The steady clock stands still meanwhile, so no timer has run."""
    machine.disk.held = True
    assert machine.place("k1") == "sent"
    assert machine.sends("placeOrder") == []
    machine.ahead = 3600.0
    machine.release()
    assert machine.sends("placeOrder") == []
    assert machine.failure("k1")["code"] == "expired"


def test_an_order_that_has_left_is_answered_whatever_the_clock_says(machine):
    assert machine.place("k1") == "sent"
    machine.ahead = 3600.0
    machine.wait(1)
    working(machine, machine.last_sent("placeOrder")["orderId"])
    assert machine.result("k1")["state"] == "acknowledged"


# The clocks alone


def test_an_old_time_of_tws_is_corrected_by_the_next_one():
    """The bridge reads first what TWS sent before it stood still."""
    clocks = Clocks()
    clocks.on_tws_time(1000, 50.0, Instant(50.5, 1060 * 10**9))
    assert clocks.tws_ahead == -60.0
    clocks.on_tws_time(1060, 50.0, Instant(50.6, 1060 * 10**9))
    clocks.on_tws_time(1000, 50.0, Instant(50.7, 1060 * 10**9))
    assert clocks.tws_ahead == 0.0


@pytest.mark.parametrize("said", [None, "1000", 1000.5])
def test_a_time_that_is_none_is_no_time(said):
    clocks = Clocks()
    clocks.on_tws_time(said, 50.0, Instant(50.5, 1060 * 10**9))
    assert clocks.tws_ahead is None


def test_small_steps_are_none():
    clocks = Clocks()
    assert clocks.look(Instant(10.0, 10**18)) is None
    assert clocks.look(Instant(11.0, 10**18 + round((1 + JUMP - 0.1) * 1e9))) is None
    assert clocks.look(Instant(12.0, 10**18 + round((2 + 2 * JUMP + 0.1) * 1e9))) == pytest.approx(JUMP + 0.2)
