"""Our declarations beside the installed vendor client: nothing of its vocabulary is missing, and everything is told.

A newer vendor client makes these tests name what has to be declared.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ibapi.client import EClient
from ibapi.message import IN, OUT
from ibapi.protobuf.Order_pb2 import Order
from ibapi.ticktype import TickTypeEnum
from ibapi.wrapper import EWrapper

from bridge.catalogue import Field, Message, catalogue
from bridge.catalogue.grammar import NEWEST, OLDEST
from tests.catalogue import vendor

KNOWN = catalogue()

#: Fields that have no protobuf form.
TEXT_ONLY = {
    "historicalData": {"startDateStr", "endDateStr"},  # below server version 196
    "Order": {"auctionStrategy"},
    "deltaNeutralValidation": {"reqId", "deltaNeutralContract"},
    "tickEFP": {
        "reqId",
        "tickType",
        "basisPoints",
        "formattedBasisPoints",
        "totalDividends",
        "holdDays",
        "futureLastTradeDate",
        "dividendImpact",
        "dividendsToLastTradeDate",
    },
    "verifyAndAuthRequest": {"apiName", "apiVersion", "opaqueIsvKey"},
    "verifyAndAuthMessage": {"apiData", "xyzResponse"},
    "verifyAndAuthMessageAPI": {"apiData", "xyzChallange"},
    "verifyAndAuthCompleted": {"isSuccessful", "errorText"},
}
#: The vendor has these in its protobuf face only.
WITHOUT_METHOD = {"reqConfig", "updateConfig", "configResponse", "updateConfigResponse"}


def declared(direction: str) -> dict[int, Message]:
    return {m.id: m for m in KNOWN.messages.values() if m.direction == direction}


def owners() -> Iterator[tuple[str, tuple[Field, ...]]]:
    """Every record and every message that lists fields."""
    yield from ((record.name, record.fields) for record in KNOWN.types.values())
    yield from ((message.name, message.fields) for message in KNOWN.messages.values())


def wire_fields(fields: tuple[Field, ...]) -> set[vendor.WireField]:
    found = set()
    for field in fields:
        if field.number is not None:
            one = "{string}" if field.kind.mapping else field.wire_type
            found.add((field.number, field.name, f"[{one}]" if field.kind.repeated else one))
    return found


def test_every_id_of_the_vendor_is_declared() -> None:
    assert set(declared("fromTws")) == vendor.incoming_ids()
    assert set(declared("toTws")) == vendor.outgoing_ids()
    assert (len(declared("fromTws")), len(declared("toTws"))) == (85, 83)


def test_events_have_the_protobuf_messages_that_the_vendor_parses() -> None:
    ours = {id_: m.protobuf.message for id_, m in declared("fromTws").items() if m.protobuf}
    assert ours == vendor.incoming_protobuf()
    assert set(declared("fromTws")) - set(ours) == {
        IN.TICK_EFP,
        IN.DELTA_NEUTRAL_VALIDATION,
        IN.VERIFY_AND_AUTH_MESSAGE_API,
        IN.VERIFY_AND_AUTH_COMPLETED,
    }


def test_requests_turn_to_protobuf_when_the_vendor_does() -> None:
    ours = {id_: (m.protobuf.message, m.protobuf.since) for id_, m in declared("toTws").items() if m.protobuf}
    assert ours == vendor.outgoing_protobuf()
    assert set(declared("toTws")) - set(ours) == {OUT.VERIFY_AND_AUTH_REQUEST, OUT.VERIFY_AND_AUTH_MESSAGE}


def test_what_has_no_text_form_is_what_came_after_protobuf() -> None:
    assert {id_ for id_, m in declared("toTws").items() if m.text is None} == {
        OUT.CANCEL_CONTRACT_DATA,
        OUT.CANCEL_HISTORICAL_TICKS,
        OUT.REQ_CONFIG,
        OUT.UPDATE_CONFIG,
    }
    assert {id_ for id_, m in declared("fromTws").items() if m.text is None} == {
        IN.CONFIG_RESPONSE,
        IN.UPDATE_CONFIG_RESPONSE,
    }


def test_every_protobuf_field_has_the_vendor_s_number_and_type() -> None:
    ours = {name: wire_fields(record.fields) for name, record in KNOWN.types.items()}
    for message in KNOWN.messages.values():
        if message.protobuf is not None and message.record is None:
            ours[message.protobuf.message] = wire_fields(message.fields)
    assert ours == vendor.protobuf_messages()


def test_fields_without_a_number_are_the_known_few() -> None:
    found = {owner: {f.name for f in fields if f.number is None} for owner, fields in owners()}
    assert {owner: names for owner, names in found.items() if names} == TEXT_ONLY


def test_the_newest_server_version_is_the_vendor_s() -> None:
    assert vendor.newest_server_version() == NEWEST
    theirs = {number: name for number, name in vendor.server_version_names().items() if number >= OLDEST}
    assert {number: name for number, name in KNOWN.versions.items() if number >= OLDEST} == theirs


def order_fields_by_since() -> list[tuple[str, int]]:
    """The singular fields; the vendor asks for no version of a list or a map."""
    fields = [field for field in KNOWN.types["Order"].fields if field.number is not None]
    assert {f.since for f in fields if f.kind.repeated or f.kind.mapping} == {OLDEST}
    return [(f.name, f.since) for f in fields if not (f.kind.repeated or f.kind.mapping)]


@pytest.mark.parametrize(("name", "since"), order_fields_by_since())
def test_order_fields_are_refused_below_the_version_that_the_vendor_asks_for(name: str, since: int) -> None:
    client = EClient(EWrapper())
    order = Order()
    field = Order.DESCRIPTOR.fields_by_name[name]
    if field.message_type is None:
        setattr(order, name, field.default_value)
    else:
        getattr(order, name).SetInParent()
    client.serverVersion_ = max(since, 203)
    assert client.validateOrderParameters(order) is None
    client.serverVersion_ = since - 1
    assert client.validateOrderParameters(order) == (name if since > OLDEST else None)


def test_every_name_is_the_vendor_s() -> None:
    found = {
        name
        for message in KNOWN.messages.values()
        for name in message.callbacks()
        if vendor.parameters(name, event=message.direction == "fromTws") is None
    }
    assert found == WITHOUT_METHOD


def test_an_alias_is_a_parameter_of_the_vendor_s_method() -> None:
    for message in KNOWN.messages.values():
        theirs = vendor.parameters(message.name, event=message.direction == "fromTws")
        for field in message.fields:
            if field.alias is not None:
                assert theirs is not None and field.alias in theirs, f"{message.name}.{field.name}"
                assert field.name not in theirs, f"{message.name}.{field.name} needs no alias"


def test_everything_says_what_it_means() -> None:
    silent = [record.name for record in KNOWN.types.values() if not record.about.strip()]
    silent += [message.name for message in KNOWN.messages.values() if not message.about.strip()]
    silent += [f"{owner}.{field.name}" for owner, fields in owners() for field in fields if not field.about.strip()]
    silent += [
        f"{owner}.{field.name}={code}"
        for owner, fields in owners()
        for field in fields
        for code, meaning in (field.values or {}).items()
        if not meaning.strip()
    ]
    assert silent == []


def test_codes_are_codes_of_their_field_s_type() -> None:
    for owner, fields in owners():
        for field in fields:
            for code in field.values or {}:
                whole = field.type == "int32" and str(int(code)) == code
                assert whole or field.type == "string", f"{owner}.{field.name}: {code}"


def test_every_tick_type_is_told() -> None:
    ticks = [m for m in declared("fromTws").values() if m.name.startswith("tick") and m.event is None]
    told = [int(code) for m in ticks for f in m.fields if f.name == "tickType" for code in f.values or {}]
    theirs = {number for number, name in TickTypeEnum.idx2name.items() if name != "NOT_SET"}
    assert sorted(told) == sorted(theirs)


def test_every_request_that_waits_names_its_answers() -> None:
    """And a stream the request that ends it, which takes the same key."""
    for message in declared("toTws").values():
        if message.completes == "none":
            assert not message.answers, message.name
        else:
            assert message.answers, message.name
        if message.completes == "end":
            assert all(KNOWN.endings(message, version) for version in range(OLDEST, NEWEST + 1)), message.name
        if message.completes == "stream":
            assert message.cancel, message.name
        if message.cancel:
            cancel = KNOWN.messages[message.cancel]
            assert cancel.key == message.key, message.name
            assert all(f.required for f in cancel.fields if f.name in cancel.key), message.name


def test_answers_bear_the_key_of_their_request() -> None:
    for message in declared("toTws").values():
        if message.key != ("reqId",):
            continue
        for name in message.answers:
            answer = KNOWN.find(name)
            assert answer is not None
            keyless = {"commissionAndFeesReport"}  # belongs to its execution, by execId
            has = "reqId" in {field.name for field in KNOWN.record(answer).fields}
            assert has or name in keyless, f"{message.name}: {name}"
