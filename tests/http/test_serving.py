"""A bridge, a simulator and an HTTP client as processes: what the server says is what `status` says."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from bridge.simulator import simulator_process
from tests.end_to_end import processes
from tests.end_to_end.conftest import wait_until_ready
from tests.http.scrapes import families, sample
from tests.http.serving import TOKEN, served
from tws_bridge_client import BridgeError

CON_IDS = (265598, 272093, 8314)
ORDER = {"action": "BUY", "orderType": "LMT", "totalQuantity": "10", "lmtPrice": 300.0, "tif": "DAY"}


@pytest.fixture(scope="module")
def simulator():
    with simulator_process(ticks_per_second=400) as running:
        yield running


@pytest.fixture(scope="module")
def bridge(simulator, tmp_path_factory):
    with served(simulator.address, tmp_path_factory.mktemp("http")) as running:
        with running.bridge.client("setup") as client:
            wait_until_ready(client)
        yield running


def eventually(holds, seconds=20.0):
    """Wait until the condition holds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never became true"
        time.sleep(0.1)


def contract(con_id):
    return {"conId": con_id, "exchange": "SMART"}


def test_a_scrape_under_load_parses_and_equals_status(bridge):
    with bridge.bridge.client("loader") as client:
        for con_id in CON_IDS:
            client.request("reqMktData", {"contract": contract(con_id)})
        for number in range(20):
            params = {"orderKey": f"load-{number}", "contract": contract(265598), "order": ORDER}
            client.request("placeOrder", params)
        with pytest.raises(BridgeError):
            client.request("reqMktData", {"contract": {"conId": "x"}})
        for number in range(20):
            client.request("awaitOrder", {"orderKey": f"load-{number}", "until": "ended"})
        first = bridge.get("/metrics").text()
        before = sample(first, "tws_bridge_events_total", family="market")
        eventually(lambda: sample(bridge.get("/metrics").text(), "tws_bridge_events_total", family="market") > before)
        time.sleep(1.1)  # an answer of the server may be a second old
        text, status = bridge.get("/metrics").text(), client.request("status")
    assert families(text)
    assert sample(text, "tws_bridge_up_to_date") == 1
    assert sample(text, "tws_bridge_ready") == 1
    live = sum(stream["state"] == "live" for stream in status["streams"])
    assert sample(text, "tws_bridge_streams", family="market", state="live") == live == len(CON_IDS)
    assert sample(text, "tws_bridge_clients", state="present") == status["clients"]
    assert sample(text, "tws_bridge_pacing_limit_messages") == status["pacing"]["limit"]
    assert sample(text, "tws_bridge_start_time_seconds") == pytest.approx(status["started"] / 1e9)
    for line in status["lines"]:
        assert sample(text, "tws_bridge_lines", line=line["line"]) == line["used"]
    for bound in status["limits"]:
        assert sample(text, "tws_bridge_bound_limit", bound=bound["bound"]) == bound.get("most")
        assert sample(text, "tws_bridge_bound_refusals_total", bound=bound["bound"]) == bound["refused"]
    assert sample(text, "tws_bridge_requests_total", method="placeOrder") == 20
    assert sample(text, "tws_bridge_order_states_total", state="filled") == 20
    assert sample(text, "tws_bridge_order_send_seconds_count") == 20
    assert sample(text, "tws_bridge_order_answer_seconds_count") == 20
    assert sample(text, "tws_bridge_ledger_commit_seconds_count") >= 20
    assert sample(text, "tws_bridge_request_errors_total", code="invalidParams") == 1
    market = sample(text, "tws_bridge_events_total", family="market")
    lag = sample(text, "tws_bridge_publish_lag_seconds_count")
    assert lag >= market > before
    assert sample(text, "tws_bridge_orders_in_doubt") == 0
    assert sample(text, "process_resident_memory_bytes") > 0


