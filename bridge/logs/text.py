"""Makes a text from outside safe for the log and the terminal: it must not look like further lines."""

from __future__ import annotations


def one_line(text: str) -> str:
    """Returns the text with escapes for all that is not printable, such as line ends and terminal colours."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii") for sign in text)
