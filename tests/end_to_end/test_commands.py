"""The commands as a user types them: what they print, and how they fail."""

from __future__ import annotations

import ast
import json
import signal
import subprocess
from pathlib import Path

import pytest

from bridge import cli, runs
from tests.end_to_end import processes
from tests.end_to_end.processes import command, run


def at(bridge):
    return "--requests", bridge.requests, "--events", bridge.events


def test_status_says_ready_and_exits_0(bridge):
    done = run("status", "--json", *at(bridge))
    assert (done.returncode, json.loads(done.stdout)["connection"]["state"]) == (0, "ready")


def test_endpoints_may_come_from_the_environment(bridge):
    done = run("status", TWS_BRIDGE_REQUESTS=bridge.requests, TWS_BRIDGE_EVENTS=bridge.events)
    assert done.returncode == 0


def test_status_without_a_bridge_exits_1_with_one_line():
    done = run("status", "--requests", "tcp://127.0.0.1:9", "--timeout", "0.2")
    assert done.returncode == 1
    assert done.stderr.startswith("tws-bridge: noBridge: ")
    assert done.stderr.count("\n") == 1


def test_call_prints_the_result(bridge):
    done = run("call", "reqContractDetails", '{"contract": {"conId": 265598}}', *at(bridge))
    assert json.loads(done.stdout)[0]["data"]["contract"]["symbol"] == "AAPL"


def test_the_parameters_of_a_call_may_come_after_the_flags(bridge):
    done = run("call", "reqContractDetails", *at(bridge), '{"contract": {"conId": 265598}}')
    assert json.loads(done.stdout)[0]["data"]["contract"]["symbol"] == "AAPL"
    for wrong in (("{}", "{}"), ("--flag",), ("{}", *at(bridge), "{}")):
        done = run("call", "ping", *wrong)
        assert done.returncode == 2 and "unrecognized arguments" in done.stderr


def test_two_calls_are_of_one_client(bridge):
    order = {"action": "BUY", "orderType": "LMT", "totalQuantity": 1, "lmtPrice": 1.0}
    params = {"contract": {"conId": 265598, "exchange": "SMART"}, "order": order, "orderKey": "of-the-shell"}
    assert run("call", "placeOrder", json.dumps(params), *at(bridge)).returncode == 0
    assert json.loads(run("call", "cancelMine", *at(bridge)).stdout)["orderKeys"] == ["of-the-shell"]


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (("reqMktData", "{}"), 1, "invalidParams: contract"),
        (("fly",), 1, "unknownMethod"),
        (("ping", "{"), 2, "JSON"),
        (("ping", "[]"), 2, "JSON"),
    ],
)
def test_call_fails_with_one_line(bridge, arguments, code, word):
    done = run("call", *arguments, *at(bridge))
    assert done.returncode == code
    assert word in done.stderr
    assert done.stderr.count("\n") == 1


def test_tail_prints_a_line_for_each_event_until_it_is_ended(bridge):
    process = subprocess.Popen(command("tail", "system.", *at(bridge)), stdout=subprocess.PIPE, text=True)
    lines = [json.loads(process.stdout.readline()) for _ in range(6)]
    process.send_signal(signal.SIGTERM)  # not SIGINT: a shell starts its background jobs deaf to it, and so are we then
    process.communicate(timeout=60)
    assert {line["origin"] for line in lines} <= {"snapshot", "live"}
    assert "system.connection" in {line["topic"] for line in lines}


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ((), "COMMAND"),
        (("run", "--tws", "nowhere"), "--tws: 'nowhere' is not HOST:PORT"),
        (("run", "--events", "tcp://0.0.0.0:7501"), "CURVE"),
        (("run", "--client-id", "x"), "--client-id"),
        (("run", "--config", "/nonexistent.toml"), "/nonexistent.toml: No such file"),
        (("simulate", "--server-version", "1"), "--server-version"),
        (("decode", "--server-version", "1", "--from", "tws"), "--server-version"),
        (("decode", "--server-version", "213"), "--from"),
        (("call",), "METHOD"),
    ],
)
def test_a_wrong_command_exits_2_and_says_why(arguments, word):
    done = run(*arguments)
    assert done.returncode == 2
    assert word in done.stderr
    assert "Traceback" not in done.stderr


