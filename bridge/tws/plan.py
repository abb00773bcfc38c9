"""How one incoming message is read: a compiled function, and one that explains its errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from bridge.catalogue import Message
from bridge.tws.errors import DecodeError


class Plan(NamedTuple):
    """`read` takes the bytes after the message id and returns (data, number of extra fields).

    It may raise ValueError, KeyError, IndexError or the error of the protobuf runtime. `explain` turns these into a
    DecodeError that names the message and the field.
    """

    message: Message
    read: Callable[[bytes], tuple[dict[str, Any], int]]
    explain: Callable[[Exception, bytes], DecodeError]
