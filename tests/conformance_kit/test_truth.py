"""The scripted bridge is true: it says what the contract declares, and the real bridge answers the same requests alike.

The small client also runs against the real bridge, which is killed and started again under it.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import zmq

from bridge.bus.frames import pack, unpack_event
from bridge.cli import main
from bridge.conformance import ALL
from bridge.conformance.orderlog import CONTRACT, OrderLog
from bridge.conformance.program import ChildProgram
from bridge.conformance.runner import play
from bridge.conformance.scripted import ASK, BID, PREFIX, ScriptedBridge, ok, parameters
from bridge.conformance.trial import OWNER
from bridge.session.requests import Refused, failure
from bridge.simulator import simulator_process
from tests.conformance_kit.forked import CLIENTS, starting
from tests.end_to_end import processes
from tests.session.contract import witness

CHECKS = parameters()
ORDER = {"action": "BUY", "orderType": "MKT", "totalQuantity": "100"}


def request(id_, method, **params):
    return {"v": 1, "id": id_, "client": "asker", "method": method, "params": params}


#: Each is sent to both bridges in this order.
REQUESTS = [
    request("a1", "ping"),
    request("a2", "hello", instance="run-1"),
    request("a3", "snapshot", prefix=PREFIX, nonce="n1"),
    request("a3", "snapshot", prefix=PREFIX),
    request("a4", "sequences", prefix="market."),
    request("a5", "orderLog", after=0),
    request("a6", "orderLog", after=0, limit=1),
    request("a7", "status"),
    request("b1", "reqMktData", contract=CONTRACT),
    request("b2", "reqCurrentTime"),
    request("b2", "reqCurrentTime"),
    request("b2", "reqIds", numIds=1),
    request("b3", "placeOrder", orderKey="k1", contract=CONTRACT, order=ORDER),
    request("c1", "snapshot"),
    request("c2", "orderLog", after=0, limit=0),
    request("c3", "ping", more=1),
    request("", "ping"),
    {**request("c4", "ping"), "more": 1},
    {**request("c5", "ping"), "v": 2},
]


def scripted() -> ScriptedBridge:
    """With an order, prices of which some are stale, and floors."""
    log = OrderLog("first", OWNER)
    bridge = ScriptedBridge("epoch-1", OWNER, log, CHECKS, time.time_ns())
    bridge.answers["reqMktData"] = bridge.subscription
    bridge.answers["reqCurrentTime"] = lambda _params: ok("event", {"currentTime": 1})
    bridge.answers["placeOrder"] = lambda _params: ok("order", {"orderKey": "k1", "orderId": 1, "state": "filled"})
    bridge.raise_floor()
    bridge.tick(BID)
    bridge.go_stale()
    bridge.tick(ASK)
    for event in (log.fill("1", bridge.ts), {**log.fill("10", bridge.ts), "replayed": True}, log.status(bridge.ts)):
        bridge.log_event(event)
    bridge.beat()
    bridge.be_fresh()
    bridge.go_stale()
    bridge.tell_head()
    return bridge


def answered(bridge: ScriptedBridge, asked):
    try:
        ((_, body),) = bridge.answer(bridge.check(asked), (b"route",))
    except Refused as refused:
        return {"v": 1, "id": asked["id"], **failure(refused.code, refused.message, data=refused.data)}
    return body


def test_all_that_the_scripted_bridge_says_is_declared():
    bridge = scripted()
    for topic, body in bridge.frames():
        witness().event(topic.decode("ascii"), unpack_event(body))
    for asked in REQUESTS:
        body, method = answered(bridge, asked), asked["method"]
        witness().reply(body, method)


@pytest.fixture(scope="module")
def simulator():
    with simulator_process(ticks_per_second=200) as running:
        yield running


@pytest.fixture(scope="module")
def real(simulator, tmp_path_factory):
    with processes.bridge(simulator.address, tmp_path_factory.mktemp("bridge")) as running:
        with running.client("setup") as client:
            client.request("reqCurrentTime", timeout=30)
            wait_until(lambda: client.request("status")["orders"]["tradable"], "orders may leave")
        yield running


def wait_until(done, what, seconds=30.0):
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, what
        time.sleep(0.05)


@contextlib.contextmanager
def dealer(endpoint):
    with zmq.Context() as context, context.socket(zmq.DEALER) as socket:
        socket.setsockopt(zmq.LINGER, 0)
        socket.setsockopt(zmq.RCVTIMEO, 30_000)
        socket.connect(endpoint)
        yield socket


def shape(reply, method):
    """What of a reply a client goes by: its keys, those of its result, and of an error the code."""
    result = reply.get("result")
    inner = sorted(result) if isinstance(result, dict) and method != "placeOrder" else type(result).__name__
    return sorted(reply), inner, reply.get("error", {}).get("code"), reply["id"]


def test_the_real_bridge_answers_alike(real):
    fake = scripted()
    with dealer(real.requests) as socket:
        for asked in REQUESTS:
            socket.send(pack(asked))
            body = unpack_event(socket.recv())
            assert shape(answered(fake, asked), asked["method"]) == shape(body, asked["method"]), asked


def test_the_real_bridge_stores_answers_by_id_too(real):
    fake = scripted()
    times = iter((1, 2))
    fake.answers["reqCurrentTime"] = lambda _params: ok("event", {"currentTime": next(times)})
    asked = request("d1", "reqCurrentTime")
    assert answered(fake, asked) == answered(fake, asked)
    with dealer(real.requests) as socket:
        told = []
        for _ in range(2):
            socket.send(pack(asked))
            told.append(socket.recv())
            time.sleep(1.1)
    assert told[0] == told[1]


class Running:
    """The small client on the real bridge, and the lines that it prints."""

    def __init__(self, bridge, folder, *task):
        environment = {"TWS_BRIDGE_EVENTS": bridge.events, "TWS_BRIDGE_REQUESTS": bridge.requests,
                       "TWS_BRIDGE_CLIENT": OWNER, "TWS_BRIDGE_CLIENT_STATE": str(folder)}  # fmt: skip
        command = [sys.executable, str(CLIENTS / "conform.py"), *task]
        self.program = ChildProgram(command, environment, folder / "errors.log")
        self._output = open(self.program.output, closefd=False)  # noqa: SIM115 - one reader: what it reads ahead is kept

    def until(self, done):
        """Its lines until one for which `done`; a test ends by its time where none comes."""
        lines = []
        while line := self._output.readline():
            lines.append(json.loads(line))
            if done(lines[-1]):
                return lines
        raise AssertionError(f"ended without it: {lines}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.program.kill()


def test_the_small_client_follows_a_real_bridge_over_its_restart(simulator, tmp_path):
    with contextlib.ExitStack() as stack:
        own = ("--client-id", "2")
        bridge = stack.enter_context(processes.bridge(simulator.address, tmp_path, *own))
        client = stack.enter_context(Running(bridge, tmp_path, "watch", json.dumps({"contract": CONTRACT})))
        quotes = client.until(lambda line: line["quote"]["tickType"] == ASK)
        assert {line["quote"]["topic"] for line in quotes} == {f"{PREFIX}tickPrice"}
        bridge.stop()
        stack.enter_context(processes.bridge(simulator.address, tmp_path, *own, *bridge.places))
        assert client.until(lambda line: "forget" in line)[-1] == {"forget": PREFIX}
        client.until(lambda line: "quote" in line and not line["quote"]["stale"])


def test_the_small_client_trades_on_a_real_bridge_and_counts_each_fill_once(real, tmp_path):
    for run in range(3):
        params = {"orderKey": f"s{run}", "contract": CONTRACT, "order": ORDER}
        with Running(real, tmp_path, "place", json.dumps(params)) as client:
            (said,) = client.until(lambda line: "order" in line)
        assert said["order"] in [{"orderKey": f"s{run}", "state": state} for state in ("acknowledged", "filled")]
        filled = {"filled": str(100 * (run + 1))}
        with Running(real, tmp_path, "orders") as client:
            client.until(filled.__eq__)
    assert in_log(real) == 300


def in_log(real):
    """The shares of all executions in the client's order log."""
    with real.client(OWNER) as client:
        events = client.request("orderLog", {"after": 0, "limit": 1000})["events"]
    return sum(int(event["data"]["execution"]["shares"]) for event in events if event["event"] == "execDetails")


