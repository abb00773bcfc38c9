"""The verdict of a session: it names what is wrong, since when, and it changes when the cause does."""

from __future__ import annotations

import pytest

from bridge.session.verdict import SIGN_LASTS
from bridge.tws.events import Connected, Failed


def verdict(bench):
    return bench.result(bench.ask("status"))["verdict"]


def lost(bench, reason="why", code=None, problem=None):
    bench.session.on_lost(reason, bench.now, code, problem)
    bench.collect()


def told(bench):
    return [event["data"] for topic, event in bench.events if topic == "system.verdict"]


def test_a_bridge_that_works_trades(make_bench):
    bench = make_bench()
    bench.ready(time="20251009 08:53:20 UTC")
    found = verdict(bench)
    assert found == {"trading": True, "since": found["since"], "also": []}


@pytest.mark.parametrize(
    ("problem", "code"),
    [("refused", 502), ("unknownHost", 502), ("unreachable", 502)],
)
def test_tcp_that_cannot_be_opened_is_named_until_the_connection_is_ready(make_bench, problem, code):
    bench = make_bench()
    bench.start()
    began = bench.now.ts
    for _ in range(3):
        lost(bench, "cannot connect", code, problem)
        bench.wait(2)
        found = verdict(bench)
        assert (found["trading"], found["code"], found["because"]) == (False, problem, "cannot connect")
        assert found["since"] == began
        while bench.states()[-1] != "connecting":
            bench.wait(1)
    bench.ready(time="20251009 08:53:50 UTC")
    assert verdict(bench)["trading"]


def test_a_connection_that_ends_in_the_handshake_and_in_the_start(make_bench):
    bench = make_bench()
    bench.start()
    bench.session.on_opened(bench.now)
    lost(bench)
    assert verdict(bench)["code"] == "closedBeforeHandshake"
    while bench.states()[-1] != "connecting":
        bench.wait(1)
    bench.session.on_opened(bench.now)
    bench.wait(16)
    assert verdict(bench)["code"] == "noHandshake"
    bench.session.on_events([Connected(213, "20251009 08:53:40 UTC")], bench.now)
    bench.collect()
    assert verdict(bench)["code"] == "noHandshake"  # nothing has shown yet that TWS works
    bench.wait(21)
    assert verdict(bench)["code"] == "notStarted"
    lost(bench)
    assert verdict(bench)["code"] == "closedBeforeStart"


@pytest.mark.parametrize(("code", "name"), [(326, "clientIdInUse"), (1300, "portChanged")])
def test_what_tws_says_before_it_closes_the_connection(make_bench, code, name):
    bench = make_bench()
    bench.start()
    bench.session.on_opened(bench.now)
    bench.session.on_events([Connected(213, "20251009 08:53:40 UTC")], bench.now)
    bench.collect()
    bench.error(-1, code)
    lost(bench)
    assert verdict(bench)["code"] == name


@pytest.mark.parametrize(("code", "name"), [(503, "tooOld"), (504, "redirected"), (506, "notTws"), (507, "notTws")])
def test_bytes_that_are_not_those_of_a_tws(make_bench, code, name):
    bench = make_bench()
    bench.start()
    bench.session.on_opened(bench.now)
    bench.session.on_event(Failed(code, "why"), bench.now)
    bench.collect()
    assert verdict(bench)["code"] == name


@pytest.mark.parametrize(("code", "name"), [(1100, "outOfReach"), (2110, "serverBroken")])
def test_an_outage_of_ibkr_stops_trading_until_it_is_over(make_bench, code, name):
    bench = make_bench()
    bench.ready(time="20251009 08:53:20 UTC")
    bench.wait(5)
    bench.error(-1, code, "lost")
    found = verdict(bench)
    assert (found["code"], found["because"], found["since"]) == (name, "lost", bench.now.ts)
    bench.wait(30)
    assert verdict(bench)["since"] == found["since"]
    bench.error(-1, 1102, "restored")
    bench.answer_internal_requests()
    assert verdict(bench)["trading"]


def test_a_connection_that_ends_is_closed_and_each_change_is_published_once(make_bench):
    bench = make_bench()
    bench.ready(time="20251009 08:53:20 UTC")
    before = len(told(bench))
    lost(bench, "TWS closed the connection")
    bench.wait(0.5)
    assert [found.get("code") for found in told(bench)[before:]] == ["closed"]


def test_halt_is_the_gravest(make_bench):
    bench = make_bench()
    bench.ready(time="20251009 08:53:20 UTC")
    bench.session.on_halt_file("stop it", bench.now)
    bench.collect()
    found = verdict(bench)
    assert (found["code"], found["because"]) == ("halted", "file: stop it")
    lost(bench)
    found = verdict(bench)
    assert (found["code"], [other["code"] for other in found["also"]]) == ("halted", ["closed"])


def test_wrong_accounts(make_bench):
    bench = make_bench(trading_mode="paper")
    bench.ready(accounts="U1", time="20251009 08:53:20 UTC")
    assert verdict(bench)["code"] == "wrongAccounts"


