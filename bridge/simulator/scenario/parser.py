"""Parses scenario files: headers, then one line for each action or expectation.

title: IBKR loses the subscriptions (1101)
bridge: reports one gap, subscribes to each stream again, and reports that they are back
start: request reqMktData
+1s        tws    error 1101
within 5s  seen   request reqMktData
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NoReturn, cast, get_args

from bridge.simulator.scenario.forms import BadPhrase, Phrase, read, seconds
from bridge.simulator.scenario.vocabulary import ABSENCES, DOERS, FORMS, SPEAKERS, TWS, Who

When = Literal["before", "at", "after", "within", "for"]
WHENS: dict[When, str] = {
    "before": "`before`: when the simulator starts, before clients connect; lines of a client: before the clock starts",
    "at": "`2s`: this time after the start",
    "after": "`+1s`: this time after the line before; `then`: immediately after it",
    "within": "`within 5s`: an expectation; its time starts when the line before is done",
    "for": "`for 2s`: an expectation that begins with `no`; it must be true for this time",
}
HEADERS = {
    "title": "one line that names the fault; required",
    "source": "where the fault was reported; may be repeated",
    "bridge": "how the bridge reacts; may be repeated",
    "start": "what starts the clock: `now`, `connection` (the default), `order`, or `request REQUEST`",
}
_HEADER = re.compile(r"([a-z]+):\s*(.*)")
_WHEN = re.compile(r"(before|then|within\s+\S+|for\s+\S+|\+?\d\S*)\s+(\S+)\s+(.*)")
_ACTION = re.compile(r"(then\s+)?(tws\s+)?")
_START = re.compile(r"now|connection|order|request\s+(\S+)")


class ScenarioError(ValueError):
    """A scenario is invalid. `problems` has one text for each mistake, with file and line number."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a scenario. `when` says from which moment `seconds` counts."""

    number: int
    when: When
    seconds: float
    who: Who
    phrase: Phrase

    @property
    def does(self) -> bool:
        """Whether the line is an action. Otherwise it is an expectation."""
        return self.who in DOERS

    def __str__(self) -> str:
        return f"{self.who} {self.phrase.text}"


@dataclass(frozen=True, slots=True)
class Scenario:
    """A parsed file. `start` is `now`, `connection`, or the name of a request."""

    name: str
    title: str
    sources: tuple[str, ...]
    bridge: str
    start: str
    lines: tuple[Line, ...]


def parse(text: str, file: str) -> Scenario:
    """Parse the text of a scenario. Raises ScenarioError with all mistakes."""
    reading = _Reading(file)
    for number, line in enumerate(text.splitlines(), 1):
        reading.take(number, _without_comment(line).strip())
    return reading.done()


def parse_action(text: str) -> Phrase:
    """Parse one phrase for TWS. `then tws` before it is optional. Raises BadPhrase."""
    return read(TWS, "tws", _ACTION.sub("", text.strip(), count=1))


def _without_comment(line: str) -> str:
    """Return the line without its comment. A `#` in quotation marks starts no comment."""
    return re.sub(r'^((?:[^"#]|"[^"]*")*)#.*$', r"\1", line)


class _Reading:
    def __init__(self, file: str) -> None:
        self._file = file
        self._headers: dict[str, list[str]] = {}
        self._start = "connection"
        self._lines: list[Line] = []
        self._problems: list[str] = []

    def take(self, number: int, line: str) -> None:
        if not line:
            return
        try:
            header = _HEADER.fullmatch(line)
            if header is not None:
                self._header(header[1], header[2])
            else:
                self._lines.append(_line(number, line, is_first=not self._lines))
        except BadPhrase as mistake:
            self._problems.append(f"{self._file}:{number}: {mistake}")

    def _header(self, name: str, value: str) -> None:
        if name not in HEADERS:
            raise BadPhrase(f"unknown header {name!r}; allowed: {', '.join(HEADERS)}")
        if self._lines:
            raise BadPhrase(f"the header {name!r} must be before the first line")
        if not value:
            raise BadPhrase(f"the header {name!r} is empty")
        if name in ("title", "start") and name in self._headers:
            raise BadPhrase(f"the header {name!r} appears twice")
        self._headers.setdefault(name, []).append(value)
        if name == "start":
            self._start = _start(value)

    def done(self) -> Scenario:
        if "title" not in self._headers:
            self._problems.append(f"{self._file}:1: the title is missing; add `title: ...`")
        if not self._lines and not self._problems:
            self._problems.append(f"{self._file}:1: the scenario has no lines")
        if self._problems:
            raise ScenarioError(self._problems)
        return Scenario(
            self._file.rpartition("/")[2].removesuffix(".scenario"),
            self._headers["title"][0],
            tuple(self._headers.get("source", ())),
            " ".join(self._headers.get("bridge", ())),
            self._start,
            tuple(self._lines),
        )


def _start(value: str) -> str:
    found = _START.fullmatch(value)
    if found is None:
        raise BadPhrase(f"invalid start {value!r}; allowed: now; connection; order; request REQUEST")
    if found[1] is None:
        return "placeOrder" if value == "order" else value
    phrase = read(FORMS["seen"], "seen", f"request {found[1]}")
    return str(phrase.fields["request"])


def _line(number: int, line: str, *, is_first: bool) -> Line:
    found = _WHEN.fullmatch(line)
    if found is None:
        raise BadPhrase(f"invalid line {line!r}; allowed: WHEN WHO WHAT, as in `+1s tws error 1100`")
    said, who, what = found[1], found[2], found[3]
    if who not in SPEAKERS:
        raise BadPhrase(f"unknown speaker {who!r}; allowed: {', '.join(SPEAKERS)}")
    speaker = cast(Who, who)
    phrase = read(FORMS[speaker], who, what)
    when, length = _when(said)
    _fits(when, speaker, phrase, is_first=is_first)
    return Line(number, when, length, speaker, phrase)


def _when(said: str) -> tuple[When, float]:
    if said == "before":
        return "before", 0.0
    if said == "then":
        return "after", 0.0
    word, _, rest = said.partition(" ")
    if word in get_args(When):
        return cast(When, word), seconds(rest.strip())
    return ("after", seconds(said[1:])) if said.startswith("+") else ("at", seconds(said))


def _fits(when: When, who: Who, phrase: Phrase, *, is_first: bool) -> None:
    """Raises BadPhrase if this kind of line does not allow this kind of time."""
    if who in DOERS:
        if when in ("within", "for"):
            _refuse(f"`{when}` is for expectations; a line of {who} takes `before`, `then`, `2s` or `+1s`")
    elif phrase.verb in ABSENCES:
        if when != "for":
            _refuse("an expectation that begins with `no` takes `for`, as in `for 2s`")
    elif when != "within":
        _refuse("an expectation takes `within`, as in `within 5s`")


def _refuse(reason: str) -> NoReturn:
    raise BadPhrase(reason)


def described(scenario: Scenario) -> Iterator[str]:
    """Yield the title and the headers, for a transcript."""
    yield f"{scenario.name}: {scenario.title}"
    yield from (f"  source: {source}" for source in scenario.sources)
    if scenario.bridge:
        yield f"  bridge: {scenario.bridge}"
