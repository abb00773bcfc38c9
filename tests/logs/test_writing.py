"""The way of an event to a line: forms, hidden account numbers, equal lines, and a reader who does not read."""

from __future__ import annotations

import errno
import json
import logging
import os
import re
import select
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bridge.contract import contract
from bridge.logs import AccountMask, BridgeLog, tell
from bridge.logs.entry import Entry
from bridge.logs.lines import Format, maker
from bridge.logs.throttle import BURST, MOST_KINDS, WINDOW, Throttle
from bridge.logs.writer import Writer

LOGGER = logging.getLogger("bridge.test")
PLACED = {
    "client": "alice", "orderKey": "k1", "orderId": 7, "action": "BUY", "quantity": "100", "symbol": "AAPL",
    "limitPrice": 150.25, "account": "DU1234567",
}  # fmt: skip


def line(form: Format, event: str = "orderPlaced", mask: AccountMask | None = None, **fields: Any) -> str:
    return maker(form, mask or AccountMask())(Entry(1764319344.123456, "info", event, fields or PLACED))


def wait_for(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


# Forms


def test_a_line_of_text_has_time_level_event_sentence_and_fields() -> None:
    assert line("text") == (
        "2025-11-28T08:42:24.123Z INFO orderPlaced alice places k1: BUY 100 AAPL at 150.25 client=alice orderKey=k1 "
        "orderId=7 action=BUY quantity=100 symbol=AAPL limitPrice=150.25 account=DU***67"
    )


def test_a_line_of_json_has_the_same_facts_with_types() -> None:
    told = json.loads(line("json"))
    head = {"ts": "2025-11-28T08:42:24.123Z", "level": "info", "event": "orderPlaced"}
    assert told == head | {"message": "alice places k1: BUY 100 AAPL at 150.25"} | PLACED | {"account": "DU***67"}


@pytest.mark.parametrize("form", ["text", "json"])
def test_words_of_others_stay_in_their_line(form: Format) -> None:
    forged = 'x"\n2026-11-22T11:00:00.000Z ERROR ledgerFailed forged \x1b[2K'
    told = line(form, "tradingHalted", reason=forged, source="admin")
    assert told.isprintable()
    if form == "json":
        assert json.loads(told)["reason"] == forged


def test_what_json_cannot_say_is_null() -> None:
    assert json.loads(line("json", **{**PLACED, "limitPrice": float("nan")}))["limitPrice"] is None


# Accounts


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("order for DU1234567 refused", "order for DU***67 refused"),
        ("accounts U7654321,DF4455667: none", "accounts U***21,DF***67: none"),
        ("du1234567", "du***67"),
        ("DU1 and DU12", "DU*** and DU12"),
        ("XDU1234567 and usfarm2 U123", "XDU1234567 and usfarm2 U123"),
        ("advisor F998877A, F1234567", "advisor F***7A, F***67"),
        ("broker I1234567, paper DUP123456", "broker I***67, paper DUP***56"),
        ("\x1b[31mU7654321\x1b[0m", "\x1b[31mU***21\x1b[0m"),
        ("\x1b(BU7654321 \x9b1mU7654321", "\x1b(BU***21 \x9b1mU***21"),
        (repr("\x1b[31mU7654321\x01U7654321\nU7654321"), repr("\x1b[31mU***21\x01U***21\nU***21")),
        ("%20U7654321", "%20U***21"),
        ("XF12345, FIRST1234567, HI1234567", "XF12345, FIRST1234567, HI1234567"),
    ],
)
def test_account_numbers_are_hidden_in_any_text(text: str, hidden: str) -> None:
    mask = AccountMask()
    mask.learn(["DU1", ""])
    assert mask.text(text) == hidden
    shown = AccountMask(is_on=False)
    shown.learn(["DU1"])
    assert shown.text(text) == text


@pytest.mark.parametrize("form", [
    "{}", "x{}", "account{}", "\x1b[31m{}", "\x1b[1;31m{}\x1b[0m", "\\x1b[31m{}", "\x1bM{}", "line\n{}", "\\n{}",
    "%55{}", "é{}é", "x_{}_y", "{}P", "{}.JOINT", "'{}'", "b'\\x01{}'",
])  # fmt: skip
def test_a_known_account_is_hidden_wherever_it_is(form: str) -> None:
    mask = AccountMask()
    mask.learn(["U1234567", "DUP987654"])
    for account in ("U1234567", "u1234567", "DUP987654"):
        assert account not in mask.text(form.format(account))
        assert account not in mask.text(form.format(account), is_name=True)
    assert mask.text("U12345678", is_name=True) == "U12345678"


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        (
            "get https://user:hunter2@host/x?password=hunter2&user=me",
            "get https://user:***@host/x?password=***&user=me",
        ),
        ("ftp://:hunter2@host", "ftp://:***@host"),
        ("?access_token=hunter2 and db_password=hunter2;", "?access_token=*** and db_password=***;"),
        ("https://host:4001/a@b?tokens=5", "https://host:4001/a@b?tokens=5"),
        ("tcp://127.0.0.1:7501", "tcp://127.0.0.1:7501"),
    ],
)
def test_passwords_in_urls_are_hidden_in_any_case(text: str, hidden: str) -> None:
    assert AccountMask().text(text) == hidden
    assert AccountMask(is_on=False).fields({"reason": text}) == {"reason": hidden}


