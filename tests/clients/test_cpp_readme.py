"""Each block of C++ in the README of the C++ client compiles."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.clients.cpp_build import SOURCES, missing_packages, run

#: What the blocks take as given. Only the types count: nothing is linked.
GIVEN = """
#include <functional>
#include <iostream>
#include <vector>
#include <tws_bridge.hpp>
using namespace tws_bridge;
using namespace std::chrono_literals;
extern Client client;
extern Map params, contract, order, changed;
extern std::vector<int> con_ids;
extern Event event;
extern Update update;
extern Stream ticks, stream;
extern OrderFeed orders;
extern std::optional<LogPosition> stored_position;
void on_tick(const Update&);
void on_order(const LogEvent&);
void apply(const LogEvent&);
void store(const LogPosition&);
void show(int, std::optional<double>);
void in_one_transaction(const std::function<void()>&);
"""


def blocks() -> list[str]:
    text = (SOURCES / "README.md").read_text(encoding="utf-8")
    return re.findall(r"^```cpp\n(.*?)^```$", text, flags=re.DOTALL | re.MULTILINE)


def program() -> str:
    """All blocks in one file: the first is a program, and each of the others the inside of a function."""
    first, *others = blocks()
    text = GIVEN + first.replace("int main()", "int quick_start()")
    for number, block in enumerate(others):
        includes = "".join(line + "\n" for line in block.splitlines() if line.startswith("#include"))
        body = "".join(line + "\n" for line in block.splitlines() if not line.startswith("#include"))
        text += f"{includes}\nvoid block_{number}() {{\n{body}}}\n"
    return text


def test_each_block_compiles(tmp_path: Path) -> None:
    if missing := missing_packages():
        pytest.skip(f"the C++ client cannot be built: apt-get install {' '.join(missing)}")
    assert len(blocks()) > 10
    file = tmp_path / "readme.cpp"
    file.write_text(program())
    run("g++", "-std=c++17", "-fsyntax-only", "-DMSGPACK_NO_BOOST", f"-I{SOURCES}/include", file)
