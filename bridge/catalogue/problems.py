"""What is wrong with a set of declarations, said in lines that name the file or message."""

from __future__ import annotations


class CatalogueError(Exception):
    """The declarations contradict themselves; `problems` holds one line for each fault found."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
