"""The generated structs of the C++ client read the data of every event, and name the field that is wrong."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bridge.catalogue import catalogue
from tests.strategies import complete

pytestmark = pytest.mark.timeout(300)  # the first test builds the programs


def read(cpp: Path, *lines: tuple[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """What the program says of each (event, data)."""
    text = "".join(json.dumps({"name": name, "data": data}) + "\n" for name, data in lines)
    done = subprocess.run([cpp / "typed"], input=text, capture_output=True, text=True, timeout=60, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_event_of_tws_with_all_its_fields_is_read(cpp: Path) -> None:
    callbacks = [(event, message.name) for message in catalogue().events() for event in message.callbacks()]
    lines = [(event, data) for event, message in callbacks for data in complete(message)]
    assert len({name for name, _ in lines}) > 80
    assert [said for said in read(cpp, *lines) if not said.get("known")] == []


def test_the_fields_have_the_values_of_the_event(cpp: Path) -> None:
    tick = {"reqId": 1, "tickType": 4, "price": 100.25, "size": "0.10", "later": [1]}
    fill = {
        "reqId": -1,
        "contract": {"conId": 265598},
        "execution": {"execId": "1", "shares": "12345678901234567890.5", "permId": "9223372036854775807"},
    }
    order = {
        "orderId": 3,
        "contract": {"comboLegs": [{"conId": 1}, {"conId": 2}]},
        "order": {"lmtPrice": 1.5},
        "orderState": {"status": "Submitted"},
    }
    said = read(cpp, ("tickPrice", tick), ("execDetails", fill), ("openOrder", order))
    assert [one.get("told") for one in said] == [
        {"tickType": 4, "price": 100.25, "size": "0.1"},
        {"conId": 265598, "shares": "12345678901234567890.5", "permId": "9223372036854775807"},
        {"lmtPrice": 1.5, "legs": 2, "status": "Submitted"},
    ]


def test_an_unknown_event_is_none_of_them_and_a_wrong_field_is_named(cpp: Path) -> None:
    unknown, wrong, missing, large = read(
        cpp,
        ("ofANewerBridge", {"a": 1}),
        ("openOrder", {"orderId": 1, "order": {"lmtPrice": "x"}}),
        ("tickPrice", {"tickType": 1}),
        ("tickPrice", {"reqId": 2**40, "tickType": 1}),
    )
    assert unknown == {"name": "ofANewerBridge", "known": False, "told": {}}
    assert wrong["error"] == "order: lmtPrice: expected a number, got a string"
    assert missing["error"] == "reqId: expected an integer, got nil"
    assert large["error"].startswith("reqId: the integer 1099511627776 does not fit")
