"""The protobuf form: presence, conversions, and what is refused."""

from typing import Any

import pytest

from bridge.catalogue import catalogue
from bridge.tws.codec import Codec
from bridge.tws.errors import EncodeError
from bridge.tws.events import DecodeFailed, Message
from tests.conformance.wire import decode, encode


def sent(name: str, data: dict[str, Any], version: int = 226, incoming: str = "fromTws") -> bytes:
    return Codec(catalogue(), version, incoming).encode(name, data)  # type: ignore[arg-type]


def carried(name: str, data: dict[str, Any], version: int = 226) -> dict[str, Any]:
    event = Codec(catalogue(), version, "toTws").decode(sent(name, data, version))
    assert isinstance(event, Message), event
    return event.data


def test_presence_is_kept() -> None:
    data = {"orderId": 0, "order": {"transmit": False, "lmtPrice": 0.0}, "contract": {}}
    assert carried("placeOrder", data) == data


@pytest.mark.parametrize("version", [176, 226])
def test_an_empty_text_of_tws_is_absent_in_either_form(version: int) -> None:
    """176 speaks text, 226 protobuf. What is not empty is kept."""
    contract = {"symbol": "", "secType": "STK", "right": "", "lastTradeDateOrContractMonth": ""}
    data = {"orderId": 1, "contract": contract, "order": {"account": "", "action": "BUY", "orderRef": ""}}
    payload = encode("openOrder", version, {**data, "orderState": {"status": ""}})
    assert (payload[:1] == b"5") is (version == 176)
    event = decode("openOrder", version, payload)
    assert [name for name, value in event.data["contract"].items() if value == ""] == []
    assert event.data["contract"]["secType"] == "STK"
    assert "account" not in event.data["order"] and "orderRef" not in event.data["order"]
    assert event.data["order"]["action"] == "BUY"
    assert "status" not in event.data.get("orderState", {})


def test_an_empty_text_that_is_required_is_kept() -> None:
    assert carried("reqTickByTickData", {"reqId": 1, "tickType": ""})["tickType"] == ""


def test_ids_and_decimals_are_exact_text() -> None:
    contract = {"multiplier": "0.1"}
    order = {"permId": "9007199254740993", "totalQuantity": "0.123456789012345678901"}
    got = carried("placeOrder", {"orderId": 1, "contract": contract, "order": order})
    assert (got["contract"], got["order"]) == (contract, order)


def test_maps_lists_and_nested_records() -> None:
    legs = [{"conId": 1, "ratio": 2, "perLegPrice": 1.5}, {}]
    data = {"orderId": 1, "contract": {"comboLegs": legs}, "order": {"algoParams": {"b": "2", "a": ""}}}
    assert carried("placeOrder", data) == data


def test_nil_is_absent() -> None:
    assert carried("reqMktData", {"reqId": 1, "contract": {"symbol": None}, "snapshot": None}) == {
        "reqId": 1,
        "contract": {},
    }


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"orderId": "1"}, "orderId"),
        ({"orderId": 1 << 31}, "orderId"),
        ({}, "orderId"),
        ({"orderId": 1, "order": {"lmtPrice": "1"}}, "order.lmtPrice"),
        ({"orderId": 1, "order": {"lmtPrice": float("nan")}}, "order.lmtPrice"),
        ({"orderId": 1, "order": {"transmit": 1}}, "order.transmit"),
        ({"orderId": 1, "order": {"colour": 1}}, "order.colour"),
        ({"orderId": 1, "order": {"permId": 7}}, "order.permId"),
        ({"orderId": 1, "order": 7}, "order"),
        ({"orderId": 1, "contract": {"comboLegs": [{"ratio": 1}, {"ratio": "x"}]}}, "contract.comboLegs[].ratio"),
        ({"orderId": 1, "order": {"algoParams": {"a": 1}}}, "order.algoParams"),
        ({"orderId": 1, "order": {"auctionStrategy": 1}}, "order.auctionStrategy"),
    ],
)
def test_what_cannot_be_sent_is_named(data: dict[str, Any], field: str) -> None:
    with pytest.raises(EncodeError) as refused:
        sent("placeOrder", data)
    assert refused.value.field == field


def test_a_field_from_a_later_version_is_refused_to_tws_and_sent_by_it() -> None:
    data = {"orderId": 1, "contract": {}, "order": {"hedgeMaxSize": 5}}
    with pytest.raises(EncodeError, match="needs server version 223, TWS has 222"):
        sent("placeOrder", data, 222)
    event = Codec(catalogue(), 222, "fromTws").decode(sent("openOrder", data, 222, "toTws"))
    assert isinstance(event, Message)
    assert event.data["order"] == {"hedgeMaxSize": 5}


def test_a_field_that_only_text_had_says_so() -> None:
    with pytest.raises(EncodeError, match="auctionStrategy: exists only up to server version 202, TWS has 226"):
        sent("placeOrder", {"orderId": 1, "order": {"auctionStrategy": 1}})


@pytest.mark.parametrize("body", [b"\x08", b"\xff\xff\xff", b"\x12\x04\x12\x02\xff\xfe", b"\x12\x02\x0a\xff"])
def test_bytes_that_are_no_such_message_are_told(body: bytes) -> None:
    payload = (200 + 5).to_bytes(4, "big") + body
    failed = Codec(catalogue(), 226, "fromTws").decode(payload)
    assert isinstance(failed, DecodeFailed)
    assert (failed.message, failed.id, failed.payload) == ("openOrder", 5, payload)


def test_fields_we_do_not_know_pass() -> None:
    payload = (200 + 9).to_bytes(4, "big") + b"\x08\x07" + b"\xfa\x3e\x03abc"
    assert Codec(catalogue(), 226, "fromTws").decode(payload) == Message("nextValidId", {"orderId": 7})
