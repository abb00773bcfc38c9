"""docs/guides/moving-from-ib-async.md has each public method and event of ib_async.IB, and names only what is there."""

from __future__ import annotations

import inspect
import re
from types import ModuleType

import ib_async
import pytest

import tws_bridge_client
from tests.source_tree import ROOT
from tws_bridge_client import AsyncBridgeClient, BridgeClient, frames, messages

PAGE = (ROOT / "docs" / "guides" / "moving-from-ib-async.md").read_text(encoding="utf-8")

_SPAN = re.compile(r"`([^`]+)`")
_ROW = re.compile(r"^\| (?P<theirs>.*?) \| (?P<ours>.*)\|$", re.MULTILINE)


def section(title: str) -> str:
    """The text below a heading, up to the next one of the same rank."""
    _, _, rest = PAGE.partition(f"\n## {title}\n")
    assert rest, f"the page has no section {title}"
    return rest.partition("\n## ")[0]


def listed(title: str) -> list[str]:
    """The names in the first cells of the section's tables."""
    cells = [row["theirs"] for row in _ROW.finditer(section(title)) if "ib_async.IB" not in row["theirs"]]
    return [name for cell in cells for name in _SPAN.findall(cell)]


def public(kind: type) -> set[str]:
    return {name for name in dir(kind) if not name.startswith("_")}


def test_the_tables_have_each_public_method_of_ib_async_once() -> None:
    names = listed("Methods")
    assert sorted(names) == sorted(public(ib_async.IB))


def test_the_table_has_each_event_of_ib_async_once() -> None:
    assert sorted(listed("Events")) == sorted(ib_async.IB.events)


def test_the_version_is_that_of_the_tables() -> None:
    assert f"`ib_async.IB` {'.'.join(ib_async.__version__.split('.')[:2])}" in PAGE


@pytest.mark.parametrize("client", [BridgeClient, AsyncBridgeClient])
def test_each_method_of_ours_that_the_page_names_is_there(client: type) -> None:
    named = set(re.findall(r"(?<!-)\bclient\.(\w+)", PAGE)) - {"reqX", "req_x"}
    assert {"req_mkt_data", "place_orders", "qualify", "release", "ticker"} <= named
    assert named - public(client) == set()


@pytest.mark.parametrize(("name", "module"), [("messages", messages), ("frames", frames)])
def test_each_message_and_frame_that_the_page_names_is_there(name: str, module: ModuleType) -> None:
    named = set(re.findall(rf"\b{name}\.(\w+)", PAGE))
    assert len(named) >= 4
    assert named <= set(vars(module))


def test_each_topic_that_the_page_names_has_its_event() -> None:
    """docs/reference/topics.md, which is generated, has the events of each first token."""
    reference = (ROOT / "docs" / "reference" / "topics.md").read_text(encoding="utf-8")
    named = re.findall(r"`(account|order|news|scanner|system)(?:\.<\w+>|\.bulletins)*\.(\w+)`", section("Events"))
    assert len(named) >= 12
    for token, event in named:
        text = reference.partition(f"\n## {token}\n")[2].partition("\n## ")[0]
        assert f"[{event}](events.md#" in text, f"{token}: {event}"


def test_each_builder_that_the_page_names_is_there() -> None:
    rows = _ROW.findall(section("The rest of ib_async"))
    theirs = {name for cell, _ in rows for name in re.findall(r"`([A-Z]\w+)`", cell)}
    assert len(theirs) >= 20
    assert {name for name in theirs if not hasattr(ib_async, name)} == set()
    builders = {name for _, ours in rows for name in re.findall(r"`((?:[a-z]+_)?[a-z]+)`", ours)}
    assert {"market", "stop_limit", "price_condition"} <= builders
    assert {name for name in builders if not hasattr(tws_bridge_client, name)} == set()


def test_a_request_that_is_the_same_takes_the_same_parameters() -> None:
    """Those of lists of options have other names here, and IBKR does not use them."""
    rows = [row for row in _ROW.finditer(section("Methods")) if "| The same" in row["ours"]]
    assert len(rows) >= 15
    for row in rows:
        theirs, (ours,) = _SPAN.findall(row["theirs"])[0], re.findall(r"`client\.(\w+)`", row["ours"])
        given = [name for name in inspect.signature(getattr(ib_async.IB, theirs)).parameters if name != "self"]
        known = inspect.signature(getattr(BridgeClient, ours)).parameters
        assert [name for name in given if name not in known and not name.endswith("Options")] == [], theirs
        first = [name for name, one in known.items() if name != "self" and one.kind is not one.KEYWORD_ONLY]
        assert first == given[: len(first)], theirs
