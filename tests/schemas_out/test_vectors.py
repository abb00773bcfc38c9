"""The test vectors of the wire are read alike by the bridge's codec, by plain msgpack and in JavaScript."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import msgpack
import pytest

from bridge.bus.frames import unpack
from bridge.schemas_out import vector_samples
from bridge.schemas_out.vectors import SAFE, vectors
from tests.clients.test_examples import command
from tests.session.contract import witness
from tws_bridge_client.wire import unpack as unpack_event

FOLDER = Path(__file__).parents[2] / "schemas" / "generated" / "vectors"
FILES = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted(FOLDER.iterdir())}
CASES = [pytest.param(kind, vector, id=vector["name"]) for kind in FILES for vector in FILES[kind]["vectors"]]


def value(meaning: Any) -> Any:
    """What the JSON form means, read by nothing but what the files state."""
    match meaning:
        case {"$int": digits}:
            assert abs(int(digits)) > SAFE
            return int(digits)
        case {"$bytes": digits}:
            return bytes.fromhex(digits)
        case dict():
            return {key: value(item) for key, item in meaning.items()}
        case list():
            return [value(item) for item in meaning]
        case _:
            return meaning


def typed(found: Any) -> Any:
    """The same, so that 1, 1.0 and true are three things."""
    match found:
        case dict():
            return {key: typed(item) for key, item in found.items()}
        case list():
            return [typed(item) for item in found]
        case _:
            return type(found), found


@pytest.mark.parametrize(("kind", "vector"), CASES)
def test_each_vector_is_read_as_it_means(kind: str, vector: dict[str, Any]) -> None:
    *before, body = (bytes.fromhex(frame) for frame in vector["frames"])
    read = unpack if kind == "requests" else unpack_event
    expected = value(vector["meaning"])
    assert typed(msgpack.unpackb(body)) == typed(read(body)) == typed(expected["body"])
    assert before in (
        [expected["topic"].encode("ascii")] if kind == "events" else [],
        [b""] if kind != "events" else [],
    )


def test_the_vectors_show_all_that_a_decoder_may_get_wrong() -> None:
    envelope = json.loads((FOLDER.parents[1] / "contract.json").read_text(encoding="utf-8"))
    events = [value(vector["meaning"])["body"] for vector in FILES["events"]["vectors"]]
    assert set().union(*events) >= set(envelope["envelope"]) - {"stale", "staleSince", "topic"}
    assert {vector["socket"] for vector in FILES["requests"]["vectors"]} == {"REQ", "DEALER", "DEALER with delimiter"}
    requests = [value(vector["meaning"])["body"] for vector in FILES["requests"]["vectors"]]
    assert set().union(*requests) == set(envelope["request"])
    replies = [value(vector["meaning"])["body"] for vector in FILES["replies"]["vectors"]]
    assert set().union(*replies) >= set(envelope["reply"]) | set(envelope["part"])
    assert max(event["seq"] for event in events) > 2**32
    assert min(event["ts"] for event in events) > 2**53


def test_a_file_that_was_edited_by_hand_is_noticed() -> None:
    assert {name: (FOLDER.parent / name).read_text(encoding="utf-8") for name in vectors()} == vectors()


#: The samples of replies whose result one method declares.
METHODS = {
    "ping": "ping", "ping-with-delimiter": "ping", "snapshot": "snapshot", "empty-snapshot": "snapshot",
    "sequences": "sequences", "order-log": "orderLog", "order": "placeOrder", "subscription": "reqMktData",
    "events": "reqContractDetails", "after-parts": "reqContractDetails", "cached": "reqHeadTimeStamp",
}  # fmt: skip


@pytest.mark.parametrize("sample", vector_samples.REPLIES, ids=lambda s: s.name)
def test_each_reply_is_one_that_the_contract_declares(sample: vector_samples.ReplySample) -> None:
    method = METHODS.get(sample.name)
    witness().reply(sample.body, method)


#: All except the one that shows what is not declared.
DECLARED = [sample for sample in vector_samples.EVENTS if sample.name != "unknown-key"]


@pytest.mark.parametrize("sample", DECLARED, ids=lambda s: s.name)
def test_each_event_is_one_that_the_contract_declares(sample: vector_samples.EventSample) -> None:
    body = {"v": 1, "epoch": sample.epoch, "seq": sample.seq, "ts": sample.ts, "data": sample.data, **sample.more}
    witness().event(sample.topic, {**body, "event": sample.event})


def test_javascript_reads_them_too() -> None:
    node, script = command("javascript", "vectors")
    done = subprocess.run(
        [node, script, *map(str, FOLDER.iterdir())], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout, done.stderr) == (f"{len(CASES)} vectors\n", "")
    assert done.returncode == 0
