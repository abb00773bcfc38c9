"""`decode` and `encode`: hex frames and JSON, a line each."""

import json

from bridge.wiretool import decode_lines, encode_lines


def decoded(line: str, version: int = 200) -> object:
    (answer,) = decode_lines([line], version, "tws")
    return json.loads(answer)


def test_a_frame_becomes_an_object_and_back() -> None:
    frames = ["00000008" + b"9\x001\x00100\x00".hex()]
    (line,) = decode_lines(frames, 200, "tws")
    assert json.loads(line) == {"name": "nextValidId", "data": {"orderId": 100}}
    assert list(encode_lines([line], 200, "tws")) == frames


def test_requests_are_the_client_s() -> None:
    line = '{"name": "reqPositions", "data": {}}'
    assert list(encode_lines([line], 226, "client")) == ["00000004" + "00000105"]
    assert list(decode_lines(["00000004 00000105"], 226, "client")) == [line]


def test_extra_fields_are_counted() -> None:
    assert decoded("0000000a" + b"9\x001\x00100\x00x\0".hex()) == {
        "name": "nextValidId",
        "data": {"orderId": 100},
        "extra": 1,
    }


def test_blank_lines_pass_and_bad_ones_answer() -> None:
    bad = [
        "",
        "zz",
        "00000001",
        "0000000939003100",
        "00000000",
        "00000008" + b"9\x001\x00abc\x00".hex(),
        "00000006" + b"4711\x00a".hex(),
    ]
    answers = [json.loads(line)["error"] for line in decode_lines(bad, 200, "tws")]
    assert [answer.get("field") for answer in answers] == [None, None, None, None, "orderId", None]
    assert all(answer["reason"] for answer in answers)
    assert answers[-1]["id"] == 4711


def test_an_unknown_id_is_said() -> None:
    assert decoded("00000004" + "000000c7", 226) == {
        "error": {"id": 199, "reason": "no declared message has this id and form"}
    }


def test_what_cannot_be_encoded_names_message_and_field() -> None:
    lines = [
        "[]",
        "{",
        '{"name": "nope"}',
        '{"name": "nextValidId", "data": {}}',
        '{"name": "nextValidId", "data": {"orderId": "x"}}',
    ]
    answers = [json.loads(line)["error"] for line in encode_lines(lines, 200, "tws")]
    assert [(a.get("message"), a.get("field")) for a in answers] == [
        (None, None), (None, None), ("nope", None), ("nextValidId", "orderId"), ("nextValidId", "orderId"),
    ]  # fmt: skip
