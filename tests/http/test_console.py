"""The console's page and what it may do: headers, verdict, halt and resume, topics. See `test_page.py` for looks."""

from __future__ import annotations

import http.client
import json
import re
import time

import pytest

from bridge.http.page_files import PAGE_PATHS, page_files
from bridge.simulator import simulator_process
from tests.end_to_end.conftest import wait_until_ready
from tests.http.serving import TOKEN, served
from tws_bridge_client import BridgeError

CONTRACT = {"conId": 265598, "exchange": "SMART"}
ORDER = {"action": "BUY", "orderType": "LMT", "totalQuantity": "10", "lmtPrice": 300.0, "tif": "DAY"}
BEARER = {"Authorization": f"Bearer {TOKEN}"}
CUSTOM = {"X-TWS-Bridge": "console"}


@pytest.fixture(scope="module")
def simulator():
    with simulator_process(ticks_per_second=100) as running:
        yield running


@pytest.fixture(scope="module")
def open_bridge(simulator, tmp_path_factory):
    """A bridge without a token."""
    with served(simulator.address, tmp_path_factory.mktemp("open")) as running:
        with running.bridge.client("setup") as client:
            wait_until_ready(client)
        yield running


@pytest.fixture(scope="module")
def token_file(tmp_path_factory):
    file = tmp_path_factory.mktemp("secrets") / "token"
    file.write_text(TOKEN)
    file.chmod(0o600)
    return file


@pytest.fixture(scope="module")
def bridge(simulator, token_file, tmp_path_factory):
    """A bridge with a token."""
    folder = tmp_path_factory.mktemp("token")
    with served(simulator.address, folder, "--http-token", str(token_file), "--client-id", "2") as running:
        with running.bridge.client("setup") as client:
            wait_until_ready(client)
        yield running


def eventually(holds, seconds=20.0):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never became true"
        time.sleep(0.1)


