"""The page `events.md`: each event with its topics, its fields and the methods that cause it."""

from __future__ import annotations

from bridge.contract import Event
from bridge.schemas_out.reference.declared import Declared
from bridge.schemas_out.reference.families import events_by_family, title
from bridge.schemas_out.reference.fields import fields_table, of_own, of_tws
from bridge.schemas_out.reference.text import address, code, codes, link, sentence, written_by

PAGE = "events.md"
_HEAD = f"""# Events

{written_by("the declarations in `schemas/`")}
An event is a callback of IBKR's EWrapper with its fields, or one of the bridge's own events. The map around it is
in [topics.md](topics.md#the-event); the records that fields hold are in [types.md](types.md). A field that is
"always there" is in every event of that name; any other field is absent if TWS leaves it unset.

"""
_OWN = "The bridge's own events"


def events_page(declared: Declared) -> str:
    """The whole page: the events of TWS by family, then the bridge's own."""
    families = events_by_family(declared)
    own = list(declared.contract.events.values())
    contents = "".join(
        f"* {link(title(family), '')}: {', '.join(link(name, '') for name in names)}\n"
        for family, names in families.items()
    )
    contents += f"* {link(_OWN, '')}: {', '.join(link(event.name, '') for event in own)}\n"
    body = "".join(
        f"\n## {title(family)}\n" + "".join(_of_tws(declared, name) for name in names)
        for family, names in families.items()
    )
    return f"{_HEAD}{contents}{body}\n## {_OWN}\n" + "".join(_of_bridge(declared, event) for event in own)


def _of_tws(declared: Declared, name: str) -> str:
    message = declared.catalogue.by_event[name]
    fields = declared.catalogue.record(message).fields
    lines = [f"Topics: {_topics(declared, name)}.", _brought(declared, name)]
    if message.last and message.topic != "request":
        lines.append(f"A snapshot keeps the newest event for each value of {codes(message.last)}.")
    elif message.topic not in (None, "request"):
        lines.append("A snapshot keeps the newest event of each topic.")
    facts = "".join(f"{line}\n" for line in lines if line)
    return f"\n### {name}\n\n{sentence(message.about)}\n\n{facts}\n{fields_table(map(of_tws, fields))}"


def _topics(declared: Declared, name: str) -> str:
    """The topics of TWS's event, or the bridge's own events that replace it."""
    channels = declared.contract.channels
    places = [channel for channel, events in declared.carried.items() if name in {one.heading for one in events}]
    if places:
        return ", ".join(code(address(channels[place]["address"]).replace("<event>", name)) for place in places)
    published = [event.name for event in declared.contract.events.values() if event.record == name]
    return "the bridge publishes it as " + ", ".join(link(event, "") for event in published)


def _brought(declared: Declared, name: str) -> str:
    methods = declared.brings(name)
    if not methods:
        return "No request causes it: TWS sends it by itself."
    return f"Methods that cause it: {', '.join(link(method, 'methods.md') for method in methods)}."


def _of_bridge(declared: Declared, event: Event) -> str:
    channels = declared.contract.channels
    places = [address(channels[topic]["address"]).replace("<event>", event.event) for topic in event.topics]
    facts = f"Topics: {codes(places)}.\n"
    if event.event != event.name:
        facts = f"The name on the wire is {code(address(event.event))}.\n{facts}"
    if event.record is not None:
        fields = f"Its fields are those of TWS's {link(event.record, '')}.\n"
    else:
        fields = fields_table(map(of_own, declared.contract.fields(event)))
    return f"\n### {event.name}\n\n{sentence(event.about)}\n\n{facts}\n{fields}"