def test_a_result_is_told_with_its_reason_and_the_contracts_sentence():
    (scenario,) = (scenario for scenario in ALL if scenario.name == "new-ids-after-restart")
    with ThreadPoolExecutor(1) as pool:
        result = pool.submit(play, scenario, starting("tests.conformance_kit.wrong:Counting"), CHECKS).result()
    first, second, third = result.told().splitlines()
    assert first.startswith("FAILED  new-ids-after-restart: The client is started again")
    assert second.strip().startswith("the client: asked in its second run under an id of its first")
    assert third.strip().startswith("the contract: C5.21: A client MUST NOT use an `id` for a second request")


def test_the_command_judges_any_program_and_its_exit_code_says_so(capsys):
    only = ("--only", "rejected", "--only", "new-ids-after-restart")
    assert main(["conform", *only, "--", sys.executable, str(CLIENTS / "conform.py")]) == 0
    assert capsys.readouterr().out.split() == ["passed", "new-ids-after-restart", "passed", "rejected"]
    wrong = str(CLIENTS.parents[1] / "tests" / "conformance_kit" / "wrong.py")
    assert main(["conform", *only, "--", sys.executable, wrong, "stubborn"]) == 1
    said = capsys.readouterr().out
    assert (said.count("passed"), said.count("FAILED")) == (1, 1)
    assert "the client: places an order again that TWS has rejected" in said


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--only", "nothing", "--", "true"), 2, "there is no scenario nothing"),
        ((), 2, "expected: tws-bridge conform"),
        (("--only", "rejected", "--", "/nowhere/at/all"), 1, "cannot start /nowhere/at/all"),
        (("--only", "rejected", "--", "false"), 1, "the client: ended by itself, with exit code 1"),
    ],
)
def test_what_cannot_be_meant_is_told(capsys, words, code, said):
    assert main(["conform", *words]) == code
    told = capsys.readouterr()
    assert said in told.out + told.err


def test_the_list_has_every_scenario(capsys):
    assert main(["conform", "--list"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [scenario.name for scenario in ALL]
