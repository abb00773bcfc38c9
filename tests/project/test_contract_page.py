"""docs/reference/contract.md: each sentence has a number and a proof, and names only what is declared."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.catalogue import catalogue
from bridge.contract import contract
from bridge.params import Parameters
from bridge.session.requests import MOST_SECONDS, read
from bridge.settings import BridgeSettings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference" / "contract.md").read_text(encoding="utf-8")
BODY, _, PROOF = PAGE.partition("\n## Proof\n")
CONTRACT = json.loads((ROOT / "schemas" / "contract.json").read_text(encoding="utf-8"))
ERRORS = json.loads((ROOT / "schemas" / "bridge" / "errors.json").read_text(encoding="utf-8"))

#: An item of a list with its further lines, or the row of a table.
SENTENCE = re.compile(r"^(?:- \*\*(C\d+\.\d+)\*\* ((?:.+\n)(?:  .+\n)*)|\| (C\d+\.\d+) \|(.*)\n)", re.MULTILINE)
NUMBER = re.compile(r"\bC(\d+)\.(\d+)\b")
FENCE = re.compile(r"^```json\n(.*?)^```$", re.MULTILINE | re.DOTALL)
#: What the page may leave without a proof: duties of a client that the bridge cannot see, and what is to come.
MOST_UNPROVEN = 15
#: Words in backticks that no declaration has: spelling of names, an endpoint, examples, placeholders in topics,
#: booleans and types, a status of TWS, and a key that stands beside those of a rule.
OTHER_WORDS = re.compile(
    r"A|Z|a|z|_|_XX|tcp|market|tickPrice|client|owner|event|nonce|stream|source|account|orderKey|true|false|number"
    r"|external|PendingCancel|rule"
)
BANNED = ("is to be", "are to be", "but for", "bears", "tells of", "whoever", "bear ")


def sentences() -> list[tuple[str, str]]:
    """Number and text of each sentence, in the order of the page."""
    found = [(m[1] or m[3], " ".join((m[2] or m[4]).split())) for m in SENTENCE.finditer(BODY)]
    return [(number, text) for number, text in found if number]


def proofs() -> list[tuple[str, list[str]]]:
    rows = re.findall(r"^\| (C\d+\.\d+) \| (.*) \|$", PROOF, flags=re.MULTILINE)
    return [(number, re.findall(r"`([^`]+)`", tests)) for number, tests in rows]


def section(title: str) -> str:
    return BODY.split(f". {title}\n", 1)[1].split("\n## ", 1)[0]


def rows(header: str) -> list[list[str]]:
    """The cells of the tables with this header, less the numbers."""
    tables = [part.split("\n\n", 1)[0].splitlines()[1:] for part in BODY.split(f"{header}\n")[1:]]
    return [[cell.strip().strip("`") for cell in row.split("|")[2:-1]] for table in tables for row in table]


# Numbers


def test_numbers_are_unique_and_count_up() -> None:
    expected = [
        (chapter, place)
        for chapter, group in itertools.groupby(int(number[1:].split(".")[0]) for number, _ in sentences())
        for place in range(1, len(list(group)) + 1)
    ]
    assert [tuple(map(int, number[1:].split("."))) for number, _ in sentences()] == expected
    assert sorted({chapter for chapter, _ in expected}) == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12]
    assert len(expected) > 300


def test_a_number_is_that_of_its_section() -> None:
    for chapter, text in re.findall(r"^## (\d+)\. .*\n((?:(?!^## ).*\n)*)", BODY + "\n", flags=re.MULTILINE):
        assert {m[1] or m[3] for m in SENTENCE.finditer(text)} == {
            n for n, _ in sentences() if n.startswith(f"C{chapter}.")
        }


def test_a_number_has_one_sentence() -> None:
    plain = {number: re.sub(r"`[^`]*`|\[[^\]]*\]\([^)]*\)", "word", text.strip(" |")) for number, text in sentences()}
    assert [number for number, text in plain.items() if not text.endswith(".") or re.search(r"[.!?] ", text)] == []


def test_what_demands_has_a_number() -> None:
    rest = SENTENCE.sub("", FENCE.sub("", BODY.partition("\n## 1. ")[2]))
    assert re.findall(r"^.*\b(?:MUST|SHOULD|MAY)\b.*$", rest, flags=re.MULTILINE) == []
    assert re.findall(r"^- .*$", rest.replace(section("A client's duties"), ""), flags=re.MULTILINE) == []


def test_a_demand_names_its_actor() -> None:
    """Who must is the client: the bridge does what the page says, or it is a defect."""
    demands = [(n, text) for n, text in sentences() if re.search(r"\b(?:MUST|SHOULD|MAY)\b", text)]
    assert len(demands) > 80
    assert [n for n, text in demands if not re.search(r"\b(?:clients?|run|child|admin|person|it)\b", text)] == []


def test_a_number_that_is_referred_to_exists() -> None:
    known = {number for number, _ in sentences()}
    assert {m[0] for m in NUMBER.finditer(BODY)} == known


def test_the_checklist_leads_to_sentences_alone() -> None:
    items = re.findall(r"^- (.*(?:\n  .*)*)", section("A client's duties"), flags=re.MULTILINE)
    assert len(items) >= 12
    assert [item for item in items if not NUMBER.search(item)] == []


# Proofs


def test_each_sentence_has_a_row_in_the_table_of_proofs() -> None:
    assert [number for number, _ in proofs()] == [number for number, _ in sentences()]


def test_each_proof_exists() -> None:
    named: dict[str, set[str]] = {}
    for test in {test for _, tests in proofs() for test in tests}:
        file, _, name = test.partition("::")
        named.setdefault(file, set()).add(name)
    assert len(named) > 20
    for file, names in named.items():
        text = (ROOT / file).read_text(encoding="utf-8")
        assert names - set(re.findall(r"^(?:async )?def (test_\w+)\(", text, flags=re.MULTILINE)) == set(), file


def test_few_sentences_are_unproven() -> None:
    unproven = re.findall(r"^\| (C\d+\.\d+) \| unproven \|$", PROOF, flags=re.MULTILINE)
    assert unproven == [number for number, tests in proofs() if not tests]
    assert len(unproven) <= MOST_UNPROVEN


# Words


def declared() -> set[str]:
    """Every name that something in schemas/ or the settings declares."""
    words: set[str] = set(BridgeSettings.model_fields) | {"when_lost"}
    known, own = catalogue(), contract()
    for message in known.messages.values():
        words |= {message.name, *message.callbacks()} if message.direction == "fromTws" else {message.name}
    for files in ("messages", "types", "bridge"):
        for path in (ROOT / "schemas" / files).rglob("*.json"):
            words |= set(_names(json.loads(path.read_text(encoding="utf-8"))))
    words |= set(_names(CONTRACT)) | own.events.keys() | own.methods.keys()
    for method in Parameters(known).describe():
        words |= {method["method"], *_properties(method["params"])}
    return words


def _names(node: object) -> Iterator[str]:
    """Keys of maps of the contract, names of fields, values of closed sets, codes and rules."""
    match node:
        case dict():
            for key, value in node.items():
                if key in ("name", "code", "rule", "event") and isinstance(value, str):
                    yield value
                else:
                    yield key
                    yield from _names(value)
        case list():
            for item in node:
                yield from _names(item)


def _properties(schema: object) -> Iterator[str]:
    match schema:
        case dict():
            yield from schema.get("properties", {}) if isinstance(schema.get("properties"), dict) else ()
            yield from schema.get("enum", ()) if isinstance(schema.get("enum"), list) else ()
            for value in schema.values():
                yield from _properties(value)
        case list():
            for item in schema:
                yield from _properties(item)


#: The words of `kind`: `schemas` declares them beside this page.
KINDS = {row[0] for row in rows("| | `kind` | what `result` is |")}


def test_what_stands_in_backticks_is_declared() -> None:
    known = {str(word) for word in declared()} | KINDS | {"kind"}
    spans = re.findall(r"`([^`\n]+)`", FENCE.sub("", BODY))
    assert len(spans) > 500
    unknown = {
        span
        for span in spans
        for word in re.findall(r"[A-Za-z_]+", span)
        if word not in known and not OTHER_WORDS.fullmatch(word)
    }
    assert unknown == set()


def test_the_topics_are_those_of_the_contract() -> None:
    told = [topic["address"].replace("{", "<").replace("}", ">") for topic in CONTRACT["topics"].values()]
    assert [row[0] for row in rows("| | topic | what it carries |")] == told


def test_the_states_of_an_order_are_all_there() -> None:
    types = json.loads((ROOT / "schemas" / "bridge" / "types.json").read_text(encoding="utf-8"))
    (stage,) = [declared for declared in types if declared["name"] == "OrderStage"]
    assert {row[0] for row in rows("| | `state` | what it means and what a client does |")} == set(stage["values"])


def test_the_codes_of_errors_are_all_there_with_their_retry() -> None:
    told = [(row[0], row[1]) for row in rows("| | `code` | retry | what it means and what a client does |")]
    assert told == [(error["code"], error["retry"]) for error in ERRORS["codes"]]


def test_the_rules_after_which_a_retry_helps_are_named() -> None:
    (row,) = [
        row for row in rows("| | `code` | retry | what it means and what a client does |") if row[0] == "notPermitted"
    ]
    passing = {rule["rule"] for rule in ERRORS["rules"] if rule.get("retry") == "later"}
    assert {word for word in re.findall(r"`(\w+)`", row[2])} == passing


@pytest.mark.parametrize("name", ["request_timeout", "lease", "event_queue", "most_waiting", "settle_pause"])
def test_a_default_is_that_of_the_setting(name: str) -> None:
    (text,) = [text for _, text in sentences() if f"(setting `{name}`" in text]
    default = BridgeSettings.model_fields[name].default
    assert f"{default:,.0f}" in text.partition("(setting")[0]


def test_the_longest_timeout_is_that_of_the_bridge() -> None:
    assert any(f"at most {MOST_SECONDS:g}, from" in text for _, text in sentences())


@pytest.mark.parametrize("words", BANNED)
def test_the_language_is_plain(words: str) -> None:
    assert words not in BODY


# Examples


def examples() -> list[dict[str, object]]:
    """Every map in the page's examples, in order."""
    found, decoder = [], json.JSONDecoder()
    for block in FENCE.findall(BODY):
        rest = block.strip()
        while rest:
            value, end = decoder.raw_decode(rest)
            found.append(value)
            rest = rest[end:].strip()
    return found


def test_each_section_begins_with_an_example() -> None:
    for part in re.split(r"^## \d+\. ", BODY, flags=re.MULTILINE)[1:]:
        first = SENTENCE.search(part)
        assert first is None or "```json" in part[: first.start()], part[:40]


def test_requests_in_examples_are_accepted() -> None:
    requests = [example for example in examples() if "method" in example]
    assert len(requests) >= 7
    parameters = Parameters(catalogue())
    for request in requests:
        ask = read(request)
        parameters.check(ask.method, ask.params)


def test_replies_in_examples_have_the_keys_of_replies() -> None:
    replies = [example for example in examples() if "ok" in example]
    assert len(replies) >= 8
    for reply in replies:
        assert reply.keys() <= {*CONTRACT["reply"], "kind"}
        assert ("result" in reply) == ("kind" in reply) == reply["ok"]
    codes = {error["code"] for error in ERRORS["codes"]}
    assert {reply["error"]["code"] for reply in replies if not reply["ok"]} <= codes
