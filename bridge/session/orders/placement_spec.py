"""The params of a request that places orders, as a list of orders with their keys."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.session import order_content
from bridge.session.digest import digest
from bridge.session.orders.order_store import KEY
from bridge.session.records import OrderRecord
from bridge.session.requests import Refused, Request
from bridge.session.values import Data


@dataclass(frozen=True, slots=True)
class PlacementSpec:
    """One order as the client wants it. `parent`: the key of its parent order."""

    key: str
    contract: Data
    order: Data
    parent: str | None = None

    @property
    def digest(self) -> str:
        """A digest of the content: equal for equal content, whatever form its values have."""
        return order_content.digest(self.contract, self.order, self.parent)

    def is_of(self, record: OrderRecord) -> bool:
        """Whether the record is that of this order.

        A digest without the mark is from an older version, which took the fields as the client wrote them. Then the
        record matches where the fields are equal, or where the order was never changed and its content is equal.
        """
        if record.digest.startswith(order_content.MARK) or not record.digest:
            return record.digest == self.digest
        if record.digest == digest([self.contract, self.order, self.parent]):
            return True
        placed = order_content.digest(record.contract, record.order, record.parent)
        return record.revision == 0 and placed == self.digest

    @property
    def content(self) -> Data:
        """Contract and order fields."""
        return {"contract": self.contract, "order": self.order}


def read(request: Request, params: Data) -> list[PlacementSpec]:
    """The orders that the request places; an option exercise is one. Raises Refused for a what-if in a group."""
    if request.method == "exerciseOptions":
        exercise = {name: value for name, value in params.items() if name not in ("orderKey", "contract")}
        params = {"orderKey": params.get("orderKey"), "contract": params["contract"], "order": exercise}
    if request.method == "placeOrders":
        items = params["orders"]
    else:
        items = [{**params, "orderKey": params.get("orderKey") or _key(request.id)}]
    specs = [PlacementSpec(item["orderKey"], item["contract"], item["order"], item.get("parentKey")) for item in items]
    if len(specs) > 1 and any(spec.order.get("whatIf") for spec in specs):
        raise Refused("invalidParams", "whatIf: request one order at a time", field="order.whatIf")
    return specs


def change_digest(params: Data) -> str:
    """The digest of a change as the client gave it. A change without a contract keeps that of the order."""
    return order_content.digest(params.get("contract"), params["order"])


def is_newest_change(params: Data, record: OrderRecord) -> bool:
    """Whether this is the newest change of the record. A digest without the mark is of the fields as they were."""
    as_stood = digest([params.get("contract"), params["order"]])
    return record.change_digest in (change_digest(params), as_stood)


def is_what_if(specs: list[PlacementSpec]) -> bool:
    """Whether the request asks for a what-if order."""
    return bool(specs[0].order.get("whatIf"))


def _key(request_id: str) -> str:
    """The key of an order without an orderKey: the request's ID. Raises Refused where that ID is not a valid key."""
    if not KEY.fullmatch(request_id):
        message = "orderKey: required, because the request's id is not 1 to 64 of A-Z a-z 0-9 _ -"
        raise Refused("invalidParams", message, field="orderKey")
    return request_id
