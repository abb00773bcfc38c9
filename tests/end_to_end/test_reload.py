"""Reload on real processes: under load it loses no event and no right, and a mistake in the file changes nothing."""

from __future__ import annotations

import itertools
import os
import random
import signal
import threading
import time
from collections import defaultdict

import pytest
import zmq

from bridge import keys
from tests.end_to_end import processes
from tests.end_to_end.conftest import wait_until_ready
from tws_bridge_client import BridgeClient, BridgeError, Curve
from tws_bridge_client.wire import unpack

AAPL = {"conId": 265598, "exchange": "SMART"}
FAR = {"action": "BUY", "orderType": "LMT", "totalQuantity": "1", "lmtPrice": 1.0, "tif": "DAY"}
LIMIT = 20.0
TURNS = 15
NAMES = ("boss", "keeper", "alice", "carol", "eve")


class World:
    """A bridge with keys, its configuration, and who must be able to do what."""

    def __init__(self, folder, running):
        self.folder, self.running = folder, running
        self.server = keys.load(folder / "bridge.secret").public
        self.file = folder / "bridge.toml"

    def client(self, name, key=None):
        curve = Curve.load(self.folder / f"{key or name}.secret", self.server)
        return BridgeClient(name, self.running.requests, self.running.events, curve=curve)

    def write(self, rights, head=""):
        write(self.folder, rights, head)


def write(folder, rights, head=""):
    """Replace the file as Kubernetes does: a new folder, and a symbolic link that changes its target at once."""
    lines = [f'key = "{folder}/bridge.secret"', head]
    for name, text in rights.items():
        public = keys.load(folder / f"{name}.secret").public
        lines.append(f'[clients.{name}]\npublic_key = "{public}"\n{text}')
    version = folder / f"version-{time.monotonic_ns()}"
    version.mkdir()
    (version / "bridge.toml").write_text("\n".join(lines))
    fresh = folder / "bridge.toml.new"
    fresh.symlink_to(version / "bridge.toml")
    fresh.replace(folder / "bridge.toml")


BASE = {"boss": 'roles = ["admin"]', "keeper": 'roles = ["trade", "account"]', "alice": 'roles = ["observe"]'}


@pytest.fixture
def world(simulator, tmp_path):
    for name in ("bridge", "other", *NAMES):
        keys.write_new(tmp_path, name)
    write(tmp_path, BASE)
    with processes.bridge(simulator.address, tmp_path, "--config", str(tmp_path / "bridge.toml")) as running:
        world = World(tmp_path, running)
        with world.client("boss") as boss:
            wait_until_ready(boss)
        yield world


def refusal(client, method, params=None, timeout=10.0):
    """The code and the rule of the refusal; None if the bridge does it, or TWS takes no more messages now."""
    try:
        client.request(method, params or {}, timeout)
    except BridgeError as error:
        return None if error.code == "paced" else (error.code, (error.data or {}).get("rule"))
    return None


class Keeper:
    """A client that keeps its rights: it hears ticks and its orders, and places orders all the time."""

    def __init__(self, world, prefix):
        self.world, self.prefix = world, prefix
        self.numbers = defaultdict(list)
        self.orders, self.faults = 0, []
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self.listen), threading.Thread(target=self.trade)]
        for thread in self.threads:
            thread.start()

    def listen(self):
        with zmq.Context() as context, context.socket(zmq.SUB) as sub:
            pair = keys.load(self.world.folder / "keeper.secret")
            sub.curve_publickey, sub.curve_secretkey = pair.public.encode(), pair.secret.encode()
            sub.curve_serverkey = self.world.server.encode()
            sub.rcvhwm, sub.linger = 100_000, 0
            for prefix in (b"market.", b"order.keeper.", b"system."):
                sub.setsockopt(zmq.SUBSCRIBE, prefix)
            sub.connect(self.world.running.events)
            while not self.stopping.is_set():
                if sub.poll(100):
                    topic, body = sub.recv_multipart()
                    self.numbers[topic.decode()].append(unpack(body)["seq"])

    def trade(self):
        with self.world.client("keeper") as client:
            client.request("reqMktData", {"contract": AAPL})
            while not self.stopping.is_set():
                key = f"{self.prefix}-{self.orders}"
                try:
                    told = client.request("placeOrder", {"orderKey": key, "contract": AAPL, "order": FAR}, 20)
                    assert told["orderKey"] == key, told
                    client.request("cancelOrder", {"orderKey": key}, 20)
                except (BridgeError, AssertionError) as fault:
                    self.faults.append(f"{key}: {fault!r}")
                self.orders += 1
                time.sleep(0.05)

    def ticks(self):
        return sum(len(numbers) for topic, numbers in list(self.numbers.items()) if topic.startswith("market."))

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join(60)


