"""The table of a method's params: type, bounds, default, values and meaning, by the models that check them."""

from __future__ import annotations

from typing import get_args

from bridge.catalogue import Field as TwsField
from bridge.catalogue import Message
from bridge.params.models import Params, input_of
from bridge.schemas_out.reference.declared import Declared
from bridge.schemas_out.reference.described import allowed, kind_of, value_of
from bridge.schemas_out.reference.fields import TYPES, few_values, kind
from bridge.schemas_out.reference.text import code, link, sentence, table

#: Models of params that are not declared types. The page of methods explains them.
OF_PARAMS = ("PlacedOrder", "ChangedOrder")


def params_table(declared: Declared, method: str) -> str:
    """The table, or a sentence if the method takes no params."""
    model = declared.params[method]
    if not model.model_fields:
        return "No parameters.\n"
    return model_table(declared, model, declared.catalogue.messages.get(method))


def model_table(declared: Declared, model: type[Params], message: Message | None) -> str:
    schema = model.model_json_schema(by_alias=False)
    fields = {} if message is None else {f.name: f for f in declared.catalogue.record(message).fields}
    rows = []
    for name, field in model.model_fields.items():
        property_ = schema["properties"][name]
        rows.append(
            (
                code(name),
                kind(str(fields[name].kind)) if name in fields else kind_of(property_, _refer),
                "yes" if field.is_required() else "",
                "" if field.is_required() or field.default is None else code(_json(field.default)),
                "" if name in fields and "enum" not in value_of(property_) else allowed(property_),
                _meaning(field.description or _doc_of(field.annotation), fields.get(name)),
            )
        )
    return table(("parameter", "type", "required", "default", "allowed", "meaning"), rows)


def _json(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _doc_of(annotation: object) -> str:
    """The description of the record, for a parameter without a description of its own."""
    kinds = [kind_ for kind_ in (annotation, *get_args(annotation)) if isinstance(kind_, type)]
    return next((kind_.__doc__ or "" for kind_ in kinds if issubclass(kind_, Params)), "")


def _refer(name: str) -> str:
    return link(name, "") if name in OF_PARAMS else link(name.removesuffix(input_of("")), TYPES)


def _meaning(description: str, field: TwsField | None) -> str:
    if field is None:
        return sentence(description)
    about = sentence(field.about)
    return f"{about} {few_values(field.values)}" if field.values else about
