"""The text form: layouts by version, gates by value, and what each side refuses."""

from typing import Any

import pytest

from bridge.catalogue import catalogue
from bridge.tws.codec import Codec
from bridge.tws.errors import EncodeError
from bridge.tws.events import DecodeFailed, Message

STOCK = {"conId": 265598, "symbol": "AAPL", "secType": "STK", "exchange": "SMART", "currency": "USD"}
LIMIT = {"action": "BUY", "totalQuantity": "100", "orderType": "LMT", "lmtPrice": 1.5, "transmit": True}


def codec(version: int, incoming: str = "fromTws") -> Codec:
    return Codec(catalogue(), version, incoming)  # type: ignore[arg-type]


def carried(version: int, data: dict[str, Any], name: str = "placeOrder") -> dict[str, Any]:
    """What the other side makes of it."""
    event = codec(version, "toTws").decode(codec(version).encode(name, data))
    assert isinstance(event, Message), event
    assert event.extra == 0
    return event.data


def order(**fields: Any) -> dict[str, Any]:
    return {"orderId": 5, "contract": STOCK, "order": {**LIMIT, **fields}}


@pytest.mark.parametrize(
    ("version", "count"),
    [(176, 114), (177, 113), (183, 114), (184, 115), (187, 117), (189, 118), (190, 116), (192, 117), (199, 118)],
)
def test_place_order_has_the_fields_of_its_version(version: int, count: int) -> None:
    """Counts as the vendor client 10.51 sends them for a plain stock order (see the differential tests)."""
    payload = codec(version).encode("placeOrder", order())
    assert payload.count(b"\0") - 1 == count


def test_a_field_that_the_version_lacks_is_refused_by_name() -> None:
    with pytest.raises(EncodeError) as refused:
        codec(187).encode("placeOrder", order(manualOrderIndicator=1))
    assert refused.value.field == "order.manualOrderIndicator"
    assert refused.value.reason == "needs server version 192, TWS has 187"


def test_a_protobuf_only_field_names_its_version_too() -> None:
    with pytest.raises(EncodeError, match=r"order\.postOnly: needs server version 216, TWS has 200"):
        codec(200).encode("placeOrder", order(postOnly=True))
    with pytest.raises(EncodeError, match="needs server version 216, TWS has 210"):
        codec(210).encode("placeOrder", order(postOnly=True))


def test_a_value_that_says_nothing_needs_no_version() -> None:
    assert carried(176, order(includeOvernight=False, customerAccount=""))["order"]["lmtPrice"] == 1.5


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"hedgeParam": "1"}, "order.hedgeParam"),
        ({"scaleProfitOffset": 0.5}, "order.scaleProfitOffset"),
        ({"deltaNeutralConId": 5}, "order.deltaNeutralConId"),
        ({"midOffsetAtWhole": 0.1}, "order.midOffsetAtWhole"),
        ({"referenceContractId": 8}, "order.referenceContractId"),
        ({"conditions": [{"type": 3, "time": "x", "volume": 9}]}, "order.conditions[].volume"),
        ({"nonsense": 1}, "order.nonsense"),
        ({"scalePriceIncrement": 1.7976931348623157e308}, "order.scalePriceIncrement"),
        ({"lmtPrice": "1.5"}, "order.lmtPrice"),
        ({"totalQuantity": 100}, "order.totalQuantity"),
        ({"account": "DU\0"}, "order.account"),
        ({"account": "Zürich"}, "order.account"),
        ({"conditions": [{"type": 9}]}, "order.conditions[].type"),
        ({"algoParams": {"a": 1}, "algoStrategy": "Vwap"}, "order.algoParams"),
    ],
)
def test_what_has_no_place_is_refused_with_its_path(fields: dict[str, Any], place: str) -> None:
    with pytest.raises(EncodeError) as refused:
        codec(200).encode("placeOrder", order(**fields))
    assert refused.value.field == place


