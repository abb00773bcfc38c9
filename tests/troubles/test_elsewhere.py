"""Troubles that need a bridge of their own: the address is wrong, the bridge has just started, TWS is too new, and the
clock of the machine is set."""

from __future__ import annotations

import contextlib
import os

import pytest

from bridge.doctor import examine
from bridge.tws.framing import frame
from tests.end_to_end.conftest import wait_until_ready
from tests.http.serving import served
from tests.troubles.elsewhere import PLACES, WRONG_CLOCK
from tests.troubles.outages import says
from tests.troubles.site import PunctualTws, Site, codes, configuration
from tests.troubles.test_outages import ROWS, check_surfaces


@contextlib.contextmanager
def bridge(tws, folder, address, environment=None, **changes):
    (folder / "bridge.toml").write_text(configuration(**changes))
    with served(address, folder, "--config", str(folder / "bridge.toml"), **environment or {}) as running:
        yield Site(tws, running, folder, address)


@pytest.mark.parametrize("code", PLACES)
def test_a_bridge_that_never_was_connected_names_the_trouble(code, tmp_path):
    with PLACES[code]() as address, bridge(None, tmp_path, address, handshake_timeout=600.0) as site:
        verdict = site.until(lambda verdict: code in codes(verdict))
        check_surfaces(site, ROWS[code], verdict)


def test_a_host_that_cannot_exist_to_which_tws_redirects(tmp_path):
    """The settings refuse such a host; TWS can name one all the same."""
    tws = PunctualTws()
    tws.front = says(frame(b"-1\x00gate..way:4004\x00"))
    with contextlib.closing(tws), bridge(tws, tmp_path, tws.address) as site:
        verdict = site.until(lambda verdict: "unknownHost" in codes(verdict))
        assert "label empty or too long" in verdict["because"]
        check_surfaces(site, ROWS["unknownHost"], verdict)
    with contextlib.closing(PunctualTws()) as other:
        other.front = says(frame(b"-1\x00gate..way:4004\x00"))
        found = examine({"tws": other.address, "state": tmp_path / "unused"}, None)
    assert [check.code for check in found.checks if check.result == "failed"][-1] == "unknownHost"


def test_a_message_with_more_fields_than_declared_is_told_to_the_end(tmp_path):
    tws = PunctualTws()
    with contextlib.closing(tws), bridge(tws, tmp_path, tws.address) as site:
        with site.served.bridge.client("boss") as client:
            wait_until_ready(client)
        tws.say_bytes(frame((49).to_bytes(4, "big") + b"1\x001\x00a new field\x00"))
        verdict = site.until(lambda verdict: "newerTws" in codes(verdict))
        check_surfaces(site, ROWS["newerTws"], verdict)


def test_a_clock_that_is_set_is_told_until_it_is_set_back(tmp_path):
    folder = tmp_path / "clock"
    folder.mkdir()
    ahead = folder / "ahead"
    ahead.write_text("0")
    (folder / "sitecustomize.py").write_text(WRONG_CLOCK)
    path = os.pathsep.join((str(folder), os.environ.get("PYTHONPATH", "")))
    tws = PunctualTws()
    with contextlib.closing(tws), bridge(tws, tmp_path, tws.address, {"PYTHONPATH": path}) as site:
        with site.served.bridge.client("boss") as client:
            wait_until_ready(client)
        site.until(lambda verdict: codes(verdict) == [])
        ahead.write_text("3600")
        verdict = site.until(lambda verdict: "clocksDiffer" in codes(verdict))
        assert "jumped forward by 3600 s" in str(verdict["also"])
        check_surfaces(site, ROWS["clockJumped"], verdict)
        assert site.place()[1] == "expired"
        ahead.write_text("0")
        site.until(lambda verdict: codes(verdict) == [])
        assert site.served.bridge.logs("clockJumped")
