"""The fourth attack: a byte of a vector that is changed has another meaning, or none.

Every change of one bit of a body, and cuts and additions, against the bridge's decoders. The same meaning from other
bytes is allowed only where msgpack itself has two spellings: the same value, read with its types.
"""

from __future__ import annotations

import json
import math
from random import Random
from typing import Any

import msgpack

from bridge.bus.frames import BadBody, unpack
from bridge.catalogue.loader import default_directory
from bridge.session.requests import Refused, read
from tests.contract_attack.findings import Findings
from tws_bridge_client.wire import unpack as unpack_event

#: What the decoders raise for bytes that are no msgpack.
BAD = (BadBody, ValueError, TypeError, msgpack.UnpackException)


def attack(seed: int, rounds: int) -> Findings:
    """`rounds`: how many bytes of each vector are changed."""
    chance, found = Random(seed), Findings()
    for file in sorted((default_directory() / "generated" / "vectors").glob("*.json")):
        for vector in json.loads(file.read_text(encoding="utf-8"))["vectors"]:
            body = bytes.fromhex(vector["frames"][-1])
            for _ in range(rounds):
                _compare(found, f"{file.stem} {vector['name']}", body, _changed(body, chance))
    return found


def _changed(body: bytes, chance: Random) -> bytes:
    place = chance.randrange(len(body))
    match chance.randrange(6):
        case 0:
            return body[:place]
        case 1:
            return body + bytes([chance.randrange(256)])
        case 2:
            return body[:place] + bytes([chance.randrange(256)]) + body[place:]
        case 3:
            return body[:place] + body[place + 1 :]
        case _:
            return body[:place] + bytes([body[place] ^ (1 << chance.randrange(8))]) + body[place + 1 :]


def _compare(found: Findings, name: str, body: bytes, other: bytes) -> None:
    if body == other:
        return
    found.cases += 1
    for decoder in (unpack, unpack_event):
        try:
            before = typed(decoder(body))
        except BAD as error:
            found.add(f"{name}: {decoder.__name__} does not read it", error)
            continue
        try:
            after = typed(decoder(other))
        except BAD:
            continue
        if before == after and pairs(body) != pairs(other):
            found.add(f"{name}: other bytes, the same meaning to {decoder.__name__}", f"{body.hex()} {other.hex()}")
    if name.startswith("requests"):
        _decide(found, name, other)


def _decide(found: Findings, name: str, other: bytes) -> None:
    """What arrives is a request, or is refused: nothing else may come of any bytes."""
    try:
        read(unpack(other))
    except (BadBody, Refused):
        return
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        found.add(f"{name}: {type(error).__name__} for the bridge", f"{error}: {other.hex()}")


def pairs(body: bytes) -> Any:
    """All that the bytes say, read by plain msgpack: each pair of each map, also one whose key is there twice."""
    said = msgpack.unpackb(body, strict_map_key=False, object_pairs_hook=lambda found: ("map", *found), use_list=False)
    return _in_any_order(said)


def _in_any_order(value: Any) -> Any:
    match value:
        case ("map", *found):
            return sorted(repr((typed(key), _in_any_order(item))) for key, item in found)
        case tuple():
            return [_in_any_order(item) for item in value]
    return typed(value)


def typed(value: Any) -> Any:
    """The value with its types, so that 1, 1.0, true and NaN are four things, and -0.0 is not 0.0."""
    match value:
        case dict():
            return {repr(key): typed(item) for key, item in value.items()}
        case list():
            return [typed(item) for item in value]
        case float():
            return "float", repr(value), math.copysign(1, value)
    return type(value), value
