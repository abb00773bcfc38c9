"""What others say does not pass for a line of the log."""

from __future__ import annotations

import pytest

from bridge.logs.text import one_line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("alice: drill", "alice: drill"),
        ("Zürich, 東京", "Zürich, 東京"),
        ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("\x1b[2K\u2028\x85", "\\x1b[2K\\u2028\\x85"),
        ("\ud800", "\\ud800"),
    ],
)
def test_what_does_not_print_is_an_escape(text, line):
    assert one_line(text) == line
