"""Tables and diagrams of states in Markdown."""

from __future__ import annotations

from collections.abc import Iterable


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    return "".join(f"| {' | '.join(row)} |\n" for row in (head, ("---",) * len(head), *rows))


def diagram(first: str, moves: Iterable[tuple[str, str, str]]) -> str:
    """The states from `first`, by moves: from, event, to. A move that keeps its state has no line."""
    lines: dict[tuple[str, str], list[str]] = {}
    for state, event, to in moves:
        if to != state:
            lines.setdefault((state, to), []).append(event)
    drawn = "".join(f"    {state} --> {to}: {', '.join(events)}\n" for (state, to), events in lines.items())
    return f"```mermaid\nstateDiagram-v2\n    [*] --> {first}\n{drawn}```\n"
