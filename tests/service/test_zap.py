"""A bridge with keys does not start where a stranger could get in."""

from __future__ import annotations

import asyncio

import pytest

from bridge import keys, service
from bridge.bus.selftest import EndpointsUnprotected
from bridge.bus.zap import ZapAuthenticator
from bridge.settings import load


class LaxZapAuthenticator(ZapAuthenticator):
    """Lets every key in."""

    def callback(self, domain, key):
        return True

    def curve_user_id(self, client_public_key):
        return "anyone/1"


def test_it_does_not_start_where_a_stranger_could_get_in(tmp_path, monkeypatch):
    keys.write_new(tmp_path, "bridge")
    (tmp_path / "bridge.toml").write_text(
        f'key = "{tmp_path}/bridge.secret"\nstate = "{tmp_path}"\ntws = "127.0.0.1:1"\n'
        'events = "tcp://127.0.0.1:*"\nrequests = "tcp://127.0.0.1:*"\n'
        f'[clients.alice]\npublic_key = "{keys.fresh("alice").public}"\nroles = ["observe"]\n'
    )
    announced = []
    monkeypatch.setattr(service, "ZapAuthenticator", LaxZapAuthenticator)
    with pytest.raises(EndpointsUnprotected, match="an unknown key can connect"):
        asyncio.run(service.serve(load({}, tmp_path / "bridge.toml"), announced.append))
    assert announced == []
