"""Settings from three places, and mistakes told with the place."""

from __future__ import annotations

import json
import os
import threading
from datetime import time
from pathlib import Path

import pytest

from bridge.settings import MOST_PROBLEMS, SettingsError, load, unknown_variables


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch):
    for name in ("TWS", "CLIENT_ID", "EVENTS", "REQUESTS", "STATE"):
        monkeypatch.delenv(f"TWS_BRIDGE_{name}", raising=False)


def problems(flags, config=None):
    with pytest.raises(SettingsError) as error:
        load(flags, config)
    return error.value.problems


def test_flags_go_before_environment_before_file(tmp_path, monkeypatch):
    file = tmp_path / "bridge.toml"
    file.write_text('client_id = 1\ntws = "file:1"\nlease = 5\n')
    monkeypatch.setenv("TWS_BRIDGE_CLIENT_ID", "2")
    monkeypatch.setenv("TWS_BRIDGE_TWS", "environment:2")
    settings = load({"client_id": 3}, file)
    assert (settings.client_id, settings.tws, settings.lease) == (3, "environment:2", 5.0)
    assert (settings.rules.host, settings.rules.port, settings.rules.lease) == ("environment", 2, 5.0)


def test_a_variable_that_is_no_setting_is_named(monkeypatch):
    for name in ("MESAGES_PER_SECOND", "FLY", "TWS", "CLIENT_KEY", "SERVICE_HOST", "PORT", "PORT_7500_TCP_ADDR"):
        monkeypatch.setenv(f"TWS_BRIDGE_{name}", "1")
    fly, messages = unknown_variables()
    assert fly.startswith("TWS_BRIDGE_FLY: there is no such setting") and "did you mean" not in fly
    assert messages.endswith("did you mean TWS_BRIDGE_MESSAGES_PER_SECOND?")


def test_defaults_are_loopback():
    settings = load({})
    assert settings.events == "tcp://127.0.0.1:7501"
    assert settings.requests == "tcp://127.0.0.1:7500"
    assert settings.state == Path("tws-bridge-state")


def test_every_mistake_is_told_with_its_place(tmp_path, monkeypatch):
    file = tmp_path / "bridge.toml"
    file.write_text('colour = "red"\nlease = -1\n')
    monkeypatch.setenv("TWS_BRIDGE_CLIENT_ID", "many")
    found = problems({"tws": "nowhere", "events": "tcp://0.0.0.0:7501"}, file)
    assert len(found) == 5
    told = "\n".join(found)
    for place in ("--tws: ", "--events: ", "TWS_BRIDGE_CLIENT_ID: ", f"{file}: lease: ", f"{file}: colour: "):
        assert place in told
    assert "CURVE" in told


@pytest.mark.parametrize("text", ["lease = ", "a = 1\na = 2", "\xff"])
def test_a_broken_file_is_told(tmp_path, text):
    file = tmp_path / "bridge.toml"
    file.write_bytes(text.encode("latin-1"))
    (problem,) = problems({}, file)
    assert problem.startswith(f"{file}: ")


def test_a_missing_file_is_told(tmp_path):
    assert problems({}, tmp_path / "none.toml") == [f"{tmp_path}/none.toml: No such file or directory"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"# one\nlease = 5 # \xe9\n", "byte 0xe9 is not UTF-8 (at line 2)"),
        (b"# \xe2\x80\xa8 \xc2\x85\nlease = -1\n", "(at line 2)"),
        (b"a = " + b"[" * 5000 + b"]" * 5000, "too deep"),
        (b"a = " + b"{a = " * 5000 + b"1" + b"}" * 5000, "too deep"),
        (b"lease = " + b"9" * 5000, "digits"),
        (b"a = [" + b"1," * 300_000 + b"]", "the file has more than 500000 bytes"),
        (b"[clients.bob]\nroles = [\n 'observe',\n 'boss',\n]\n", "roles.1: Input should be"),
        (b"[clients.bob]\nroles = [\n 'observe',\n 'boss',\n]\n", "(at line 4)"),
        (b"lease = 5\r\nlease_ = 6\r\n", "(at line 2)"),
    ],
)
def test_a_strange_file_is_a_mistake_with_its_place(tmp_path, text, words):
    file = tmp_path / "bridge.toml"
    file.write_bytes(text)
    (problem,) = problems({}, file)
    assert problem.startswith(f"{file}: ")
    assert words in problem


def test_many_mistakes_are_counted(tmp_path):
    file = tmp_path / "bridge.toml"
    file.write_text("[clients.bob]\nroles = [" + "'boss'," * 20_000 + "]\n")
    told = problems({}, file)
    assert len(told) == MOST_PROBLEMS + 1
    assert told[-1] == f"{file}: {20_000 - MOST_PROBLEMS} more mistakes"


