"""What the doctor has found: one `Check` for each step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from bridge.session.values import Data
from bridge.session.verdict_table import TABLE

#: `ok`; `warning`: it limits the bridge; `failed`: the bridge cannot trade; `skipped`: an earlier step failed.
Result = Literal["ok", "warning", "failed", "skipped"]
#: What to change for each condition of the verdict.
REMEDIES = {row.code: row.remedy for row in TABLE}


@dataclass(frozen=True, slots=True)
class Check:
    """One step. `code`: its condition in docs/reference/symptoms.md, if it is one of these.

    `remedy`: what to change.
    """

    name: str
    result: Result
    text: str
    code: str = ""
    remedy: str = ""

    def as_data(self) -> Data:
        """Return the check with all its fields."""
        return {"name": self.name, "result": self.result, "text": self.text, "code": self.code, "remedy": self.remedy}


@dataclass(slots=True)
class Examination:
    """The checks so far, in order."""

    checks: list[Check] = field(default_factory=list)

    @property
    def is_passed(self) -> bool:
        """Whether no step failed."""
        return not any(check.result == "failed" for check in self.checks)

    def ok(self, name: str, text: str) -> None:
        """The step found nothing wrong."""
        self.checks.append(Check(name, "ok", text))

    def skip(self, names: Iterable[str], text: str) -> None:
        """These steps cannot run, because an earlier one failed."""
        self.checks += [Check(name, "skipped", text) for name in names]

    def fail(self, name: str, text: str, remedy: str = "", *, code: str = "") -> None:
        """The bridge cannot trade. `code`: the condition that has the text of what to change."""
        self.checks.append(Check(name, "failed", text, code, remedy or REMEDIES[code]))

    def warn(self, name: str, text: str, remedy: str = "", *, code: str = "") -> None:
        """The bridge can trade, with a limit."""
        self.checks.append(Check(name, "warning", text, code, remedy or REMEDIES[code]))

    def lines(self) -> list[str]:
        """The examination as text for people."""
        marks = {"ok": "ok     ", "warning": "warning", "failed": "FAILED ", "skipped": "skipped"}
        width = max((len(check.name) for check in self.checks), default=0)
        found: list[str] = []
        for check in self.checks:
            found.append(f"{marks[check.result]}  {check.name:{width}}  {check.text}")
            if check.remedy:
                found.append(f"{'':{width + 11}}-> {check.remedy}")
        return found