@pytest.mark.parametrize(
    "piece", ["a-", "://", "://:", "a:", "\x1b[", "\x1b[0", "\\x1b[ ", "U123456", "password=", "tokentoken"]
)
def test_a_long_text_takes_little_time(piece: str) -> None:
    mask = AccountMask()
    mask.learn(["U1234567", "DU1"])
    begun = time.process_time()
    mask.text(f"={piece * 100_000}")
    assert time.process_time() - begun < 10


def test_a_key_that_only_looks_like_an_account_stays_and_a_known_account_never_does() -> None:
    mask = AccountMask()
    assert mask.fields({"orderKey": "U2026112801"[:9], "keys": ["U2026112"]}) == {
        "orderKey": "U20261128",
        "keys": ["U2026112"],
    }
    mask.learn(["U20261128"])
    assert mask.fields({"orderKey": "U20261128", "reason": {"U20261128": ["U20261128"]}}) == {
        "orderKey": "U***28",
        "reason": {"U***28": ["U***28"]},
    }


# Equal lines


def refused(client: str = "eve", code: str = "notPermitted") -> dict[str, Any]:
    return {"client": client, "method": "ping", "requestId": "1", "code": code, "reason": "no", "rule": "roles"}


def test_equal_refusals_are_counted_after_some_and_told_in_one_line() -> None:
    throttle = Throttle()
    assert sum(throttle.admits("requestRefused", refused(), 100.0) for _ in range(BURST + 1234)) == BURST
    assert throttle.admits("requestRefused", refused(code="tooLarge"), 100.0)
    assert throttle.admits("requestRefused", refused("bob"), 100.0)
    assert throttle.due(100.0 + WINDOW - 1, 0.0) == []
    (told,) = throttle.due(100.0 + WINDOW, 5.0)
    assert told == Entry(5.0, "warning", "repeated", {
        "ofEvent": "requestRefused", "count": 1234, "seconds": WINDOW, "client": "eve", "code": "notPermitted",
        "rule": "roles",
    })  # fmt: skip
    said = json.loads(line("json", "repeated", **told.fields))["message"]
    assert said == "1234 more like it in the last 60 s: requestRefused of eve, notPermitted, roles"
    assert not throttle.is_counting
    assert throttle.admits("requestRefused", refused(), 161.0)


def test_new_names_do_not_help_a_client_in_a_loop() -> None:
    throttle = Throttle()
    written = sum(throttle.admits("requestRefused", refused(f"fake{n}"), 100.0) for n in range(5000))
    assert written == MOST_KINDS + BURST
    assert sum(entry.fields["count"] for entry in throttle.due(200.0, 0.0)) == 5000 - written


@pytest.mark.parametrize(
    "event", [one.event for one in contract().log_events.values() if one.fact not in (None, "limit")]
)
def test_each_fact_of_an_order_a_halt_and_the_verdict_is_named(event: str) -> None:
    """Of 1000 orders, each has its line; and so has each line that is not one of many for one order."""
    throttle = Throttle()
    declared = contract().log_events[event]
    facts = [{name.removesuffix("?"): number for name in declared.fields} for number in range(1000)]
    assert all(throttle.admits(event, fields, 100.0) for fields in facts)
    again = [throttle.admits(event, facts[0], 100.0) for _ in range(100)]
    assert declared.limit_by or all(again)


def test_a_contradiction_in_a_loop_is_limited_and_hides_no_other_order() -> None:
    throttle = Throttle()
    one = {"client": "a", "orderKey": "k1", "orderId": 1, "reason": "no"}
    written = sum(throttle.admits("orderConflict", one | {"reason": f"no {n}"}, 100.0) for n in range(5000))
    assert written == MOST_KINDS + BURST
    assert throttle.admits("orderConflict", one | {"orderId": 2}, 100.0)
    told = [entry.fields for entry in throttle.due(200.0, 0.0)]
    assert told == [{"ofEvent": "orderConflict", "count": 5000 - written, "seconds": 100.0, "orderId": 1}]


