"""Mistakes with which a bridge does not start: `tws-bridge run` ends at once with an error that names the mistake, and
`tws-bridge doctor` names the same, with what to change. Neither shows a traceback."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from bridge import keys
from bridge.doctor import examine
from tests.end_to_end import processes

PLACES = 'events = "tcp://127.0.0.1:*"\nrequests = "tcp://127.0.0.1:*"\n'
#: A client with a key, without which no bridge with keys starts.
CLIENT = '[clients.alice]\npublic_key = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"\n'


class Mistake(NamedTuple):
    """`text`: the configuration. `says`: what both commands must say. `check`: the doctor's step that fails."""

    text: str
    says: str
    check: str
    prepare: Callable[[Path], object] = lambda _folder: None


def state(folder: Path, mode: int = 0o700) -> Path:
    (folder / "state").mkdir(mode=mode)
    (folder / "state").chmod(mode)
    return folder / "state"


def key(folder: Path, mode: int = 0o600) -> None:
    keys.write_new(folder, "bridge")
    (folder / "bridge.secret").chmod(mode)


MISTAKES = {
    "a setting that does not exist": Mistake(PLACES + "client-id = 1", "client-id", "settings"),
    "a setting of the wrong type": Mistake(PLACES + 'client_id = "one"', "client_id", "settings"),
    "a number that is not possible": Mistake(PLACES + "client_id = -1", "client_id", "settings"),
    "no port": Mistake(PLACES + 'tws = "gateway"', "tws", "settings"),
    "a host with an empty part": Mistake(PLACES + 'tws = "gate..way:4004"', "gate..way", "settings"),
    "a host with a part that is too long": Mistake(PLACES + f'tws = "{"a" * 70}.example:4004"', "too long", "settings"),
    "a host with a space": Mistake(PLACES + 'tws = "gate way:4004"', "a space", "settings"),
    "text that is not TOML": Mistake(PLACES + "client_id = = 1", "bridge.toml", "settings"),
    "an endpoint for everybody without keys": Mistake(
        'events = "tcp://0.0.0.0:*"\nrequests = "tcp://127.0.0.1:*"', "events", "settings"
    ),
    "HTTP for everybody without a token": Mistake(PLACES + 'http = "0.0.0.0:0"', "http", "settings"),
    "a right that does not exist": Mistake(PLACES + '[clients.alice]\nroles = ["king"]', "alice", "settings"),
    "a client twice": Mistake(PLACES + "[clients.alice]\n[clients.alice]\n", "bridge.toml", "settings"),
    "a planned restart without a time zone": Mistake(
        PLACES + '[[planned_restarts]]\nname = "n"\nbegins = "23:45"\nends = "23:50"\nzone = "Atlantis"', "Atlantis",
        "settings",
    ),
    "a key file that is not there": Mistake(
        f'{PLACES}key = "none.secret"\n{CLIENT}', "(not shown, it may be a secret): No such file", "settings",
    ),
    "a key file that others may read": Mistake(
        f'{PLACES}key = "bridge.secret"\n{CLIENT}', "chmod 600", "settings", lambda folder: key(folder, 0o644)
    ),
    "a key file with something else": Mistake(
        f'{PLACES}key = "bridge.secret"\n{CLIENT}', "bridge.secret", "settings",
        lambda folder: (folder / "bridge.secret").write_text("a poem"),
    ),
    "a token file that is not there": Mistake(
        PLACES + 'http = "127.0.0.1:0"\nhttp_token = "none.token"', "http_token: expected the path of a file",
        "settings",
    ),
    "a state folder that others may read": Mistake(
        PLACES, "chmod 700", "state folder", lambda folder: state(folder, 0o755)
    ),
    "a state folder that is a file": Mistake(
        PLACES, "state", "state folder", lambda folder: (folder / "state").write_text("")
    ),
    "a ledger that is something else": Mistake(
        PLACES, "ledger", "ledger", lambda folder: (state(folder) / "ledger.sqlite").write_text("a poem" * 1000)
    ),
    "a ledger that is a folder": Mistake(
        PLACES, "ledger.sqlite", "ledger", lambda folder: (state(folder) / "ledger.sqlite").mkdir()
    ),
    "fenced runs that cannot be read": Mistake(
        PLACES, "instances.json", "state folder", lambda folder: (state(folder) / "instances.json").write_text("{")
    ),
    "fenced runs that are something else": Mistake(
        PLACES, "instances.json", "state folder", lambda folder: (state(folder) / "instances.json").write_text("[1]")
    ),
    "fenced runs that are a FIFO": Mistake(
        PLACES, "not a regular file", "state folder", lambda folder: os.mkfifo(state(folder) / "instances.json", 0o600)
    ),
    "a lock that is a FIFO": Mistake(
        PLACES, "not a regular file", "state folder", lambda folder: os.mkfifo(state(folder) / "lock", 0o600)
    ),
    "a ledger that is a FIFO": Mistake(
        PLACES, "ledger.sqlite", "ledger", lambda folder: os.mkfifo(state(folder) / "ledger.sqlite", 0o600)
    ),
    "an ipc folder that is a file": Mistake(
        'events = "ipc://none/e"\nrequests = "tcp://127.0.0.1:*"', "none/e", "events",
        lambda folder: (folder / "none").write_text(""),
    ),
    "an ipc path that is too long": Mistake(
        f'events = "ipc://{"x" * 120}"\nrequests = "tcp://127.0.0.1:*"', "x" * 120, "events"
    ),
    "an ipc folder that is not there": Mistake(
        'events = "ipc://none/e"\nrequests = "tcp://127.0.0.1:*"', "none/e", "events"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_run_and_doctor_name_the_mistake(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    mistake = MISTAKES[name]
    mistake.prepare(tmp_path)
    (tmp_path / "bridge.toml").write_text(mistake.text)
    check(mistake, tmp_path)


def test_run_and_doctor_name_a_configuration_that_is_a_fifo(tmp_path):
    os.mkfifo(tmp_path / "bridge.toml")
    check(Mistake("", "not a regular file", "settings"), tmp_path)


def check(mistake, folder):
    arguments = ("--config", str(folder / "bridge.toml"), "--state", str(folder / "state"))
    done = processes.run("run", *arguments)
    assert done.returncode not in (0, None)
    assert "Traceback" not in done.stderr
    assert mistake.says in done.stderr
    found = examine({"state": folder / "state"}, folder / "bridge.toml", patience=0.2, listen=0.1)
    failed = [one for one in found.checks if one.result == "failed"]
    assert [one for one in failed if one.name == mistake.check and mistake.says in one.text], found.lines()
    assert all(one.remedy for one in failed)


@contextlib.contextmanager
def taken() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize("name", ["events", "requests", "http"])
def test_run_and_doctor_name_the_endpoint_that_another_program_has(name, tmp_path):
    with taken() as place:
        places = {"events": '"tcp://127.0.0.1:*"', "requests": '"tcp://127.0.0.1:*"', "http": '"127.0.0.1:0"'}
        places[name] = f'"{place}"' if name == "http" else f'"tcp://{place}"'
        (tmp_path / "bridge.toml").write_text("".join(f"{key} = {value}\n" for key, value in places.items()))
        check(Mistake("", place, name), tmp_path)


def test_a_second_bridge_with_the_state_folder_of_the_first_says_so(tmp_path):
    with processes.bridge("127.0.0.1:9", tmp_path):
        done = processes.run("run", "--state", str(tmp_path / "state"), "--events", "tcp://127.0.0.1:*", "--requests",
                             "tcp://127.0.0.1:*")  # fmt: skip
    assert done.returncode != 0
    assert "in use" in done.stderr
    assert "Traceback" not in done.stderr


def test_nobody_at_the_endpoint_is_told_in_time_by_status_and_call(tmp_path):
    begun = time.monotonic()
    done = processes.run("status", "--requests", f"ipc://{tmp_path}/r", "--events", f"ipc://{tmp_path}/e")
    assert done.returncode not in (0, None)
    assert "noBridge" in done.stderr
    assert f"nothing listens on ipc://{tmp_path}/r" in done.stderr
    assert time.monotonic() - begun < 30
