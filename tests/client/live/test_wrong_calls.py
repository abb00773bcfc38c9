"""What a program gets wrong in its calls for live objects is an error of the call, and not of a later one."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, date, datetime

import pytest

from tests.client.live.desk import Desk
from tws_bridge_client import (
    AsyncBridgeClient,
    BridgeClient,
    BridgeError,
    BridgeTimeout,
    ContractNotUnique,
    Stock,
    messages,
)
from tws_bridge_client.live import shared

NOWHERE = {"requests": "tcp://127.0.0.1:9", "events": "tcp://127.0.0.1:9"}


def test_callbacks_that_cannot_work_are_refused_at_once():
    desk = Desk()
    ticker = desk.ticker()
    listeners = desk.hub.listeners
    with pytest.raises(TypeError, match="live: expected a live object"):
        listeners.on_update(print, ticker)
    with pytest.raises(TypeError, match="callback: expected a function"):
        listeners.on_update(ticker, None)
    with pytest.raises(TypeError, match="callback: expected a function, not 5"):
        listeners.on(messages.TickPrice, 5)
    with pytest.raises(TypeError, match="is not the class of an event"):
        listeners.on([], print)
    assert (listeners.objects(), listeners.due()) == ([], [])


@pytest.mark.parametrize(
    ("since", "error"),
    [
        (datetime(2026, 1, 5), ValueError),
        (date(2026, 1, 5), TypeError),
        ("20260105", TypeError),
        (5, TypeError),
    ],
)
def test_the_time_of_fills_is_checked_at_once(since, error):
    with pytest.raises(error, match=r"^since: "):
        shared.new_fills(Desk().hub, since)
    assert list(shared.new_fills(Desk().hub, datetime(2026, 1, 5, tzinfo=UTC))) == []


@pytest.mark.parametrize(
    ("name", "meant"),
    [("bidSize", "bid_size"), ("marketPrice", "midpoint"), ("prevClose", "previous_close"), ("bidd", "bid")],
)
def test_a_ticker_answers_names_of_ib_async_with_its_own(name, meant):
    with pytest.raises(AttributeError, match=f"Ticker has no {name}: did you mean {meant}"):
        getattr(Desk().ticker(), name)


def test_a_client_answers_names_of_ib_async_with_its_own():
    with BridgeClient("a", **NOWHERE) as client:
        for name, meant in {
            "qualifyContracts": "qualify",
            "bracketOrder": "bracket(key",
            "isConnected": "status().connection",
            "reqMktDta": "reqMktData",
        }.items():
            with pytest.raises(AttributeError, match=re.escape(f"BridgeClient has no {name}: did you mean {meant}")):
                getattr(client, name)
        with pytest.raises(TypeError, match=r"prefixes\.0: expected a text"):
            client.subscribe(["market."])


def test_a_client_takes_no_host_and_port_of_tws():
    with pytest.raises(TypeError, match=r"^requests: expected a text, not 7497: a client has a name"):
        BridgeClient("127.0.0.1", 7497, 1)
    with pytest.raises(TypeError, match=r"^client: expected a text, not None"):
        BridgeClient(None)


def refusing(code):
    def request(method, params=None, timeout=30.0, **options):
        raise BridgeError({"code": "rejectedByTws", "message": "no", "twsCode": code})

    return request


def test_a_description_that_fits_nothing_is_not_unique(monkeypatch):
    with BridgeClient("a", **NOWHERE) as client:
        monkeypatch.setattr(client, "request", refusing(200))
        with pytest.raises(ContractNotUnique, match="fits no instrument") as error:
            client.qualify(Stock("NONE"))
        assert error.value.candidates == []
        monkeypatch.setattr(client, "request", refusing(321))
        with pytest.raises(BridgeError, match="321"):
            client.qualify(Stock("NONE"))


def test_an_asyncio_client_belongs_to_one_event_loop():
    async def begin():
        client = AsyncBridgeClient("a", **NOWHERE)
        with pytest.raises(BridgeTimeout):
            await client.status(timeout=0.05)
        return client

    client = asyncio.run(begin())
    with pytest.raises(RuntimeError, match="belongs to another event loop"):
        asyncio.run(client.status(timeout=0.05))
