"""Each block of README.md and docs/ is run, or its page says why not."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.project.pages.blocks import Block, PageError, blocks, needs_bridge, pages
from tests.project.pages.stage import Places, Stage

PAGES = pages()


def chained(found: list[Block]) -> list[Block]:
    """The blocks to play: those that continue a Python program are one program with it."""
    played: list[Block] = []
    for block in found:
        if "continues" in block.note:
            assert played and played[-1].language == "python", f"{block.place}: continues no Python program"
            before = played.pop()
            prints = [note["prints"] for note in (before.note, block.note) if "prints" in note]
            note = {"prints": "\n".join(prints)} if prints else {}
            played.append(replace(before, text=f"{before.text}\n{block.text}", note=note))
        elif not block.is_excused:
            played.append(block)
    return played


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Places]:
    """Where a simulator and a bridge listen that all pages which expect one share."""
    with Stage(tmp_path_factory.mktemp("shared"), Places.free()) as stage:
        for line, command, ready in (
            (1, "tws-bridge simulate --listen 127.0.0.1:7497 --seed 7", "listening on"),
            (2, "tws-bridge run --state state", "connection ready"),
        ):
            stage.play(Block("shared", line, "sh", command, {"stays": "", "prints": ready}))
        yield stage.places


def test_the_pages_are_there() -> None:
    assert {"README.md", "docs/quickstart.md", "docs/guides/orders.md", "docs/guides/security.md"} <= set(PAGES)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("page", [page for page in PAGES if chained(blocks(page))])
def test_a_page_does_what_it_says(page: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    places = request.getfixturevalue("shared") if needs_bridge(page) else Places.free()
    with Stage(tmp_path, places) as stage:
        for block in chained(blocks(page)):
            stage.play(block)


FENCE = "```"
PROGRAM = f"""<!-- prints: one -->
{FENCE}python
print("one")
{FENCE}

<!-- continues, prints: two -->
{FENCE}python
print("two")
{FENCE}
"""
EXCUSED = f"<!-- not run: needs a real TWS -->\n{FENCE}sh\ntws-bridge run\n{FENCE}\n"


def test_blocks_that_continue_are_one_program_that_prints_it_all(tmp_path: Path) -> None:
    (program,) = chained(blocks("page.md", PROGRAM))
    assert program.text == 'print("one")\n\nprint("two")\n'
    assert program.note == {"prints": "one\ntwo"}
    (tmp_path / "lacks").mkdir()
    (tmp_path / "prints").mkdir()
    with Stage(tmp_path / "prints", Places(1, 2, 3)) as stage:
        stage.play(program)
    with Stage(tmp_path / "lacks", Places(1, 2, 3)) as stage, pytest.raises(AssertionError, match="'two'"):
        stage.play(replace(program, text='print("one")'))


def test_an_excuse_has_a_reason() -> None:
    (block,) = blocks("page.md", EXCUSED)
    assert block.is_excused
    assert chained([block]) == []
    with pytest.raises(PageError, match=r"page\.md:2"):
        blocks("page.md", EXCUSED.replace(": needs a real TWS", ""))


@pytest.mark.parametrize(
    "text",
    [
        f"{FENCE}\ntws-bridge demo\n{FENCE}\n",
        f"{FENCE}bash\ntws-bridge demo\n{FENCE}\n",
        f"{FENCE}text\n$ tws-bridge demo\n{FENCE}\n",
        f"{FENCE}text\n.venv/bin/tws-bridge demo\n{FENCE}\n",
        f"{FENCE}toml\nkey = 1\n{FENCE}\n",
        f"<!-- skipped -->\n{FENCE}sh\ntws-bridge demo\n{FENCE}\n",
        "Start it:\n\n    tws-bridge demo\n",
    ],
)
def test_a_block_that_is_neither_run_nor_excused_is_found(text: str) -> None:
    with pytest.raises(PageError, match=r"page\.md:\d"):
        blocks("page.md", text)


def played(tmp_path: Path, note: str, command: str) -> None:
    text = f"{note}\n{FENCE}sh\n{command}\n{FENCE}\n"
    with Stage(tmp_path, Places(1, 2, 3)) as stage:
        for block in blocks("page.md", text):
            stage.play(block)


def test_a_block_may_print_fail_or_stay(tmp_path: Path) -> None:
    for name, note, command in (
        ("prints", "<!-- prints: tcp://127.0.0.1:7500 -->", "echo $TWS_BRIDGE_REQUESTS; echo tcp://127.0.0.1:7500"),
        ("fails", "<!-- fails, prints: no -->", "echo no; exit 3"),
        ("stays", "<!-- stays, prints: up -->", f"echo up; exec {sys.executable} -c 'import time; time.sleep(600)'"),
    ):
        (tmp_path / name).mkdir()
        played(tmp_path / name, note, command)


@pytest.mark.parametrize(
    ("note", "command"),
    [
        ("", "exit 1"),
        ("", "false | cat"),
        ("<!-- prints: yes -->", "echo no"),
        ("<!-- fails, prints: no -->", "echo no"),
        ("<!-- stays, prints: up -->", "echo down"),
    ],
)
def test_a_block_that_does_otherwise_fails(tmp_path: Path, note: str, command: str) -> None:
    with pytest.raises(AssertionError, match=r"page\.md:2"):
        played(tmp_path, note, command)
