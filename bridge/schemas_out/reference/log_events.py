"""The page `log-events.md`: each event of the log, its level, what it means, its fields, and what an operator does."""

from __future__ import annotations

from bridge.contract import Apart, Contract, LogEvent
from bridge.schemas_out.reference.text import bullets, code, codes, link, sentence, table, written_by

_HEAD = f"""# Log events

{written_by("`schemas/bridge/logs.json`")}
The bridge writes its log to stderr, one line for each fact. The setting `log_format` chooses between two forms with
the same facts: `text` (time, level, event, sentence, `field=value`) and `json` (one object in each line, with `ts`,
`level`, `event`, `message` and the fields). Times are UTC. [Logs](../guides/deployment.md#logs) has examples.

A later version may add events and fields. `message` is for people: do not parse it.

* Account numbers are hidden, also in texts of TWS: `DU1234567` is `DU***67`. The setting `log_accounts` shows them.
  Passwords in URLs are hidden in any case.
* If an event names "at most 10 a minute", the bridge writes 10 lines with the same values in these fields, counts
  further ones, and says after a minute how many there were ({link("repeated", "")}). Of more than 30 kinds of one event
  in a minute, the bridge counts the further ones together.

## Levels

"""


_FACTS = """
## What the log always has

The log has each of these facts at least once, whatever else happens. The bridge never leaves out all lines of one,
except while nothing reads the log ([linesDropped](#linesdropped)).

"""


def log_events_page(made: Contract) -> str:
    """The whole page."""
    events = made.log_events.values()
    levels = table(("level", "meaning"), ((code(word), sentence(about)) for word, about in made.log_levels.items()))
    overview = table(
        ("event", "level", "meaning"),
        ((link(code(event.event), "", event.event), event.level, sentence(event.about)) for event in events),
    )
    facts = table(("fact", "what it is"), ((code(word), sentence(about)) for word, about in made.log_facts.items()))
    return "".join(
        (_HEAD, levels, _FACTS, facts, "\n## Events\n\n", overview, *(_event(made, event) for event in events))
    )


def _event(made: Contract, event: LogEvent) -> str:
    facts = [f"Level: `{event.level}`." + (f" With `{event.info_with}` it is `info`." if event.info_with else "")]
    if event.limit_by:
        facts.append(f"At most 10 a minute with the same {codes(event.limit_by)}.")
    if event.apart is not None:
        facts.append(f"At least one line for each {codes(event.apart.by)}{_only(event.apart)}.")
    if event.fact is not None:
        facts.append(f"Fact: {code(event.fact)} ({link('What the log always has', '')}).")
    if event.action:
        facts.append(f"What to do: {sentence(event.action)}")
    rows = ((code(name.removesuffix("?")), *_field(made, name)) for name in event.fields)
    fields = f"\n{table(('field', 'type', '', 'meaning'), rows)}" if event.fields else ""
    return f"\n### {event.event}\n\n{sentence(event.about)}\n\n{bullets(facts)}{fields}"


def _only(apart: Apart) -> str:
    parts = (f"{code(name)} is one of {codes(words)}" for name, words in apart.only.items())
    return f", if {' and '.join(parts)}" if apart.only else ""


def _field(made: Contract, name: str) -> tuple[str, str, str]:
    field = made.log_fields[name.removesuffix("?")]
    return field.type, "may be absent" if name.endswith("?") else "", field.about