def test_check_config_reports_and_ends(tmp_path):
    file = tmp_path / "bridge.toml"
    file.write_text("client_id = 5\n")
    assert run("run", "--config", str(file), "--check-config").returncode == 0
    file.write_text("client_id = -5\nsecret = 1\n")
    done = run("run", "--config", str(file), "--check-config")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 2


HOSTILE = "\x1b[2J\x9b2J\u202e halt\nTrading: yes, since 10:00"


def test_words_of_others_forge_no_line_and_reach_no_terminal(simulator, tmp_path):
    with processes.bridge(simulator.address, tmp_path) as running:
        state = ("--state", str(tmp_path / "state"), "--tws", simulator.address, "--client-id", "1")
        done = [run("call", "halt", json.dumps({"reason": HOSTILE}), *at(running))]
        assert done[0].returncode == 0
        done += [
            run("status", *at(running)),
            run("status", "--json", *at(running)),
            run("doctor", *state, *at(running)),
            run("doctor", "--json", *state, *at(running)),
            run("call", HOSTILE, *at(running)),
            run("call", "overview", *at(running)),
        ]
        assert HOSTILE in json.loads(done[2].stdout)["verdict"]["because"]
        assert "Trading: yes" in done[1].stdout  # it is shown, as a part of its line
        for one in done:
            assert_plain(one.stdout + one.stderr)


def test_a_hostile_configuration_forges_no_line(tmp_path):
    file = tmp_path / "bridge.toml"
    file.write_text(f'{json.dumps(HOSTILE)} = 1\nlease = -1\n[clients.{json.dumps(HOSTILE)}]\nroles = ["observe"]\n')
    done = run("run", "--config", str(file), "--check-config", **{"TWS_BRIDGE_X\x1b[2J": "1"})
    assert done.returncode == 2
    assert done.stderr.count("\n") == 3
    assert_plain(done.stderr)
    file.write_text("lease = 5.0\n")
    done = run("run", "--config", str(file), "--check-config", **{"TWS_BRIDGE_X\x1b[2J\nTrading: yes": "1"})
    assert done.returncode == 0 and "TWS_BRIDGE_X" in done.stderr
    assert_plain(done.stdout + done.stderr)


def assert_plain(printed):
    for line in printed.split("\n"):
        assert line.isprintable(), line
        assert not line.startswith("Trading: yes"), printed


def test_all_that_the_commands_print_goes_through_one_function():
    """`print` may be called in `say` only, which keeps a text in its line."""
    files = [Path(cli.__file__), *Path(runs.__file__).parent.glob("*.py")]
    prints = {
        function.name
        for file in files
        for function in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and node.id == "print"
    }
    assert prints == {"say"}


def test_decoded_text_is_json_that_a_terminal_shows(tmp_path):
    told = json.dumps({"name": "managedAccounts", "data": {"accountsList": HOSTILE.replace("\n", "")}})
    frames = run("encode", "--server-version", "201", "--from", "tws", stdin=f"{told}\n").stdout
    decoded = run("decode", "--server-version", "201", "--from", "tws", stdin=frames).stdout
    assert json.loads(decoded) == json.loads(told)
    assert_plain(decoded)


def test_version():
    assert run("--version").stdout.startswith("tws-bridge ")


def test_decode_and_encode_are_inverse():
    frames = "0000000a00000009310031303000\n"
    decoded = run("decode", "--server-version", "201", "--from", "tws", stdin=frames)
    assert json.loads(decoded.stdout) == {"name": "nextValidId", "data": {"orderId": 100}}
    encoded = run("encode", "--server-version", "201", "--from", "tws", stdin=decoded.stdout)
    assert encoded.stdout == frames
