"""The exceptions of the protocol core."""

from __future__ import annotations


class TwsError(Exception):
    """Base of every error of the protocol core."""


class FramingError(TwsError):
    """A length prefix is invalid, so the bytes after it cannot be read."""


class EncodeError(TwsError):
    """A message cannot be encoded. `field` is the dotted path of the wrong field, or None for the whole message."""

    def __init__(self, message: str, field: str | None, reason: str) -> None:
        super().__init__(f"{message}: {field}: {reason}" if field else f"{message}: {reason}")
        self.message = message
        self.field = field
        self.reason = reason


class DecodeError(TwsError):
    """The bytes are not the message that their id names. `field` is the dotted path of the wrong field, or None."""

    def __init__(self, message: str, field: str | None, reason: str) -> None:
        super().__init__(f"{message}: {field}: {reason}" if field else f"{message}: {reason}")
        self.message = message
        self.field = field
        self.reason = reason