def test_the_overview_is_json_with_ages_and_rates(bridge):
    with bridge.bridge.client("looker") as client:
        client.request("reqMktData", {"contract": contract(265598)})
        bridge.get("/api/overview")

        def has_a_rate():
            streams = bridge.get("/api/overview").json()["streams"]
            return any((one["rate"] or 0) > 0 and one["age"] < 10 for one in streams)

        eventually(has_a_rate)
        told = bridge.get("/api/overview").json()
    assert "looker" in [one["client"] for one in told["clients"]]
    assert told["timeline"][-1]["phase"] == "ready"
    assert told["connection"]["clientId"] == 1


def test_health_checks(bridge):
    assert bridge.get("/livez").json() == {"alive": True}
    assert (bridge.get("/readyz").status, bridge.get("/readyz").json()) == (200, {"ready": True})
    with bridge.bridge.client("boss") as client:
        client.request("halt", {"reason": "test"})
        try:
            eventually(lambda: bridge.get("/readyz").status == 503)
            told = bridge.get("/readyz").json()
            assert told["code"] == "halted"
            assert "test" in told["reason"]
            assert bridge.get("/livez").status == 200
        finally:
            client.request("resume")
    eventually(lambda: bridge.get("/readyz").status == 200)


def test_each_answer_has_the_security_headers(bridge):
    for path in ("/livez", "/readyz", "/metrics", "/api/overview", "/", "/nothing"):
        headers = bridge.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert headers["server"] == "tws-bridge"
        assert not [name for name in headers if name.startswith("access-control-")]


def test_what_is_refused(bridge):
    assert bridge.get("/metrics", Host="evil.example").status == 421
    assert bridge.get("/metrics", Origin="http://evil.example").status == 403
    assert bridge.get("/metrics", method="POST").status == 403
    assert bridge.get("/metrics", method="POST", X_TWS_Bridge="1").status == 405
    assert bridge.get("/../etc/passwd").status == 404
    assert bridge.get("/metrics", method="HEAD").body == b""


