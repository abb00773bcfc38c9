"""Each request as a typed method: the result has the declared classes, and these know each field that comes."""

from __future__ import annotations

import inspect
import types
import typing
from decimal import Decimal

from bridge.simulator import simulator_process
from tests.end_to_end import processes
from tests.end_to_end.test_every_method import CANCELS, LATE, ORDERS, REFUSED, params
from tests.simulator.handlers.test_every_request import CONVERSATION
from tws_bridge_client import BridgeError
from tws_bridge_client.generated import aio_methods, contract, methods
from tws_bridge_client.generated import messages as m
from tws_bridge_client.generated import types as t
from tws_bridge_client.struct import Struct

OWN = {
    "ping": {}, "hello": {"instance": "a1"}, "status": {}, "methods": {}, "clients": {}, "orderLog": {"after": 0},
    "snapshot": {"prefix": "system."}, "sequences": {"prefix": "system."},
}  # fmt: skip
CONTRACT = t.Contract(conId=265598, exchange="SMART")
HINTS = {
    name: typing.get_type_hints(getattr(methods.Methods, name).__wrapped__, vars(methods))["return"]
    for name in contract.METHODS
}


def faults(value: object, declared: object, path: str) -> list[str]:
    """Where the value is not what was declared, and which of its fields its class does not know."""
    origin = typing.get_origin(declared)
    if declared in (typing.Any, float) or (declared is int and value is None):
        return []
    if origin is types.UnionType or origin is typing.Union:
        found = [faults(value, one, path) for one in typing.get_args(declared)]
        return min(found, key=len)
    if origin is typing.Literal:
        return [] if value in typing.get_args(declared) else [f"{path}: {value!r} is not in {declared}"]
    if origin in (list, dict) and not isinstance(value, origin):
        return [f"{path}: is {type(value)}"]
    if origin is list:
        (kind,) = typing.get_args(declared)
        return [fault for one in value for fault in faults(one, kind, f"{path}[]")]
    if origin is dict:
        _, kind = typing.get_args(declared)
        return [fault for key, one in value.items() for fault in faults(one, kind, f"{path}.{key}")]
    if isinstance(declared, type) and issubclass(declared, Struct):
        return struct_faults(value, declared, path) if isinstance(value, declared) else [f"{path}: is {type(value)}"]
    kinds = {"Quantity": Decimal, "OptionalQuantity": (Decimal, type(None)), "Id64": int,
             "OptionalId64": (int, type(None))}  # fmt: skip
    kind = kinds.get(getattr(declared, "__name__", ""), declared)
    return [] if isinstance(value, kind) else [f"{path}: {value!r} is no {kind}"]


def struct_faults(value: Struct, declared: type[Struct], path: str) -> list[str]:
    module = vars(m if declared.__module__ == m.__name__ else t)
    own = inspect.get_annotations(declared)
    hints = {name: eval(text, dict(module)) for name, text in own.items()}
    found = [f"{path}.{name}: no such field in {declared.__name__}" for name in value.to_dict() if name not in hints]
    for name in value.to_dict().keys() & hints.keys():
        found += faults(getattr(value, name), hints[name], f"{path}.{name}")
    return found


def call(client, method, data):
    """The faults of the result; none where the bridge refuses as it should."""
    try:
        result = getattr(client, method)(**data, timeout=20)
    except BridgeError as error:
        expected = {REFUSED[method]} if method in REFUSED else LATE if method in CANCELS else set()
        return [] if error.code in expected else [f"{method}: {error}"]
    return faults(result, HINTS[method], method)


def test_results_are_what_the_methods_declare(tmp_path):
    found, asked = [], set(OWN)
    with (
        simulator_process(ticks_per_second=200) as simulator,
        processes.bridge(simulator.address, tmp_path) as bridge,
        bridge.client("alice") as client,
        client.subscribe() as events,
    ):
        for method, data in CONVERSATION:
            if method not in ORDERS and method in contract.METHODS:
                asked.add(method)
                found += call(client, method, params(method, data))
        order = t.Order(action="BUY", orderType="LMT", totalQuantity="10", lmtPrice=1.5)
        found += call(client, "placeOrder", {"contract": CONTRACT, "order": order, "orderKey": "a"})
        found += call(client, "placeOrder", {"contract": CONTRACT, "order": order.copy(whatIf=True), "orderKey": "b"})
        found += call(client, "modifyOrder", {"orderKey": "a", "order": order.copy(lmtPrice=2.5), "revision": 1})
        found += call(client, "awaitOrder", {"orderKey": "a", "until": "acknowledged"})
        found += call(client, "cancelOrder", {"orderKey": "a"})
        order.lmtPrice = 900.0
        found += call(client, "placeOrder", {"contract": CONTRACT, "order": order, "orderKey": "c"})
        for method, data in OWN.items():
            found += call(client, method, data)
        kinds = set()
        for _ in range(1000):
            event = events.poll(2)
            assert event is not None
            if event.origin != "gap":
                kinds.add(type(event.message))
                found += faults(event.message, type(event.message), event.envelope["event"])
    assert sorted(set(found)) == []
    assert m.Unknown not in kinds
    assert {m.TickPrice, m.OpenOrder, m.ExecDetails, m.TickString} <= kinds
    assert len(kinds) > 25
    rest = set(contract.METHODS) - asked
    assert len(rest) < 20, rest


def test_both_faces_have_the_same_methods():
    for name in dir(methods.Methods):
        if not name.startswith("_"):
            both = (getattr(face, name) for face in (methods.Methods, aio_methods.AsyncMethods))
            blocking, asynchronous = (inspect.signature(one) for one in both)
            assert blocking == asynchronous, name
