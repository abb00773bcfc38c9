"""Pydantic models of requests' params, made from the catalogue, and of the bridge's own methods."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints, create_model

from bridge.catalogue import Catalogue, Message, Record, ValueType
from bridge.catalogue import Field as Declared
from bridge.catalogue.grammar import FieldItem, walk
from bridge.params.values import SCALARS, Text, Unbounded
from bridge.session.requests import MOST_SECONDS
from bridge.session.routing import RESERVED

Token = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Prefix = Annotated[str, StringConstraints(strict=True, max_length=255)]
RequestId = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=64)]
#: What the bridge says by itself and no client may.
_OURS = frozenset({"reqId", "orderId"})


#: Fields of an order that are TWS's or the bridge's to fill in, and what a client says instead.
GIVEN = dict.fromkeys(
    ("orderId", "permId", "clientId"), "expected none: the bridge numbers orders; a client names its own by orderKey"
) | dict.fromkeys(
    ("parentId", "parentPermId"), "expected none: name the parent, one of your own orders, by its key in parentKey"
)

#: Of an order's owner, as `create_model` takes it.
DURING_RESTART: Any = (
    Literal["refuse", "hold"] | None,
    Field(None, description="before and during a planned restart: `refuse` (the default), or `hold` until it is over"),
)
OWNER: Any = (Token | None, Field(None, description="whose orderKey it is, where an admin means another client's"))


class Params(BaseModel):
    model_config = ConfigDict(extra="forbid", protected_namespaces=())


class Nothing(Params):
    """No params."""


class SnapshotParams(Params):
    """`prefix` of the topics; a marker is published on `sync.<nonce>` in the same turn."""

    prefix: Prefix
    nonce: Token | None = None


class SequencesParams(Params):
    """`prefix` of the topics."""

    prefix: Prefix


class ReleaseParams(Params):
    """`stream` as a subscription was answered, or its topic; `method` that asked for it, where two have one name."""

    stream: Prefix
    method: Token | None = None


class HelloParams(Params):
    """`instance`: which run of the client this is."""

    instance: Token


class HaltParams(Params):
    """`reason`: why, for those who are refused."""

    reason: Annotated[str, StringConstraints(strict=True, max_length=200)] = "no reason given"


class CancelParams(Params):
    """`stream` that the client holds (not needed where it holds one), or `id` of its request that is still open."""

    stream: Prefix | None = None
    id: RequestId | None = None


class AbandonParams(Params):
    """`orderKey`, or `orderId`, of an order that TWS provably never had.

    Its key becomes free when TWS has no such order to cancel.
    """

    orderKey: Token | None = None
    orderId: Annotated[int, Field(strict=True, ge=1, lt=2**31)] | None = None
    owner: Token | None = OWNER[1]
    force: StrictBool = Field(False, description="give it up without proof: for an admin, and written to the log")


class AwaitOrderParams(Params):
    """Wait until the order has got there; without `timeout`, as long as the request's own timeout says."""

    orderKey: Token
    owner: Token | None = OWNER[1]
    until: Literal["acknowledged", "ended"]
    timeout: Annotated[float, Field(gt=0, le=MOST_SECONDS)] | None = Field(None, description="seconds")


class OrderLogParams(Params):
    """Events of the client's own order log whose `n` is above `after`, up to `limit` of them."""

    after: Annotated[int, Field(strict=True, ge=0)]
    limit: Annotated[int, Field(strict=True, ge=1, le=1000)] = 500


OWN: dict[str, type[Params]] = {
    "abandon": AbandonParams,
    "awaitOrder": AwaitOrderParams,
    "orderLog": OrderLogParams,
    "ping": Nothing,
    "status": Nothing,
    "snapshot": SnapshotParams,
    "sequences": SequencesParams,
    "methods": Nothing,
    "clients": Nothing,
    "release": ReleaseParams,
    "hello": HelloParams,
    "halt": HaltParams,
    "resume": Nothing,
}


def build(catalogue: Catalogue) -> dict[str, type[Params]]:
    """A model for the params of each method: TWS's as declared, less the ids that the bridge makes, and our own."""
    return _Builder(catalogue).all()


