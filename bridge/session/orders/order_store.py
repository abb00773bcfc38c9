"""Orders placed through the bridge: their ids, owners and keys, and which order an event of TWS is about.

An order is found by its permId, by its tag, or by its id and our client id. What becomes of it is decided elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

from bridge.session.codes import DUPLICATE_ID
from bridge.session.orders import order_message
from bridge.session.orders.order import Order
from bridge.session.orders.positions import Positions
from bridge.session.orders.state import FREE
from bridge.session.pending.pending_table import FIRST_REQUEST_ID
from bridge.session.records import OrderRecord, RecoveredState
from bridge.session.requests import Refused, Request
from bridge.session.values import Data

KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")


class OwnershipCheck(Protocol):
    """Raises Refused where the asking client may not touch the orders of that owner."""

    def foreign(self, request: Request, owner: str) -> None: ...


class OrderStore:
    """All orders that this bridge knows to be its clients'."""

    def __init__(self, client_id: int, recovered_state: RecoveredState, positions: Positions) -> None:
        self._positions = positions
        self.log = recovered_state.log
        self._client_id = client_id
        self._by_id: dict[int, Order] = {}
        self._by_key: dict[tuple[str, str], Order] = {}
        self._by_perm: dict[str, Order] = {}
        self._by_exec: dict[str, tuple[Order | None, str]] = {}
        self._given_up: dict[tuple[str, str], Order] = {}
        #: Those that may live or for which somebody waits; pruned when looked through.
        self._live: dict[int, Order] = {}
        self._prune_at = 64
        self._high_water = recovered_state.high_water
        self._valid_from = 0
        for record in recovered_state.orders:
            self._high_water = max(self._high_water, record.order_id)
            self._recall(record)
        for told in recovered_state.reported:
            if (order := self._by_id.get(told.order_id)) is not None:
                self._by_exec[told.exec_id] = (order, order.record.perm_id or "")

    def __iter__(self) -> Iterator[Order]:
        """The orders that may live, or for which somebody waits."""
        self._live = {id_: order for id_, order in self._live.items() if order.is_live}
        return iter(list(self._live.values()))

    def _recall(self, record: OrderRecord) -> None:
        """An order of an earlier run. What was on its way then may have arrived or not; of what never left TWS knows
        nothing, whatever may bear its number.
        """
        if record.state == "unsent":
            return
        if record.parent is not None and record.parent_id is None:
            parent = self._by_key.get((record.owner, record.parent))
            record = record._replace(parent_id=None if parent is None else parent.order_id)
        order = Order.recovered(record, self._positions)
        self._by_id[record.order_id] = self._live[record.order_id] = order
        if record.state not in FREE:
            self._by_key[record.owner, record.key] = order
        else:
            self._given_up[record.owner, record.key] = order
        if record.perm_id:
            self._by_perm[record.perm_id] = order

    # Ids

    def allow_from(self, order_id: int) -> str | None:
        """Take nextValidId into account; a diagnosis where its ids would run into those of requests."""
        if order_id >= FIRST_REQUEST_ID:
            return (
                f"nextValidId {order_id} is beyond {FIRST_REQUEST_ID - 1}: order ids would collide with request ids. "
                "Reset the API order ID sequence in TWS's settings; until then orders are refused"
            )
        self._valid_from = max(self._valid_from, order_id)
        return None

    def saw(self, order_id: int) -> None:
        """An id that is in use at TWS must not be used again."""
        if self._high_water < order_id < FIRST_REQUEST_ID:
            self._high_water = order_id

    @property
    def high_water(self) -> int:
        """The highest id that was ever taken or seen."""
        return self._high_water

    def take_ids(self, count: int) -> range:
        """`count` ids that follow on each other, above every id there ever was."""
        first = max(self._high_water + 1, self._valid_from)
        if not self._valid_from or first + count > FIRST_REQUEST_ID:
            raise Refused("notTradable", "TWS has given no usable order id (nextValidId)")
        self._high_water = first + count - 1
        return range(first, first + count)

    # By id and key

    def add(self, order: Order) -> None:
        self._by_id[order.order_id] = self._live[order.order_id] = order
        self._by_key[order.owner, order.record.key] = order

    def told(self, order: Order) -> None:
        """The order's record is on disk: where that frees its key, another order may have it. Its id stays used."""
        if not order.is_free:
            return
        if self._by_key.get((order.owner, order.record.key)) is order:
            del self._by_key[order.owner, order.record.key]
        if order.record.state == "abandoned":
            self._given_up[order.owner, order.record.key] = order
        elif order.record.state == "unsent":
            self._by_id.pop(order.order_id, None)

    def revive(self, order: Order) -> None:
        """The order lives after all: it has its key again, or one made of it where another order has that now."""
        if self._by_key.get((order.owner, order.record.key), order) is not order:
            order.update(key=f"{order.record.key[:52]}-{order.order_id}")
        self._by_key[order.owner, order.record.key] = order
        self._live[order.order_id] = order

    def by_id(self, order_id: object) -> Order | None:
        return self._by_id.get(order_id) if isinstance(order_id, int) else None

    def by_key(self, owner: str, key: str) -> Order | None:
        return self._by_key.get((owner, key))

    def abandoned(self, owner: str, key: str) -> Order | None:
        """The order that was given up under that key, if the key has not been used since."""
        return None if (owner, key) in self._by_key else self._given_up.get((owner, key))

    def open(self, owner: str) -> list[Order]:
        """The client's orders that live, or may."""
        return [order for order in self if order.owner == owner and order.is_open]

    def count_open(self, owner: str) -> int:
        """As many as `open` has, without looking through all each time: this is asked for each order that is placed."""
        if len(self._live) > self._prune_at:
            self._prune_at = 2 * len(list(self)) + 64
        return sum(1 for order in self._live.values() if order.owner == owner and order.is_open)

    def known(self) -> Iterator[Order]:
        """All orders, also those that have ended."""
        return iter(self._by_id.values())

    def placed_on(self, day: str) -> Iterator[Order]:
        """All orders, also those that have ended, that were placed on that day at TWS (`20251001`)."""
        return (order for order in self.known() if order.record.placed_day == day)

    def named(self, request: Request, params: Data) -> Order | None:
        """The order that `orderId`, or `orderKey` with its `owner`, names, if there is one."""
        if (order_id := params.get("orderId")) is not None:
            return self._by_id.get(order_id)
        return self.by_key(params.get("owner", request.client), params["orderKey"])

    def wanted(self, request: Request, params: Data, ownership: OwnershipCheck) -> Order:
        """The order that `orderId`, or `orderKey` with its `owner`, names.

        Raises Refused where it is not there, or not the client's.
        """
        order = self.named(request, params)
        owner = params.get("owner", request.client)
        name = f"orderKey {params['orderKey']}" if "orderKey" in params else f"orderId {params['orderId']}"
        if order is not None:
            owner = order.owner
        if owner != request.client:
            ownership.foreign(request, owner)
        if order is None:
            raise Refused("unknownOrder", f"no order with {name} was placed through this bridge by {owner}")
        self._live[order.order_id] = order
        return order

    # By what TWS says

    def belongs(self, name: str, data: Data) -> Order | None:
        """The order that an order event is about, or None where it is none of ours."""
        match name:
            case "commissionAndFeesReport":
                return self._by_exec.get(str(data.get("execId")), (None, ""))[0]
            case "orderStatus" | "orderBound":
                return self._find(data.get("orderId"), data.get("permId"), data.get("clientId"), None)
            case "execDetails":
                execution = data.get("execution", {})
                order = self._find_in(execution, execution.get("orderId"))
                self._by_exec[str(execution.get("execId"))] = (order, str(execution.get("permId")))
                return order
            case _:
                fields = data.get("order", {})
                order_id = data.get("orderId", fields.get("orderId"))
                return self._find_in(fields, order_id if name == "openOrder" else order_id or None)

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
            order = self._by_perm.get(perm)
        if order is None and not is_marked and ours and isinstance(order_id, int) and order_id > 0:
            order = self._by_id.get(order_id)
            if order is not None and self._is_another(order, perm, tag):
                order = None
            elif order is None and client_id is not None and tag is not None:
                order = self._adopt(order_id, tag)
        if order is not None:
            self._live[order.order_id] = order
            self._know(order, perm)
        return order

    def _tagged(self, tag: order_message.OrderRefTag, order_id: object, perm: str | None) -> Order | None:
        """The order of our ledger that bears this very tag. A copy made by hand bears it too, under another number.

        completedOrder has no number: there a permId that is not the known one tells of a copy.
        """
        order = self._by_id.get(tag.order_id)
        if order is None or tag.tag != order.record.tag:
            return None
        if order_id is None:
            return order if order.record.perm_id in (None, perm) else None
        return order if order_id == order.order_id else None

    def _know(self, order: Order, perm: str | None) -> None:
        """The order has this permId, and keeps the one that it had: then there are two at TWS."""
        if perm is None or perm in order.incarnations or order.record.perm_id == perm:
            return
        self._by_perm[perm] = order
        if order.record.perm_id is None:
            order.update(perm_id=perm)
        else:
            known = order.incarnations or {order.record.perm_id: order.record.status or ""}
            order.incarnations, order.is_doubled = {**known, perm: ""}, True

    @staticmethod
    def _is_another(order: Order, perm_id: str | None, tag: order_message.OrderRefTag | None) -> bool:
        """Whether it only bears the number of our order: another program has used our client id.

        After error 103 that is certain: the number was taken.
        """
        known, verdict = order.record.perm_id, order.record.verdict or {}
        if verdict.get("twsCode") == DUPLICATE_ID:
            return True
        return (tag is not None and tag.tag != order.record.tag) or (None not in (known, perm_id) and known != perm_id)

    def _adopt(self, order_id: int, tag: order_message.OrderRefTag) -> Order:
        """An order that our client id placed with a ledger now lost. What was placed is not known: its key is shut."""
        key = tag.key if (tag.owner, tag.key) not in self._by_key else f"{tag.key[:52]}-{order_id}"
        record = OrderRecord(
            order_id=order_id, owner=tag.owner, key=key, digest="", tag=tag.tag, state="unknown", contract={}, order={},
            heard=True,
        )  # fmt: skip
        order = Order.recovered(record, self._positions)
        self.add(order)
        return order

    def external_key(self, name: str, data: Data) -> str:
        """The permId of an order that is not ours."""
        match name:
            case "commissionAndFeesReport":
                perm_id: object = self._by_exec.get(str(data.get("execId")), (None, ""))[1]
            case "execDetails":
                perm_id = data.get("execution", {}).get("permId")
            case "orderStatus" | "orderBound":
                perm_id = data.get("permId")
            case _:
                perm_id = data.get("order", {}).get("permId")
        return str(perm_id or "unknown")
