"""What the protocol core raises, and nothing else."""

from __future__ import annotations


class TwsError(Exception):
    """Base of every error of the protocol core."""


class FramingError(TwsError):
    """A length prefix that cannot be right: nothing after it can be trusted."""


class EncodeError(TwsError):
    """A message that cannot be sent as asked; `field` is the dotted path, or None where the whole is wrong."""

    def __init__(self, message: str, field: str | None, reason: str) -> None:
        super().__init__(f"{message}: {field}: {reason}" if field else f"{message}: {reason}")
        self.message = message
        self.field = field
        self.reason = reason


class DecodeError(TwsError):
    """Bytes that are not the message they claim to be."""

    def __init__(self, message: str, field: str | None, reason: str) -> None:
        super().__init__(f"{message}: {field}: {reason}" if field else f"{message}: {reason}")
        self.message = message
        self.field = field
        self.reason = reason
