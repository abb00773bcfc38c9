"""One entry of the log as one line: text for people, or JSON for programs. Both have the same facts."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from typing import Any, Literal

from bridge.logs.entry import Entry, sentence
from bridge.logs.mask import AccountMask
from bridge.logs.text import one_line

Format = Literal["text", "json"]
#: A value of a field, or a sentence, with more characters than this is cut.
MOST = 8000


def maker(form: Format, mask: AccountMask) -> Callable[[Entry], str]:
    """The function that makes lines of that form."""
    return lambda entry: _LINES[form](_masked(entry, mask))


def _masked(entry: Entry, mask: AccountMask) -> Entry:
    return entry._replace(fields={name: _cut(value) for name, value in mask.fields(entry.fields).items()})


def _cut(value: Any) -> Any:
    return value if not isinstance(value, str) or len(value) <= MOST else f"{value[:MOST]}..."


def utc(created: float) -> str:
    """A time in seconds since 1970 UTC: RFC 3339, with milliseconds."""
    milliseconds = int(created * 1000)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(milliseconds // 1000))}.{milliseconds % 1000:03}Z"


def _json_line(entry: Entry) -> str:
    head = {
        "ts": utc(entry.created),
        "level": entry.level,
        "event": entry.event,
        "message": one_line(_cut(sentence(entry.event, entry.fields))),
    }
    return json.dumps(head | {name: _finite(value) for name, value in entry.fields.items()}, default=str)


def _text_line(entry: Entry) -> str:
    words = (f"{name}={_word(value)}" for name, value in entry.fields.items())
    said = one_line(_cut(sentence(entry.event, entry.fields)))
    return " ".join((utc(entry.created), entry.level.upper(), entry.event, said, *words))


def _word(value: Any) -> str:
    """A value without blanks as it is; any other as JSON, so that one can tell where it ends."""
    if isinstance(value, str) and value and value.isprintable() and not any(sign in value for sign in ' "='):
        return value
    return json.dumps(_finite(value), default=str)


def _finite(value: Any) -> Any:
    """JSON has no NaN and no infinity."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


_LINES: dict[Format, Callable[[Entry], str]] = {"text": _text_line, "json": _json_line}
