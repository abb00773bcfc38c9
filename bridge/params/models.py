"""Pydantic models of requests' params, made from the catalogue, and of the bridge's own methods."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints, create_model

from bridge.catalogue import Catalogue, Message, Record, ValueType
from bridge.catalogue import Field as Declared
from bridge.catalogue.grammar import FieldItem, walk
from bridge.params.values import SCALARS, Text, Unbounded, word
from bridge.session.requests import MOST_SECONDS
from bridge.session.routing import RESERVED

Token = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Prefix = Annotated[str, StringConstraints(strict=True, max_length=255)]
RequestId = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=64)]
OrderNumber = Annotated[int, Field(strict=True, ge=1, lt=2**31)]
#: What the bridge says by itself and no client may.
_OURS = frozenset({"reqId", "orderId"})


#: Fields of an order that are TWS's or the bridge's to fill in, and what a client says instead.
GIVEN = dict.fromkeys(
    ("orderId", "permId", "clientId"), "expected none: the bridge numbers orders; a client names its own by orderKey"
) | dict.fromkeys(
    ("parentId", "parentPermId"), "expected none: name the parent, one of your own orders, by its key in parentKey"
)


def optional(kind: Any, about: str) -> Any:
    """A field that may be left out, as `create_model` takes it."""
    return kind | None, Field(None, description=about)


def required(kind: Any, about: str) -> Any:
    return kind, Field(..., description=about)


KEY_OF_ORDER = "the order's name, chosen by its client: the same key is the same order"
DURING_RESTART = optional(
    Literal["refuse", "hold"], "before and during a planned restart: `refuse` (the default), or `hold` until it is over"
)
OWNER = optional(Token, "whose orderKey it is, where an admin means another client's")
ORDER_KEY = optional(Token, f"{KEY_OF_ORDER}; without it the request's id is the key")
ORDER_KEY_REQUIRED = required(Token, KEY_OF_ORDER)
PARENT_KEY = optional(Token, "the key of the parent, one of the client's own orders")
ONCE_KEY = optional(Token, "the same key is the same request and happens once; without it the request's id is the key")


class Params(BaseModel):
    model_config = ConfigDict(extra="forbid", protected_namespaces=())


class NoParams(Params):
    """No params."""


class SnapshotParams(Params):
    """The last values of which topics."""

    prefix: Prefix = Field(description="what the topics begin with; empty: all that the client may hear")
    nonce: Token | None = Field(None, description="a marker is published on `sync.<nonce>` in the same turn")


class SequencesParams(Params):
    """The numbers of which topics."""

    prefix: Prefix = Field(description="what the topics begin with; empty: all that the client may hear")


class ReleaseParams(Params):
    """Which stream."""

    stream: Prefix = Field(description="the stream's name, as the subscription was answered, or its topic prefix")
    method: Token | None = Field(None, description="the method that asked for it, where two streams have one name")


class HelloParams(Params):
    """Which run of the client this is."""

    instance: Token = Field(description="a name of this run that was never used before")


class HaltParams(Params):
    """Why trading is halted."""

    reason: Annotated[str, StringConstraints(strict=True, max_length=200)] = Field(
        "no reason given", description="why, for those who are refused"
    )


class CancelParams(Params):
    """A stream of the client's, or an open request of the client's."""

    stream: Prefix | None = Field(
        None, description="the stream's name or topic prefix; not needed where the client holds one"
    )
    id: RequestId | None = Field(None, description="the id of the client's request that is still open")


class AbandonParams(Params):
    """An order that TWS provably never had, by its key or its number.

    Its key becomes free when TWS has no such order to cancel.
    """

    orderKey: Token | None = Field(None, description="the order's key")
    orderId: OrderNumber | None = Field(None, description="the order's number at TWS, instead of its key")
    owner: Token | None = OWNER[1]
    force: StrictBool = Field(False, description="give it up without proof: for an admin, and written to the log")


class AwaitOrderParams(Params):
    """Which order, and what it is waited for."""

    orderKey: Token = Field(description="the order's key")
    owner: Token | None = OWNER[1]
    until: Literal["acknowledged", "ended"] = Field(description="until TWS has it or had it, or until it is over")
    timeout: Annotated[float, Field(gt=0, le=MOST_SECONDS)] | None = Field(
        None, description="seconds; without it, as long as the request's own timeout says"
    )


class OrderLogParams(Params):
    """Which part of the client's own order log."""

    after: Annotated[int, Field(strict=True, ge=0)] = Field(
        description="the number of the last event that is known already; 0: from the beginning",
        json_schema_extra={"format": "int64"},
    )
    limit: Annotated[int, Field(strict=True, ge=1, le=1000)] = Field(500, description="how many events at most")


