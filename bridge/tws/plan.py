"""How one incoming message is read: a compiled function, and the words for its errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from bridge.catalogue import Message
from bridge.tws.errors import DecodeError


class Plan(NamedTuple):
    """`read` takes the bytes behind the message id and gives (data, number of fields too many).

    It may raise ValueError, KeyError, IndexError or the protobuf runtime's error; `explain` makes a DecodeError of
    that which names message and field.
    """

    message: Message
    read: Callable[[bytes], tuple[dict[str, Any], int]]
    explain: Callable[[Exception, bytes], DecodeError]
