"""Each trouble of a running bridge is named by its code on every surface, and no surface names it when it is over.

The surfaces are `status` and its text, `tws-bridge doctor`, the event `system.verdict`, `/readyz`, and the overview
that the console shows. Where a Chromium is installed the console itself is read, too.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time

import pytest

from bridge.session.verdict_table import TABLE
from tests.end_to_end.conftest import wait_until_ready
from tests.http.browser import CHROMIUM, opened
from tests.http.serving import served
from tests.troubles import elsewhere
from tests.troubles.outages import TROUBLES
from tests.troubles.site import PATIENCE, PunctualTws, Site, codes, configuration, lines

ROWS = {row.code: row for row in TABLE}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("troubles")
    (folder / "bridge.toml").write_text(configuration())
    tws = PunctualTws()
    with contextlib.closing(tws), served(tws.address, folder, "--config", str(folder / "bridge.toml")) as running:
        with running.bridge.client("boss") as client:
            wait_until_ready(client)
        yield Site(tws, running, folder)


def test_every_condition_has_its_trouble():
    assert {*TROUBLES, *elsewhere.CODES, "stopped"} == set(ROWS)


@pytest.mark.parametrize("code", TROUBLES)
def test_every_surface_names_the_trouble_and_its_end(site, code):
    row = ROWS[code]
    with site.served.bridge.client("listener") as listener, listener.subscribe("system.verdict") as events:
        trouble = TROUBLES[code](site)
        next(trouble)
        verdict = site.until(lambda verdict: code in codes(verdict) and verdict["trading"] != row.stops)
        check_surfaces(site, row, verdict)
        assert has_told(events, lambda told: code in codes(told))
        with contextlib.suppress(StopIteration):
            next(trouble)
        site.until(lambda verdict: codes(verdict) == [])
        assert has_told(events, lambda told: codes(told) == [])
    assert site.doctor() == {}
    assert lines(site)[0].startswith("Trading: yes")
    site.until((200, None).__eq__, site.readiness)  # HTTP shows figures that may be a second old
    site.until(lambda verdict: codes(verdict) == [], site.overview)


def check_surfaces(site, row, verdict):
    stops = not verdict["trading"]
    if row.stops:
        assert (stops, verdict["code"], verdict["remedy"]) == (True, row.code, row.remedy)
    else:
        assert verdict["trading"]
    text = "\n".join(lines(site))
    assert text.startswith("Trading: NO" if stops else "Trading: yes")
    assert f"({row.code})" in text
    assert f"-> {row.remedy}" in text
    assert site.doctor()[row.code] == ("failed" if row.stops else "warning")
    if row.stops:
        site.until((503, row.code).__eq__, site.readiness)
    site.until(lambda verdict: row.code in codes(verdict), site.overview)
    assert site.readiness()[0] == (503 if stops else 200)


def has_told(events, is_so):
    """Whether the bridge publishes such a verdict soon."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        event = events.poll(0.2)
        if event is not None and is_so(event.data):
            return True
    return False


@pytest.mark.timeout(600)
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
def test_the_console_shows_each_trouble_first(site, tmp_path):
    async def look():
        async with opened(f"http://127.0.0.1:{site.served.port}/", tmp_path) as page:
            for code, begin in TROUBLES.items():
                trouble = begin(site)
                await asyncio.to_thread(next, trouble)
                word = "===" if ROWS[code].stops else "!=="  # a new connection reconciles for a moment: no
                await page.wait(
                    f"document.getElementById('verdict').textContent.includes({json.dumps(code)})"
                    f" && document.getElementById('word').textContent {word} 'no'"
                )
                shown = await page.run("document.getElementById('verdict').textContent")
                assert ROWS[code].remedy[:40].split("`")[0] in shown, code
                await asyncio.to_thread(next, trouble, None)
                await asyncio.to_thread(site.until, lambda verdict: codes(verdict) == [])
            assert page.console == []

    asyncio.run(look())