LIMITS = contract().log_events["requestRefused"].apart
assert LIMITS is not None


@pytest.mark.parametrize("rule", LIMITS.only["rule"])
def test_each_refusal_by_a_limit_is_named_whatever_others_do(rule: str) -> None:
    throttle = Throttle()
    for number in range(1000):
        throttle.admits("requestRefused", refused(f"fake{number}") | {"rule": "clients"}, 100.0)
        throttle.admits("requestRefused", refused("eve", f"code{number}") | {"rule": "max_lines"}, 100.0)
    for number in range(100):
        assert throttle.admits("requestRefused", refused(f"client{number}") | {"rule": rule}, 100.0)


def test_each_rule_of_a_refusal_is_a_limit_or_can_be_met_under_invented_names() -> None:
    """A rule that is added belongs to one of the two."""
    assert contract().rules.keys() - {*LIMITS.only["rule"]} == {
        "identity", "clients", "roles", "instance", "reserved", "halt",
    }  # fmt: skip


def test_an_outage_is_named_after_many_interruptions_of_another_cause() -> None:
    throttle = Throttle()
    facts = {"count": 1, "topic": "system.", "streams": ["a"], "reason": "a client wants more"}
    for _ in range(12):
        throttle.admits("streamsInterrupted", facts, 100.0)
    assert throttle.admits("streamsInterrupted", facts | {"reason": "TWS closed the connection"}, 100.0)


def test_the_last_line_on_the_verdict_is_the_newest() -> None:
    throttle = Throttle()
    for _ in range(50):
        assert throttle.admits("ordersNotPossible", {"code": "connecting", "reason": "x"}, 100.0)
        assert throttle.admits("ordersPossible", {}, 100.0)


# The thread


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    yield reading, writing
    for descriptor in (reading, writing):
        os.close(descriptor)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[tuple[BridgeLog, Path]]:
    path = tmp_path / "log"
    with path.open("wb") as file:
        handler = BridgeLog(file.fileno(), "json", AccountMask())
        LOGGER.addHandler(handler)
        LOGGER.setLevel(logging.INFO)
        LOGGER.propagate = False
        yield handler, path
        LOGGER.removeHandler(handler)
        handler.close()


def events(path: Path) -> list[dict[str, Any]]:
    return [json.loads(text) for text in path.read_text().splitlines()]


def test_what_is_told_is_written_at_once_and_once(log: tuple[BridgeLog, Path]) -> None:
    _, path = log
    tell(LOGGER, "ledgerRecovered")
    tell(LOGGER, "clientJoined", client="alice")
    tell(LOGGER, "connectionProgress", state="handshaking")
    wait_for(lambda: len(events(path)) == 2)
    assert [(one["level"], one["event"]) for one in events(path)] == [
        ("info", "ledgerRecovered"),
        ("info", "clientJoined"),
    ]


def test_what_a_library_says_is_an_event_with_its_traceback_in_one_line(log: tuple[BridgeLog, Path]) -> None:
    _, path = log
    try:
        raise ArithmeticError("seven\nDU1234567")
    except ArithmeticError:
        LOGGER.exception("it %s", "failed")
    wait_for(lambda: events(path))
    (told,) = events(path)
    assert (told["event"], told["level"], told["logger"], told["reason"]) == (
        "library", "error", "bridge.test", "it failed",
    )  # fmt: skip
    assert "ArithmeticError: seven" in told["traceback"]
    assert "DU1234567" not in path.read_text()


def test_at_the_end_the_counts_are_written(log: tuple[BridgeLog, Path]) -> None:
    handler, path = log
    for _ in range(BURST + 3):
        tell(LOGGER, "requestRefused", **refused())
    LOGGER.removeHandler(handler)
    handler.close()
    assert [one["event"] for one in events(path)] == ["requestRefused"] * BURST + ["repeated"]
    assert events(path)[-1]["count"] == 3


def test_an_undeclared_event_costs_nobody_anything(log: tuple[BridgeLog, Path]) -> None:
    _, path = log
    tell(LOGGER, "noSuchEvent", strange=object)
    wait_for(lambda: events(path))
    assert events(path)[0]["event"] == "noSuchEvent"