SECRETS = (
    "0123456789abcdefghijABCDEFGHIJ0123456789",  # a token
    "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7",  # a key, with a slash
    "x" * 300,
    "a.b\0c",
    "e",
)


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("name", ["key", "http_token"])
def test_a_secret_in_place_of_its_path_is_not_told(tmp_path, monkeypatch, name, secret):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "bridge.toml"
    file.write_text(f"http = '127.0.0.1:0'\n{name} = {json.dumps(secret)}\n[clients.a]\nroles = ['admin']\n")
    from_file = problems({}, file)
    assert f"{file}: {name}: expected the path of a file (not shown, it may be a secret): " in from_file[0]
    assert from_file[0].endswith(" (at line 2)")
    flags = {"http": "127.0.0.1:0", name: secret}
    for told in (from_file[0], *problems(flags), *problems({**flags, name: Path(secret)})):
        assert secret == "e" or secret not in told
        assert f"{secret}:" not in told


def test_the_path_of_a_file_that_is_there_is_told(tmp_path):
    file = tmp_path / "token"
    file.write_text("short")
    (told,) = problems({"http": "127.0.0.1:0", "http_token": str(file)})
    assert told.startswith(f"--http-token: {file}: expected one line")


@pytest.mark.parametrize("address", ["host", "host:", ":1", "host:0", "host:70000", "host:x"])
def test_an_address_is_host_and_port(address):
    assert problems({"tws": address})[0].startswith("--tws: ")


@pytest.mark.parametrize(
    "line",
    [
        "lease = true", 'lease = "5"', "client_id = true", 'client_id = "1"', "client_id = 1.0",
        "most_waiting = 1.0", 'event_queue = "1"', "market_data_type = true", "settle_pause = false",
    ],
)  # fmt: skip
def test_a_number_in_a_file_is_written_as_one(tmp_path, line):
    file = tmp_path / "bridge.toml"
    file.write_text(line)
    (problem,) = problems({}, file)
    assert problem.startswith(f"{file}: {line.split()[0]}: Input should be a valid ")


@pytest.mark.parametrize("text", ["1_0", "1.0", "true", "", " 1", "0x1"])
def test_a_number_in_a_variable_is_text_and_nothing_but_a_number(monkeypatch, text):
    monkeypatch.setenv("TWS_BRIDGE_CLIENT_ID", text)
    assert problems({})[0].startswith("TWS_BRIDGE_CLIENT_ID: Input should be a valid integer")
    monkeypatch.setenv("TWS_BRIDGE_CLIENT_ID", "7")
    assert load({"lease": "2.5", "key": None}).client_id == 7
    assert load({"lease": "2.5"}).lease == 2.5


def test_events_and_requests_do_not_share_an_endpoint():
    (problem,) = problems({"events": "tcp://127.0.0.1:7500"})
    assert problem.startswith("requests: tcp://127.0.0.1:7500 is also the endpoint for events")
    free = "tcp://127.0.0.1:*"
    assert load({"events": free, "requests": free}).events == free


RESTART = """
trading_mode = "paper"
async_connect = true
[[planned_restarts]]
name = "Gateway"
begins = "23:45"
ends = 00:10:00
zone = "America/New_York"
days = ["mon", "fri"]
"""


def test_planned_restarts_are_read(tmp_path):
    file = tmp_path / "bridge.toml"
    file.write_text(RESTART)
    rules = load({}, file).rules
    (planned,) = rules.planned_restarts
    assert (planned.name, planned.begins, planned.ends) == ("Gateway", time(23, 45), time(0, 10))
    assert (planned.zone.key, planned.days, planned.lead) == ("America/New_York", {0, 4}, 60.0)
    assert (rules.trading_mode, rules.async_connect) == ("paper", True)


@pytest.mark.parametrize(
    ("said", "instead", "told"),
    [
        ('"23:45"', '"25:00"', "planned_restarts.0.begins: 25:00: expected a time of day"),
        ('"23:45"', '"soon"', "planned_restarts.0.begins: expected a time of day"),
        ('"23:45"', "2345", "planned_restarts.0.begins: expected a time of day"),
        ("America/New_York", "America/Gotham", "planned_restarts.0.zone: there is no time zone America/Gotham"),
        ('"fri"', '"freitag"', "planned_restarts.0.days.1: "),
        ('name = "Gateway"', 'title = "Gateway"', "planned_restarts.0.name: required"),
        ('"paper"', '"demo"', "trading_mode: "),
        ("true", "1", "async_connect: "),
    ],
)
def test_a_mistake_in_them_is_told_with_its_place(tmp_path, said, instead, told):
    file = tmp_path / "bridge.toml"
    file.write_text(RESTART.replace(said, instead, 1))
    assert f"{file}: {told}" in "\n".join(problems({}, file))


def test_one_that_ends_when_it_begins_is_none(tmp_path):
    file = tmp_path / "bridge.toml"
    file.write_text(RESTART.replace("00:10:00", '"23:45"'))
    assert "ends when it begins" in "\n".join(problems({}, file))


def test_a_fifo_is_no_configuration_and_nothing_waits_for_it(tmp_path):
    """A FIFO waits for a writer: the bridge would hang at its start, and at each reload."""
    os.mkfifo(tmp_path / "bridge.toml")
    found = []

    def read():
        try:
            load({}, tmp_path / "bridge.toml")
        except SettingsError as error:
            found.extend(error.problems)

    reading = threading.Thread(target=read, daemon=True)
    reading.start()
    reading.join(20)
    assert found == [f"{tmp_path}/bridge.toml: it is not a regular file"]
