"""What the crowd sends to the requests endpoint, and what the bridge must answer.

Each attack is one message: the frames, and what is known of its reply. Nothing here knows the bridge's code: valid
bodies come from `schemas/generated`.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import msgpack

from tests.contract_attack.bodies import ODD, Bodies

ROOT = Path(__file__).parents[2]
GENERATED = ROOT / "schemas" / "generated"
Data = dict[str, Any]

#: What refuses a request before its params are read.
BEFORE_PARAMS = frozenset({"notPermitted", "limitReached", "fenced", "tooLarge", "paced", "notConnected", "idConflict"})
#: Methods that the crowd never calls correctly: they would change what the honest clients must see.
SPARED = frozenset({"halt", "resume", "reqMarketDataType", "reqGlobalCancel"})
MIB = 1 << 20
NAMES = (
    "mad\nnews",
    "mad\0",
    "mad\u202etxt",
    "\uff4dad",
    "mad.dot",
    "mad/..",
    "",
    "m" * 65,
    "external",
    "mad ",
    "*",
    "😀",
)


@dataclass(frozen=True)
class Expected:
    """What the reply must be.

    * `id`: of the reply; None if the bridge must not reply.
    * `codes`: the error must have one of these codes; empty if any final reply is right.
    * `field`: an error with `invalidRequest` or `invalidParams` must name this field or one within it; empty for any.
    """

    what: str
    id: str | None
    codes: frozenset[str] = frozenset()
    field: str = ""


Attack = tuple[list[bytes], Expected]


class Attacks:
    """Draws attacks of one mad client. `client`: its name."""

    def __init__(self, client: str, seed: int) -> None:
        self._client = client
        self._chance = Random(f"{seed} {client}")
        document = json.loads((GENERATED / "requests.schema.json").read_text())
        self._bodies = Bodies(document, self._chance)
        self._methods = list(self._bodies.methods())
        self._defs = document["$defs"]
        self._number = 0
        vectors = json.loads((GENERATED / "vectors" / "requests.json").read_text())
        self._vectors = [bytes.fromhex(vector["frames"][-1]) for vector in vectors["vectors"]]
        self._kinds: list[tuple[int, Callable[[], Attack]]] = [
            (12, self._random_bytes), (8, self._bomb), (12, self._valid), (24, self._faulty), (16, self._wrong_type),
            (8, self._envelope), (4, self._odd_name), (4, self._unknown_method), (4, self._same_id),
            (4, self._fake_client), (6, self._mutated_vector), (3, self._frames), (1, self._giant), (2, self._hello),
            (3, self._order_log), (3, self._snapshot), (2, self._long_texts),
        ]  # fmt: skip

    def draw(self) -> Iterator[Attack]:
        """Return attacks without end."""
        weights, kinds = zip(*self._kinds, strict=True)
        while True:
            yield self._chance.choices(kinds, weights)[0]()

    def _id(self) -> str:
        self._number += 1
        return f"{self._client}-{self._number}"

    def _body(self, method: str, params: Any = None, **more: Any) -> Data:
        body = {"v": 1, "id": self._id(), "client": self._client, "method": method, "timeout": 2.0}
        return body | ({} if params is None else {"params": params}) | more

    def _sent(self, what: str, body: Data, codes: frozenset[str] = frozenset(), field: str = "") -> Attack:
        return [msgpack.packb(body)], Expected(what, body["id"], codes, field)

    # Bytes

    def _random_bytes(self) -> Attack:
        size = self._chance.choice((0, 1, 2, 7, 60, 1000, 20_000))
        body = b"\xc1" + self._chance.randbytes(size)  # 0xc1 is never used in msgpack
        return [body], Expected("random bytes", "", frozenset({"invalidRequest"}))

    def _bomb(self) -> Attack:
        """Few bytes that mean very much: depth, declared lengths, types that no request has."""
        depth = self._chance.choice((100, 511, 1025, 100_000, 1_000_000))
        many = self._chance.choice((20_001, 60_000, 1_000_000))
        bodies = {
            "deep lists": b"\x91" * depth + b"\x90",
            "deep maps": b"\x81\xa1a" * (depth // 3) + b"\x80",
            "a text of 1 GB": b"\xdb" + struct.pack(">I", 1 << 30) + b"x",
            "bytes of 4 GB": b"\xc6\xff\xff\xff\xffx",
            "a list of 4 billion": b"\xdd\xff\xff\xff\xff\x01",
            "a map of 4 billion": b"\xdf\xff\xff\xff\xff\xa1a\x01",
            "many empty maps": b"\xdd" + struct.pack(">I", many) + b"\x80" * many,
            "many lists of lists": (b"\xdc\x03\xe8" + b"\x90" * 1000),
            "lists in lists": b"\xdc\x03\xe8" + (b"\xdc\x00\x64" + b"\x80" * 100) * 1000,
            "an extension": b"\xc7\x04\x7fabcd",
            "a timestamp": b"\xd6\xff\x00\x00\x00\x00",
            "a key twice": b"\x82\xa2id\xa1a\xa2id\xa1b",
            "keys that are numbers": b"\x81\x01\x01",
            "a text that is not UTF-8": b"\x81\xa2id\xa2\xff\xfe",
        }
        what = self._chance.choice([*bodies])
        return [bodies[what]], Expected(f"bomb: {what}", "", frozenset({"invalidRequest"}))

    def _mutated_vector(self) -> Attack:
        body = bytearray(self._chance.choice(self._vectors))
        for _ in range(self._chance.randint(1, 4)):
            body[self._chance.randrange(len(body))] = self._chance.randrange(256)
        return [bytes(body)], Expected("mutated vector", "?")

    # Requests

    def _valid(self) -> Attack:
        method, name = self._chance.choice(self._methods)
        if method in SPARED:
            return self._sent("spared", self._body("ping"))
        body = self._bodies.valid(name)
        return self._sent("valid", self._own(body))

    def _own(self, body: Data) -> Data:
        return {**body, "id": self._id(), "client": self._client, "timeout": 2.0}

    def _faulty(self) -> Attack:
        method, name = self._chance.choice(self._methods)
        if method in SPARED:
            return self._unknown_method()
        body, _ = self._bodies.faulty(self._bodies.valid(name), name)
        body = {**body, "id": self._id()}
        if body.get("client") is not None:
            body["client"] = self._client
        timeout = body.get("timeout")
        is_number = isinstance(timeout, int | float) and not isinstance(timeout, bool)
        if timeout is None or (is_number and 0 < timeout <= 600):
            body["timeout"] = 2.0  # a right one may be longer than the crowd waits
        try:
            return self._sent("faulty", body)
        except (OverflowError, ValueError, TypeError):
            return self._random_bytes()

    def _wrong_type(self) -> Attack:
        """A valid request in which one declared param has a type that it never has."""
        method, name = self._chance.choice(self._methods)
        properties = self._defs[name]["properties"].get("params", {})
        if "$ref" in properties:
            properties = self._defs[properties["$ref"].rpartition("/")[2]]
        fields = [*properties.get("properties", {})]
        if not fields or method in SPARED:
            return self._unknown_method()
        field = self._chance.choice(fields)
        params = {**self._bodies.valid(name).get("params", {}), field: [{"\n": [[]]}]}
        codes = BEFORE_PARAMS | {"invalidParams"}
        return self._sent("wrong type", self._body(method, params), frozenset(codes))

    def _envelope(self) -> Attack:
        body = self._body("ping")
        field = self._chance.choice(("v", "client", "method", "params", "timeout", "stream", "wait", "instance"))
        right = {"v": 1, "params": {}, "timeout": 1.0, "stream": True, "wait": True}
        wrong = [one for one in (*ODD, {"a": [1]}, [1], b"\0", 2**64 - 1, -1) if not _may_be(field, one, right)]
        value = self._chance.choice(wrong)
        codes = frozenset({"invalidRequest", "invalidParams", "unknownMethod", "notPermitted"})
        return self._sent("envelope", {**body, field: value}, codes, field if field != "method" else "")

    def _odd_name(self) -> Attack:
        body = self._body("ping") | {"client": self._chance.choice(NAMES)}
        return self._sent("odd client name", body, frozenset({"invalidRequest"}), "client")

    def _unknown_method(self) -> Attack:
        method = self._chance.choice(
            ("", "fly", "ping\0", "ping\n", "__class__", "placeorder", "p" * 7000, "\uff50ing")
        )
        return self._sent("unknown method", self._body(method), frozenset({"unknownMethod"}))

    def _same_id(self) -> Attack:
        body = self._body("reqCurrentTime") | {"id": f"{self._client}-same"}
        return self._sent("same id", body)

    def _fake_client(self) -> Attack:
        body = self._body("ping") | {"client": f"fake-{self._chance.randrange(10**9)}"}
        return self._sent("fake client", body, frozenset({"notPermitted", "limitReached"}))

    def _hello(self) -> Attack:
        return self._sent("hello", self._body("hello", {"instance": f"i{self._chance.randrange(10**9)}"}))

    def _order_log(self) -> Attack:
        return self._sent("order log", self._body("orderLog", {"after": 0, "limit": 1000}))

    def _snapshot(self) -> Attack:
        method = self._chance.choice(("snapshot", "sequences", "status", "methods"))
        params = {"prefix": ""} if method in ("snapshot", "sequences") else None
        return self._sent("large answer", self._body(method, params))

    def _long_texts(self) -> Attack:
        """A request that TWS might take, with more than 16 KiB in one field."""
        contract = {"symbol": "AAPL", "secType": "STK", "exchange": "SMART", "description": "x" * 100_000}
        body = self._body("reqMktData", {"contract": contract, "genericTickList": ""})
        return self._sent("long text", body, frozenset({"tooLarge"}))

    # Frames

    def _frames(self) -> Attack:
        body, number = msgpack.packb(self._body("ping")), self._chance.choice((3, 4, 500))
        head = [self._chance.randbytes(self._chance.choice((0, 5))) for _ in range(number)]
        if number == 3 or self._chance.random() < 0.2:
            head = [b"x" * 5000]
        return [*head, body], Expected(f"{len(head) + 1} frames", None)

    def _giant(self) -> Attack:
        size = self._chance.choice((MIB + 1, MIB + 1000, 2 * MIB - 200))
        body = self._body("ping")
        return [_padded(body, size)], Expected("giant", body["id"], frozenset({"tooLarge"}))


def _may_be(field: str, value: Any, right: Data) -> bool:
    """Whether this value of the field may be right, or cannot be packed."""
    if value is None or (isinstance(value, str) and field in ("client", "instance", "method")):
        return True
    if field == "timeout":
        return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 600
    if field == "v":
        return not isinstance(value, bool) and value == 1
    return isinstance(value, type(right.get(field, b""))) if field in right else False


def _padded(body: Data, size: int) -> bytes:
    """The body with a text as long as needed for `size` bytes."""
    pad = size - len(msgpack.packb({**body, "pad": "x" * 70_000})) + 70_000
    return bytes(msgpack.packb({**body, "pad": "x" * pad}))
