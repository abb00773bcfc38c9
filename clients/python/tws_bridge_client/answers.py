"""Objects from the results of requests."""

from __future__ import annotations

from typing import Any

from tws_bridge_client.generated import messages
from tws_bridge_client.struct import Data, Struct


def message(event: str, data: Data) -> Any:
    """The object of an event's data, or `Unknown` if this version of the client does not know the event."""
    return messages.BY_EVENT.get(event, messages.Unknown).from_dict(data)


def many(parts: list[Data]) -> Any:
    """The messages of an answer that has several."""
    return [message(part["event"], part["data"]) for part in parts]


def one(result: Any, *kinds: type[Struct]) -> Any:
    """The object of a result that may be of several kinds: of the kind that knows most of its fields."""
    if isinstance(result, list):
        return many(result)
    return max(kinds, key=lambda kind: len(result.keys() & set(kind.FIELDS))).from_dict(result)
