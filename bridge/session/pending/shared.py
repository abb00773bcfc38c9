"""The key by which the bridge recognises that two requests ask TWS the same.

Fields that are unset in one request, and empty, false or nil in the other, are the same to TWS.
"""

from __future__ import annotations

from typing import Any

from bridge.session.digest import digest
from bridge.session.requests import Request
from bridge.session.routing import RequestPlan
from bridge.session.values import Data

#: What a field with a conId is called, in questions and in answers.
CON_IDS = ("conId", "underlyingConId", "underConId")
#: So many requests at most wait for one answer: the bridge answers all of them in one go.
MOST_EQUAL = 1000


def share_key(plan: RequestPlan, request: Request, params: Data) -> str:
    """Return the key of a shared request. It is computed once for each request, because waiting requests need it often.

    `params`: as they go to TWS.
    """
    if request.share_key is None:
        request.share_key = key_of(plan.name, params)
    return request.share_key


def key_of(method: str, params: Data) -> str:
    """Return the key of a request to TWS with these params."""
    return digest([method, _without_unset(params)])


def _without_unset(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {name: _without_unset(inner) for name, inner in value.items()}
        return {name: inner for name, inner in kept.items() if not _is_unset(inner)}
    if isinstance(value, list | tuple):
        return [_without_unset(inner) for inner in value]
    return value


def _is_unset(value: Any) -> bool:
    return value is None or value is False or (isinstance(value, str | dict | list) and not value)
