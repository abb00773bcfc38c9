"""The first attack: does the bridge take the params that `requests.schema.json` allows, and no others?

Each body travels as a frame: packed as a client packs it, unpacked by the bridge's codec.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

import jsonschema

from bridge.bus.frames import BadBody, unpack
from bridge.params.rules import RuleBroken
from bridge.session.requests import Refused, read
from tests.contract_attack.bodies import Bodies
from tests.contract_attack.findings import Findings
from tests.contract_attack.oracle import Oracle, document, kept_out, told, without_nil
from tests.session.conftest import PARAMETERS, Bench
from tws_bridge_client.wire import pack

Data = dict[str, Any]
REFUSALS = ("invalidParams", "invalidRequest", "unknownMethod", "expired")


def attack(seed: int, rounds: int, faults: int = 12) -> Findings:
    """`rounds` valid bodies for each method, and `faults` faulty ones for each of those."""
    bodies, oracle, found = Bodies(document(), Random(seed)), Oracle(), Findings()
    schemas = {one["method"]: one["params"] for one in PARAMETERS.describe()}
    for method, name in bodies.methods():
        bench = Bench()
        bench.ready()
        compared = Compared(found, oracle, method, name, jsonschema.Draft202012Validator(schemas[method]))
        for _ in range(rounds):
            body = bodies.valid(name)
            compared.compare(body, "valid")
            for _ in range(faults):
                other, change = bodies.faulty(body, name)
                if compared.compare(other, change):
                    hold_refusal(found, bench, method, other)
    return found


@dataclass(frozen=True, slots=True)
class Compared:
    """One method. `name`: the definition of its request. `described`: its params as `methods` tells them."""

    found: Findings
    oracle: Oracle
    method: str
    name: str
    described: Any

    def compare(self, body: Data, change: str) -> Refused | None:
        """Hold the bridge's word on one body against the schema's. Returns the refusal, where there is one."""
        self.found.cases += 1
        faults = self.oracle.faults(self.name, body)
        refused = decide(body)
        by_schema = refused is not None and not _by_a_rule(refused)
        if by_schema and not faults and not kept_out(body):
            name = f"{self.method}: refused, and the schema allows it ({_field(refused)})"
            self.found.add(name, f"{refused}; {change}: {body}")
        if not by_schema and (untold := [fault for fault in faults if not told(fault)]):
            name = f"{self.method}: taken, and the schema forbids {untold[0].json_path}"
            self.found.add(name, f"{untold[0].message}; {body}")
        if isinstance(body.get("params"), dict):
            self._compare_described(without_nil(body["params"]))
        return refused

    def _compare_described(self, params: Any) -> None:
        """`methods` and the document say the same of the params alone."""
        there, here = self.oracle.allows_params(self.name, params), self.described.is_valid(params)
        if there != here:
            self.found.add(f"{self.method}: `methods` and requests.schema.json differ", f"{here=} {there=} {params}")


def decide(body: Data) -> Refused | None:
    """The refusal of a body as it arrives at the check of params, None where it is taken."""
    try:
        request = read(unpack(pack(body)))
        PARAMETERS.check(request.method, request.params)
    except BadBody as bad:
        return Refused("invalidRequest", str(bad))
    except Refused as refused:
        return refused
    return None


def _by_a_rule(refused: Refused) -> bool:
    """Whether a rule refuses it that no schema can say."""
    return isinstance(refused.__context__, RuleBroken)


def _field(refused: Refused | None) -> str:
    assert refused is not None
    return str(refused.data.get("field", str(refused).partition(":")[0]))


def hold_refusal(found: Findings, bench: Bench, method: str, body: Data) -> None:
    """A refusal, as the client gets it: its code, the field it names, and the id that stays free (C5.16)."""
    refused = decide(body)
    assert refused is not None
    if any(isinstance(value, str) and len(value) > 64 for value in (body.get("id"), body.get("client"))):
        return
    before = len(bench.replies)
    bench.request(unpack_or_none(body))
    replies = [reply.body for reply in bench.replies[before:]]
    if len(replies) != 1:
        found.add(f"{method}: {len(replies)} replies to a refused request", body)
        return
    error = replies[0].get("error", {})
    if error.get("code") == "notPermitted":
        return
    if error.get("code") not in (*REFUSALS, "idConflict"):
        found.add(f"{method}: refused with {error.get('code')}", f"{error}: {body}")
    if error.get("code") == "invalidParams" and "field" not in error.get("data", {}):
        found.add(f"{method}: invalidParams names no field", f"{error}: {body}")


def unpack_or_none(body: Data) -> Any:
    try:
        return unpack(pack(body))
    except BadBody:
        return None
