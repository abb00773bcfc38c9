"""The C++ client compiles without warnings, is clean under sanitizers, can be installed, and obeys the contract."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from bridge.conformance import conform
from bridge.conformance.program import starting
from tests.clients.cpp_build import ROOT, run

#: Trials at a time: they wait most of the time.
AT_A_TIME = 13

pytestmark = pytest.mark.timeout(300)  # the first test builds the programs


def test_its_parts_without_sockets(cpp: Path) -> None:
    assert run(cpp / "unit") == "all tests passed\n"


@pytest.mark.parametrize("kind", ["events", "requests", "replies"])
def test_it_reads_and_writes_the_vectors(cpp: Path, kind: str) -> None:
    file = ROOT / "schemas" / "generated" / "vectors" / f"{kind}.json"
    count = len(json.loads(file.read_text(encoding="utf-8"))["vectors"])
    assert run(cpp / "program", "vectors", file) == f'{{"vectors":{count}}}\n'


def test_it_passes_every_scenario(cpp: Path) -> None:
    results = list(conform(starting([str(cpp / "program")]), jobs=AT_A_TIME))
    assert [result.told() for result in results if not result.passed] == []


USER = """
cmake_minimum_required(VERSION 3.16)
project(user LANGUAGES CXX)
find_package(tws_bridge 1.0 REQUIRED)
add_executable(user user.cpp)
target_link_libraries(user PRIVATE tws_bridge::client)
"""
PROGRAM = """
#include <iostream>
#include <tws_bridge/json.hpp>
int main() { std::cout << tws_bridge::Value(tws_bridge::Map{{"conId", 265598}}) << "\\n"; }
"""


def test_another_project_finds_the_installed_package(cpp: Path, tmp_path: Path) -> None:
    run("cmake", "--install", cpp)
    (tmp_path / "CMakeLists.txt").write_text(USER)
    (tmp_path / "user.cpp").write_text(PROGRAM)
    run("cmake", "-S", tmp_path, "-B", tmp_path / "made", f"-DCMAKE_PREFIX_PATH={cpp}/installed")
    run("cmake", "--build", tmp_path / "made")
    assert run(tmp_path / "made" / "user") == '{"conId":265598}\n'


def test_a_program_that_names_no_task_is_told_so(cpp: Path) -> None:
    done = subprocess.run([cpp / "program", "dance"], capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (2, "no such task: dance\n")
