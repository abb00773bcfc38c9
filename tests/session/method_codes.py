"""Holds each refusal against the errors that the page of methods lists for its method."""

from __future__ import annotations

import functools
from typing import Any

from bridge.catalogue import catalogue
from bridge.contract import contract
from bridge.schemas_out.reference.declared import Declared
from bridge.schemas_out.reference.method_errors import errors_of

DECLARED = Declared(catalogue(), contract())


class Unlisted(AssertionError):
    """A method was answered with an error that the page of methods does not list for it."""


def check_code(body: dict[str, Any], method: str | None) -> None:
    """One reply; `method`: what was asked for, where that is known. Raises Unlisted."""
    if "error" in body and method in DECLARED.params and body["error"]["code"] not in _codes(str(method)):
        raise Unlisted(f"{method} was answered with {body['error']['code']}")


@functools.cache
def _codes(method: str) -> list[str]:
    return errors_of(DECLARED, method)
