"""What the operator may change from the console: halt and resume trading. Reads such a request, and checks it."""

from __future__ import annotations

import json
from typing import NamedTuple

from aiohttp.web_request import BaseRequest

from bridge.session.session import OperatorMethod
from bridge.session.values import Data

_MOST_BYTES = 4096
_METHODS: dict[str, OperatorMethod] = {"/api/halt": "halt", "/api/resume": "resume"}


class Operation(NamedTuple):
    """A request to halt or resume trading; the session checks the rest of `params`."""

    method: OperatorMethod
    params: Data


class OperationRefused(Exception):
    """The server does not pass the request on."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


async def operation(request: BaseRequest, *, may_operate: bool) -> Operation:
    """Read the request. `may_operate`: the server has a token, and the request had it. Raises OperationRefused."""
    method = _METHODS[request.path]
    if not may_operate:
        raise OperationRefused(
            403, f"without `http_token` nobody can {method} from here; send the method `{method}` as an admin"
        )
    if request.content_type != "application/json":
        raise OperationRefused(415, "expected the header Content-Type: application/json")
    if request.content_length is None or request.content_length > _MOST_BYTES:
        raise OperationRefused(413, f"expected the header Content-Length, at most {_MOST_BYTES}")
    try:
        params = json.loads(await request.read())
    except (ValueError, RecursionError):  # not JSON, or nested too deeply
        raise OperationRefused(400, "expected a JSON object") from None
    if not isinstance(params, dict):
        raise OperationRefused(400, "expected a JSON object")
    reason = params.get("reason")
    if method == "halt" and not (isinstance(reason, str) and reason.strip()):
        raise OperationRefused(400, "reason: expected text")
    return Operation(method, params)