def some_rights(chance):
    """Random rights: who is there, with which roles, and how large an order may be."""
    rights = dict(BASE)
    del rights["alice"]
    for name in ("alice", "carol", "eve"):
        if chance.random() < 0.75:
            roles = chance.choice(['["observe"]', '["account"]', '["trade"]', '["trade", "account"]'])
            rights[name] = f"roles = {roles}\nmax_order_size = {chance.choice([5, 500])}"
    return rights


def check_rights(world, rights):
    """Each client may do exactly what the file says."""
    for name in ("alice", "carol", "eve"):
        with world.client(name) as client:
            if name not in rights:
                with pytest.raises(BridgeError) as error:
                    client.request("ping", {}, 1.5)
                assert error.value.code not in ("notPermitted",) or error.value.data["rule"] == "clients"
                continue
            assert refusal(client, "ping") is None
            may_see = "account" in rights[name]
            assert refusal(client, "reqManagedAccts") == (None if may_see else ("notPermitted", "roles"))
            order = {"contract": AAPL, "order": {**FAR, "totalQuantity": "50", "whatIf": True}}
            wanted = (
                ("notPermitted", "roles")
                if "trade" not in rights[name]
                else ("notPermitted", "max_order_size")
                if "max_order_size = 5\n" in rights[name] + "\n"
                else None
            )
            assert refusal(client, "placeOrder", order) == wanted, (name, rights[name])


@pytest.mark.parametrize("seed", [1, 2])
def test_reload_under_load_loses_no_event_and_no_right(world, seed):
    chance = random.Random(seed)
    keeper = Keeper(world, f"s{seed}")
    loads = [threading.Thread(target=ask_on, args=(world, name, keeper.stopping)) for name in ("alice", "carol", "eve")]
    for load in loads:
        load.start()
    try:
        with world.client("boss") as boss:
            for turn in range(TURNS):
                rights = some_rights(chance)
                world.write(rights, f"market_data_lines = {100 + turn}")
                if turn % 3 == 2:
                    before = len(world.running.log.read_text())
                    world.running.process.send_signal(signal.SIGHUP)
                    assert world.running.logs("the configuration is reloaded by SIGHUP", before)
                else:
                    assert boss.request("reload", {}, LIMIT)["applied"]
                check_rights(world, rights)
            wait(lambda: keeper.orders > 40 and keeper.ticks() > 200, "orders and ticks")
            log = []
            keeper.stop()
            with world.client("keeper") as client:
                while page := client.request("orderLog", {"after": len(log)}, LIMIT)["events"]:
                    log += page
    finally:
        keeper.stop()
        for load in loads:
            load.join(60)
    assert not keeper.faults
    assert [event["n"] for event in log] == list(range(1, len(log) + 1))
    assert len({event["topic"] for event in log}) >= keeper.orders
    for topic, numbers in keeper.numbers.items():
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers))), f"{topic}: {holes(numbers)}"
    assert len(keeper.numbers["system.configuration"]) == TURNS
    assert "defect" not in world.running.log.read_text()


