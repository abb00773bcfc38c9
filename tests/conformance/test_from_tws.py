"""What our SERVER role sends, decoded by the vendor's client and by ours: every declared event, every field, every
version at which a layout changes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.catalogue import Record, catalogue
from tests.conformance.allowances import BY_SIGNATURE, allowed, tamed
from tests.conformance.carried import gated, put, versions_of
from tests.conformance.differences import Foreign, differences
from tests.conformance.ibapi_events import vendor_calls, view
from tests.conformance.ibapi_names import attribute
from tests.conformance.vendor_wire import wire_value
from tests.conformance.wire import decode, encode
from tests.strategies import complete, messages

#: The vendor's decoder undoes every backslash, Python warns of those that mean nothing.
pytestmark = pytest.mark.filterwarnings("ignore:invalid escape sequence:DeprecationWarning")

EVENTS = sorted(message.name for message in catalogue().events())

#: 6: without these records the vendor's decoder drops the protobuf message in silence.
DROPPED_WITHOUT = {
    "Contract",
    "Order",
    "OrderState",
    "Execution",
    "ContractDetails",
    "MarketDepthData",
    "HistoricalDataBar",
}


def check(name: str, version: int, data: dict[str, Any]) -> None:
    message = catalogue().messages[name]
    text = not message.as_protobuf(version)
    data = tamed(name, data, text)
    payload = encode(name, version, data)
    event = decode(name, version, payload)
    if text and message.id in BY_SIGNATURE and _lacks_number(name, event.data):
        with pytest.raises(ValueError):  # 3: an empty number raises
            vendor_calls(payload, version)
        return
    calls = vendor_calls(payload, version)
    if not text:
        assert _filled(wire_value(*calls[0][1].values())) == _filled(as_wire(catalogue().record(message), event.data))
        if [name for name, _ in calls] == [calls[0][0]]:
            assert _may_be_silent(name, event.data), "the vendor's decoder drops it"
            return
    theirs = Foreign(view(event.name, event.data, calls), attribute)
    found = list(differences(catalogue().record(message), event.data, theirs, allowed(event.name, text)))
    assert not found, "\n".join([f"{event.name} at {version}:", *found])


def _lacks_number(name: str, data: dict[str, Any]) -> bool:
    fields = catalogue().record(catalogue().messages[name]).fields
    return any(field.name not in data for field in fields if field.kind.name in ("int32", "int64", "double"))


def _may_be_silent(name: str, data: dict[str, Any]) -> bool:
    """6 again, and an event that is nothing but its protobuf callback (config)."""
    fields = catalogue().record(catalogue().messages[name]).fields
    lacking = [field.name for field in fields if field.kind.is_record and field.name not in data]
    empty = name == "historicalData" and not data.get("historicalDataBars")
    return bool(lacking) or empty or catalogue().messages[name].text is None


def _filled(value: Any) -> Any:
    """Without texts that are set to nothing: the vendor's classes show them, to us they are absent."""
    if isinstance(value, dict):
        return {name: _filled(one) for name, one in value.items() if one != ""}
    return [_filled(one) for one in value] if isinstance(value, list) else value


def as_wire(record: Record, data: dict[str, Any]) -> dict[str, Any]:
    """Our data with the protobuf types in place of ours: 64-bit ids as integers, some decimals as doubles."""
    found = {}
    for field in record.fields:
        value, kind = data.get(field.name), field.kind
        if value is None:
            continue
        if kind.is_record:
            inner = catalogue().types[kind.name]
            found[field.name] = [as_wire(inner, one) for one in value] if kind.repeated else as_wire(inner, value)
        elif kind.name == "id64":
            found[field.name] = int(value)
        elif kind.name == "decimal" and field.wire_type == "double":
            found[field.name] = float(value)
        else:
            found[field.name] = value
    return found


@pytest.mark.parametrize("name", EVENTS)
def test_the_vendor_reads_every_field(name: str) -> None:
    for data in complete(name):
        for version in versions_of(name):
            check(name, version, gated(name, data))


@pytest.mark.parametrize("name", EVENTS)
@given(drawn=st.data())
def test_the_vendor_reads_any_data(name: str, drawn: st.DataObject) -> None:
    data = gated(name, drawn.draw(messages(name)))
    for version in versions_of(name):
        check(name, version, data)


#: 7: an unknown code becomes the first member of the vendor's enumeration, so that only known ones are told apart.
CODES: dict[str, dict[str, Any]] = {
    "contractDetails": {
        "contractDetails.fundDistributionPolicyIndicator": "Y",
        "contractDetails.fundAssetType": "003",
    },
    "execDetails": {"execution.optExerciseOrLapseType": 2},
}


@pytest.mark.parametrize("name", sorted(CODES))
def test_the_vendor_tells_codes_apart(name: str) -> None:
    for data in complete(name):
        for path, code in CODES[name].items():
            put(data, path, code)
        for version in versions_of(name):
            check(name, version, gated(name, data))
