"""What our SERVER role sends to 178, decoded by ib_async and by ours: every message it knows, every field."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.catalogue import catalogue
from tests.conformance import allowances, ib_async_events
from tests.conformance.carried import gated, versions_of
from tests.conformance.differences import Foreign, differences
from tests.conformance.wire import decode, encode
from tests.strategies import complete

EVENTS = sorted(
    message.name
    for message in catalogue().events()
    if message.text is not None
    and message.exists(ib_async_events.NEWEST)
    and message.name not in ib_async_events.UNKNOWN
)


def check(name: str, version: int, data: dict[str, Any]) -> None:
    data = ib_async_events.tamed(name, allowances.tamed(name, gated(name, data), text=True))
    payload = encode(name, version, data)
    event = decode(name, version, payload)
    calls = ib_async_events.calls(payload, version)
    theirs = Foreign(ib_async_events.view(event.name, event.data, calls), ib_async_events.attribute)
    vendor = allowances.allowed(event.name, text=True)

    def allow(path: str, mine: Any, foreign: Any) -> bool:
        return vendor(path, mine, foreign) or ib_async_events.allowed(event.name, path, mine, foreign)

    found = list(differences(catalogue().record(catalogue().messages[name]), event.data, theirs, allow))
    assert not found, "\n".join([f"{event.name} at {version}:", *found])


@pytest.mark.parametrize("name", EVENTS)
def test_it_reads_every_field(name: str) -> None:
    versions = [version for version in (*versions_of(name), 177, 178) if version <= ib_async_events.NEWEST]
    for data in complete(name):
        for version in sorted(set(versions)):
            check(name, version, data)
