"""What one side encodes the other decodes, for every declared message and every version at which its form changes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.catalogue import catalogue
from bridge.tws.events import Message
from tests.conformance.carried import carried, versions_of
from tests.conformance.wire import alike, callback, connected, decode, encode
from tests.strategies import complete, messages

NAMES = sorted(catalogue().messages)


def sendable(name: str, version: int, data: dict[str, Any]) -> dict[str, Any]:
    """A request refuses what its version cannot carry, so it is left out first; an event drops it."""
    strict = catalogue().messages[name].direction == "toTws"
    return carried(name, version, data, fill=False) if strict else data


def check(name: str, version: int, data: dict[str, Any]) -> None:
    sent = sendable(name, version, data)
    payload = encode(name, version, sent)
    event = decode(name, version, payload)
    assert event.name == callback(name, data)
    assert event.extra == 0
    assert event.data == carried(name, version, sent)
    again = encode(name, version, event.data)
    assert decode(name, version, again).data == event.data
    if not catalogue().messages[name].as_protobuf(version):  # the order of protobuf maps is nobody's
        plain = encode(name, version, carried(name, version, sent, fill=False))
        assert alike(again.split(b"\0"), plain.split(b"\0"))


@pytest.mark.parametrize("name", NAMES)
def test_every_field_survives(name: str) -> None:
    for data in complete(name):
        for version in versions_of(name):
            check(name, version, data)


@pytest.mark.parametrize("name", NAMES)
@given(drawn=st.data())
def test_any_data_survives(name: str, drawn: st.DataObject) -> None:
    message = catalogue().messages[name]
    data = drawn.draw(messages(name, unicode=message.direction == "fromTws"))
    for version in versions_of(name):
        check(name, version, data)


@pytest.mark.parametrize("version", sorted({v for name in NAMES for v in versions_of(name)}))
def test_frames_may_be_cut_anywhere(version: int) -> None:
    """Whole, byte by byte, and with other frames behind: the same messages."""
    names = [name for name in NAMES if version in versions_of(name)]
    for direction in ("fromTws", "toTws"):
        client, server = connected(version)
        sender, receiver = (server, client) if direction == "fromTws" else (client, server)
        frames = []
        for name in names:
            if catalogue().messages[name].direction == direction:
                data = complete(name)[0]
                sender.send(callback(name, data), sendable(name, version, data))
                frames.append(sender.data_to_send())
        whole = []
        for frame in frames:
            receiver.receive_data(frame)
            whole += receiver.events_received()
        assert len(whole) == len(frames)
        assert all(isinstance(event, Message) for event in whole)
        receiver.receive_data(b"".join(frames))
        assert receiver.events_received() == whole
        for byte in b"".join(frames):
            receiver.receive_data(bytes([byte]))
        assert receiver.events_received() == whole
