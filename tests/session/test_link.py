"""The life of the connection: what is said on `system.connection`, and what is tried next."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import bridge.session
from bridge.session import Close, Connect
from bridge.session.link import NO_HANDSHAKE, NOT_STARTED, LinkTiming
from bridge.session.link_table import EVENTS, OUTAGE_EVENTS, OUTAGE_TABLE, OUTAGES, STATES, TABLE
from bridge.tws.events import Connected, Failed, Redirected

SESSION = Path(bridge.session.__file__).parent


def last(bench):
    return bench.on("system.connection")[-1]["data"]


# The tables


def test_the_tables_list_every_pair_and_nothing_else():
    assert {(state, event) for state in STATES for event in EVENTS} == {(s, e) for s, row in TABLE.items() for e in row}
    assert {(outage, event) for outage in OUTAGES for event in OUTAGE_EVENTS} == {
        (outage, event) for outage, row in OUTAGE_TABLE.items() for event in row
    }


@pytest.mark.parametrize("state", STATES)
def test_a_pair_leads_on_or_is_told_or_changes_nothing(state):
    for event, transition in TABLE[state].items():
        moves = transition.to != state
        assert transition.to in STATES
        assert not (moves and (transition.is_told or not transition.possible)), event
        assert transition.possible or not transition.is_told, event


@pytest.mark.parametrize("state", STATES)
def test_from_every_state_it_can_be_stopped_and_every_open_one_can_be_lost(state):
    assert TABLE[state]["stop"].to == "stopped"
    assert TABLE[state]["failed"].to == ("lost" if state not in ("lost", "backingOff", "stopped") else state)


def test_every_state_is_reached_from_stopped():
    known, work = {"stopped"}, ["stopped"]
    while work:
        following = {transition.to for transition in TABLE[work.pop()].values()} - known
        known |= following
        work += following
    assert known == set(STATES)


def writes_of_a_link(text):
    """Lines that set a state of a link, or its outage, otherwise than by its own two methods."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Attribute(value=ast.Name(id="_link" | "link"), ctx=ast.Store()):
                yield node.lineno
            case ast.Attribute(value=ast.Attribute(attr="_link" | "link"), ctx=ast.Store()):
                yield node.lineno


@pytest.mark.parametrize("line", ["self._link.state = 'ready'", "house.link.state = 'ready'", "link.reason = 'why'"])
def test_the_search_for_writers_finds_what_it_looks_for(line):
    assert list(writes_of_a_link(line)) == [1]


def test_only_the_link_writes_its_state():
    found = [f"{path.name}:{line}" for path in SESSION.rglob("*.py") for line in writes_of_a_link(path.read_text())]
    assert found == []


def test_within_the_link_only_an_event_writes_the_state():
    (link,) = [node for node in ast.walk(ast.parse((SESSION / "link.py").read_text())) if isinstance(node, ast.ClassDef)
               and node.name == "Link"]  # fmt: skip
    writers = {
        method.name
        for method in link.body if isinstance(method, ast.FunctionDef)
        for node in ast.walk(method)
        if isinstance(node, ast.Attribute) and node.attr == "state" and isinstance(node.ctx, ast.Store)
    }  # fmt: skip
    assert writers == {"__init__", "_happen"}


def test_what_cannot_happen_changes_nothing_and_is_logged(ready):
    ready.session.on_opened(ready.now)
    ready.collect()
    assert ready.states()[-1] == "ready"
    assert [entry.text for entry in ready.logs if entry.level == "error"] == [
        "a defect of the bridge: opened while the connection is ready"
    ]


# How it goes


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
    bench.wait(300)
    assert bench.states()[-2:] == ["lost", "backingOff"]
    assert NO_HANDSHAKE in last(bench)["reason"]
    assert "waited for 300 s" in last(bench)["reason"]
    bench.wait(1)
    assert bench.states()[-1] == "connecting"
    assert bench.connects == [Connect("127.0.0.1", 4002), Close(), Connect("127.0.0.1", 4002)]