def test_server_sent_events(bridge):
    with bridge.socket() as peer:
        peer.sendall(b"GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        received = b""
        while received.count(b"event: overview\n") < 3:
            received += peer.recv(1 << 16)
    head, _, body = received.partition(b"\r\n\r\n")
    assert b"text/event-stream" in head
    assert body.index(b'event: server\ndata: {"mayOperate":false}\n\n') < body.index(b"event: overview")
    overviews = [line for line in body.splitlines() if line.startswith(b"data: ")]
    first, second = (json.loads(line[6:]) for line in overviews[1:3])
    assert first["ts"] < second["ts"]


def test_openmetrics_is_served_to_those_who_ask(bridge):
    told = bridge.get("/metrics", Accept="application/openmetrics-text;version=1.0.0")
    assert told.headers["content-type"].startswith("application/openmetrics-text")
    assert told.body.endswith(b"# EOF\n")


def test_with_a_token(simulator, tmp_path):
    token = tmp_path / "token"
    token.write_text(f"{TOKEN}\n")
    token.chmod(0o600)
    with served(simulator.address, tmp_path, "--http-token", str(token), "--client-id", "8") as bridge:
        with bridge.bridge.client("setup") as client:
            wait_until_ready(client)
        for path in ("/metrics", "/api/overview", "/api/events", "/nothing"):
            told = bridge.get(path)
            assert (told.status, told.headers["www-authenticate"]) == (401, "Bearer")
        assert bridge.get("/metrics", Authorization=f"Bearer {TOKEN[:-1]}").status == 401
        assert bridge.get("/metrics", Authorization=f"Bearer {TOKEN}", Host="bridge:7502").status == 200
        assert bridge.get("/livez").status == 200
        with bridge.bridge.client("boss") as client:
            client.request("halt", {"reason": "secret reason"})
        eventually(lambda: bridge.get("/readyz").status == 503)
        assert bridge.get("/readyz").json() == {"ready": False}
        eventually(lambda: "secret reason" in bridge.get("/readyz", Authorization=f"Bearer {TOKEN}").text())
        assert TOKEN not in bridge.bridge.log.read_text()


def test_a_bridge_whose_loop_hangs_is_not_alive(simulator, tmp_path):
    """SIGSTOP would stop the HTTP thread, too: so the loop is made to hang by a debugger's means, in the process."""
    program = (
        "import asyncio, sys, threading, time\n"
        "from bridge import cli, service\n"
        "made = service.Service.run\n"
        "async def run(self):\n"
        "    loop = asyncio.get_running_loop()\n"
        "    threading.Thread(target=lambda: (sys.stdin.readline(), loop.call_soon_threadsafe(time.sleep, 600)),\n"
        "                     daemon=True).start()\n"
        "    await made(self)\n"
        "service.Service.run = run\n"
        "sys.exit(cli.main(sys.argv[1:]))\n"
    )
    log = tmp_path / "log"
    arguments = ["run", "--tws", simulator.address, "--client-id", "7", "--state", str(tmp_path / "state"), "--events",
                 "tcp://127.0.0.1:*", "--requests", "tcp://127.0.0.1:*", "--http", "127.0.0.1:0"]  # fmt: skip
    with log.open("wb") as stderr:
        process = subprocess.Popen([sys.executable, "-c", program, *arguments], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=stderr, text=True, env={**os.environ})  # fmt: skip
    try:
        line = process.stdout.readline().split()
        from tests.http.serving import Served

        found = processes.Bridge(process, line[1], line[3], log)
        assert found.logs("bridgeStarted")  # the line about HTTP comes before
        bridge = Served(found, int(log.read_text().rpartition("HTTP on http://127.0.0.1:")[2].partition("/")[0]))
        eventually(lambda: bridge.get("/livez").status == 200 and bridge.get("/metrics").status == 200)
        process.stdin.write("hang\n")
        process.stdin.flush()
        eventually(lambda: bridge.get("/livez").status == 503, 30)
        text = bridge.get("/metrics").text()
        assert sample(text, "tws_bridge_up_to_date") == 0
        assert sample(text, "tws_bridge_snapshot_age_seconds") > 1
        assert sample(text, "tws_bridge_start_time_seconds") is not None
        assert bridge.get("/readyz").json()["code"] == "notAlive"
        assert bridge.get("/api/overview").status == 503
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdin.close()
        process.stdout.close()


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("--http", "0.0.0.0:7502"), "without `http_token` the HTTP server binds only loopback addresses"),
        (("--http", "10.0.0.1:7502"), "without `http_token` the HTTP server binds only loopback addresses"),
        (("--http", "7502"), "'7502' is not HOST:PORT"),
        (("--http", "::1:7502"), "put an IPv6 address into brackets"),
        (("--http", "127.0.0.1:0", "--http-token", "/nowhere"), "No such file"),
    ],
)
def test_a_bridge_does_not_start_with_a_wrong_address(tmp_path, flags, words):
    done = processes.run("run", "--tws", "127.0.0.1:1", "--state", str(tmp_path / "state"), *flags)
    assert done.returncode == 2
    assert words in done.stderr


def test_a_bridge_does_not_start_if_the_address_is_taken(bridge, tmp_path):
    address = f"127.0.0.1:{bridge.port}"
    done = processes.run("run", "--tws", "127.0.0.1:1", "--state", str(tmp_path / "state"), "--http", address,
                         "--events", "tcp://127.0.0.1:*", "--requests", "tcp://127.0.0.1:*")  # fmt: skip
    assert done.returncode == 1
    assert f"cannot bind {address} for HTTP" in done.stderr


def test_without_the_setting_nothing_is_imported(tmp_path):
    program = (
        "import sys; from bridge import cli\n"
        "cli.main(['run', '--check-config'])\n"
        "print(sorted({'aiohttp', 'prometheus_client'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_it_ends_at_once_with_open_connections(simulator, tmp_path):
    with served(simulator.address, tmp_path, "--client-id", "9") as bridge:
        with bridge.socket() as idle, bridge.socket() as stream:
            stream.sendall(b"GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            received = b""
            while b"event: overview" not in received:  # before that the bridge may not handle SIGTERM yet
                received += stream.recv(1 << 16)
            assert bridge.bridge.stop() == 0
            assert idle.recv(10) == b""
        assert "Traceback" not in bridge.bridge.log.read_text()
