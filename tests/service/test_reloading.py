"""What a reload of the configuration changes, what needs a restart, and what the bridge refuses."""

from __future__ import annotations

import threading
import time as clock
import tomllib
from datetime import time
from pathlib import Path

import pytest
from pydantic import SecretStr

from bridge import keys, reloading
from bridge.reloading import Configuration, _shown, at_rest, is_fixed
from bridge.settings import LIVE, RESTART, BridgeSettings, SettingsError, load, load_again, reload_of
from bridge.toml_lines import line_of, lines_of

#: Every setting: when the bridge takes over another value, and another value.
SETTINGS = {
    "tws": (RESTART, '"127.0.0.1:1"'), "client_id": (RESTART, "9"), "key": (RESTART, None),
    "events": (RESTART, '"tcp://127.0.0.1:1"'), "requests": (RESTART, '"tcp://127.0.0.1:2"'),
    "state": (RESTART, '"other"'), "optional_capabilities": (RESTART, '"x"'),
    "request_timeout": (LIVE, "9"), "messages_per_second": (LIVE, "9"), "subscribe_grace": (LIVE, "9"),
    "subscribe_retry": (LIVE, "9"), "subscribe_verify": (LIVE, "9"), "subscribe_again": (LIVE, "9"),
    "lease": (LIVE, "9"), "settle_pause": (LIVE, "9"), "connect_timeout": (LIVE, "9"),
    "handshake_timeout": (LIVE, "9"), "start_timeout": (LIVE, "9"), "patience": (LIVE, "9"), "quiet": (LIVE, "9"),
    "silence": (LIVE, "8"), "frame_timeout": (LIVE, "9"), "first_backoff": (LIVE, "9"),
    "longest_backoff": (LIVE, "9"), "most_waiting": (LIVE, "9"), "most_open_requests": (RESTART, "9"),
    "open_request_bytes": (RESTART, "9000000"), "stored_replies": (RESTART, "9"),
    "stored_reply_bytes": (RESTART, "9000000"), "most_clients": (LIVE, "9"), "most_streams": (LIVE, "9"),
    "snapshot_events": (LIVE, "9"), "most_connections": (RESTART, "9"), "market_data_lines": (LIVE, "9"),
    "market_depth_lines": (LIVE, "9"), "tick_by_tick_lines": (LIVE, "9"), "account_summary_lines": (LIVE, "9"),
    "linger": (LIVE, "9"), "event_queue": (RESTART, "9"), "cache_size": (RESTART, "9"),
    "market_data_type": (RESTART, "3"), "trading_mode": (RESTART, '"paper"'), "async_connect": (RESTART, "true"),
    "ipc_access": (RESTART, '"group"'), "http": (RESTART, '"127.0.0.1:9"'), "http_token": (RESTART, None),
    "log_format": (RESTART, '"json"'), "log_level": (RESTART, '"debug"'), "log_accounts": (RESTART, "true"),
    "planned_restarts": (LIVE, '[{ name = "g", begins = "23:45", ends = "23:50", zone = "America/New_York" }]'),
    "clients": (LIVE, '{ boss = { roles = ["admin"] } }'),
}  # fmt: skip


@pytest.fixture
def file(tmp_path):
    return tmp_path / "bridge.toml"


def configuration(file, text=""):
    file.write_text(text)
    settings = load({}, file)
    own = None if settings.key is None else keys.load(settings.key).public
    return Configuration(settings, lambda: load({}, file), own, caches=True)


def look(known, file, text):
    file.write_text(text)
    return known.look()


def test_each_setting_declares_when_it_is_taken_over():
    assert {name: reload_of(name) for name in BridgeSettings.model_fields} == {
        name: declared for name, (declared, _) in SETTINGS.items()
    }


