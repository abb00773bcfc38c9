"""Scenario files: what they may say, and what a mistake is answered with."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bridge.simulator.scenario import library
from bridge.simulator.scenario.forms import FIELDS, BadPhrase, Phrase, read, seconds
from bridge.simulator.scenario.parser import HEADERS, ScenarioError, parse, parse_action
from bridge.simulator.scenario.texts import FARM_CODES, text_of
from bridge.simulator.scenario.vocabulary import ABOUT, ABSENCES, CHAPTERS, FORMS, SPEAKERS, TWS
from tests.simulator.scenario.examples import example

WHOLE = """
# a comment
title: IBKR loses the subscriptions
source: https://example.com/1
source: https://example.com/2
bridge: tells one gap,
bridge: and asks again
start: request reqMktData

before      client  subscribe AAPL
before      tws     silent next reqMktData
2s          tws     error 1100 "lost # not a comment"   # a comment
+500ms      tws     price AAPL 200.5
then        tws     restart for 2s, ids from 1, lists cut
within 5s   seen    request reqMktData 2 times
within 5s   heard   system.connection state=ready code=1101
for 2s      heard   no system.gap
within 5s   known   order k1 filled filled=100
"""


def said(text):
    """The phrase in one line of TWS's."""
    return parse_action(text)


def mistakes(text, head="title: t\n"):
    with pytest.raises(ScenarioError) as refused:
        parse(head + text, "x.scenario")
    return refused.value.problems


def test_a_whole_file():
    scenario = parse(WHOLE, "folder/x.scenario")
    assert (scenario.name, scenario.title) == ("x", "IBKR loses the subscriptions")
    assert scenario.sources == ("https://example.com/1", "https://example.com/2")
    assert scenario.bridge == "tells one gap, and asks again"
    assert scenario.start == "reqMktData"
    assert [(line.number, line.when, line.seconds, line.who, line.phrase.verb) for line in scenario.lines] == [
        (10, "before", 0.0, "client", "subscribe"),
        (11, "before", 0.0, "tws", "silentNext"),
        (12, "at", 2.0, "tws", "error"),
        (13, "after", 0.5, "tws", "price"),
        (14, "after", 0.0, "tws", "restart"),
        (15, "within", 5.0, "seen", "request"),
        (16, "within", 5.0, "heard", "topic"),
        (17, "for", 2.0, "heard", "noTopic"),
        (18, "within", 5.0, "known", "order"),
    ]
    assert [dict(line.phrase.fields) for line in scenario.lines[2:6]] == [
        {"code": 1100, "text": "lost # not a comment"},
        {"symbol": "AAPL", "price": Decimal("200.5")},
        {"seconds": 2.0, "options": ("ids from 1", "lists cut")},
        {"request": "reqMktData", "n": 2},
    ]
    assert scenario.lines[8].phrase.fields["values"] == {"filled": "100"}


@pytest.mark.parametrize(
    ("start", "found"),
    [("now", "now"), ("connection", "connection"), ("order", "placeOrder"), ("request reqPositions", "reqPositions")],
)
def test_what_may_start_the_clock(start, found):
    assert parse(f"title: t\nstart: {start}\nthen tws drop", "x").start == found


