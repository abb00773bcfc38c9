"""Orders placed through the bridge: their order IDs, owners and keys, and which order a message of TWS is about.

The store finds an order by its permId, by its tag, or by its order ID and the bridge's client ID. It does not change
the state of any order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

from bridge.session.codes import DUPLICATE_ID
from bridge.session.orders import order_message
from bridge.session.orders.order import Order
from bridge.session.orders.order_index import OrderIndex
from bridge.session.orders.state import IN_DOUBT
from bridge.session.recent import Recent
from bridge.session.records import OrderRecord, RecoveredState
from bridge.session.request_ids import FIRST_REQUEST_ID
from bridge.session.requests import Refused, Request
from bridge.session.values import Data

KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")
#: How many executions are remembered with their orders, so that a commission finds its order without the disk.
MOST_EXECUTIONS = 20_000


class OwnershipCheck(Protocol):
    """The check whether a client may act on orders of another client."""

    def foreign(self, request: Request, owner: str) -> None:
        """Raise Refused where the client of the request may not act on the orders of `owner`."""
        ...


class OrderStore:
    """All orders that clients of this bridge have placed, from the ledger and from TWS's messages.

    `log`: the ID of the ledger. `index`: the orders by order ID, key and permId.
    """

    def __init__(self, client_id: int, recovered_state: RecoveredState, index: OrderIndex) -> None:
        self.log = recovered_state.log
        self.index = index
        self._client_id = client_id
        #: execId -> the order ID, or None for an order of another program; and the permId.
        self._by_exec: Recent[str, tuple[int | None, str]] = Recent(MOST_EXECUTIONS)
        #: Orders that are or may be open, or that a request waits for. Iteration removes the others.
        self._live: dict[int, Order] = {}
        #: The orders that may or may not be at TWS, and those of whose last change that is not known.
        self.in_doubt: dict[int, Order] = {}
        self._prune_at = 64
        self._high_water = recovered_state.high_water
        self._valid_from = 0
        for record in recovered_state.orders:
            self._high_water = max(self._high_water, record.order_id)
            # A look-up of a parent may have recalled the order already.
            order = index.in_memory(record.order_id) or index.recall(record)
            if order is not None:
                self._live[order.order_id] = order
                self.on_state(order)

    def __iter__(self) -> Iterator[Order]:
        """The orders that are or may be open, or that a request waits for."""
        self._live = {id_: order for id_, order in self._live.items() if order.is_live}
        return iter(list(self._live.values()))

    def on_state(self, order: Order) -> None:
        """The order is new in memory, or it or its change has entered another state."""
        if order.life.state in IN_DOUBT or order.life.change == "unknown":
            self.in_doubt[order.order_id] = order
        else:
            self.in_doubt.pop(order.order_id, None)

    # Order IDs

    def allow_from(self, order_id: int) -> str | None:
        """Apply the nextValidId of TWS. Returns an error text where its order IDs would collide with request IDs."""
        if order_id >= FIRST_REQUEST_ID:
            return (
                f"TWS sent nextValidId {order_id}, and the highest allowed order ID is {FIRST_REQUEST_ID - 1}: order "
                "IDs would collide with request IDs. Reset the API order ID sequence in the settings of TWS. Until "
                "then the bridge refuses orders"
            )
        self._valid_from = max(self._valid_from, order_id)
        return None

    def saw(self, order_id: int) -> None:
        """TWS uses this order ID. The bridge must not use it again."""
        if self._high_water < order_id < FIRST_REQUEST_ID:
            self._high_water = order_id

    @property
    def high_water(self) -> int:
        """The highest order ID that the bridge has ever used or seen."""
        return self._high_water

    def take_ids(self, count: int) -> range:
        """Take `count` consecutive order IDs, higher than all before. Raises Refused `notTradable` if none is left."""
        first = max(self._high_water + 1, self._valid_from)
        if not self._valid_from or first + count > FIRST_REQUEST_ID:
            raise Refused("notTradable", "TWS has sent no usable order ID (nextValidId)")
        self._high_water = first + count - 1
        return range(first, first + count)

    # By order ID and key

    def add(self, order: Order) -> None:
        """Add a new order."""
        self.index.add(order)
        self._live[order.order_id] = order

    def on_stored(self, order: Order) -> None:
        """The record of the order is on disk. Where that frees the key, another order may use it; the ID stays used."""
        if order.is_free:
            self.index.release_key(order)
            if order.record.state == "unsent":
                self.index.remove(order)

    def revive(self, order: Order) -> None:
        """The order is open again. It gets its key back, or a derived key where another order uses that key now."""
        if self.by_key(order.owner, order.record.key) not in (None, order):
            order.update(key=f"{order.record.key[:52]}-{order.order_id}")
        self.index.take_key(order)
        self._live[order.order_id] = order

    def by_id(self, order_id: object) -> Order | None:
        """The order with that order ID, or None."""
        return self.index.by_id(order_id) if isinstance(order_id, int) else None

    def by_key(self, owner: str, key: str) -> Order | None:
        """The order that uses the owner's key, or None."""
        return self.index.by_key(owner, key)

    def abandoned(self, owner: str, key: str) -> Order | None:
        """The abandoned order of that key, if no other order has used the key since."""
        return self.index.abandoned(owner, key)

    def open(self, owner: str) -> list[Order]:
        """The orders of the client that are or may be open."""
        return [order for order in self if order.owner == owner and order.is_open]

    def count_open(self, owner: str) -> int:
        """The length of `open`. This runs for each placed order, so it does not build the list."""
        if len(self._live) > self._prune_at:
            self._prune_at = 2 * len(list(self)) + 64
        return sum(1 for order in self._live.values() if order.owner == owner and order.is_open)

    def forget(self, order: Order) -> None:
        """Remove an ended order from memory. Its record and its log entries are on disk."""
        self.in_doubt.pop(order.order_id, None)
        self._live.pop(order.order_id, None)
        self.index.evict(order)

    def named(self, request: Request, params: Data) -> Order | None:
        """The order that the params name by `orderId`, or by `orderKey` and `owner`; None where there is none."""
        if (order_id := params.get("orderId")) is not None:
            return self.by_id(order_id)
        return self.by_key(params.get("owner", request.client), params["orderKey"])

    def wanted(self, request: Request, params: Data, ownership: OwnershipCheck) -> Order:
        """The order that the params name by `orderId`, or by `orderKey` and `owner`.

        Raises Refused `unknownOrder` where there is none, and what `ownership` raises for an order of another client.
        """
        order = self.named(request, params)
        owner = params.get("owner", request.client)
        name = f"orderKey {params['orderKey']}" if "orderKey" in params else f"orderId {params['orderId']}"
        if order is not None:
            owner = order.owner
        if owner != request.client:
            ownership.foreign(request, owner)
        if order is None:
            raise Refused("unknownOrder", f"client {owner} has placed no order with {name} through this bridge")
        self._live[order.order_id] = order
        return order

    # By messages of TWS

    def belongs(self, name: str, data: Data) -> Order | None:
        """The order that a message of TWS is about; None where no client of the bridge placed it.

        `name`: the callback, such as `openOrder`. `data`: its fields.
        """
        match name:
            case "commissionAndFeesReport":
                return self._executed(str(data.get("execId")))
            case "orderStatus" | "orderBound":
                return self._find(data.get("orderId"), data.get("permId"), data.get("clientId"), None)
            case "execDetails":
                execution = data.get("execution", {})
                order = self._find_in(execution, execution.get("orderId"))
                order_id = None if order is None else order.order_id
                self._by_exec[str(execution.get("execId"))] = (order_id, str(execution.get("permId")))
                return order
            case _:
                fields = data.get("order", {})
                order_id = data.get("orderId", fields.get("orderId"))
                return self._find_in(fields, order_id if name == "openOrder" else order_id or None)

    def _executed(self, exec_id: str) -> Order | None:
        """The order of an execution; None where it is of an order of another program, or unknown."""
        known = self._by_exec.get(exec_id)
        if known is not None:
            return self.by_id(known[0])
        order = self.index.order_of_execution(exec_id)
        self._by_exec[exec_id] = (None, "") if order is None else (order.order_id, order.record.perm_id or "")
        return order

    def _find_in(self, fields: Data, order_id: object) -> Order | None:
        return self._find(order_id, fields.get("permId"), fields.get("clientId"), fields.get("orderRef"))

    def _find(self, order_id: object, perm_id: object, client_id: object, ref: str | None) -> Order | None:
        ours = client_id is None or client_id == self._client_id
        perm = str(perm_id) if perm_id and str(perm_id) != "0" else None
        tag = order_message.read(ref)
        if ours and isinstance(order_id, int):
            self.saw(order_id)
        is_marked = tag is not None and tag.log == self.log[:8]
        order = self._tagged(tag, order_id if ours else -1, perm) if tag is not None and is_marked else None
        if order is None and perm:
            order = self.index.by_perm(perm)
        if order is None and tag is not None and is_marked and ours and client_id is not None:
            order = self._adopt_younger(order_id, tag)
        if order is None and not is_marked and ours and isinstance(order_id, int) and order_id > 0:
            order = self.by_id(order_id)
            if order is not None and self._is_another(order, perm, tag):
                order = None
            elif order is None and client_id is not None and tag is not None:
                order = self._adopt(order_id, tag)
        if order is not None:
            self._live[order.order_id] = order
            self._know(order, perm)
        return order

    def _adopt_younger(self, order_id: object, tag: order_message.OrderRefTag) -> Order | None:
        """Add an order of this ledger that the ledger does not have: it is an older copy. Else return None."""
        if order_id != tag.order_id or self.by_id(tag.order_id) is not None:
            return None
        record = self.index.on_disk(tag.order_id)
        is_unsent = record is not None and record.state == "unsent"
        return None if is_unsent else self._adopt(tag.order_id, tag)

    def _tagged(self, tag: order_message.OrderRefTag, order_id: object, perm: str | None) -> Order | None:
        """The order of this ledger with exactly this tag.

        If a person copies an order in TWS, the copy has the same tag and another order ID. completedOrder has no order
        ID: there a different permId means a copy.
        """
        order = self.by_id(tag.order_id)
        if order is None or tag.tag != order.record.tag:
            return None
        if order_id is None:
            return order if order.record.perm_id in (None, perm) else None
        return order if order_id == order.order_id else None

    def _know(self, order: Order, perm: str | None) -> None:
        """Store the permId of the order. Where the order already has another one, TWS has two orders with its ID."""
        if perm is None or perm in order.incarnations or order.record.perm_id == perm:
            return
        self.index.name(order, perm)
        if order.record.perm_id is None:
            order.update(perm_id=perm)
        else:
            known = order.incarnations or {order.record.perm_id: order.record.status or ""}
            order.incarnations, order.is_doubled = {**known, perm: ""}, True

    @staticmethod
    def _is_another(order: Order, perm_id: str | None, tag: order_message.OrderRefTag | None) -> bool:
        """Whether TWS reports an order of another program that used the same client ID and order ID.

        After error 103 (duplicate order ID) that is certain.
        """
        known, verdict = order.record.perm_id, order.record.verdict or {}
        if verdict.get("twsCode") == DUPLICATE_ID:
            return True
        return (tag is not None and tag.tag != order.record.tag) or (None not in (known, perm_id) and known != perm_id)

    def _adopt(self, order_id: int, tag: order_message.OrderRefTag) -> Order:
        """Add an order that this client ID placed with a ledger that is lost now.

        Its content is unknown, so that no request with its key can match it.
        """
        key = tag.key if self.by_key(tag.owner, tag.key) is None else f"{tag.key[:52]}-{order_id}"
        record = OrderRecord(
            order_id=order_id, owner=tag.owner, key=key, digest="", tag=tag.tag, state="unknown", contract={}, order={},
            heard=True,
        )  # fmt: skip
        order = self._live[order_id] = self.index.adopt(record)
        return order

    def external_key(self, name: str, data: Data) -> str:
        """The permId of an order that was not placed through the bridge; `unknown` where TWS sent none."""
        match name:
            case "commissionAndFeesReport":
                perm_id: object = (self._by_exec.get(str(data.get("execId"))) or (None, ""))[1]
            case "execDetails":
                perm_id = data.get("execution", {}).get("permId")
            case "orderStatus" | "orderBound":
                perm_id = data.get("permId")
            case _:
                perm_id = data.get("order", {}).get("permId")
        return str(perm_id or "unknown")
