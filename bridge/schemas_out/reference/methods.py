"""The page `methods.md`: each method with its params, its answers, its errors and the rules for its use."""

from __future__ import annotations

from bridge.params import rules
from bridge.params.models import GIVEN, Params
from bridge.schemas_out.reference.answers import Answer, answers
from bridge.schemas_out.reference.declared import Declared
from bridge.schemas_out.reference.families import methods_by_family, title
from bridge.schemas_out.reference.fields import TYPES, fields_table, kind, of_own
from bridge.schemas_out.reference.method_errors import AT_TWS, EVERY, STORED, errors_of
from bridge.schemas_out.reference.params import model_table, params_table
from bridge.schemas_out.reference.repeats import key_of, repeat
from bridge.schemas_out.reference.text import address, bullets, code, codes, link, sentence, table, written_by
from bridge.session.requests import MOST_SECONDS
from bridge.session.rights.permissions import role_of

_HEAD = f"""# Methods and their answers

{written_by("the declarations in `schemas/` and the models in `bridge/params/`")}
A request is `{{v, id, client, method, params}}`; its reply has `result` and `kind`, or `error`. `kind` says what
`result` is. The types are in [types.md](types.md), the error codes in [errors.md](errors.md), the roles in
[topics.md](topics.md#who-hears-what). Methods and parameters have the names of IBKR's EClient and protobuf files.

* The bridge refuses an unknown parameter and a value of another type: `invalidParams`, with the field.
* `reqId` and `orderId` are not parameters, except where a table below has them: the bridge chooses these numbers.
* A parameter with `null` is the same as an absent parameter.
* A decimal is a string such as `"0.5"`, or an integer.
* The same client and `id` is the same request: the bridge sends the stored answer again, and nothing runs twice. The
  bridge stores no answers of {{unstored}}: it runs these each time.
* The bridge waits for TWS as long as the request's `timeout` says, at most {MOST_SECONDS:g} s. Without `timeout` it
  uses the setting [`request_timeout`](settings.md#the-bridge).

"""


def methods_page(declared: Declared) -> str:
    """The whole page."""
    families = methods_by_family(declared)
    unstored = sorted(name for name in declared.params if not set(STORED).intersection(errors_of(declared, name)))
    contents = "".join(
        f"* {link(title(family), '')}: {', '.join(link(name, '') for name in names)}\n"
        for family, names in families.items()
    )
    contents += f"* {link(_RULES, '')}\n"
    body = "".join(
        f"\n## {title(family)}\n" + "".join(_method(declared, name) for name in names)
        for family, names in families.items()
    )
    return _HEAD.replace("{unstored}", codes(unstored)) + contents + _common() + body + _rules(declared)


def _common() -> str:
    return (
        "\n## Errors of every method\n\n"
        f"The bridge may answer any request with {_errors(EVERY)}. It may answer a request whose answers it stores "
        f"with {_errors(STORED)}, and one that waits for TWS with {_errors(AT_TWS)}. The lists below omit them.\n"
    )


def _errors(names: tuple[str, ...] | list[str]) -> str:
    return ", ".join(link(name, "errors.md") for name in names)


def _method(declared: Declared, name: str) -> str:
    plan = declared.plan(name)
    facts = [f"Role: `{role_of(name, plan)}`."]
    if key := key_of(declared, name):
        facts.append(f"Key: `{key}`.")
    facts.append(f"Repeat: {repeat(declared, name)}")
    if ended := declared.ends(name):
        facts.append(f"It ends a stream or request of {', '.join(link(method, '') for method in ended)}.")
    if plan is not None and plan.cancel not in (None, name) and name in declared.vocabulary.requests:
        facts.append(f"{link(str(plan.cancel), '')} ends it.")
    if plan is not None and plan.subject is not None:
        facts.append(f"The client must hold a stream of {link(plan.subject, '')}.")
    if more := [code for code in errors_of(declared, name) if code not in (*EVERY, *STORED, *AT_TWS)]:
        facts.append(f"Errors in addition to [those of every method](#errors-of-every-method): {_errors(more)}.")
    about = sentence(declared.about(name))
    return f"\n### {name}\n\n{about}\n\n{params_table(declared, name)}\n{bullets(facts)}\n{_answer(declared, name)}"


