"""Executions: which execId is of a later correction, and which executions count towards the quantity of their order.

The bridge has the same two rules (`bridge/session/orders/executions.py`, `Order.counts`), and a test compares them.
"""

from __future__ import annotations

from tws_bridge_client.generated.contract import SPREAD_FIELDS
from tws_bridge_client.generated.types import Contract, Order


def base_of(exec_id: str) -> str:
    """The part of an execId that an execution and its corrections share."""
    return _split(exec_id)[0]


def is_newer(exec_id: str, other: str) -> bool:
    """Whether this execId, with the same base as the other one, is of a later correction."""
    return _split(exec_id)[1] > _split(other)[1]


def _split(exec_id: str) -> tuple[str, int]:
    """The shared part of the execId, and the number of the correction. An ID of another form corrects nothing."""
    base, _, number = exec_id.rpartition(".")
    return (base, int(number)) if base and number.isdecimal() else (exec_id, 0)


def is_spread(order: Order) -> bool:
    """Whether an advisor's group or model allocates the order. Then executions do not add up to its quantity."""
    fields = order.to_dict()
    return any(fields.get(name) for name in SPREAD_FIELDS)


def is_combo(contract: Contract) -> bool:
    """Whether the instrument is a combo (secType BAG). Executions of its legs do not count towards the quantity."""
    return contract.secType == "BAG"