def post(running, path, body, headers, method="POST"):
    """Send a body, and return status and answer."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=20)
    try:
        connection.request(method, path, data, {"Content-Type": "application/json", **headers})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


# The page


@pytest.mark.parametrize("which", ["open_bridge", "bridge"])
def test_the_page_needs_no_token_and_has_a_strict_policy(which, request):
    running = request.getfixturevalue(which)
    kinds = {"/": "text/html; charset=utf-8", "/console.js": "text/javascript; charset=utf-8",
             "/console.css": "text/css; charset=utf-8", "/icon.svg": "image/svg+xml"}  # fmt: skip
    assert kinds.keys() == PAGE_PATHS
    for path, kind in kinds.items():
        told = running.get(path)
        assert (told.status, told.headers["content-type"]) == (200, kind)
        policy = told.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
        assert "unsafe" not in policy and "frame-ancestors 'none'" in policy and "http" not in policy
        assert running.get(path, method="HEAD").body == b""
        assert running.get(path, method="POST", X_TWS_Bridge="1").status == 405
    for path in ("/api/overview", "/api/events"):
        assert "script-src" not in running.get(path, method="HEAD", **BEARER).headers["content-security-policy"]


def test_the_page_has_nothing_inline_and_no_foreign_host():
    files = {path: file.body.decode() for path, file in page_files().items()}
    page = files["/"]
    assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son[a-z]+=", page)
    foreign = [found for text in files.values() for found in re.findall(r"(?:https?:)?//[\w.]+\.\w+", text)]
    assert set(foreign) == {"http://www.w3.org"}  # the name space of SVG
    script = files["/console.js"]
    for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "localStorage", "cookie"):
        assert word not in script, word


# The verdict


def settled_verdict(running, client):
    """The verdicts of `status` and of the overview, when both have seen the last change."""
    told = []

    def same():
        told[:] = [client.request("status")["verdict"], running.get("/api/overview", **BEARER).json()["verdict"]]
        return told[0] == told[1]

    eventually(same)
    return told[0]


def test_the_verdict_is_the_one_of_status(bridge):
    with bridge.bridge.client("boss") as client:
        assert settled_verdict(bridge, client)["trading"] is True
        client.request("halt", {"reason": "lunch"})
        try:
            verdict = settled_verdict(bridge, client)
            assert (verdict["trading"], verdict["code"]) == (False, "halted")
            assert "lunch" in verdict["because"]
            told = bridge.get("/readyz", **BEARER)
            assert (told.status, told.json()) == (
                503, {"ready": False, "code": "halted", "reason": verdict["because"]},
            )  # fmt: skip
        finally:
            client.request("resume")


# Halt and resume


def test_an_operator_halts_and_resumes(bridge):
    headers = BEARER | CUSTOM
    with bridge.bridge.client("trader") as client:
        try:
            status, told = post(bridge, "/api/halt", {"reason": "<b>too loud</b>"}, headers)
            assert (status, told) == (
                200,
                {"halted": True, "reasons": {"admin": "<b>too loud</b> (console)"}, "stored": True},
            )
            with pytest.raises(BridgeError, match="halt"):
                client.request("placeOrder", {"orderKey": "no", "contract": CONTRACT, "order": ORDER})
            assert client.request("status")["trading"]["halted"] is True
        finally:
            status, told = post(bridge, "/api/resume", {}, headers)
        assert (status, told) == (200, {"halted": False, "reasons": {}, "stored": True})
        client.request("placeOrder", {"orderKey": "yes", "contract": CONTRACT, "order": ORDER})
        client.request("awaitOrder", {"orderKey": "yes", "until": "ended"})
    assert bridge.bridge.logs("tradingHalted")
    assert bridge.bridge.logs("console")


def test_a_halt_of_the_console_outlives_the_page_and_a_file_keeps_trading_halted(bridge, tmp_path):
    file = bridge.bridge.log.parent / "state" / "halt"
    if not file.parent.is_dir():
        pytest.fail(f"the state folder is not {file.parent}")
    file.write_text("by hand")
    try:
        eventually(lambda: "by hand" in bridge.get("/api/overview", **BEARER).text())
        status, told = post(bridge, "/api/resume", {}, BEARER | CUSTOM)
        assert (status, told["code"]) == (409, "notPermitted")
        assert "remove the file" in told["error"]

        def refusals():
            return bridge.get("/api/overview", **BEARER).json()["refusals"]

        eventually(lambda: any(one["client"] == "console" for one in refusals()))
    finally:
        file.unlink()
    eventually(lambda: bridge.get("/api/overview", **BEARER).json()["verdict"]["trading"])


@pytest.mark.parametrize("path", ["/api/halt", "/api/resume"])
@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        (CUSTOM, {"reason": "x"}, 401),
        ({"Authorization": f"Bearer {TOKEN[:-1]}x"} | CUSTOM, {"reason": "x"}, 401),
        (BEARER, {"reason": "x"}, 403),
        (BEARER | CUSTOM | {"Origin": "http://evil.example"}, {"reason": "x"}, 403),
        (BEARER | CUSTOM | {"Sec-Fetch-Site": "cross-site"}, {"reason": "x"}, 403),
        (BEARER | CUSTOM | {"Content-Type": "text/plain"}, {"reason": "x"}, 415),
        (BEARER | CUSTOM, b"{", 400),
        (BEARER | CUSTOM, [], 400),
        (BEARER | CUSTOM, b"[" * 4000, 400),
        (BEARER | CUSTOM, b'{"a":' * 800, 400),
        (BEARER | CUSTOM, {"reason": "x" * 5000}, 413),
        (BEARER | CUSTOM, {"reason": "x", "purpose": "x"}, 409),
    ],
)
def test_what_is_refused(bridge, path, headers, body, status):
    assert post(bridge, path, body, headers)[0] == status
    assert post(bridge, path, {}, BEARER | CUSTOM, method="PUT")[0] == 405
    assert bridge.get(path, **BEARER).status == 405
    with bridge.bridge.client("trader") as client:
        assert client.request("status")["trading"]["halted"] is False


def test_a_halt_needs_a_reason(bridge):
    for params in ({}, {"reason": ""}, {"reason": " "}, {"reason": 1}):
        status, told = post(bridge, "/api/halt", params, BEARER | CUSTOM)
        assert (status, told) == (400, {"error": "reason: expected text"})


def test_without_a_token_nobody_halts(open_bridge):
    for path in ("/api/halt", "/api/resume"):
        status, told = post(open_bridge, path, {"reason": "x"}, CUSTOM)
        assert status == 403
        assert "http_token" in told["error"]
    with open_bridge.bridge.client("trader") as client:
        assert client.request("status")["trading"]["halted"] is False


@pytest.mark.parametrize(("which", "may"), [("open_bridge", False), ("bridge", True)])
def test_the_stream_says_first_what_the_page_may_do(which, may, request):
    running = request.getfixturevalue(which)
    with running.socket() as peer:
        peer.sendall(f"GET /api/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode())
        received = b""
        while b"event: overview\n" not in received:
            received += peer.recv(1 << 16)
    assert f'event: server\ndata: {{"mayOperate":{str(may).lower()}}}'.encode() in received


# Topics


def test_topics_below_a_prefix(open_bridge):
    with open_bridge.bridge.client("viewer") as client:
        client.request("reqMktData", {"contract": CONTRACT})

        def found():
            told = open_bridge.get("/api/topics?prefix=market.265598.").json()
            return {one["topic"]: one for one in told["topics"]}

        eventually(lambda: "market.265598.tickPrice" in found())
        one = found()["market.265598.tickPrice"]
        assert one["kept"] >= len(one["values"]) > 0
        assert "price" in json.loads(one["values"][0]["json"])
    everything = open_bridge.get("/api/topics?prefix=").json()
    assert everything["cut"] is False
    assert {"system.connection", "system.verdict"} <= {one["topic"] for one in everything["topics"]}
    assert open_bridge.get("/api/topics?prefix=nothing.").json()["topics"] == []
    assert open_bridge.get(f"/api/topics?prefix={'x' * 201}").status == 400


def test_topics_need_the_token(bridge):
    assert bridge.get("/api/topics?prefix=").status == 401
    assert bridge.get("/api/topics?prefix=system.", **BEARER).status == 200


def test_requests_for_topics_that_were_given_up_do_not_delay_the_next(open_bridge):
    """The server looks for topics twice a second: 100 that kept their places would take 50 s."""
    request = b"GET /api/topics?prefix=system. HTTP/1.1\r\nHost: localhost\r\n\r\n"
    for _ in range(100):
        with open_bridge.socket() as peer:
            peer.sendall(request)
            time.sleep(0.02)
    assert open_bridge.get("/api/topics?prefix=system.", timeout=20).status == 200


def test_a_reload_says_that_another_token_needs_a_restart(bridge, token_file):
    another = "f" * 32
    try:
        token_file.write_text(another)
        with bridge.bridge.client("boss") as client:
            told = client.request("reload")
    finally:
        token_file.write_text(TOKEN)
    assert told["needRestart"] == [{"setting": "http_token.value", "before": "(secret)", "after": "(secret)"}]
    assert bridge.bridge.logs("settingNeedsRestart") and bridge.bridge.logs("http_token.value")
    assert another not in bridge.bridge.log.read_text()
    assert bridge.get("/api/topics?prefix=system.", **BEARER).status == 200
