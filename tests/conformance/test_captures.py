"""Frames captured from real TWS sessions (file named by TWS_CAPTURES): decoded to what their source states, read by the
command `tws-bridge decode` as well, and requests written again as they were.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bridge.tws.events import Message
from tests.conformance.captured import Capture, mismatches, read
from tests.conformance.wire import codec, other

CAPTURES = read(Path(os.environ["TWS_CAPTURES"]))
GROUPS = sorted({(capture.version, capture.direction) for capture in CAPTURES})


def decoded(capture: Capture) -> Message:
    event = codec(capture.version, capture.direction).decode(capture.payload)
    assert isinstance(event, Message), event
    return event


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda capture: capture.label)
def test_it_says_what_its_source_states(capture: Capture) -> None:
    event = decoded(capture)
    assert event.extra == 0
    if capture.expected is not None:
        found = mismatches(event.name, event.data, capture.expected)
        assert not found, "\n".join(found)


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda capture: capture.label)
def test_written_again_it_says_the_same(capture: Capture) -> None:
    """A request byte by byte, or the same parsed message: the order of protobuf maps is nobody's."""
    event = decoded(capture)
    codecs = codec(capture.version, other(capture.direction)), codec(capture.version, capture.direction)
    again = codecs[0].encode(event.name, event.data)
    read_again = codecs[1].decode(again)
    assert isinstance(read_again, Message)
    assert read_again.data == event.data
    if capture.direction == "toTws":
        assert again[:4] == capture.payload[:4]
        assert again == capture.payload or not capture.text


@pytest.mark.parametrize(("version", "direction"), GROUPS)
def test_the_command_decodes_it(version: int, direction: str) -> None:
    captures = [capture for capture in CAPTURES if (capture.version, capture.direction) == (version, direction)]
    frames = [len(capture.payload).to_bytes(4, "big") + capture.payload for capture in captures]
    sender = "tws" if direction == "fromTws" else "client"
    command = Path(sys.executable).with_name("tws-bridge")
    done = subprocess.run(
        [command, "decode", "--server-version", str(version), "--from", sender],
        input="".join(f"{frame.hex()}\n" for frame in frames),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines == [{"name": event.name, "data": event.data} for event in map(decoded, captures)]
