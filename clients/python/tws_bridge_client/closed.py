"""The error of a client, a feed or an object that is closed."""

from __future__ import annotations


class Closed(Exception):
    """The client, the feed or the object is closed."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is closed")
