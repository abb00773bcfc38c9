"""What clients ask for when they place orders: params as a list of orders, each under its key."""

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
    """One order as its client wants it; `parent` names another one by key."""

    key: str
    contract: Data
    order: Data
    parent: str | None = None

    @property
    def digest(self) -> str:
        """The same for every way to say it, TWS's own among them."""
        return order_content.digest(self.contract, self.order, self.parent)

    def is_of(self, record: OrderRecord) -> bool:
        """Whether the record is of this wish.

        A digest without the mark was made of the fields as they stood. The same fields are the same wish then; so is
        the same meaning, where the record still has what was placed.
        """
        if record.digest.startswith(order_content.MARK) or not record.digest:
            return record.digest == self.digest
        if record.digest == digest([self.contract, self.order, self.parent]):
            return True
        placed = order_content.digest(record.contract, record.order, record.parent)
        return record.revision == 0 and placed == self.digest

    @property
    def content(self) -> Data:
        return {"contract": self.contract, "order": self.order}


def read(request: Request, params: Data) -> list[PlacementSpec]:
    """The orders that are to be placed; an exercise of options is one. Raises Refused for a what-if among several."""
    if request.method == "exerciseOptions":
        exercise = {name: value for name, value in params.items() if name not in ("orderKey", "contract")}
        params = {"orderKey": params.get("orderKey"), "contract": params["contract"], "order": exercise}
    if request.method == "placeOrders":
        items = params["orders"]
    else:
        items = [{**params, "orderKey": params.get("orderKey") or _key(request.id)}]
    specs = [PlacementSpec(item["orderKey"], item["contract"], item["order"], item.get("parentKey")) for item in items]
    if len(specs) > 1 and any(spec.order.get("whatIf") for spec in specs):
        raise Refused("invalidParams", "whatIf: ask for one order at a time", field="order.whatIf")
    return specs


def change_digest(params: Data) -> str:
    """Of a change, as its client gave it; without a contract it leaves that as it is."""
    return order_content.digest(params.get("contract"), params["order"])


def is_newest_change(params: Data, record: OrderRecord) -> bool:
    """Whether the record's newest change is this one; a digest without the mark is of the fields as they stood."""
    as_stood = digest([params.get("contract"), params["order"]])
    return record.change_digest in (change_digest(params), as_stood)


def is_what_if(specs: list[PlacementSpec]) -> bool:
    return bool(specs[0].order.get("whatIf"))


def _key(request_id: str) -> str:
    """The order key of an order whose client named none: its request's id. Raises Refused where that can be no key."""
    if not KEY.fullmatch(request_id):
        message = "orderKey: required where the request's id is not 1 to 64 of A-Z a-z 0-9 _ -"
        raise Refused("invalidParams", message, field="orderKey")
    return request_id
