"""The page `docs/reference/scenarios.md`: the vocabulary of scenarios, and the shipped scenarios."""

from __future__ import annotations

from collections.abc import Iterable

from bridge.rehearsal.stage import TIMES
from bridge.schemas_out.markdown import diagram, table
from bridge.simulator.scenario import library
from bridge.simulator.scenario.forms import FIELDS, Form
from bridge.simulator.scenario.parser import HEADERS, WHENS, Scenario
from bridge.simulator.scenario.player import ABOUT, ABOUT_EVENTS, EVENTS, STATES, TABLE
from bridge.simulator.scenario.vocabulary import ABOUT as ABOUT_SPEAKERS
from bridge.simulator.scenario.vocabulary import CHAPTERS, CLIENT, HEARD, KNOWN, SEEN

_HEAD = """# Scenarios: failures of TWS

`tws-bridge schemas` writes this page from `bridge/simulator/scenario/` and the files in `bridge/simulator/scenarios/`.
Do not edit it. A scenario says what a simulated TWS does and when, and what must follow from it.

    tws-bridge simulate --scenario list                # lists the shipped scenarios
    tws-bridge simulate --scenario daily-restart       # plays it for your bridge and your strategy
    tws-bridge rehearse daily-restart                  # plays it with its own bridge and client, and checks it
    tws-bridge simulate --control ipc:///tmp/control   # takes single phrases while it runs
    tws-bridge tws --control ipc:///tmp/control "error 1100"

`simulate` plays the lines of `tws` and `seen`, and prints each line when it plays it. It runs on when the scenario is
over. Its exit code is 1 if the scenario has not passed. A control endpoint (ZeroMQ REP, on loopback or ipc only) takes
one phrase of `tws` as UTF-8 text in each request, and answers `ok`, or `error: ` and the mistake.

## A file

Plain text, one statement on each line. `#` begins a comment.

"""
_LINES = """
Lines of the form `WHEN WHO WHAT` follow. The player plays them in their order:

"""
_RULE = """
An expectation is met if it happened at any time since the last line that did something. An expectation that begins with
`no` applies to what happens from then on.

"""
_FIELDS = """
## Words in capitals

"""
_PLAYER = """
## How a scenario is played

"""
_SHIPPED = """
## Shipped scenarios

`tws-bridge rehearse NAME` plays one scenario. The tests play each one in text form (server version 187) and in protobuf
form (213). Their times need a bridge with the short timeouts of `rehearse`. When you play a scenario with `simulate`,
give your bridge these settings:

"""
_EXAMPLE = "ibkr-loses-subscriptions"


def scenarios() -> str:
    """The whole page."""
    moved = ((state, event, row[event]) for state, row in TABLE.items() for event in EVENTS)
    return "".join(
        (
            _HEAD,
            _example(),
            "\nThe header:\n\n",
            table(("header", "meaning"), ((f"`{name}:`", about) for name, about in HEADERS.items())),
            _LINES,
            "".join(f"* {about}.\n" for about in WHENS.values()),
            _RULE,
            table(("who", "meaning"), ((f"`{who}`", about) for who, about in ABOUT_SPEAKERS.items())),
            "\n## What TWS does: `tws`\n",
            "".join(f"\n### {chapter}\n\n{_forms(forms)}" for chapter, forms in CHAPTERS.items()),
            "\n## What a client does: `client`\n\n",
            _forms(CLIENT),
            "\n## What the simulated TWS must see: `seen`\n\n",
            _forms(SEEN),
            "\n## What a subscriber must hear: `heard`\n\n",
            _forms(HEARD),
            "\n## What the bridge must answer: `known`\n\n",
            _forms(KNOWN),
            _FIELDS,
            table(("word", "stands for"), ((f"`{name}`", about) for name, about in FIELDS.items())),
            _PLAYER,
            table(("state", "meaning"), ((f"`{state}`", ABOUT[state]) for state in STATES)),
            "\n",
            table(("event", "meaning"), ((f"`{event}`", ABOUT_EVENTS[event]) for event in EVENTS)),
            "\n",
            diagram("waiting", moved),
            _SHIPPED,
            *(f"    {line}\n" for line in TIMES.strip().splitlines()),
            "\n",
            table(("scenario", "what happens", "what the bridge does"), map(_row, library.shipped().values())),
        )
    )


def _example() -> str:
    return "".join(f"    {line}\n" if line else "\n" for line in library.text_of(_EXAMPLE).splitlines())


def _forms(forms: Iterable[Form]) -> str:
    return table(("phrase", "meaning"), ((f"`{form.shape}`", form.about) for form in forms))


def _row(scenario: Scenario) -> tuple[str, str, str]:
    sources = "".join(f" ([{_place(source)}]({source}))" for source in scenario.sources)
    return f"`{scenario.name}`", scenario.title + sources, scenario.bridge


def _place(source: str) -> str:
    """`QuantConnect/Lean.Brokerages.InteractiveBrokers#242` of a thread's address."""
    owner, name, _, number = source.removeprefix("https://github.com/").split("/")
    return f"{owner}/{name}#{number}"
