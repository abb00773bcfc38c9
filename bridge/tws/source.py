"""Builds Python source in which each line is linked to the field that it handles."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


class Source:
    """Collects lines and the constants that they use. `build` compiles them into a function."""

    def __init__(self, name: str, signature: str) -> None:
        self._file = f"<{name}>"
        self._lines = [f"def run({signature}):"]
        self._paths: list[str | None] = [None]
        self._names: dict[str, Any] = {}
        self._depth = 1
        self._count = 0

    def add(self, line: str, path: str | None = None) -> None:
        """Add a line that handles the field at `path`."""
        self._lines.append("    " * self._depth + line)
        self._paths.append(path)

    @contextmanager
    def block(self, header: str, path: str | None = None) -> Iterator[None]:
        """Indent all lines that are added inside, under `header`."""
        self.add(header, path)
        self._depth += 1
        before = len(self._lines)
        yield
        if len(self._lines) == before:
            self.add("pass")
        self._depth -= 1

    def constant(self, value: Any) -> str:
        """Returns the name of a constant with this value."""
        name = f"K{len(self._names)}"
        self._names[name] = value
        return name

    def variable(self, stem: str) -> str:
        """Returns a new variable name."""
        self._count += 1
        return f"{stem}{self._count}"

    def build(self) -> Callable[..., Any]:
        """Compile the lines. Returns the function."""
        names: dict[str, Any] = dict(self._names)
        exec(compile("\n".join(self._lines), self._file, "exec"), names)
        run: Callable[..., Any] = names["run"]
        return run

    def path_of(self, error: BaseException) -> str | None:
        """The path of the field that the failing line handles, or None."""
        trace = error.__traceback__
        path = None
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == self._file:
                path = self._paths[trace.tb_lineno - 1]
            trace = trace.tb_next
        return path
