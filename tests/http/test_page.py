"""The console in a headless Chromium: what it shows, and what a screen reader and a keyboard get.

Skipped where no Chromium is installed. The accessibility check also needs `npm ci` in `tests/http/node`. With
`CONSOLE_SHOTS=DIR` the tests leave screenshots there.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
from pathlib import Path

import pytest

from bridge.simulator import simulator_process
from tests.end_to_end.conftest import wait_until_ready
from tests.http.browser import CHROMIUM, opened
from tests.http.serving import TOKEN, served
from tws_bridge_client import BridgeError

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
AXE = Path(__file__).with_name("node") / "node_modules" / "axe-core" / "axe.min.js"
CONTRACT = {"conId": 265598, "exchange": "SMART"}
LOOKS = ((360, "light"), (360, "dark"), (1440, "light"), (1440, "dark"))
#: The tables that a reader must move sideways.
TOO_WIDE = (
    "[...document.querySelectorAll('.scroll')].filter((box) => box.scrollWidth > box.clientWidth + 1)"
    ".map((box) => box.getAttribute('aria-labelledby'))"
)
#: The longest name that a client may have.
LONG = "long-" + 59 * "x"
#: What the page shows of an order in doubt, asked in the same turn, because the next overview takes it away.
DOUBT = """(() => {
  const one = {orderKey: "k1", client: "trader", state: "unknown", change: null, age: 75, reason: null};
  show({...page.told, orders: {byState: {acknowledged: 3, unknown: 1}, inDoubtCount: 1, inDoubt: [one], inMemory: 9}});
  return ["doubt-count", "doubt", "open-count", "order-states"].map((id) => document.getElementById(id).textContent);
})()"""
#: The waiting for the next attempt, two seconds after it has begun.
WAITING = """(() => {
  const since = page.told.ts - 2e9, reason = "next attempt in 8 s; connection refused";
  show({...page.told, connection: {...page.told.connection, state: "backingOff", since, reason}});
  return ["connection-state", "connection-facts"].map((id) => document.getElementById(id).textContent);
})()"""
HEADS = (
    "[...document.querySelectorAll('#refusals, #notices')]"
    ".map((body) => getComputedStyle(body.parentElement.tHead).display)"
)
#: A client may choose these texts. None may become HTML.
HOSTILE = "<img src=x onerror=document.title='hacked'>"


@pytest.fixture(scope="module")
def simulator():
    with simulator_process(ticks_per_second=100) as running:
        yield running


@pytest.fixture(scope="module")
def bridge(simulator, tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    token = folder / "token"
    token.write_text(TOKEN)
    token.chmod(0o600)
    with served(simulator.address, folder, "--http-token", str(token)) as running:
        with running.bridge.client("setup") as client:
            wait_until_ready(client)
        yield running


def text_of(name):
    return f"document.getElementById({json.dumps(name)}).textContent"


async def log_in(page):
    await page.wait("document.getElementById('login') && !document.getElementById('login').hidden")
    await page.run(
        f"document.getElementById('token').value = '{TOKEN}'; document.getElementById('login').requestSubmit()"
    )
    await page.wait(f"{text_of('word')} !== 'waiting for the bridge'")


async def shoot(page, name):
    if folder := os.environ.get("CONSOLE_SHOTS"):
        for width, scheme in LOOKS:
            await page.look(width, scheme)
            await asyncio.sleep(0.3)
            await page.shoot(Path(folder) / f"{name}-{width}-{scheme}.png")


async def check_access(page):
    """Run axe-core at each width and scheme: it must find nothing serious. No width may scroll sideways."""
    for width, scheme in LOOKS:
        await page.look(width, scheme)
        await page.wait(f"innerWidth === {width}")
        assert await page.run("document.documentElement.scrollWidth <= innerWidth"), (width, scheme)
        assert await page.run(TOO_WIDE) == [], (width, scheme)
        if not AXE.exists():
            continue
        await page.run(AXE.read_text())
        found = await page.run(
            "axe.run().then((told) => told.violations.map(({id, impact, nodes}) => "
            "({id, impact, nodes: nodes.map((one) => one.html + one.failureSummary)})))"
        )
        assert [one for one in found if one["impact"] in ("serious", "critical")] == [], (width, scheme)


def test_the_page_under_load_and_halted(bridge, tmp_path):
    async def look():
        async with opened(f"http://127.0.0.1:{bridge.port}/", tmp_path) as page:
            await check_access(page)
            await log_in(page)
            await page.wait(f"{text_of('word')} === 'yes'")
            await page.wait(f"{text_of('streams')}.includes('market.265598.')")
            await page.wait(f"{text_of('clients')}.includes('trader') && {text_of('clients')}.includes('{LONG}')")
            await page.wait(f"{text_of('refusals')}.includes('<img')")
            await page.run("document.getElementById('prefix').value = 'market.265598.tickP'; "
                           "document.getElementById('topics-form').requestSubmit()")  # fmt: skip
            await page.wait(f"{text_of('topics')}.includes('tickPrice')")
            await check_access(page)
            await shoot(page, "load")
            assert await page.run(DOUBT) == [
                "1", "k1traderunknown75 sTWS has not said what became of it", "4", "unknown 1acknowledged 3",
            ]  # fmt: skip
            state, facts = await page.run(WAITING)
            assert (state, "next attempt in 6.0 s; connection refused" in facts) == ("down, waiting to try again", True)
            assert "None is near" in await page.run(text_of("bounds"))
            # Halt: nothing happens without the confirmation.
            await page.run("document.getElementById('halt').click()")
            await page.wait("document.getElementById('confirm').open")
            await check_access(page)
            await shoot(page, "confirm")
            await page.run("document.getElementById('confirm-no').click()")
            await asyncio.sleep(2.5)
            assert await page.run(text_of("word")) == "yes"
            await page.run("document.getElementById('halt').click()")
            await page.run(f"document.getElementById('reason').value = {json.dumps(HOSTILE)}; "
                           "document.getElementById('confirm-yes').click()")  # fmt: skip
            await page.wait(f"{text_of('word')} === 'no'")
            await page.wait(f"{text_of('because')}.includes('<img') && {text_of('because')}.includes('(console)')")
            assert "Trading: no" in await page.run(text_of("say"))
            await check_access(page)
            await shoot(page, "halted")
            buttons = (
                "[...document.querySelectorAll('#actions button')].filter((one) => !one.hidden).map((one) => one.id)"
            )
            assert await page.run(buttons) == ["resume", "halt"]
            await page.run("document.getElementById('resume').click()")
            await page.run("document.getElementById('confirm-yes').click()")
            await page.wait(f"{text_of('word')} === 'yes'")
            assert await page.run("document.title") == "yes · tws-bridge"
            assert await page.run("document.querySelectorAll('#all img').length") == 0
            assert await page.run("localStorage.length + document.cookie.length") == 0
            assert [line for line in page.console if "401" not in line] == []

    with bridge.bridge.client("trader") as client:
        client.request("reqMktData", {"contract": CONTRACT})
        with pytest.raises(BridgeError):
            client.request("reqMktData", {"contract": {"conId": HOSTILE}})
        with pytest.raises(BridgeError):
            client.request(HOSTILE, {})
        with bridge.bridge.client(LONG) as long, pytest.raises(BridgeError):
            long.request("reqMktData", {"contract": {}})
        asyncio.run(look())


def test_a_wrong_token_is_refused(bridge, tmp_path):
    async def look():
        async with opened(f"http://127.0.0.1:{bridge.port}/", tmp_path, width=360) as page:
            await page.wait("document.getElementById('login') && !document.getElementById('login').hidden")
            await page.run("document.getElementById('token').value = 'wrong'; "
                           "document.getElementById('login').requestSubmit()")  # fmt: skip
            await page.wait(f"{text_of('login-wrong')}.includes('does not know this token')")
            assert await page.run("document.getElementById('all').hidden")
            assert await page.run("sessionStorage.length") == 0

    asyncio.run(look())


def test_a_page_without_news_says_so_first(simulator, tmp_path):
    async def look(running):
        async with opened(f"http://127.0.0.1:{running.port}/", tmp_path / "browser") as page:
            await page.wait(f"document.getElementById('word') && {text_of('word')} === 'yes'")
            assert await page.run("document.getElementById('old').hidden")
            assert await page.run("document.getElementById('actions').hidden")  # there is no token
            os.kill(running.bridge.process.pid, signal.SIGSTOP)
            try:
                await page.wait("!document.getElementById('old').hidden")
                assert "No news from the bridge for " in await page.run(text_of("old-text"))
                assert await page.run("document.body.classList.contains('is-old')")
                assert await page.run(text_of("word")) == "unknown; the last news: yes"
                assert await page.run("document.querySelector('header').firstElementChild.id") == "old"
                await check_access(page)
                await shoot(page, "old")
            finally:
                os.kill(running.bridge.process.pid, signal.SIGCONT)
            await page.wait("document.getElementById('old').hidden")
            assert not await page.run("document.body.classList.contains('is-old')")

    with served(simulator.address, tmp_path, "--client-id", "5") as running:
        with running.bridge.client("setup") as client:
            wait_until_ready(client)
        asyncio.run(look(running))


def test_an_outage_is_the_verdict(tmp_path):
    async def look(running):
        async with opened(f"http://127.0.0.1:{running.port}/", tmp_path / "browser") as page:
            await page.wait(f"document.getElementById('word') && {text_of('word')} === 'no'")
            words = "cannot connect to 127.0.0.1:9: connection refused (refused)"
            await page.wait(f"{text_of('because')} === 'Because: {words}' && {text_of('do')}.includes('Start TWS')")
            assert await page.run(HEADS) == ["none", "none"], "an empty table has no heads"
            await check_access(page)
            await shoot(page, "outage")

    with served("127.0.0.1:9", tmp_path, "--client-id", "6") as running:
        asyncio.run(look(running))