@pytest.mark.parametrize("name", [name for name, (_, text) in SETTINGS.items() if text is not None])
def test_each_setting_is_taken_over_or_named(file, name):
    known = configuration(file)
    found = look(known, file, f"{name} = {SETTINGS[name][1]}\n")
    assert not found.read.problems
    changes, pending = (
        [change.setting.split(".")[0] for change in part] for part in (found.read.changes, found.read.pending)
    )
    if is_fixed(name):
        assert (changes, pending) == ([], [name])
        assert getattr(found.settings, name) == getattr(known.settings, name)
    else:
        assert (changes, pending) == ([name], [])
        assert getattr(found.settings, name) != getattr(known.settings, name)
        assert name == "clients" or found.read.config != known.settings.rules
    known.take_over(found)
    assert not known.look().read.changes


def test_the_differences_name_the_field_with_both_values(file):
    common = '[clients.boss]\nroles = ["admin"]\n[clients.a]\nroles = ["trade"]\n'
    before = common + 'max_order_size = 500\n[clients.b]\nroles = ["observe"]\n'
    after = common + 'max_order_size = 200\nsymbols = ["X"]\n[clients.c]\nroles = ["account"]\n'
    found = look(configuration(file, before), file, after)
    assert [tuple(change) for change in found.read.changes] == [
        ("clients.a.symbols", None, '["X"]'),
        ("clients.a.max_order_size", "500", "200"),
        ("clients.b", '{ roles = ["observe"] }', None),
        ("clients.c", None, '{ roles = ["account"] }'),
    ]
    assert found.read.clients == {"a", "b", "c"}


def test_no_secret_is_shown():
    assert _shown(SecretStr("hush")) == "(secret)"
    assert _shown({"a": SecretStr("hush"), "b": None, "c": time(23, 45)}) == '{ a = (secret), c = "23:45:00" }'


KEYED = 'key = "{folder}/bridge.secret"\n'
BOSS = '[clients.boss]\npublic_key = "{boss}"\nroles = ["admin"]\n'


@pytest.fixture
def keyed(tmp_path, file):
    publics = {name: keys.write_new(tmp_path, name)[0].public for name in ("bridge", "boss", "alice")}

    def fill(text):
        return text.format(folder=tmp_path, **publics)

    return fill, configuration(file, fill(KEYED + BOSS))


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('[clients.boss]\nroles = ["admin"]', "", "there is none, and then everyone may do everything"),
        ('[clients.boss]\nroles = ["admin"]', '[clients.boss]\nroles = ["trade"]', "none has the role admin"),
        ('[clients.boss]\nroles = ["admin"]', '[clients.al]\nroles = ["trade"]', "none has the role admin"),
    ],
)
def test_a_reload_takes_away_neither_the_last_admin_nor_the_last_client(file, before, after, told):
    (problem,) = look(configuration(file, before), file, after).read.problems
    assert told in problem and "restart the bridge" in problem


def test_to_name_the_first_clients_or_no_admin_where_there_was_none_is_allowed(file):
    assert not look(configuration(file), file, '[clients.al]\nroles = ["trade"]').read.problems
    known = configuration(file, '[clients.al]\nroles = ["trade"]')
    assert not look(known, file, '[clients.al]\nroles = ["observe"]').read.problems


def test_a_file_without_the_key_does_not_open_a_bridge_that_has_one(keyed, file):
    _, known = keyed
    problems = look(known, file, '[clients.boss]\nroles = ["admin"]').read.problems
    assert problems == (
        "clients.boss.public_key: required, because the bridge has a `key` and identifies clients by theirs; the "
        "bridge runs with a key until it restarts",
    )


def test_another_pair_of_the_bridge_needs_a_restart(keyed, file, tmp_path):
    fill, known = keyed
    before = known.settings.client_keys
    (tmp_path / "bridge.secret").unlink()
    (tmp_path / "bridge.public").unlink()
    pair, _, _ = keys.write_new(tmp_path, "bridge")
    found = look(known, file, fill(KEYED + BOSS).replace("lease", ""))
    ((name, old, new),) = found.read.pending
    assert (name, new) == ("key.public", pair.public) and old not in (None, new)
    assert found.settings.client_keys == before


def test_another_token_in_its_file_needs_a_restart_and_is_not_told(file, tmp_path):
    token = tmp_path / "console_token"
    token.write_text("a" * 40)
    token.chmod(0o600)
    file.write_text(f'http = "127.0.0.1:0"\nhttp_token = "{token}"')
    known = Configuration(load({}, file), lambda: load({}, file), None, "a" * 40, caches=True)
    assert known.look().read.pending == ()
    token.write_text("b" * 40)
    assert known.look().read.pending == (("http_token.value", "(secret)", "(secret)"),)
    token.write_text("too short")
    (problem,) = known.look().read.problems
    assert "http_token" in problem and "too short" not in problem


