"""The life of the connection: what is said on `system.connection`, and what is tried next."""

from __future__ import annotations

import pytest

from bridge.session import Close, Connect
from bridge.session.link import NO_HANDSHAKE, NOT_STARTED
from bridge.tws.events import Connected, Failed, Redirected


def last(bench):
    return bench.on("system.connection")[-1]["data"]


def test_it_is_ready_after_handshake_accounts_and_order_id_in_either_order(bench):
    bench.start()
    bench.session.on_opened(bench.now)
    bench.session.on_events([Connected(213, "now")], bench.now)
    bench.tws("nextValidId", orderId=7)
    assert bench.states()[-1] == "starting"
    bench.tws("managedAccounts", accountsList="DU1")
    assert bench.states() == ["connecting", "handshaking", "starting", "ready"]
    assert last(bench) == {
        "state": "ready", "since": bench.now.ts, "epoch": "e1", "serverVersion": 213, "connectionTime": "now",
        "clientId": 1,
    }  # fmt: skip


def test_open_tcp_without_handshake_gets_a_diagnosis_and_another_try(bench):
    bench.start()
    bench.session.on_opened(bench.now)
    bench.wait(15)
    assert bench.states()[-2:] == ["lost", "backingOff"]
    assert NO_HANDSHAKE in last(bench)["reason"]
    bench.wait(1)
    assert bench.states()[-1] == "connecting"
    assert bench.connects == [Connect("127.0.0.1", 4002), Close(), Connect("127.0.0.1", 4002)]


def test_a_handshake_without_a_start_gets_another_diagnosis(bench):
    bench.start()
    bench.session.on_opened(bench.now)
    bench.session.on_events([Connected(213, "now")], bench.now)
    bench.tws("managedAccounts", accountsList="DU1")
    bench.wait(20)
    assert NOT_STARTED in last(bench)["reason"]


def test_no_tcp_at_all_is_said_with_code_502(bench):
    bench.start()
    bench.wait(10)
    assert last(bench)["code"] == 502


def test_back_off_doubles_to_its_longest_and_starts_again_after_a_stable_link(bench):
    bench.start()
    tries = []
    for _ in range(8):
        bench.session.on_lost("refused", bench.now, 502)
        before = bench.clock
        while bench.session._link.state == "backingOff":
            bench.wait(0.5)
        tries.append(bench.clock - before)
    assert tries == [1, 2, 4, 8, 16, 30, 30, 30]
    bench.ready()
    bench.wait(31)
    bench.session.on_lost("end of file", bench.now)
    bench.wait(1)
    assert bench.states()[-1] == "connecting"


def test_a_client_id_in_use_is_named_when_tws_closes(bench):
    bench.start()
    bench.session.on_opened(bench.now)
    bench.session.on_events([Connected(213, "now")], bench.now)
    bench.error(-1, 326, "Unable to connect as the client id is already in use.")
    bench.session.on_lost("end of file", bench.now)
    bench.collect()
    assert last(bench)["code"] == 326
    assert "already in use" in last(bench)["reason"]


def test_an_end_of_file_while_starting_hints_at_the_client_id(bench):
    bench.start()
    bench.session.on_opened(bench.now)
    bench.session.on_events([Connected(213, "now")], bench.now)
    bench.session.on_lost("end of file", bench.now)
    bench.collect()
    assert "client id may be in use" in last(bench)["reason"]


def test_a_broken_length_ends_the_connection_with_its_reason(ready):
    ready.session.on_events([Failed(507, "length 4294967295 is beyond 16777215")], ready.now)
    ready.collect()
    lost = ready.on("system.connection")[-2]["data"]
    assert (lost["state"], lost["code"], lost["reason"]) == ("lost", 507, "length 4294967295 is beyond 16777215")
    assert isinstance(ready.connects[-1], Close)


@pytest.mark.parametrize("restored", [1101, 1102])
def test_1100_degrades_and_its_end_restores(ready, restored):
    ready.error(-1, 1100, "Connectivity between IBKR and TWS has been lost.")
    assert last(ready)["state"] == "degraded"
    assert last(ready)["code"] == 1100
    ready.error(-1, restored, "restored")
    assert (last(ready)["state"], last(ready)["code"]) == ("ready", restored)


def test_1100_before_the_start_is_not_forgotten(bench):
    bench.start()
    bench.session.on_opened(bench.now)
    bench.session.on_events([Connected(213, "now")], bench.now)
    bench.error(-1, 1100)
    bench.tws("managedAccounts", accountsList="DU1")
    bench.tws("nextValidId", orderId=7)
    assert bench.states()[-2:] == ["ready", "degraded"]


def test_a_new_connection_knows_nothing_of_an_earlier_1100(ready):
    ready.error(-1, 1100)
    ready.session.on_lost("end of file", ready.now)
    ready.wait(1)
    ready.ready()
    assert ready.states()[-1] == "ready"


def test_2110_heals_with_the_farms(ready):
    ready.error(-1, 2110, "broken")
    assert last(ready)["state"] == "degraded"
    ready.error(-1, 2104, "Market data farm connection is OK:usfarm")
    assert last(ready)["state"] == "ready"


def test_farm_notices_are_notices(ready):
    ready.error(-1, 2104, "Market data farm connection is OK:usfarm")
    assert ready.on("system.notice")[0]["data"]["errorCode"] == 2104
    assert ready.states()[-1] == "ready"


def test_a_changed_port_is_where_it_goes_next(ready):
    ready.error(-1, 1300, "TWS socket port has been reset and this connection is being dropped. New port - 4003")
    ready.session.on_lost("end of file", ready.now)
    ready.wait(1)
    assert ready.connects[-1] == Connect("127.0.0.1", 4003)


def test_redirects_are_followed_twice(bench):
    bench.start()
    for host in ("one", "two", "three"):
        bench.session.on_opened(bench.now)
        bench.session.on_events([Redirected(host, 5000)], bench.now)
        bench.collect()
    assert [c.host for c in bench.connects if isinstance(c, Connect)] == ["127.0.0.1", "one", "two"]
    assert "redirected" in last(bench)["reason"]


def test_stop_is_said_and_final(ready):
    ready.session.stop(ready.now, "SIGTERM")
    ready.collect()
    assert (last(ready)["state"], last(ready)["reason"]) == ("stopped", "SIGTERM")
    ready.session.on_lost("end of file", ready.now)
    ready.collect()
    assert last(ready)["state"] == "stopped"
    assert isinstance(ready.connects[-1], Close)


def test_a_heartbeat_each_second(ready):
    before = len(ready.on("system.heartbeat"))
    ready.wait(3)
    assert len(ready.on("system.heartbeat")) == before + 3
    assert ready.on("system.heartbeat")[-1]["data"]["state"] == "ready"


def test_tws_is_asked_for_the_configured_market_data_on_each_connection(make_bench):
    bench = make_bench(market_data_type=3)
    for _ in range(2):
        bench.ready()
        assert bench.last_sent("reqMarketDataType") == {"marketDataType": 3}
        bench.sent.clear()
        bench.session.on_lost("end of file", bench.now)
        bench.collect()
        bench.wait(2)
