"""Clients in the configuration: typed, and every mistake told with file, key path and what was expected."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bridge import keys
from bridge.cli import main
from bridge.session.rights.grants import Grant
from bridge.settings import SettingsError, load

ALICE, BOB = keys.fresh("alice"), keys.fresh("bob")

FULL = """
[clients.alice]
public_key = "{alice}"
roles = ["account", "trade"]
accounts = ["DU1", "DU2"]
symbols = ["AAPL"]
max_order_size = 500.5
max_order_notional = {{ USD = 100000, EUR = "90000.10" }}
max_open_orders = 20
max_orders_per_minute = 60
regulatory_snapshots = true
manual_orders = true

[clients.bob]
public_key = "{bob}"
roles = ["observe"]
"""


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch):
    for name in ("TWS", "CLIENT_ID", "EVENTS", "REQUESTS", "STATE", "KEY"):
        monkeypatch.delenv(f"TWS_BRIDGE_{name}", raising=False)


@pytest.fixture
def config(tmp_path):
    """Writes a configuration, with a key for the bridge where wanted; returns its path."""

    def write(text, *, key=True):
        if key and not (tmp_path / "bridge.secret").exists():
            keys.write_new(tmp_path, "bridge")
        head = f'key = "{tmp_path}/bridge.secret"\n' if key else ""
        file = tmp_path / "bridge.toml"
        file.write_text(head + text.format(alice=ALICE.public, bob=BOB.public))
        return file

    return write


def problems(file, flags=None):
    with pytest.raises(SettingsError) as error:
        load(flags or {}, file)
    return [problem.replace(str(file), "FILE") for problem in error.value.problems]


def test_what_is_written_is_what_is_granted(config):
    settings = load({"events": "tcp://0.0.0.0:7501"}, config(FULL))
    assert settings.permissions.grant("bob") == Grant(frozenset({"observe"}))
    assert settings.permissions.grant("alice") == Grant(
        roles=frozenset({"account", "trade"}),
        accounts=frozenset({"DU1", "DU2"}),
        symbols=frozenset({"AAPL"}),
        max_order_size=Decimal("500.5"),
        max_order_notional={"USD": Decimal(100000), "EUR": Decimal("90000.10")},
        max_open_orders=20,
        max_orders_per_minute=60,
        regulatory_snapshots=True,
        manual_orders=True,
    )
    access = settings.access(settings.permissions)
    assert access.clients == {ALICE.public: "alice", BOB.public: "bob"}
    assert access.hears("bob") == Grant(frozenset({"observe"})).hears("bob")


def test_without_clients_and_key_anyone_has_all_but_what_costs_or_binds():
    settings = load({})
    grant = settings.permissions.grant("whoever")
    assert grant.has("admin")
    assert not grant.regulatory_snapshots
    assert not grant.manual_orders
    assert settings.access(settings.permissions) is None


@pytest.mark.parametrize(
    ("line", "place", "expected"),
    [
        ('roles = ["king"]', "FILE: clients.bob.roles.0", "'observe', 'account', 'trade' or 'admin'"),
        ("roles = []", "FILE: clients.bob.roles", "at least 1"),
        ('roles = "trade"', "FILE: clients.bob.roles", "valid list"),
        ('roles = ["trade"]\nmax_order_sise = 5', "FILE: clients.bob.max_order_sise", "there is no such setting"),
        ('roles = ["trade"]\nmax_order_size = 0', "FILE: clients.bob.max_order_size", "greater than 0"),
        ('roles = ["trade"]\nmax_order_size = nan', "FILE: clients.bob.max_order_size", "finite"),
        ('roles = ["trade"]\nmax_order_size = true', "FILE: clients.bob.max_order_size", "expected a number"),
        ('roles = ["trade"]\nmax_order_notional = 5', "FILE: clients.bob.max_order_notional", "dictionary"),
        ('roles = ["trade"]\nmax_order_notional = {{ usd = 5 }}', "FILE: clients.bob.max_order_notional.usd", "match"),
        ('roles = ["trade"]\nmax_open_orders = "5"', "FILE: clients.bob.max_open_orders", "valid integer"),
        ('roles = ["trade"]\nmax_orders_per_minute = -1', "FILE: clients.bob.max_orders_per_minute", "or equal to 0"),
        ('roles = ["trade"]\naccounts = []', "FILE: clients.bob.accounts", "at least 1"),
        ('roles = ["trade"]\nsymbols = [""]', "FILE: clients.bob.symbols.0", "at least 1"),
        ('roles = ["trade"]\nsymbols = ["AAPL", "MSFT "]', "FILE: clients.bob.symbols.1", "no blanks"),
        ('roles = ["trade"]\naccounts = [" "]', "FILE: clients.bob.accounts.0", "no blanks"),
        ('roles = ["trade"]\nmax_order_size = "1_0"', "FILE: clients.bob.max_order_size", "expected a number"),
        ('roles = ["trade"]\nmax_order_size = "+10"', "FILE: clients.bob.max_order_size", "expected a number"),
        ('roles = ["trade"]\nregulatory_snapshots = 1', "FILE: clients.bob.regulatory_snapshots", "valid boolean"),
        ("", "FILE: clients.bob.roles", "required"),
        ('roles = ["admin"]\naccounts = ["DU1"]', "FILE: clients.bob.accounts", "an admin can use all accounts"),
    ],
)
def test_a_mistake_is_told_with_its_place(config, line, place, expected):
    (problem,) = problems(config("[clients.bob]\npublic_key = '{bob}'\n" + line))
    assert problem.startswith(f"{place}: ")
    assert expected in problem


def test_all_mistakes_are_told_at_once(config):
    found = problems(config("colour = 1\n[clients.alice]\nroles = ['king']\nsymbols = 5\n[clients.bob]\nx = 1"))
    assert [problem.split(": ")[1] for problem in found] == [
        "clients.alice.roles.0", "clients.alice.symbols", "clients.bob.roles", "clients.bob.x", "colour",
        "clients.alice.public_key", "clients.bob.public_key",
    ]  # fmt: skip


def test_no_mistake_hides_another(config, tmp_path):
    twins = FULL.replace("{bob}", "{alice}").replace('"observe"', '"king"')
    found = problems(config("lease = -1\n" + twins), {"key": tmp_path / "none", "requests": "tcp://127.0.0.1:7501"})
    assert [problem.split(": ")[0 if problem.startswith("--") else 1] for problem in found] == [
        "lease", "clients.bob.roles.0", "--requests", "--key", "clients.bob.public_key",
    ]  # fmt: skip
    assert found[-1].endswith("is the key of alice; each client needs its own pair (at line 17)")
    found = problems(config("clients = 5"), {"key": 5})
    assert [problem.split(": ")[0 if problem.startswith("--") else 1] for problem in found] == ["--key", "clients"]


def test_a_name_that_is_none(config):
    (problem,) = problems(config("[clients.'a b']\npublic_key = '{bob}'\nroles = ['trade']"))
    assert problem.startswith("FILE: clients.a b: expected a name")
    (problem,) = problems(config("[clients.external]\npublic_key = '{bob}'\nroles = ['trade']"))
    assert problem.startswith("FILE: clients.external: expected a name")


def test_keys_that_do_not_fit_together(config, tmp_path):
    (problem,) = problems(config("[clients.bob]\nroles = ['trade']"))
    assert problem.startswith("FILE: clients.bob.public_key: required, because the bridge has a `key`")
    (problem,) = problems(config("[clients.bob]\npublic_key = '{bob}'\nroles = ['trade']", key=False))
    assert problem.startswith("FILE: clients.bob.public_key: has no effect")
    (problem,) = problems(config(FULL.replace("{bob}", "{alice}")))
    assert problem.startswith("FILE: clients.bob.public_key: is the key of alice")
    (problem,) = problems(config("[clients.bob]\npublic_key = 'short'\nroles = ['trade']"))
    assert problem.startswith("FILE: clients.bob.public_key: expected a public key of 40 characters")
    (problem,) = problems(config("[clients.bob]\npublic_key = '" + "#" * 40 + "'\nroles = ['trade']"))
    assert problem.startswith("FILE: clients.bob.public_key: expected a public key of 40 characters")
    own = keys.load(tmp_path / "bridge.secret").public
    (problem,) = problems(
        config(f"[clients.bob]\npublic_key = '{own.replace('{', '{{').replace('}', '}}')}'\nroles = ['trade']")
    )
    assert problem.startswith("FILE: clients.bob.public_key: is the bridge's own")
    (problem,) = problems(config(""))
    assert problem.startswith("FILE: key: with a key only the clients in `clients` may connect")
    (problem,) = problems(config(FULL), {"key": tmp_path / "none"})
    assert problem == "--key: expected the path of a file (not shown, it may be a secret): No such file or directory"


def test_without_a_key_no_address_but_this_machines(config):
    file = config("[clients.bob]\nroles = ['trade']", key=False)
    assert load({}, file).permissions.grant("bob").has("trade")
    (problem,) = problems(file, {"events": "tcp://0.0.0.0:7501"})
    assert problem.startswith("--events: ")
    assert "CURVE" in problem


def test_clients_do_not_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("TWS_BRIDGE_CLIENTS", "{")
    assert problems(None) == ["TWS_BRIDGE_CLIENTS: only the configuration file can name clients"]


def test_check_config_says_what_is_wrong_and_starts_nothing(config, tmp_path, capsys):
    state = ["--state", str(tmp_path / "state")]
    assert main(["run", "--check-config", "--config", str(config(FULL)), *state]) == 0
    wrong = config("[clients.bob]\nroles = ['king']\n[clients.carol]\nroles = 5")
    assert main(["run", "--check-config", "--config", str(wrong), *state]) == 2
    told = capsys.readouterr().err.splitlines()
    assert [line.split(": ")[2] for line in told] == [
        "clients.bob.roles.0", "clients.carol.roles", "clients.bob.public_key", "clients.carol.public_key",
    ]  # fmt: skip
    assert not (tmp_path / "state").exists()


def test_check_config_refuses_a_secret_that_is_none_or_open_to_others(config, tmp_path, capsys):
    file, secret = config(FULL), tmp_path / "bridge.secret"
    secret.chmod(0o644)
    assert main(["run", "--check-config", "--config", str(file)]) == 2
    assert (
        f"{file}: key: {secret}: others than the owner have access to it: chmod 600 {secret}" in capsys.readouterr().err
    )
    secret.write_text(f'public = "{ALICE.public}"\nsecret = "{"#" * 40}"\n')
    secret.chmod(0o600)
    assert main(["run", "--check-config", "--config", str(file)]) == 2
    assert f"{file}: key: {secret}: secret: expected a key" in capsys.readouterr().err


def test_without_a_key_the_rights_limit_requests_and_not_what_a_client_hears(config):
    permissions = load({}, config('[clients.eve]\nroles = ["observe"]\n', key=False)).permissions
    assert permissions.cut("eve", "") == [""]
    assert not permissions.grant("eve").has("trade")