@pytest.mark.parametrize(
    "fields",
    [
        {"hedgeType": "D", "hedgeParam": "1"},
        {"scalePriceIncrement": 0.1, "scaleProfitOffset": 0.5, "scaleInitFillQty": 3},
        {"deltaNeutralOrderType": "LMT", "deltaNeutralConId": 5, "deltaNeutralOpenClose": "O"},
        {"orderType": "PEG MID", "midOffsetAtWhole": 0.1, "midOffsetAtHalf": 0.2},
        {"orderType": "PEG BEST", "competeAgainstBestOffset": float("inf"), "midOffsetAtWhole": 0.1},
        {"orderType": "PEG BENCH", "referenceContractId": 8, "referenceExchangeId": "ISLAND"},
        {"algoStrategy": "Vwap", "algoParams": {"maxPctVol": "0.1", "noTakeLiq": "1"}},
        {
            "conditions": [
                {
                    "type": 1,
                    "isConjunctionConnection": True,
                    "isMore": True,
                    "price": 3.5,
                    "conId": 8,
                    "exchange": "SMART",
                    "triggerMethod": 2,
                },
                {
                    "type": 7,
                    "isConjunctionConnection": False,
                    "isMore": False,
                    "changePercent": 2.5,
                    "conId": 8,
                    "exchange": "SMART",
                },
            ],
            "conditionsIgnoreRth": True,
            "conditionsCancelOrder": False,
        },
        {"orderMiscOptions": {"manual": "1", "x": "y"}},
    ],
)
def test_gated_fields_travel_with_their_gate(fields: dict[str, Any]) -> None:
    assert fields.items() <= carried(200, order(**fields))["order"].items()


def test_combo_legs_and_their_prices() -> None:
    legs = [
        {
            "conId": 1,
            "ratio": 1,
            "action": "BUY",
            "exchange": "SMART",
            "openClose": 0,
            "shortSalesSlot": 0,
            "exemptCode": -1,
            "perLegPrice": 2.5,
        },
        {
            "conId": 2,
            "ratio": 2,
            "action": "SELL",
            "exchange": "SMART",
            "openClose": 0,
            "shortSalesSlot": 0,
            "exemptCode": -1,
            "perLegPrice": 1.0,
        },
    ]
    data = {"orderId": 5, "contract": {"symbol": "AAPL", "secType": "BAG", "comboLegs": legs}, "order": LIMIT}
    data["order"] = {**LIMIT, "smartComboRoutingParams": {"NonGuaranteed": "1"}}
    got = carried(200, data)
    assert got["contract"]["comboLegs"] == legs
    assert got["order"]["smartComboRoutingParams"] == {"NonGuaranteed": "1"}


def test_an_absent_flag_is_false_in_the_position_s_own_words() -> None:
    (got,) = carried(200, order(conditions=[{"type": 3, "time": "x"}]))["order"]["conditions"]
    assert got["isConjunctionConnection"] is False


def decode(version: int, *fields: str) -> Any:
    return codec(version).decode("".join(field + "\0" for field in fields).encode())


def test_unset_is_absent() -> None:
    event = decode(200, "21", "17", "10", "0", "1.7976931348623157E308", "", "2.5", "0", "", "", "", "")
    assert event.data == {"reqId": 17, "tickType": 10, "tickAttrib": 0, "optPrice": 2.5, "pvDividend": 0.0}


def test_a_field_too_many_is_counted() -> None:
    event = decode(200, "9", "1", "77", "what", "is", "this")
    assert event == Message("nextValidId", {"orderId": 77}, extra=3)


@pytest.mark.parametrize(
    ("fields", "place", "reason"),
    [
        (["9", "1"], "orderId", "missing: only 1 fields"),
        (["9", "1", "12a"], "orderId", "12a"),
        (["9", "1", "9" * 5000], "orderId", "too large"),
        (["17", "1", "-3"], "historicalDataBars (count)", "a count of -3"),
        (["17", "1", "999999999", "d"], "historicalDataBars[].open", "missing"),
        (["2", "6", "1", "8", "much"], "size", "much"),
    ],
)
def test_bad_fields_are_named(fields: list[str], place: str, reason: str) -> None:
    event = decode(200, *fields)
    assert isinstance(event, DecodeFailed)
    assert event.field == place
    assert reason in event.reason
    assert event.server_version == 200


def test_an_unterminated_message_is_an_error() -> None:
    assert isinstance(codec(200).decode(b"9\x001\x0077"), DecodeFailed)


@pytest.mark.parametrize("raw", ["Zürich".encode(), "Zürich".encode("latin-1")])
def test_utf8_and_latin1(raw: bytes) -> None:
    event = codec(200).decode(b"6\x002\0key\0" + raw + b"\0EUR\0DU1\0")
    assert isinstance(event, Message)
    assert event.data["value"] == "Zürich"


def test_error_text_loses_only_its_unicode_escapes() -> None:
    event = decode(200, "4", "5", "201", "Z\\u00fcrich \\n \\ud83d\\ude00", '{"a":"\\"b\\""}', "1760000000000")
    assert event.data["errorMsg"] == "Zürich \\n 😀"
    assert event.data["advancedOrderRejectJson"] == '{"a":"\\"b\\""}'
    assert codec(200, "toTws").encode("error", event.data).count(b"\\u") == 3
