"""The error codes and rules for people: a table each."""

from __future__ import annotations

from bridge.contract import Contract, ErrorCode, Rule
from bridge.schemas_out.markdown import table

_HEAD = """# Errors

Written by `tws-bridge schemas` from `schemas/bridge/errors.json`; do not edit. A request that fails is answered with
`error: {code, message, twsCode?, data?}`. `code` is one of these words, and new ones may come; `message` is for people;
what `data` holds stands in `requests.schema.json` under `errors`.

A retry bears a new `id`: the same one again is answered with what is stored.

"""


def errors_table(made: Contract) -> str:
    """What a retry is worth, the codes, the rules."""
    retry = "".join(f"* `{word}`: {meaning}\n" for word, meaning in made.retry.items())
    codes = table(("code", "retry", "meaning", "data"), map(_code, made.errors.values()))
    rules = table(("rule", "retry", "meaning", "beside it in data"), map(_rule, made.rules.values()))
    return f"{_HEAD}{retry}\n## Codes\n\n{codes}\n## Rules: the words of `error.data.rule`\n\n{rules}"


def _code(error: ErrorCode) -> tuple[str, ...]:
    data = ("`rule`",) if error.rules else tuple(f"`{name}`" for name in error.data)
    return f"`{error.code}`", error.retry, error.about, " or ".join(data)


def _rule(rule: Rule) -> tuple[str, ...]:
    return f"`{rule.rule}`", rule.retry, rule.about, ", ".join(f"`{field.name}`" for field in rule.fields)
