"""Pydantic models of the params of requests: TWS's methods, from the catalogue, and the bridge's own."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
    create_model,
    model_validator,
)

from bridge.catalogue import Catalogue, Message, Record, ValueType
from bridge.catalogue import Field as Declared
from bridge.catalogue.grammar import FieldItem, walk
from bridge.params.values import SCALARS, Texts, Unbounded, whole, without_nil, word
from bridge.session.requests import MOST_SECONDS
from bridge.session.routing import RESERVED

Token = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Prefix = Annotated[str, StringConstraints(strict=True, max_length=255)]
RequestId = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=64)]
_Whole = BeforeValidator(whole)
OrderNumber = Annotated[int, Field(strict=True, ge=1, lt=2**31), _Whole]
#: Fields that only the bridge sets.
_OURS = frozenset({"reqId", "orderId"})


#: Fields of an order that TWS or the bridge sets, and what a client sends instead.
GIVEN = dict.fromkeys(
    ("orderId", "permId", "clientId"),
    "expected none: the bridge numbers the orders, and a client names its own orders by orderKey",
) | dict.fromkeys(
    ("parentId", "parentPermId"),
    "expected none: name the parent, one of the client's own orders, by its key in parentKey",
)


def optional(kind: Any, about: str) -> Any:
    """An optional field, as `create_model` takes it."""
    return kind | None, Field(None, description=about)


def required(kind: Any, about: str) -> Any:
    return kind, Field(..., description=about)


KEY_OF_ORDER = "Name of the order, which its client chooses. The same key is the same order."
DURING_RESTART = optional(
    Literal["refuse", "hold"],
    "What the bridge does before and during a planned restart: `refuse` (the default), or `hold` until it is over.",
)
OWNER = optional(Token, "Client that owns the orderKey. An admin needs it for an order of another client.")
ORDER_KEY = optional(Token, f"{KEY_OF_ORDER} Default: the request's ID.")
ORDER_KEY_REQUIRED = required(Token, KEY_OF_ORDER)
PARENT_KEY = optional(Token, "Key of the parent, one of the client's own orders.")
ONCE_KEY = optional(
    Token,
    "Name of the request, which the client chooses. The bridge sends one request for a key. Default: the request's ID.",
)


class Params(BaseModel):
    model_config = ConfigDict(extra="forbid", protected_namespaces=())

    @model_validator(mode="before")
    @classmethod
    def _nil_is_absent(cls, given: Any) -> Any:
        """A declared default holds for a key with nil, as it does for a key that is not there."""
        return without_nil(given)


class NoParams(Params):
    """No params."""


class SnapshotParams(Params):
    """The topics whose last values the client needs."""

    prefix: Prefix = Field(description="What the topics begin with. Empty: all topics that the client may hear.")
    nonce: Token | None = Field(
        None, description="The bridge publishes a marker on `sync.<nonce>`, with no event in between."
    )


class SequencesParams(Params):
    """The topics whose numbers the client needs."""

    prefix: Prefix = Field(description="What the topics begin with. Empty: all topics that the client may hear.")


class ReleaseParams(Params):
    """The stream that the client releases."""

    stream: Prefix = Field(description="Name of the stream, from the answer to the subscription, or its topic prefix.")
    method: Token | None = Field(None, description="Method of the subscription. Needed if two streams have one name.")


class HelloParams(Params):
    """The run of the client."""

    instance: Token = Field(description="Name of this run. The client must never have used it before.")


class HaltParams(Params):
    """The reason for the halt."""

    reason: Annotated[str, StringConstraints(strict=True, max_length=200)] = Field(
        "no reason given", description="Reason that the bridge gives in its refusals."
    )


class ReloadParams(Params):
    """Whether the bridge only returns what a reload would change."""

    dryRun: StrictBool = Field(False, description="Return the changes, and take over nothing.")


class CancelParams(Params):
    """A stream or an open request of the client."""

    stream: Prefix | None = Field(
        None, description="Name or topic prefix of the stream. Not needed if the client holds only one."
    )
    id: RequestId | None = Field(None, description="ID of the client's open request.")


class AbandonParams(Params):
    """An order that TWS never had, by its key or its number.

    Its key becomes free when TWS answers that it has no such order to cancel.
    """

    orderKey: Token | None = Field(None, description="Key of the order.")
    orderId: OrderNumber | None = Field(None, description="Number of the order at TWS, instead of its key.")
    owner: Token | None = OWNER[1]
    force: StrictBool = Field(False, description="Abandon the order without proof. Admins only; the bridge logs it.")


class AwaitOrderParams(Params):
    """The order, and the state that the client waits for."""

    orderKey: Token = Field(description="Key of the order.")
    owner: Token | None = OWNER[1]
    until: Literal["acknowledged", "ended"] = Field(
        description="Until TWS has acknowledged the order, or until the order has ended."
    )
    timeout: Annotated[float, Field(strict=True, gt=0, le=MOST_SECONDS)] | None = Field(
        None, description="Seconds to wait. Default: the timeout of the request."
    )


class OrderLogParams(Params):
    """A part of the client's own order log."""

    after: Annotated[int, Field(strict=True, ge=0, le=2**63 - 1), _Whole] = Field(
        description="Number of the last event that the client has. 0: from the beginning.",
        json_schema_extra={"format": "int64"},
    )
    limit: Annotated[int, Field(strict=True, ge=1, le=1000), _Whole] = Field(
        500, description="Highest number of events to return."
    )


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
    "reload": ReloadParams,
}