def test_a_read_only_api_is_known_by_its_error_for_a_while(make_bench):
    bench = make_bench()
    bench.ready(time="20251009 08:53:20 UTC")
    bench.error(-1, 321, "Error validating request: the API interface is currently in Read-Only mode.")
    assert verdict(bench)["code"] == "readOnlyApi"
    bench.wait(SIGN_LASTS + 1)
    assert verdict(bench)["trading"]


@pytest.mark.parametrize(("code", "name"), [(10197, "competingSession"), (354, "notSubscribed"), (100, "tooFast")])
def test_signs_do_not_stop_trading_and_end_with_the_connection(make_bench, code, name):
    bench = make_bench()
    bench.ready(time="20251009 08:53:20 UTC")
    bench.error(-1, code)
    found = verdict(bench)
    assert found["trading"]
    assert [other["code"] for other in found["also"]] == [name]
    lost(bench)
    while bench.states()[-1] != "connecting":
        bench.wait(1)
    bench.ready(time="20251009 08:53:24 UTC")
    assert verdict(bench)["also"] == []


def test_a_farm_and_a_clock(make_bench):
    bench = make_bench()
    bench.ready(time="20251009 09:53:20 UTC")
    bench.error(-1, 2103, "Market data farm connection is broken:usfarm")
    assert [(other["code"], other["because"]) for other in verdict(bench)["also"]] == [
        ("farmsDown", "TWS has no connection to usfarm (marketData)"),
        ("clocksDiffer", "TWS's clock is 3600 s ahead of the bridge's clock"),
    ]


def logged(bench):
    return [(log.event, log.fields.get("code")) for log in bench.logs if log.event.startswith("orders")]


def test_the_log_has_one_line_for_each_change_of_the_verdict_that_stops_trading(make_bench):
    bench = make_bench()
    bench.ready(time="20251009 08:53:20 UTC")
    bench.wait(1)
    lost(bench, "end of file")
    while bench.states()[-1] != "connecting":
        bench.wait(1)
    lost(bench, "cannot connect", 502, "refused")
    while bench.states()[-1] != "connecting":
        bench.wait(1)
    lost(bench, "cannot connect", 502, "refused")
    while bench.states()[-1] != "connecting":
        bench.wait(1)
    bench.ready(time="20251009 08:53:40 UTC")
    bench.wait(1)
    assert logged(bench) == [
        ("ordersPossible", None), ("ordersNotPossible", "closed"), ("ordersNotPossible", "refused"),
        ("ordersPossible", None),
    ]  # fmt: skip


def test_a_halt_and_what_passes_by_itself_have_no_line_of_the_verdict(make_bench):
    bench = make_bench()
    bench.ready(time="20251009 08:53:20 UTC")
    bench.wait(1)
    bench.session.on_halt_file("stop it", bench.now)
    bench.collect()
    assert verdict(bench)["code"] == "halted"
    bench.session.on_halt_file(None, bench.now)
    bench.collect()
    assert verdict(bench)["trading"]
    assert logged(bench) == [("ordersPossible", None)]


def test_a_bridge_that_has_not_begun_connects_and_has_not_stopped(make_bench):
    bench = make_bench()
    assert bench.session._judge(bench.now)["code"] == "connecting"


def test_wrong_accounts_of_the_last_connection_are_no_reason_while_there_is_none(make_bench):
    bench = make_bench(trading_mode="paper")
    bench.ready(accounts="U1", time="20251009 08:53:20 UTC")
    lost(bench, "cannot connect", 502, "refused")
    found = verdict(bench)
    assert (found["code"], found["also"]) == ("refused", [])


def test_a_farm_that_tws_connects_to_is_down_and_so_is_one_without_a_name(make_bench):
    bench = make_bench()
    bench.ready(time="20251009 08:53:20 UTC")
    bench.error(-1, 2103, "Market data farm connection is broken:usfarm")
    bench.error(-1, 2119, "Market data farm is connecting:usfarm")
    bench.error(-1, 2105, "HMDS data farm connection is broken")
    (found,) = verdict(bench)["also"]
    assert found["because"] == "TWS has no connection to a farm without a name (historicalData), usfarm (marketData)"
    bench.error(-1, 2104, "Market data farm connection is OK:usfarm")
    bench.error(-1, 2106, "HMDS data farm connection is OK:ushmds")
    assert verdict(bench)["also"] == []


def test_the_port_that_tws_has_announced_stays_the_reason(make_bench):
    bench = make_bench()
    bench.ready(time="20251009 08:53:20 UTC")
    bench.error(-1, 1300, "TWS socket port has been reset. The new port is 4999.")
    lost(bench)
    for _ in range(3):
        while bench.states()[-1] != "connecting":
            bench.wait(1)
        lost(bench, "cannot connect", 502, "refused")
        found = verdict(bench)
        assert found["code"] == "portChanged"
        assert "is now 4999" in found["because"]


def test_bytes_that_are_no_message_on_a_connection_that_worked_are_not_another_program(make_bench):
    bench = make_bench()
    bench.ready(time="20251009 08:53:20 UTC")
    bench.session.on_event(Failed(507, "bad length"), bench.now)
    bench.collect()
    assert verdict(bench)["code"] == "unreadable"
