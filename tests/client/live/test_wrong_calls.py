"""What a program gets wrong in its calls for live objects is an error of the call, and not of a later one."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from tests.client.live.desk import Desk
from tws_bridge_client import messages
from tws_bridge_client.live import shared


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
