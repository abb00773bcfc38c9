"""The generated TypeScript types: all methods and events are there, what is sent is strict, what is read is open."""

from __future__ import annotations

import re

import pytest

from bridge.catalogue import catalogue
from bridge.contract import contract
from bridge.params.models import build
from bridge.schemas_out.typescript import typescript


@pytest.fixture(scope="module")
def text() -> str:
    return typescript(catalogue(), contract())


def block(text: str, head: str) -> str:
    """An interface or a class."""
    found = re.search(rf"^export (?:abstract )?{head}\b.*?^\}}$", text, flags=re.MULTILINE | re.DOTALL)
    assert found, head
    return found[0]


def union(text: str, name: str) -> str:
    """A type with several members, on one line."""
    found = re.search(rf"^export type {name} =(.*?);$", text, flags=re.MULTILINE | re.DOTALL)
    assert found, name
    return re.sub(r"\s+", " ", found[1]).strip(" |")


def test_each_method_has_params_a_result_and_a_call(text: str) -> None:
    methods, calls = block(text, "interface Methods"), block(text, "class MethodCalls")
    for name in build(catalogue()):
        assert re.search(rf"^  {name}: \{{ params: \w+; result: .+ \}};$", methods, flags=re.MULTILINE), name
        assert f'return this.call("{name}", params, options);' in calls


def test_each_event_that_the_bridge_publishes_is_in_the_union_once(text: str) -> None:
    known, made = catalogue(), contract()
    of_tws = {name for name, message in known.by_event.items() if message.direction == "fromTws"}
    names = of_tws - {event.record for event in made.events.values()} | {event.event for event in made.events.values()}
    members = re.findall(r"\w+Event\b", union(text, "Event"))
    assert sorted(members) == sorted(f"{name[0].upper()}{name[1:]}Event" for name in names)
    for name in names:
        assert f'  event: "{name}";\n' in text


def test_each_name_is_declared_once_and_each_name_that_is_used_is_declared(text: str) -> None:
    declared = re.findall(r"^export (?:interface|type|abstract class) (\w+)", text, flags=re.MULTILINE)
    assert len(declared) == len(set(declared))
    code = re.sub(r"/\*\*.*?\*/|//[^\n]*|\"[^\"\n]*\"", "", text, flags=re.DOTALL)
    used = set(re.findall(r"\b[A-Z]\w{2,}\b(?!\??:)", code)) - {
        "Record",
        "Promise",
        "Uint8Array",
        "Options",
        "Set",
        "ReadonlySet",
    }
    assert used <= set(declared)


def test_what_is_sent_takes_no_other_words_and_what_is_read_does(text: str) -> None:
    assert union(text, "OrderInputAction") == '"BUY" | "SELL" | "SSHORT" | "SLONG"'
    assert union(text, "OrderAction") == '"BUY" | "SELL" | "SSHORT" | "SLONG" | OtherText'
    assert union(text, "OrderStage").endswith("| OtherText")


def test_numbers_have_the_type_that_holds_them(text: str) -> None:
    assert "ts: Nanoseconds;" in block(text, "interface Envelope")
    assert "seq?: number;" in block(text, "interface Envelope")
    assert "time?: Int64;" in block(text, "interface RealtimeBarData")
    assert "size?: Decimal;" in block(text, "interface TickPriceData")
    assert "totalQuantity?: DecimalInput;" in block(text, "interface OrderInput")
    assert "permId?: string;" in block(text, "interface OrderFacts")