def test_a_handshake_without_a_start_gets_another_diagnosis(bench):
    bench.start()
    bench.session.on_opened(bench.now)
    bench.session.on_events([Connected(213, "now")], bench.now)
    bench.tws("managedAccounts", accountsList="DU1")
    bench.wait(20)
    assert (last(bench)["state"], NOT_STARTED in last(bench)["reason"]) == ("starting", True)
    bench.wait(280)
    assert (last(bench)["state"], NOT_STARTED in last(bench)["reason"]) == ("backingOff", True)


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


@pytest.mark.parametrize("farm", [2104, 2106, 2158])
@pytest.mark.parametrize("codes", [(1100, 2110), (2110, 1100)])
def test_a_farm_ends_2110_and_leaves_1100(ready, codes, farm):
    for code in codes:
        ready.error(-1, code, f"text of {code}")
        assert (last(ready)["state"], last(ready)["code"]) == ("degraded", code)
    ready.error(-1, farm, "farm connection is OK")
    assert (last(ready)["state"], last(ready)["code"]) == ("degraded", 1100)
    assert last(ready)["reason"] == "text of 1100"
    ready.error(-1, farm, "farm connection is OK")
    assert ready.session._link.state == "degraded"
    ready.error(-1, 1102, "restored")
    assert (last(ready)["state"], last(ready)["code"]) == ("ready", 1102)


@pytest.mark.parametrize("restored", [1101, 1102])
@pytest.mark.parametrize("codes", [(1100, 2110), (2110, 1100), (2110,), (1100,)])
def test_1101_and_1102_end_both(ready, codes, restored):
    for code in codes:
        ready.error(-1, code)
    ready.error(-1, restored, "restored")
    assert (last(ready)["state"], last(ready)["code"]) == ("ready", restored)


def test_a_second_outage_does_not_begin_the_state_anew(ready):
    ready.error(-1, 1100)
    since = last(ready)["since"]
    ready.wait(3)
    ready.error(-1, 2110)
    assert (last(ready)["code"], last(ready)["since"]) == (2110, since)


def test_an_outage_said_again_is_not_told_again(ready):
    ready.error(-1, 1100)
    told = len(ready.states())
    ready.error(-1, 1100)
    assert len(ready.states()) == told


def test_lost_data_is_told_also_where_no_outage_was(ready):
    ready.error(-1, 1101, "restored, data lost")
    assert (last(ready)["state"], last(ready)["code"]) == ("ready", 1101)


def test_2110_and_its_end_before_the_start_leave_1100(bench):
    bench.start()
    bench.session.on_opened(bench.now)
    bench.session.on_events([Connected(213, "now")], bench.now)
    for code in (2110, 1100, 2104):
        bench.error(-1, code, f"text of {code}")
    bench.tws("managedAccounts", accountsList="DU1")
    bench.tws("nextValidId", orderId=7)
    assert (last(bench)["state"], last(bench)["code"]) == ("degraded", 1100)


def test_farm_notices_are_notices(ready):
    ready.error(-1, 2104, "Market data farm connection is OK:usfarm")
    assert ready.on("system.notice")[0]["data"]["errorCode"] == 2104
    assert ready.states()[-1] == "ready"


def test_a_changed_port_is_where_it_goes_next(ready):
    ready.error(-1, 1300, "TWS socket port has been reset and this connection is being dropped. New port - 4003")
    ready.session.on_lost("end of file", ready.now)
    ready.wait(1)
    assert ready.connects[-1] == Connect("127.0.0.1", 4003)


RESET = "TWS socket port has been reset and this connection is being dropped. "
CONFIGURED, NAMED = Connect("127.0.0.1", 4002), Connect("127.0.0.1", 4003)


def moved(bench, text):
    """TWS says 1300 with these words, and drops the connection; the next try."""
    bench.error(-1, 1300, text)
    bench.session.on_lost("end of file", bench.now)
    bench.wait(1)
    return bench.connects[-1]