def test_without_a_start_a_connection_is_one():
    assert parse("title: t\nthen tws drop", "x").start == "connection"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1s tws eror 1100", "2: unknown phrase 'eror 1100' of 'tws'; allowed: error CODE on REQUEST"),
        ("1s tws error", "allowed: error CODE on REQUEST"),
        ("1s tws error 1100 no quotes", "allowed: error CODE on REQUEST"),
        ("1s tws silent reqMktDta", "TWS has no request 'reqMktDta'; did you mean reqMktData"),
        ("1s tws silent tickPrice", "TWS has no request 'tickPrice'"),
        ("1s tws price GOOG 5", "no stock 'GOOG'; it has AAPL"),
        ("1s tws restart for 2", "invalid time '2': write 2s, 0.5s or 300ms"),
        ("1s tws restart for 2s, orders away", "allowed: restart for SECONDS[OPTIONS]"),
        ("1 tws drop", "invalid time '1'"),
        ("soon tws drop", "invalid line 'soon tws drop'; allowed: WHEN WHO WHAT"),
        ("drop", "invalid line 'drop'"),
        ("1s ibkr drop", "unknown speaker 'ibkr'; allowed: tws, client, seen, heard, known"),
        ("within 5s tws drop", "`within` is for expectations"),
        ("for 5s client subscribe AAPL", "`for` is for expectations"),
        ("1s seen request reqMktData", "takes `within`"),
        ("for 1s seen request reqMktData", "takes `within`"),
        ("within 1s seen no request reqMktData", "begins with `no` takes `for`"),
        ("before heard system.gap", "takes `within`"),
        ("start: never\n1s tws drop", "invalid start 'never'; allowed: now; connection; order; request REQUEST"),
        ("start: request nothing\n1s tws drop", "TWS has no request 'nothing'"),
        ("author: me\n1s tws drop", "unknown header 'author'; allowed: title, source, bridge, start"),
        ("1s tws drop\nbridge: late", "3: the header 'bridge' must be before the first line"),
        ("bridge:\n1s tws drop", "the header 'bridge' is empty"),
        ("title: again\n1s tws drop", "the header 'title' appears twice"),
        ("", "the scenario has no lines"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_file_and_line(text, words):
    (problem,) = mistakes(text)
    assert problem.startswith("x.scenario:")
    assert words in problem


def test_a_title_is_required():
    assert mistakes("1s tws drop", head="") == ["x.scenario:1: the title is missing; add `title: ...`"]


def test_all_mistakes_are_told_at_once():
    found = mistakes("1s tws jump\n1s tws drop\n1s seen stars\n")
    assert [problem.split(": ")[0] for problem in found] == ["x.scenario:2", "x.scenario:4"]


@pytest.mark.parametrize(("text", "found"), [("2s", 2.0), ("0.5s", 0.5), ("300ms", 0.3), ("0s", 0.0)])
def test_times(text, found):
    assert seconds(text) == found


@pytest.mark.parametrize("text", ["2", "s", "-1s", "1m", "1 s", ""])
def test_no_times(text):
    with pytest.raises(BadPhrase):
        seconds(text)


def test_tws_before_a_single_phrase_may_be_left_out():
    assert said("tws error 1100") == said("then tws  error 1100") == said("error 1100") == said("  error   1100 ")


@pytest.mark.parametrize(("who", "form"), [(who, form) for who in SPEAKERS for form in FORMS[who]])
def test_each_form_is_read_as_itself(who, form):
    """No form hides another one that stands behind it."""
    phrase = read(FORMS[who], who, example(form))
    assert isinstance(phrase, Phrase)
    assert phrase.verb == form.verb


def test_the_vocabulary_is_whole():
    for who in SPEAKERS:
        verbs = [form.verb for form in FORMS[who]]
        assert len(verbs) == len(set(verbs))
        assert ABOUT[who].endswith(".")
    assert [form for chapter in CHAPTERS.values() for form in chapter] == list(TWS)
    assert {form.verb for forms in FORMS.values() for form in forms if form.shape.startswith("no ")} == ABSENCES
    assert set(HEADERS) == {"title", "source", "bridge", "start"}
    assert all(FIELDS.values())


def test_each_code_of_a_farm_has_its_words():
    assert all(not text_of(code).startswith("Error ") for codes in FARM_CODES.values() for code in codes.values())
    assert text_of(99999) == "Error 99999"


@pytest.mark.parametrize(
    "code", [316, 317, 326, 1100, 1101, 1102, 1300, 2103, 2104, 2105, 2106, 2107, 2108, 2110, 2119, 10197, 10225]
)
def test_the_usual_codes_have_ibkrs_words(code):
    assert text_of(code) != f"Error {code}"


# Shipped ones


@pytest.mark.parametrize("name", list(library.shipped()))
def test_a_shipped_scenario_says_what_the_bridge_does(name):
    scenario = library.shipped()[name]
    assert scenario.name == name
    assert scenario.bridge
    assert any(not line.does for line in scenario.lines)
    assert max(line.seconds for line in scenario.lines if line.does) <= 5


def test_the_known_accidents_are_shipped_with_their_sources():
    names = {"lean-242", "lean-246", "lean-249", "nautilus-3968", "nautilus-4230", "nautilus-4564", "nautilus-4796",
             "stoqey-240"}  # fmt: skip
    found = {name: library.shipped()[name].sources for name in names}
    assert all(name.rpartition("-")[2] == source.rpartition("/")[2] for name, (source,) in found.items())


def test_a_file_is_loaded_by_its_path(tmp_path):
    file = tmp_path / "mine.scenario"
    file.write_text("title: mine\nthen tws drop\n")
    assert library.load(str(file)).name == "mine"


@pytest.mark.parametrize(
    ("place", "words"),
    [("no-such-accident", "no shipped scenario has this name"), ("nowhere/x.scenario", "No such file or directory")],
)
def test_what_cannot_be_loaded_is_named(place, words):
    with pytest.raises(ScenarioError, match=words):
        library.load(place)


def test_a_file_that_is_no_text_is_refused(tmp_path):
    file = tmp_path / "x.scenario"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(ScenarioError, match="not UTF-8"):
        library.load(str(file))