def params_of(method: str) -> str:
    """The name of the model of a method's params."""
    return f"{method[:1].upper()}{method[1:]}Params"


def input_of(record: str) -> str:
    """The name of the model of a record in requests, which differs from the record in events."""
    return f"{record}Input"


def build(catalogue: Catalogue) -> dict[str, type[Params]]:
    """A model for the params of each method: TWS's, without the IDs that the bridge sets, and the bridge's own."""
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
                Prefix, "Name of the client's stream that the request concerns. Needed if it holds several."
            )
        if message.name == "cancelOrder":
            number = optional(SCALARS["int32"], "Number of the order at TWS, instead of its key.")
            fields |= {"orderKey": optional(Token, "Key of the order."), "orderId": number, "owner": OWNER}
        if message.completes == "order" and message.once:
            fields |= {"orderKey": ORDER_KEY, "duringRestart": DURING_RESTART}
        elif message.once or "regulatorySnapshot" in fields:
            fields["onceKey"] = ONCE_KEY
        return self._model(params_of(message.name), fields, message.about)

    def _orders(self) -> dict[str, type[Params]]:
        """Methods that place and change orders. The client names an order by a key instead of TWS's number."""
        types = self._catalogue.types
        contract, order = self._record(types["Contract"]), self._record(types["Order"])
        whole = {field.name: self._field(field, required=False) for field in types["Order"].fields}
        shown = self._model(
            "ChangedOrder", whole, "An order as openOrder shows it. The fields that TWS sets must be unchanged."
        )
        placed: dict[str, Any] = {"contract": (contract, ...), "order": (order, ...), "parentKey": PARENT_KEY}
        one = self._model("PlacedOrder", {"orderKey": ORDER_KEY_REQUIRED, **placed}, "One order of a group.")
        several = Annotated[list[one], Field(min_length=1, max_length=50)]  # type: ignore[valid-type]
        changed: dict[str, Any] = {
            "orderKey": ORDER_KEY_REQUIRED,
            "owner": OWNER,
            "revision": required(OrderNumber, "Number of the change, higher than the number of the previous change."),
            "contract": (contract | None, None),
            "order": (shown, ...),
            "duringRestart": DURING_RESTART,
        }
        placing = {"orderKey": ORDER_KEY, **placed, "duringRestart": DURING_RESTART}
        orders = required(several, "Orders, each parent before its children.")
        grouped: dict[str, Any] = {"orders": orders, "duringRestart": DURING_RESTART}
        cancel = {"orderCancel": (self._record(types["OrderCancel"]) | None, None)}
        return {
            "placeOrder": self._model(
                params_of("placeOrder"), placing, "Place one order. The same key is the same order."
            ),
            "placeOrders": self._model(
                params_of("placeOrders"), grouped, "Place a bracket or another group of orders together."
            ),
            "modifyOrder": self._model(
                params_of("modifyOrder"), changed, "Change an order. Each change needs a higher revision."
            ),
            "cancelMine": self._model(
                params_of("cancelMine"), cancel, "Cancel all orders of the client that may be working."
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
        """Type and default as `create_model` takes them."""
        kind = word(field.type, tuple(field.values or ())) if field.closed else self._type(field.kind, field.name)
        open_set: Any = {"examples": field.codes} if field.values and not field.closed else None
        about = field.told or None
        if required:
            return kind, Field(..., description=about, json_schema_extra=open_set)
        return kind | None, Field(field.default, description=about, json_schema_extra=open_set)

    def _type(self, kind: ValueType, name: str) -> Any:
        if kind.mapping:
            return Texts
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
