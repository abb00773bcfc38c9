"""The example clients with keys on a bridge with keys: they trade and hear; with others' keys or names they do not."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import time

import pytest

from bridge import keys
from tests.clients.test_examples import LANGUAGES, command

AAPL = {"conId": 265598, "exchange": "SMART"}
ORDER = {"action": "BUY", "orderType": "LMT", "totalQuantity": 1, "lmtPrice": 1.0}


@pytest.fixture
def start(guarded):
    """Starts an example with an environment of its own, whose output can be read; it ends with the test."""
    with contextlib.ExitStack() as stack:

        def start(language, program, *words, **environment):
            clean = {name: value for name, value in os.environ.items() if not name.startswith("TWS_BRIDGE_")}
            process = subprocess.Popen(
                [*command(language, program), *words], env={**clean, **environment},
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            )  # fmt: skip
            for end in (process.stdout.close, process.wait, process.kill):
                stack.callback(end)
            return process

        yield start


@pytest.fixture
def ask(guarded, start):
    """One request by an example program; what it printed."""

    def ask(language, method, params, **environment):
        process = start(language, "request", method, json.dumps(params), guarded.requests, **environment)
        return process.communicate(timeout=40)[0]

    return ask


def own(folder, name, server="bridge.public", **more):
    return {
        "TWS_BRIDGE_CLIENT_KEY": str(folder / f"{name}.secret"),
        "TWS_BRIDGE_SERVER_KEY": str(folder / server),
        **more,
    }


def line_with(process, words):
    """The first line that has these words; all the test's time is there to wait for it."""
    for line in process.stdout:
        if words in line:
            return line
    raise AssertionError(f"ended without {words}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_with_its_key_it_places_an_order_hears_of_it_and_cancels_it(guarded, folder, start, ask, language):
    alice = own(folder, "alice")
    order = {"contract": AAPL, "order": ORDER}
    assert "acknowledged" in ask(language, "placeOrder", {**order, "orderKey": f"{language}-1"}, **alice)
    sub = start(language, "subscribe", guarded.events, "order.alice.", **alice)
    assert line_with(sub, "order.alice.head ")
    assert "acknowledged" in ask(language, "placeOrder", {**order, "orderKey": f"{language}-2"}, **alice)
    assert "Submitted" in line_with(sub, f"order.alice.{language}-2.orderStatus ")
    for key in (f"{language}-1", f"{language}-2"):
        assert "Cancel" in ask(language, "cancelOrder", {"orderKey": key}, **alice)
    assert line_with(sub, "Cancelled").startswith(f"order.alice.{language}-")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_servers_key_may_be_given_as_text(folder, ask, language):
    text = keys.load_public(str(folder / "bridge.public"))
    said = ask(language, "ping", {}, **own(folder, "alice", TWS_BRIDGE_SERVER_KEY=text))
    assert "ok: true" in said.replace("'", "").lower()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("other", ["boss", "nobody"])
def test_in_another_clients_name_it_is_refused_and_the_log_says_who_tried(guarded, folder, ask, language, other):
    after = len(guarded.log.read_text())
    params = {"contract": AAPL, "order": ORDER, "orderKey": f"{language}-stolen"}
    said = ask(language, "placeOrder", params, **own(folder, "alice", TWS_BRIDGE_CLIENT=other))
    assert "notPermitted" in said
    assert "identity" in said
    why = f"notPermitted, identity: this key belongs to alice, not to {other}"
    assert guarded.logs(f"refused: placeOrder of alice ({language}-stolen): {why}", after)


def gets_nothing(guarded, start, language, **environment):
    """Neither program prints a word, though the bridge has something to say each second."""
    started = [
        start(language, "request", "ping", "{}", guarded.requests, **environment),
        start(language, "subscribe", guarded.events, "system.", **environment),
    ]
    time.sleep(4)
    for process in started:
        process.kill()
    return [process.communicate()[0] for process in started] == ["", ""]


@pytest.mark.parametrize("language", LANGUAGES)
def test_with_an_unknown_key_it_gets_nothing_and_the_log_has_the_key(guarded, folder, start, tmp_path, language):
    pair, secret, _ = keys.write_new(tmp_path, "alice")
    assert gets_nothing(guarded, start, language, **own(folder, "alice", TWS_BRIDGE_CLIENT_KEY=str(secret)))
    assert guarded.logs(f"unknown key {pair.public}")


def is_named(guarded, start, words, **environment):
    """The log says why; it names the same address for the same fault at most once in ten seconds."""
    after = len(guarded.log.read_text())
    for _ in range(5):
        assert gets_nothing(guarded, start, "javascript", **environment)
        if guarded.logs(words, after):
            return True
    return False


def test_without_a_key_it_gets_nothing_and_the_log_says_so(guarded, start):
    assert is_named(guarded, start, "it has no key", TWS_BRIDGE_CLIENT="alice")


def test_with_another_bridges_key_it_gets_nothing_and_the_log_says_so(guarded, folder, start):
    words = "it uses a wrong public key for the bridge"
    assert is_named(guarded, start, words, **own(folder, "alice", "eve.public"))