def ask_on(world, name, stopping):
    """A client that asks on, whatever its rights are; each connection lasts until the bridge ends it."""
    while not stopping.is_set():
        with world.client(name) as client:
            for _ in range(200):
                if stopping.is_set():
                    return
                try:
                    client.request("ping", {}, 1.0)
                    client.request("reqMktData", {"contract": AAPL}, 1.0)
                except BridgeError:
                    break
                time.sleep(0.01)


def holes(numbers):
    return [(a, b) for a, b in itertools.pairwise(numbers) if b != a + 1]


def wait(condition, what):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.05)


MISTAKES = {
    "syntax": ("lease = \n", "bridge.toml: ", "line 2"),
    "value": ("lease = -1\n", "bridge.toml: lease: ", "(at line 2)"),
    "unknown": ("colour = 1\n", "bridge.toml: colour: there is no such setting", "(at line 2)"),
    "key": ('key = "none.secret"\n', "bridge.toml: ", "overwrite"),
    "role": ('[clients.eve]\nroles = ["boss"]\n', "bridge.toml: clients.eve.roles.0: ", "(at line 3)"),
    "double key": ("", "bridge.toml: clients.eve.public_key: is the key of boss", "(at line"),
    "encoding": ("# \xff\n", "bridge.toml: byte 0xff is not UTF-8", "(at line 2)"),
    "no admin": ("", "clients: none has the role admin", "restart"),
    "no clients": ("", "with a key only the clients in `clients` may connect", "it has none"),
    "key file gone": ("", "(not shown, it may be a secret): No such file or directory", ""),
    "file gone": ("", "bridge.toml: No such file or directory", ""),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_changes_nothing_and_says_where_it_is(world, mistake):
    head, *told = MISTAKES[mistake]
    rights = {**BASE, "alice": 'roles = ["trade"]'}
    write_wrong(world, mistake, head, rights)
    with world.client("boss") as boss, world.client("alice") as alice:
        with pytest.raises(BridgeError) as error:
            boss.request("reload", {}, LIMIT)
        assert error.value.code == "configurationInvalid"
        (problem,) = [one for one in error.value.data["problems"] if told[0] in one] or error.value.data["problems"]
        for words in told if mistake != "key" else told[:1]:
            assert words in problem
        before = len(world.running.log.read_text())
        world.running.process.send_signal(signal.SIGHUP)
        assert world.running.logs("the configuration is not reloaded by SIGHUP, and nothing has changed", before)
        assert told[0] in world.running.log.read_text()[before:]
        assert refusal(alice, "cancelMine") == ("notPermitted", "roles")
        restore(world, rights)
        assert boss.request("reload", {}, LIMIT)["applied"], "the next good file is taken over"
        assert refusal(alice, "cancelMine") is None


def write_wrong(world, mistake, head, rights):
    folder = world.folder
    if mistake == "no admin":
        world.write({name: text.replace("admin", "trade") for name, text in rights.items()})
    elif mistake == "no clients":
        world.write({})
    elif mistake == "double key":
        world.write(rights, "")
        text = world.file.read_text()
        public = keys.load(folder / "boss.secret").public
        world.file.write_text(f'{text}\n[clients.eve]\nroles = ["observe"]\npublic_key = "{public}"\n')
    elif mistake == "key file gone":
        (folder / "bridge.secret").rename(folder / "hidden")
    elif mistake == "file gone":
        world.file.unlink()
    else:
        world.write(rights, "")
        text = world.file.read_text()
        first, _, rest = text.partition("\n")
        if mistake == "key":
            first, head = 'key = "none.secret"', ""
        world.file.write_bytes(f"{first}\n{head}{rest}".encode("latin-1"))


def restore(world, rights):
    if (world.folder / "hidden").exists():
        (world.folder / "hidden").rename(world.folder / "bridge.secret")
    world.write(rights)


def test_a_replaced_key_takes_the_old_connection_away_and_lets_the_new_one_in(world):
    old = world.client("keeper")
    assert refusal(old, "ping") is None
    old.request("placeOrder", {"orderKey": "stays", "contract": AAPL, "order": FAR}, LIMIT)
    public = keys.load(world.folder / "other.secret").public
    world.write(BASE)
    text = world.file.read_text().replace(keys.load(world.folder / "keeper.secret").public, public)
    world.file.unlink()
    world.file.write_text(text)
    with world.client("boss") as boss:
        told = boss.request("reload", {}, LIMIT)
        assert [change["setting"] for change in told["changes"]] == ["clients.keeper.public_key"]
    with pytest.raises(BridgeError):
        old.request("ping", {}, 2.0)
    old.close()
    with world.client("keeper", key="other") as new:
        order = new.request("awaitOrder", {"orderKey": "stays", "until": "acknowledged"}, LIMIT)
        assert order["state"] == "acknowledged", "the order stays, and belongs to the same name"
        new.request("cancelOrder", {"orderKey": "stays"}, LIMIT)


def test_the_first_request_of_a_connection_whose_key_was_replaced_is_refused_and_logged(world):
    """The bridge cuts connections that it knows. It learns to know one from its first request."""
    with world.client("keeper") as old:
        end = time.monotonic() + 20
        while not old._socket.connection.is_up and time.monotonic() < end:
            time.sleep(0.02)
        public = keys.load(world.folder / "other.secret").public
        world.write(BASE)
        text = world.file.read_text().replace(keys.load(world.folder / "keeper.secret").public, public)
        world.file.write_text(text)
        with world.client("boss") as boss:
            boss.request("reload", {}, LIMIT)
        assert refusal(old, "ping") == ("notPermitted", "clients")
        assert world.running.logs("keyRevoked")


def test_the_command_prints_the_changes_and_takes_them_over(world, tmp_path):
    world.write({**BASE, "carol": 'roles = ["observe"]'}, 'lease = 45\ntws = "127.0.0.1:1"\nmarket_data_type = 3')
    places = ("--requests", world.running.requests, "--events", world.running.events)
    whose = ("--key", str(tmp_path / "boss.secret"), "--server-key", world.server)
    dry = processes.run("reload", "--dry-run", *whose, *places)
    assert dry.returncode == 0, dry.stderr
    assert "lease: 30.0 -> 45" in dry.stdout and "nothing taken over" in dry.stdout
    assert "market_data_type: needs a restart, still (not set); the configuration has 3" in dry.stdout
    assert "secret" not in dry.stdout.replace("bridge.secret", "")
    done = processes.run("reload", *whose, *places)
    assert done.returncode == 0 and "clients.carol: (not set) -> {" in done.stdout
    again = processes.run("reload", *whose, *places)
    assert again.stdout.endswith("0 changes, taken over\n")
    with world.client("carol") as carol:
        assert refusal(carol, "ping") is None
        assert carol.request("hello", {"instance": "c1"})["lease"] == 45
    world.file.write_text("lease = 0\n")
    wrong = processes.run("reload", *whose, *places)
    assert wrong.returncode == 1 and "bridge.toml: lease: " in wrong.stderr


def test_a_file_that_cannot_be_read_does_not_stop_the_bridge(world):
    """A pipe that nobody writes to blocks its reader, as a file system that hangs does."""
    (world.folder / "bridge.secret").unlink()
    os.mkfifo(world.folder / "bridge.secret", 0o600)
    before = len(world.running.log.read_text())
    world.running.process.send_signal(signal.SIGHUP)
    with world.client("boss") as boss:
        for _ in range(20):
            assert refusal(boss, "ping") is None
    end = time.monotonic() + 30
    while "could not be read within" not in world.running.log.read_text()[before:] and time.monotonic() < end:
        time.sleep(0.1)
    assert "could not be read within 10 s" in world.running.log.read_text()[before:]
    assert world.running.stop() == 0
