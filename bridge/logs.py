"""What others have said, fit for a line of the log: it must not look like a line of our own."""

from __future__ import annotations


def one_line(text: str) -> str:
    """The text with what does not print (line ends, colours of a terminal, ...) as escapes."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii") for sign in text)
