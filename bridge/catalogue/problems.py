"""The exception for mistakes in declarations."""

from __future__ import annotations


class CatalogueError(Exception):
    """The declarations have mistakes. `problems` has one line for each, with the file or message."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
