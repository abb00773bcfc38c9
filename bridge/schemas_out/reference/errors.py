"""The page `errors.md`: each error code and rule, what it means, what the client does next, and what `data` holds."""

from __future__ import annotations

from bridge.contract import ErrorCode, Rule
from bridge.schemas_out.reference.declared import Declared
from bridge.schemas_out.reference.fields import fields_table, kind, of_own
from bridge.schemas_out.reference.method_errors import errors_of
from bridge.schemas_out.reference.text import bullets, code, link, sentence, table, written_by

_HEAD = f"""# Errors

{written_by("`schemas/bridge/errors.json`")}
The bridge answers a request that fails with `error: {{code, message, twsCode?, data?}}`. `code` is one of the words on
this page. A later version may add words: treat a code that you do not know as an error that a retry does not correct.
`message` is for people: do not parse it. `twsCode` is TWS's own error code. `data` is a map; the bridge may omit it.

The Python client adds two codes. `noBridge`: the client has received no answer from the bridge in time; `message` says
what the client knows of the cause. `refusedKey`: the bridge refuses the connection because of the client's key.

"""
_RETRY = """
## Whether to retry

A retry is a new request with a new `id`: for the same `id` the bridge sends the stored answer again. Retry an order,
or a request that must not happen twice, with the same key (`orderKey`, `onceKey`).

"""
_RULES = """
## Rules

For `notPermitted` and `fenced`, `data.rule` names the rule by which the bridge refused the request. Most rules have the
name of a setting of the client ([settings.md](settings.md#clients)).
"""
#: Code -> what the client does next.
ADVICE: dict[str, str] = {
    "configurationInvalid": "Correct the configuration, and reload it again.",
    "invalidRequest": "Correct the program.",
    "tooLarge": "Split the request; for `snapshot`, ask with longer prefixes.",
    "limitReached": "Wait for replies, release streams, or retry later. `data.bound` says what there is too much of.",
    "unknownMethod": "Correct the name; `methods` lists all methods.",
    "invalidParams": "Correct the parameter that `message` and `data.field` name.",
    "idConflict": "Use a new `id` for each request.",
    "notPermitted": "Read `data.rule`. Retry only if that rule allows it.",
    "fenced": "End this run: a newer run of the same client has taken over.",
    "notConnected": "Wait until `system.connection` has the state `ready`, then retry.",
    "paced": "Retry after `waitSeconds`, or without `wait: false`. For an order, use the same `orderKey`.",
    "expired": "Decide anew whether you want the request. If the client has just sent it, set both machines' clocks.",
    "linesExhausted": "Release a stream, or wait until another client does. `data.holders` says who uses the lines.",
    "connectionLost": "Retry. For an order, use the same `orderKey`; for a request with `onceKey`, the same `onceKey`.",
    "noResponse": "Retry, with a longer `timeout`. For an order, use the same `orderKey`; for a request with "
    "`onceKey`, the same `onceKey`.",
    "rejectedByTws": "Look up `twsCode`. Place another order under another `orderKey`.",
    "cancelled": "Nothing: the client cancelled it.",
    "unknownRequest": "Nothing: the bridge has answered the request already, or never received it.",
    "unknownStream": "Nothing: the client does not hold the stream.",
    "streamConflict": "Retry when the other stream has ended, or use another method that allows several streams.",
    "unknownContract": "Correct the contract.",
    "ambiguousContract": "Choose a contract from `data.candidates`, and retry with its `conId`.",
    "unknownOrder": "Correct the key or number of the order.",
    "notTradable": "Wait until `status` returns `tradable` true, then retry with the same `orderKey`.",
    "parentGone": "Place the order without the parent, or place the whole group again.",
    "ledgerFailed": "Inform the operator: the bridge cannot use its disk. Then retry with the same key.",
    "keyConflict": "Use a new key for other content. Check whether two parts of the program use the same key.",
    "staleRevision": "Nothing, if the newer change is the right one. Otherwise use a higher `revision`.",
    "changePending": "Wait for the order's next event, then retry with the same `revision`.",
    "orderUnknown": "Wait for the order's next event, then retry. Never place the order under another key.",
    "orderClosed": "Read `data.state`. The order cannot be changed any more.",
    "orderKnown": "Cancel the order instead.",
}


def errors_page(declared: Declared) -> str:
    """The whole page."""
    made = declared.contract
    overview = table(
        ("code", "retry", "meaning"),
        ((link(code(e.code), "", e.code), e.retry, sentence(e.about)) for e in made.errors.values()),
    )
    retry = table(("retry", "meaning"), ((code(word), sentence(about)) for word, about in made.retry.items()))
    return "".join(
        (
            _HEAD,
            overview,
            _RETRY,
            retry,
            "\n## Codes\n",
            *(_code(declared, error) for error in made.errors.values()),
            _RULES,
            *(_rule(rule) for rule in made.rules.values()),
        )
    )


def _code(declared: Declared, error: ErrorCode) -> str:
    facts = [f"{link('Retry', '', 'Whether to retry')}: `{error.retry}`.", f"Next: {ADVICE[error.code]}"]
    if error.rules:
        facts.append(f"`data`: `rule`, and the fields of that {link('rule', '', 'Rules')}.")
    elif error.data:
        facts.append(f"`data`: {' or '.join(kind(name) for name in error.data)}.")
    facts.append(_from(declared, error.code))
    return f"\n### {error.code}\n\n{sentence(error.about)}\n\n{bullets(facts)}"


def _from(declared: Declared, word: str) -> str:
    """The methods that the bridge may answer with this code, or a phrase where that is most of them."""
    methods = [name for name in sorted(declared.params) if word in errors_of(declared, name)]
    if len(methods) == len(declared.params):
        return "Methods: all."
    if len(methods) > len(declared.params) // 2:
        return f"Methods: {link('most of them', 'methods.md', 'Errors of every method')}."
    return f"Methods: {', '.join(link(name, 'methods.md') for name in methods)}."


def _rule(rule: Rule) -> str:
    fields = (
        "" if not rule.fields else f"\nIn addition to `rule`, `data` has:\n\n{fields_table(map(of_own, rule.fields))}"
    )
    return f"\n### {rule.rule}\n\n{sentence(rule.about)} Retry: `{rule.retry}`.\n{fields}"