OWN: dict[str, type[Params]] = {
    "abandon": AbandonParams,
    "awaitOrder": AwaitOrderParams,
    "orderLog": OrderLogParams,
    "ping": NoParams,
    "status": NoParams,
    "snapshot": SnapshotParams,
    "sequences": SequencesParams,
    "methods": NoParams,
    "clients": NoParams,
    "release": ReleaseParams,
    "hello": HelloParams,
    "halt": HaltParams,
    "resume": NoParams,
}


def params_of(method: str) -> str:
    """The name of the model of a method's params."""
    return f"{method[:1].upper()}{method[1:]}Params"


def input_of(record: str) -> str:
    """The name of the model of a record in requests: it takes more than an event with the same record ever shows."""
    return f"{record}Input"


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
            fields["stream"] = optional(
                Prefix, "the name of the client's stream that it is about, where it holds several"
            )
        if message.name == "cancelOrder":
            number = optional(SCALARS["int32"], "the order's number at TWS, instead of its key")
            fields |= {"orderKey": optional(Token, "the order's key"), "orderId": number, "owner": OWNER}
        if message.completes == "order" and message.once:
            fields |= {"orderKey": ORDER_KEY, "duringRestart": DURING_RESTART}
        elif message.once or "regulatorySnapshot" in fields:
            fields["onceKey"] = ONCE_KEY
        return self._model(params_of(message.name), fields, message.about)

    def _orders(self) -> dict[str, type[Params]]:
        """Methods that place and change orders: those of TWS under a key of the client's instead of a number."""
        types = self._catalogue.types
        contract, order = self._record(types["Contract"]), self._record(types["Order"])
        whole = {field.name: self._field(field, required=False) for field in types["Order"].fields}
        shown = self._model("ChangedOrder", whole, "An order as openOrder shows it; what TWS sets must be as shown.")
        placed: dict[str, Any] = {"contract": (contract, ...), "order": (order, ...), "parentKey": PARENT_KEY}
        one = self._model("PlacedOrder", {"orderKey": ORDER_KEY_REQUIRED, **placed}, "One order of a group.")
        several = Annotated[list[one], Field(min_length=1, max_length=50)]  # type: ignore[valid-type]
        changed: dict[str, Any] = {
            "orderKey": ORDER_KEY_REQUIRED,
            "owner": OWNER,
            "revision": required(OrderNumber, "the number of the change, higher than that of the one before"),
            "contract": (contract | None, None),
            "order": (shown, ...),
            "duringRestart": DURING_RESTART,
        }
        placing = {"orderKey": ORDER_KEY, **placed, "duringRestart": DURING_RESTART}
        orders = required(several, "the orders, parents ahead of their children")
        grouped: dict[str, Any] = {"orders": orders, "duringRestart": DURING_RESTART}
        cancel = {"orderCancel": (self._record(types["OrderCancel"]) | None, None)}
        return {
            "placeOrder": self._model(
                params_of("placeOrder"), placing, "Place one order. The same key is the same order."
            ),
            "placeOrders": self._model(params_of("placeOrders"), grouped, "Place a bracket or group as one."),
            "modifyOrder": self._model(
                params_of("modifyOrder"), changed, "Change an order; the revision rises each time."
            ),
            "cancelMine": self._model(
                params_of("cancelMine"), cancel, "Cancel all orders of the client that may live."
            ),
        }

    def _record(self, record: Record) -> type[Params]:
        model = self._records.get(record.name)
        if model is None:
            taken = [field for field in record.fields if record.name != "Order" or field.name not in GIVEN]
            fields = {field.name: self._field(field, required=False) for field in taken}
            model = self._records[record.name] = self._model(input_of(record.name), fields, record.about)
        return model

    def _field(self, field: Declared, *, required: bool) -> Any:
        """Type and default as `create_model` takes them. An underscore ahead of a name would be private to pydantic."""
        kind = word(field.type, tuple(field.values or ())) if field.closed else self._type(field.kind, field.name)
        open_set: Any = {"examples": field.codes} if field.values and not field.closed else None
        about = field.told or None
        if required:
            return kind, Field(..., description=about, json_schema_extra=open_set)
        return kind | None, Field(field.default, description=about, json_schema_extra=open_set)

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