def test_a_reader_who_does_not_read_stops_nobody_and_the_log_says_what_is_lost(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    writer = Writer(writing, maker("json", AccountMask()), list, most=1000)
    writer.start()
    begun = time.process_time()
    for number in range(20_000):
        writer.put(Entry(0.0, "info", "clientJoined", {"client": f"c{number}"}))
    assert time.process_time() - begun < 20
    text = b""

    def read() -> None:
        nonlocal text
        while b"the end" not in text:
            text += os.read(reading, 65536)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    wait_for(lambda: b"linesDropped" in text)
    writer.put(Entry(0.0, "info", "clientJoined", {"client": "the end"}))
    reader.join(20)
    told = [json.loads(one) for one in text.decode().splitlines()]
    written = [one["client"] for one in told if one["event"] == "clientJoined"][:-1]
    lost = sum(one["count"] for one in told if one["event"] == "linesDropped")
    assert len(written) + lost == 20_000
    assert 1000 <= len(written) < 20_000
    assert written == [f"c{number}" for number in range(len(written))][:1000] + written[1000:]
    assert writer.is_alive()
    writer.close()
    assert not writer.is_alive()


def test_facts_are_the_last_to_be_left_out(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    writer = Writer(writing, maker("json", AccountMask()), list, most=1000)
    writer.start()
    for number in range(5000):
        writer.put(Entry(0.0, "debug", "requestAnswered", {"client": "a", "requestId": str(number)}))
    for number in range(1500):
        writer.put(Entry(0.0, "info", "clientJoined", {"client": f"c{number}"}))
    for number in range(900):
        writer.put(Entry(0.0, "info", "orderPlaced", PLACED | {"orderId": number}))
    writer.put(Entry(0.0, "warning", "tradingHalted", {"reason": "drill", "source": "admin"}))
    text = b""

    def read() -> bool:
        nonlocal text
        if select.select([reading], [], [], 0.01)[0]:
            text += os.read(reading, 65536)
        return b"linesDropped" in text and b"tradingHalted" in text and text.endswith(b"\n")

    wait_for(read)
    told = [json.loads(one) for one in text.decode().splitlines()]
    assert [one["orderId"] for one in told if one["event"] == "orderPlaced"] == list(range(900))
    assert [one["reason"] for one in told if one["event"] == "tradingHalted"] == ["drill"]
    assert 400 <= sum(one["event"] == "clientJoined" for one in told) < 1500
    (lost,) = [one["count"] for one in told if one["event"] == "linesDropped"]
    assert lost == 5000 + 1500 + 901 - (len(told) - 1)
    writer.close()


class Disk:
    """A disk with room for so many bytes more."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.data = b""

    def write(self, _: int, data: bytes) -> int:
        taken = bytes(data[: self.room])
        if not taken:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.data += taken
        self.room -= len(taken)
        return len(taken)


@pytest.mark.parametrize("room", [0, 1, 60, 119, 120, 121, 190, 430, 1000])
def test_a_full_disk_cuts_no_line_and_the_count_of_the_lost_ones_is_right(
    monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    disk = Disk(room)
    monkeypatch.setattr("bridge.logs.writer.os.write", disk.write)
    monkeypatch.setattr("bridge.logs.writer._AGAIN", 0.01)
    writer = Writer(0, maker("json", AccountMask()), list)
    number = 0
    for more in (0, 0, 3, 0, 61, 100_000):  # it is full, full again, has little room, and then enough
        for _ in range(4):
            writer.put(Entry(0.0, "info", "clientJoined", {"client": f"c{number}"}))
            number += 1
        disk.room += more
        writer.write_waiting()
    told = [json.loads(one) for one in disk.data.decode().splitlines()]
    assert disk.data.endswith(b"\n")
    written = [one["client"] for one in told if one["event"] == "clientJoined"]
    assert len(written) + sum(one["count"] for one in told if one["event"] == "linesDropped") == number
    assert written == sorted(written, key=lambda client: int(client[1:]))
    assert f"c{number - 1}" in written


def test_with_a_stalled_reader_the_end_does_not_wait_for_it(pipe: tuple[int, int]) -> None:
    _, writing = pipe
    writer = Writer(writing, maker("text", AccountMask()), list)
    writer.start()
    for number in range(5000):
        writer.put(Entry(0.0, "info", "clientJoined", {"client": f"c{number}"}))
    begun = time.monotonic()
    writer.close()
    assert time.monotonic() - begun < 20
    assert writer.is_alive()


def test_a_line_that_cannot_be_made_is_a_defect_and_the_next_one_comes(tmp_path: Path) -> None:
    def fails_once(entry: Entry) -> str:
        if entry.event == "clientJoined":
            raise ValueError("no line")
        return maker("text", AccountMask())(entry)

    with (tmp_path / "log").open("wb") as file:
        writer = Writer(file.fileno(), fails_once, list)
        writer.start()
        writer.put(Entry(0.0, "info", "clientJoined", {"client": "a"}))
        writer.put(Entry(0.0, "info", "ledgerRecovered", {}))
        writer.close()
    first, second = (tmp_path / "log").read_text().splitlines()
    assert re.search("ERROR defect .*the log cannot write clientJoined: ValueError: no line", first)
    assert "ledgerRecovered" in second