@pytest.mark.parametrize(
    ("text", "port"),
    [
        ("Please reconnect on the new port - 7497", 7497),
        ("Please reconnect on the new port: 7497.", 7497),
        ("Please reconnect on the new port 7497 (TWS 10.30)", 7497),
        ("The new Port is 65535", 65535),
        ("(TWS 10.30)", 4002),
        ("Please reconnect on the new port (TWS 10.30)", 4002),
        ("new port - 10.30", 4002),
        ("new port - 7497.5", 4002),
        ("new port - 65536", 4002),
        ("new port - 0", 4002),
        ("new port - 123456", 4002),
        ("new port - 7497a", 4002),
        ("Reconnect within 30 s", 4002),
        ("old port 7496, new port 7497", 4002),
        ("", 4002),
    ],
)
def test_a_port_is_read_only_where_the_text_plainly_names_one(ready, text, port):
    assert moved(ready, RESET + text) == Connect("127.0.0.1", port)


def test_the_configured_port_is_tried_again_in_turn_with_the_new_one(ready):
    tries = [moved(ready, RESET + "new port - 4003")]
    for pause in (2, 4, 8):
        ready.session.on_lost("refused", ready.now, 502)
        ready.wait(pause)
        tries.append(ready.connects[-1])
    assert tries == [NAMED, CONFIGURED, NAMED, CONFIGURED]


def test_a_new_port_that_serves_is_where_it_goes_after_a_loss(ready):
    moved(ready, RESET + "new port - 4003")
    ready.ready()
    ready.session.on_lost("end of file", ready.now)
    ready.wait(2)
    assert ready.connects[-1] == NAMED


def test_the_new_port_is_forgotten_once_the_configured_one_serves(ready):
    moved(ready, RESET + "new port - 4003")
    ready.session.on_lost("refused", ready.now, 502)
    ready.wait(2)
    ready.ready()
    for pause in (4, 8):
        ready.session.on_lost("refused", ready.now, 502)
        ready.wait(pause)
        assert ready.connects[-1] == CONFIGURED


# Dialogs


def test_a_socket_behind_a_dialog_is_kept_and_the_diagnosis_told(bench):
    bench.start()
    bench.session.on_opened(bench.now)
    since = last(bench)["since"]
    bench.wait(299)
    assert bench.states() == ["connecting", "handshaking", "handshaking"]
    assert NO_HANDSHAKE in last(bench)["reason"]
    assert last(bench)["since"] == since
    assert bench.connects == [Connect("127.0.0.1", 4002)]
    bench.ready()
    assert bench.states()[-2:] == ["starting", "ready"]
    assert "reason" not in last(bench)
    bench.wait(400)
    assert bench.states()[-1] == "ready"


def test_where_tws_has_said_that_it_will_not_serve_nobody_waits_for_a_dialog(bench):
    bench.start()
    bench.session.on_opened(bench.now)
    bench.session.on_events([Connected(213, "now")], bench.now)
    bench.error(-1, 326, "Unable to connect as the client id is already in use.")
    bench.wait(20)
    assert (last(bench)["state"], last(bench)["code"]) == ("backingOff", 326)


def test_status_has_the_diagnosis(bench):
    bench.start()
    bench.session.on_opened(bench.now)
    bench.wait(15)
    assert NO_HANDSHAKE in bench.result(bench.ask("status"))["connection"]["reason"]


def test_patience_counts_from_each_of_the_two_states(bench):
    bench.start()
    bench.session.on_opened(bench.now)
    bench.wait(200)
    bench.session.on_events([Connected(213, "now")], bench.now)
    bench.wait(299)
    assert bench.states()[-1] == "starting"
    bench.wait(1)
    assert bench.states()[-1] == "backingOff"


def test_a_patience_shorter_than_the_diagnosis_gives_up_at_once(make_bench):
    bench = make_bench(timing=LinkTiming(patience=2))
    bench.start()
    bench.session.on_opened(bench.now)
    bench.wait(2)
    assert bench.states() == ["connecting", "handshaking", "lost", "backingOff"]


# Redirects and the end


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