class _Builder:
    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._records: dict[str, type[Params]] = {}
        self._unbounded = frozenset(_infinite(catalogue))

    def all(self) -> dict[str, type[Params]]:
        requests = self._catalogue.requests()
        cancels = {m.cancel for m in requests} - {"cancelOrder"}
        models = {m.name: self._method(m) for m in requests if m.name not in cancels and m.name not in RESERVED}
        models |= self._orders()
        return models | dict.fromkeys([m.name for m in requests if m.name in cancels], CancelParams) | OWN

    def _method(self, message: Message) -> type[Params]:
        declared = [field for field in self._catalogue.record(message).fields if field.name not in _OURS]
        fields = {field.name: self._field(field, required=field.needed) for field in declared}
        if message.subject is not None:
            fields["stream"] = (Prefix | None, Field(None, description="which of the client's, where it holds several"))
        if message.name == "cancelOrder":
            fields |= {"orderKey": (Token | None, None), "orderId": (SCALARS["int32"] | None, None), "owner": OWNER}
        if message.completes == "order" and message.once:
            fields |= {"orderKey": (Token | None, None), "duringRestart": DURING_RESTART}
        elif message.once or "regulatorySnapshot" in fields:
            fields["onceKey"] = (Token | None, None)
        return self._model(f"{message.name}Params", fields, message.about)

    def _orders(self) -> dict[str, type[Params]]:
        """Methods that place and change orders: those of TWS under a key of the client's instead of a number."""
        types = self._catalogue.types
        contract, order = self._record(types["Contract"]), self._record(types["Order"])
        whole = {field.name: self._field(field, required=False) for field in types["Order"].fields}
        shown = self._model("ChangedOrder", whole, "An order as openOrder shows it; what TWS sets must be as shown.")
        placed: dict[str, Any] = {"contract": (contract, ...), "order": (order, ...), "parentKey": (Token | None, None)}
        one = self._model("PlacedOrder", {"orderKey": (Token, ...), **placed}, "One order of a group.")
        several = (Annotated[list[one], Field(min_length=1, max_length=50)], ...)  # type: ignore[valid-type]
        changed: dict[str, Any] = {
            "orderKey": (Token, ...),
            "owner": OWNER,
            "revision": (Annotated[int, Field(strict=True, ge=1, lt=2**31)], ...),
            "contract": (contract | None, None),
            "order": (shown, ...),
            "duringRestart": DURING_RESTART,
        }
        placing = {"orderKey": (Token | None, None), **placed, "duringRestart": DURING_RESTART}
        grouped: dict[str, Any] = {"orders": several, "duringRestart": DURING_RESTART}
        cancel = {"orderCancel": (self._record(types["OrderCancel"]) | None, None)}
        return {
            "placeOrder": self._model("placeOrderParams", placing, "Place one order. The same key is the same order."),
            "placeOrders": self._model("placeOrdersParams", grouped, "Place a bracket or group as one."),
            "modifyOrder": self._model("modifyOrderParams", changed, "Change an order; the revision rises each time."),
            "cancelMine": self._model("cancelMineParams", cancel, "Cancel all orders of the client that may live."),
        }

    def _record(self, record: Record) -> type[Params]:
        model = self._records.get(record.name)
        if model is None:
            taken = [field for field in record.fields if record.name != "Order" or field.name not in GIVEN]
            fields = {field.name: self._field(field, required=False) for field in taken}
            model = self._records[record.name] = self._model(record.name, fields, record.about)
        return model

    def _field(self, field: Declared, *, required: bool) -> Any:
        """Type and default as `create_model` takes them. An underscore ahead of a name would be private to pydantic."""
        kind = self._type(field.kind, field.name)
        about = field.about or None
        if required:
            return kind, Field(..., description=about)
        return kind | None, Field(field.default, description=about)

    def _type(self, kind: ValueType, name: str) -> Any:
        if kind.mapping:
            return dict[Text, Text]
        one = self._record(self._catalogue.types[kind.name]) if kind.is_record else SCALARS[kind.name]
        if kind.name == "double" and name in self._unbounded:
            one = Unbounded
        return list[one] if kind.repeated else one  # type: ignore[valid-type]

    @staticmethod
    def _model(name: str, fields: dict[str, Any], about: str) -> type[Params]:
        return create_model(name, __base__=Params, __doc__=about or None, **fields)


def _infinite(catalogue: Catalogue) -> list[str]:
    """The names of fields for which TWS documents infinity as a value."""
    return [
        item.field.rpartition(".")[2]
        for message in catalogue.messages.values()
        for item in walk(message.text or ())
        if isinstance(item, FieldItem) and item.form == "infinite"
    ]