def test_a_key_file_that_is_open_to_others_is_a_mistake(keyed, file, tmp_path):
    _, known = keyed
    (tmp_path / "bridge.secret").chmod(0o644)
    (problem,) = known.look().read.problems
    assert problem.startswith(f"{file}: key: ") and "chmod 600" in problem and problem.endswith("(at line 1)")


TEXT = '''\
lease = 5
a.b = 1  # [not.a.table]
text = """
lease = 6
[clients.no]
"""
[clients.alice]
roles = ["x"]
"max_order_size" = 5
[[planned_restarts]]
name = "one"
[[planned_restarts]]
name = "two"
days = [
  "mon",
]
[ clients . bob ] # comment
accounts = ["a"]
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("lease", 1), ("a.b", 2), ("text", 3), ("clients.alice", 7), ("clients.alice.roles.0", 8),
        ("clients.alice.max_order_size", 9), ("planned_restarts.0.name", 11), ("planned_restarts.1", 12),
        ("planned_restarts.1.days.0", 15), ("clients.bob.accounts", 18), ("clients.bob.roles", 17),
        ("clients.no", None), ("none", None),
    ],
)  # fmt: skip
def test_the_line_of_a_setting(path, line):
    assert tomllib.loads(TEXT)
    assert line_of(lines_of(TEXT), path.split(".")) == line


def test_a_reload_refuses_a_file_that_was_replaced_where_it_is_mounted_from(file):
    """A container with the file mounted by itself keeps the old file after `mv`. The path of a descriptor does, too."""
    file.write_text("lease = 9.0\n")
    with file.open() as mounted:
        config = Path(f"/proc/self/fd/{mounted.fileno()}")
        assert load_again({}, config).lease == 9.0
        new = file.with_suffix(".new")
        new.write_text("lease = 5.0\n")
        new.replace(file)
        with pytest.raises(SettingsError) as error:
            load_again({}, config)
        (problem,) = error.value.problems
        assert problem.startswith(f"{config}: the file was deleted or replaced where it is mounted from")
    assert load_again({}, file).lease == 5.0


def test_a_file_that_is_being_written_is_read_when_it_rests(file, monkeypatch):
    """Cut at a line it is a valid configuration, which takes the rights of all clients behind the cut away."""
    monkeypatch.setattr(reloading, "_REST", 2.0)
    monkeypatch.setattr(reloading, "_REST_LIMIT", 60.0)
    parts = ["lease = 9\n", *(f'[clients.c{n}]\nroles = ["observe"]\n' for n in range(20))]
    file.write_text(parts[0])
    begun = threading.Event()

    def write():
        for part in parts[1:]:
            with file.open("a") as open_file:
                open_file.write(part)
            begun.set()
            clock.sleep(0.02)

    writing = threading.Thread(target=write)
    writing.start()
    assert begun.wait(20)
    settings = at_rest(lambda: load({}, file), file)
    writing.join(20)
    assert len(settings.clients) == 20


def test_a_file_that_never_rests_is_a_mistake(file, monkeypatch):
    monkeypatch.setattr(reloading, "_REST_LIMIT", 0.5)
    over = threading.Event()

    def write():
        count = 0
        while not over.is_set():
            count += 1
            file.write_text("lease = 9\n" + "#" * count)
            over.wait(0.005)

    file.write_text("lease = 9\n")
    writing = threading.Thread(target=write)
    writing.start()
    with pytest.raises(SettingsError) as found:
        at_rest(lambda: load({}, file), file)
    over.set()
    writing.join(20)
    assert "still being written" in found.value.problems[0]


def test_a_missing_file_is_told_by_who_reads_it(file):
    with pytest.raises(SettingsError, match="No such file"):
        at_rest(lambda: load({}, file), file)
    assert at_rest(lambda: load({}, None), None) is not None
