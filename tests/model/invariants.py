"""What must never be: each function says what is broken, or None."""

from __future__ import annotations

from bridge.session.orders.state import FREE, OPEN
from tests.model.bridge import EXECUTIONS, OPEN_ORDERS, Memory, Record
from tests.model.intent import Second
from tests.model.tws import LIVE, QUANTITY, Tws
from tests.model.words import Word
from tests.model.world import Broken


def doubled(tws: Tws, disk: Record | None, second: Second) -> Broken | None:
    """One intent is executed once, has one live order, and one key stands for one order."""
    if second.at == "written" and second.is_same_key and disk is not None and disk.state not in FREE:
        return Broken(f"the ledger has two orders under one key, the first as {disk.state}")
    if second.at == "working" and tws.at in LIVE:
        return Broken(f"two orders of one intent live, the first is {tws.at}", is_harm=True)
    executed = tws.executed + second.executed
    return Broken(f"executed {executed} of {QUANTITY}", is_harm=True) if executed > QUANTITY else None


def misheard(word: Word, memory: Memory) -> Broken | None:
    """An execution and `Filled` are final: they must leave their mark."""
    if word.text == "Filled" and memory.state != "filled":
        return Broken(f"TWS says Filled, and the order stays {memory.state}")
    if word.kind == "execution" and word.figure not in dict(memory.fills):
        return Broken("an execution has no number in the log")
    return None


def misbelieved(tws: Tws, one: int, memory: Memory) -> Broken | None:
    """What TWS's list shows now is believed."""
    if one == OPEN_ORDERS and memory.state not in OPEN:
        return Broken(f"TWS lists the order as open, and it stays {memory.state}")
    if one == EXECUTIONS and memory.state in ("notFound", "rejected", *FREE):
        return Broken(f"TWS lists an execution of the order, and it stays {memory.state}")
    if len(memory.fills) == len(tws.executions) and tws.executed == QUANTITY and memory.state != "filled":
        return Broken(f"all of the order is executed, and it stays {memory.state}")
    return None


def miswritten(before: Record | None, record: Record) -> Broken | None:
    """The log loses no execution, and no record contradicts what is known."""
    if before is not None and not set(before.fills) <= set(record.fills):
        return Broken("an execution has lost its number in the log")
    if record.state in ("notFound", "rejected", "abandoned") and (record.filled or record.fills):
        return Broken(f"an order with an execution is {record.state}")
    if record.state == "notFound" and record.heard:
        return Broken("an order that TWS had is notFound")
    return None


def mistold(told: Record, disk: Record) -> Broken | None:
    """Clients are told of what is on disk."""
    return None if told == disk else Broken(f"the client is told {told.state}, and the disk has {disk.state}")