def _answer(declared: Declared, name: str) -> str:
    """The answer: a line for each form, or the fields of the method's own result."""
    found = answers(declared, name)
    if len(found) == 1 and not found[0].type and not found[0].events:
        fields = fields_table(map(of_own, declared.contract.fields(declared.contract.methods[name])))
        return f"Answer, of kind `{found[0].kind}`:\n\n{fields}"
    return "Answer:\n\n" + bullets(_form(declared, name, answer) for answer in found)


def _form(declared: Declared, name: str, answer: Answer) -> str:
    when = f" ({answer.when})" if answer.when else ""
    events = ", ".join(link(event, "events.md") for event in answer.events)
    match answer.kind:
        case "subscription":
            return f"`subscription`{when}: {kind(answer.type)}. {_published(declared, name, events)}"
        case "event":
            return f"`event`{when}: the fields of {events}."
        case "events":
            return f"`events`{when}: a list of `{{event, data}}`: {events}."
        case _:
            return f"{code(answer.kind)}{when}: {kind(answer.type)}."


def _published(declared: Declared, name: str, events: str) -> str:
    """The events of a subscription, and their topics."""
    family = declared.vocabulary.requests[name].family
    channel = declared.contract.channels.get(family)
    place = f" on {code(address(channel['address']))}" if channel is not None else ""
    return f"The bridge then publishes {events}{place}."


_RULES = "What a contract and an order must have"


def _rules(declared: Declared) -> str:
    """What `bridge/params/rules.py` checks in addition to the types, and the records that only params use."""
    prices = ((code(kind_), codes(needed)) for kind_, needed in rules.PRICES.items())
    conditions = ((code(kind_), codes(needed)) for kind_, needed in rules.CONDITIONS.items())
    return (
        f"\n## {_RULES}\n\nThe bridge checks these rules first. It answers `invalidParams` with the field.\n\n"
        + bullets(
            (
                f"A contract has one of {codes(rules.NAMED_BY)}.",
                f"Only a contract with the security type `{rules.COMBO}` has `comboLegs`, and it has no `conId`.",
                f"`order.action` is one of {codes(rules.ACTIONS)}.",
                "`order.orderType` has TWS's spelling, in capitals, such as `MKT` or `STP LMT`.",
                "`order.totalQuantity` is more than 0, unless `cashQty`, `faGroup` or `faPercentage` replaces it.",
                f"An order has none of {codes(GIVEN)}. The client sends `orderKey` and `parentKey` instead.",
                "`order.transmit` is not `false`, except in"
                f" an order of {link('placeOrders', '')} that its child or sibling follows.",
                "`exerciseQuantity` is more than 0, and the contract is not a combination.",
            )
        )
        + f"\nPrices that an order type needs, unless the combination has a price for each leg:\n\n"
        f"{table(('order type', 'needs'), prices)}"
        f"\nFields that a condition needs:\n\n{table(('type', 'needs'), conditions)}"
        f"\n### PlacedOrder\n\n{_record(declared, 'placeOrders', 'orders')}"
        f"\n### ChangedOrder\n\nAn {link('Order', TYPES)} as [openOrder](events.md#openorder) shows it, with every "
        "field. A field that only TWS sets must have the value that TWS last sent, or be absent.\n"
    )


def _record(declared: Declared, method: str, field: str) -> str:
    """The model of the items of that list in a method's params."""
    annotation = declared.params[method].model_fields[field].annotation
    (item,) = getattr(annotation, "__args__", (None,))
    if not (isinstance(item, type) and issubclass(item, Params)):
        raise TypeError(f"{method}.{field} is no list of records")
    return f"{sentence(item.__doc__ or '')}\n\n{model_table(declared, item, None)}"
