"""What an attack brings home: how many cases it tried, and each find once, with an example."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Findings:
    """`finds`: what was found, by a name that is the same for all examples of it -> the first example."""

    cases: int = 0
    finds: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, example: object) -> None:
        self.finds.setdefault(name, str(example)[:1500])

    def merge(self, other: Findings) -> None:
        self.cases += other.cases
        for name, example in other.finds.items():
            self.finds.setdefault(name, example)

    def lines(self) -> list[str]:
        return [f"{name}: {example}" for name, example in sorted(self.finds.items())]
