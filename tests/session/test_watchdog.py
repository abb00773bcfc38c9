"""A connection that is open and dead: it is asked for a word, and given up with its reason."""

from __future__ import annotations

import pytest

from bridge.session import Close, SocketState
from bridge.session.link import LinkTiming
from bridge.tws.events import Connected, DecodeFailed


@pytest.fixture
def watched(make_bench):
    """A bridge that is ready, with the times of the product."""
    bench = make_bench(timing=LinkTiming())
    bench.ready()
    return bench


def probes(bench):
    return len(bench.sends("reqCurrentTime"))


def lost(bench):
    """The reasons for which connections were lost."""
    return [body["data"]["reason"] for body in bench.on("system.connection") if body["data"]["state"] == "lost"]


def test_silence_is_noticed_within_15_s(watched):
    watched.wait(4.9)
    assert probes(watched) == 0
    watched.wait(0.1)
    assert probes(watched) == 1
    watched.wait(8.9)
    assert lost(watched) == []
    watched.wait(0.1)
    assert lost(watched) == ["TWS has sent nothing for 14 s, and has not answered reqCurrentTime"]
    assert [effect for effect in watched.connects if isinstance(effect, Close)] == [Close(abort=True)]


def test_in_degraded_it_is_watched_as_well(watched):
    watched.error(-1, 1100)
    watched.wait(14)
    assert len(lost(watched)) == 1


def test_where_tws_answers_it_is_asked_each_5_s_and_nobody_hears_of_it(watched):
    for number in range(1, 21):
        watched.wait(5)
        assert probes(watched) == number
        watched.tws("currentTime", currentTime=number)
    assert lost(watched) == []
    assert [topic for topic, _ in watched.events if "currentTime" in topic] == []
    assert watched.replies == []


@pytest.mark.parametrize("said", ["message", "bytes", "no sense"])
def test_any_byte_is_a_sign_of_life(watched, said):
    for _ in range(30):
        watched.wait(4)
        match said:
            case "message":
                watched.tws("error", id=-1, errorTime=1, errorCode=2107, errorMsg="inactive")
            case "bytes":
                watched.session.on_events([], watched.now)
            case _:
                event = DecodeFailed("tickPrice", 1, None, "no sense", 213, b"")
                watched.session.on_events([event], watched.now)
    assert (probes(watched), lost(watched)) == (0, [])


def test_an_answer_that_is_lost_holds_up_no_client_for_good(watched):
    """TWS talks, and one of its answers could not be read: the bridge asks again some time later."""
    watched.wait(5)
    watched.error(-1, 2107)
    for _ in range(10):
        watched.wait(7)
        watched.error(-1, 2107)
    assert (probes(watched) > 1, lost(watched)) == (True, [])
    watched.tws("currentTime", currentTime=1)
    id_ = watched.ask("reqCurrentTime")
    watched.tws("currentTime", currentTime=2)
    watched.tws("currentTime", currentTime=3)
    assert watched.result(id_)["currentTime"] in (2, 3)


def test_a_clients_question_does_not_wait_for_a_probe(watched):
    """The time that TWS sends is as good for the one as for the other. Nobody hears of the second answer."""
    watched.wait(5)
    id_ = watched.ask("reqCurrentTime")
    assert probes(watched) == 2
    watched.tws("currentTime", currentTime=1)
    watched.tws("currentTime", currentTime=2)
    assert watched.result(id_) == {"currentTime": 1}
    assert [body["data"] for body in watched.on("system.currentTime")] == [{"currentTime": 1}]
    watched.wait(5)
    assert (probes(watched), lost(watched)) == (3, [])


def test_a_probe_behind_a_clients_question_is_not_the_clients(watched):
    id_ = watched.ask("reqCurrentTime")
    watched.wait(5)
    assert probes(watched) == 2
    watched.tws("currentTime", currentTime=1)
    assert watched.result(id_) == {"currentTime": 1}
    watched.tws("currentTime", currentTime=2)
    assert [body["data"] for body in watched.on("system.currentTime")] == [{"currentTime": 1}]


def test_an_answer_to_a_client_that_is_lost_does_not_end_the_connection_of_a_quiet_night(watched):
    watched.wait(4)
    watched.request({"v": 1, "id": "lost", "client": "alice", "method": "reqCurrentTime", "timeout": 1})
    for _ in range(12):
        watched.wait(5)
        if probes(watched) > 1:
            watched.tws("currentTime", currentTime=1)
    assert lost(watched) == []


def test_a_new_connection_is_watched_anew(watched):
    watched.wait(16)
    watched.ready()
    watched.wait(13)
    assert len(lost(watched)) == 1
    watched.wait(1)
    assert len(lost(watched)) == 2


def test_before_the_start_no_word_is_asked_for(make_bench):
    bench = make_bench(timing=LinkTiming())
    bench.start()
    bench.session.on_opened(bench.now)
    bench.session.on_events([Connected(213, "now")], bench.now)
    bench.wait(200)
    assert (bench.sent, lost(bench)) == ([], [])


# The socket


def pass_seconds(bench, seconds, **state):
    """Time passes with this state of the socket; TWS goes on talking."""
    for _ in range(seconds):
        bench.wait(1)
        bench.session.on_events([], bench.now)
        bench.session.on_socket(SocketState(**{"unsent": 0, "taken": 0, "unfinished": None, **state}), bench.now)
        bench.collect()


def test_a_peer_that_takes_no_bytes_is_lost(watched):
    pass_seconds(watched, 9, unsent=70_000)
    assert lost(watched) == []
    pass_seconds(watched, 1, unsent=80_000)
    assert lost(watched) == ["TWS has accepted none of 80000 bytes for 9 s"]


def test_a_peer_that_takes_some_bytes_is_slow_and_alive(watched):
    for taken in range(40):
        pass_seconds(watched, 1, unsent=70_000, taken=taken)
    assert lost(watched) == []


def test_a_frame_that_does_not_complete_is_lost(watched):
    pass_seconds(watched, 20, unfinished=3)
    assert lost(watched) == []
    pass_seconds(watched, 1, unfinished=3)
    (reason,) = lost(watched)
    assert reason == "TWS has not completed a frame within 20 s: its length prefix may be wrong"


def test_frames_that_complete_are_alive(watched):
    for number in range(60):
        pass_seconds(watched, 1, unfinished=number // 2)
    assert lost(watched) == []


@pytest.mark.parametrize("state", [{"unsent": 5}, {"unfinished": 1}])
def test_what_stuck_on_the_last_connection_does_not_count(watched, state):
    pass_seconds(watched, 9, **state)
    watched.session.on_lost("end of file", watched.now)
    watched.wait(1)
    watched.ready()
    pass_seconds(watched, 9, **state)
    assert lost(watched) == ["end of file"]
