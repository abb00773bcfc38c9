"""docs/reference/limits.md: its table is that of `status`, and its defaults are those of the settings and the code."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from bridge.bus import frames, sockets, subscription_filter
from bridge.session import request_store, requests
from bridge.session.rights import fences
from bridge.settings import BridgeSettings
from tests.session.conftest import Bench

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference" / "limits.md").read_text(encoding="utf-8")
TYPES = json.loads((ROOT / "schemas" / "bridge" / "types.json").read_text(encoding="utf-8"))


def rows(header: str) -> list[list[str]]:
    body = PAGE.split(f"{header}\n", 1)[1].split("\n\n", 1)[0]
    return [[cell.strip().strip("`") for cell in row.split("|")[1:-1]] for row in body.splitlines()[1:]]


BOUNDS = rows("| `limits[].bound` | default | setting | when it is reached |")
PLACES = {row[0]: row[1] for row in rows("| what | bound | when it is reached |")}


def declared(name: str) -> dict[str, str]:
    (found,) = [one for one in TYPES if one["name"] == name]
    values: dict[str, str] = next(field["values"] for field in found["fields"] if field["name"] == "bound")
    return values


def test_the_table_has_what_status_declares_in_its_order() -> None:
    assert [row[0] for row in BOUNDS] == list(declared("LimitState"))


def test_a_running_bridge_shows_these_bounds() -> None:
    """Those of the sockets come from the shell: tests/hostile sees them."""
    ready = Bench()
    ready.ready()
    shown = ready.result(ready.ask("status"))["limits"]
    of_sockets = {"eventConnections", "requestConnections", "eventQueue", "subscribedPrefixes", "unreadReplyBytes",
                  "requestFrames"}  # fmt: skip
    assert {one["bound"] for one in shown} == {row[0] for row in BOUNDS} - of_sockets
    told = {row[0]: row[1] for row in BOUNDS}
    assert {one["bound"]: str(one.get("most", "")) for one in shown} == {
        one["bound"]: told[one["bound"]] for one in shown
    }


def test_those_of_the_sockets_are_shown_by_the_bus() -> None:
    source = (ROOT / "bridge" / "bus" / "sockets.py").read_text(encoding="utf-8")
    for name in ("eventConnections", "requestConnections", "eventQueue", "subscribedPrefixes", "unreadReplyBytes"):
        assert f'"{name}"' in source


@pytest.mark.parametrize("row", [row for row in BOUNDS if row[2]], ids=lambda row: row[0])
def test_a_default_is_that_of_the_setting(row: list[str]) -> None:
    assert str(BridgeSettings.model_fields[row[2]].default) == row[1]


def test_the_bounds_of_refusals_are_on_the_page() -> None:
    named = {row[0] for row in BOUNDS} | {"requestBytes", "snapshotEvents", "newInstances"}
    assert set(declared("BoundFacts")) <= named


@pytest.mark.parametrize(
    ("what", "figures"),
    [
        ("bytes of a request", (frames.MOST_BYTES >> 20, requests.MOST_BYTES_OF_OTHERS >> 10)),
        ("bytes of a frame on the requests endpoint", (sockets.MOST_WIRE_BYTES >> 20,)),
        ("bytes that a connection has sent and the bridge has not read", (sockets._UNREAD_REQUEST_BYTES >> 20,)),
        ("bytes of the frames before the body", (frames.MOST_ROUTE_BYTES,)),
        ("values in a request, in all its lists and maps", (frames.MOST_VALUES, frames._MOST_ITEMS)),
        ("connections that get the reply of one open request", (request_store.MOST_ROUTES,)),
        ("new instances (`hello`) in a minute", (fences._NEW_OF_CLIENT, fences._NEW)),
        ("events in a snapshot", (BridgeSettings.model_fields["snapshot_events"].default,)),
        ("large replies (16 KiB and more) that one connection does not read", (sockets._MOST_UNREAD >> 20,)),
        (
            "subscribed prefixes of one connection",
            (subscription_filter.MOST_PREFIXES, 255, subscription_filter.MOST_PREFIX_BYTES >> 10),
        ),
        ("subscribed prefixes of all connections", (subscription_filter.MOST_BYTES_OF_ALL >> 20,)),
        (
            "bytes of subscriptions at once",
            (sockets._SUBSCRIPTION_BYTES >> 10, sockets._SUBSCRIPTION_BYTES_CURVE >> 20,
             sockets._SUBSCRIPTION_BYTES_A_SECOND >> 10),
        ),
    ],
)  # fmt: skip
def test_a_figure_is_that_of_the_code(what: str, figures: tuple[int, ...]) -> None:
    told = [int(number.replace(",", "")) for number in re.findall(r"\b\d[\d,]*\d|\b\d\b", PLACES[what])]
    assert told == list(figures)
