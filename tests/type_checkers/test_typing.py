"""mypy and pyright, both strict, find each mistake in a program that uses the client, and no fault in a right one."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PACKAGE = HERE.parents[1] / "clients" / "python"
WRONG = {number for number, line in enumerate((HERE / "wrong.py").read_text().splitlines(), 1) if "# wrong: " in line}


def mypy(file: str, folder: Path) -> list[tuple[int, str]]:
    """Line and text of each error."""
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--cache-dir={folder}", str(HERE / file)]
    environment = {"MYPYPATH": str(PACKAGE), "PATH": ""}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    found = re.findall(r"^.*?:(\d+): error: (.*)$", done.stdout, re.MULTILINE)
    return [(int(line), text) for line, text in found]


def pyright(file: str, folder: Path) -> list[tuple[int, str]]:
    settings = {
        "typeCheckingMode": "strict", "extraPaths": [str(PACKAGE)], "include": ["*.py"], "pythonVersion": "3.11",
    }  # fmt: skip
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    (folder / file).write_text((HERE / file).read_text())
    program = HERE / "node_modules" / "pyright" / "index.js"
    command = ["node", str(program), "--outputjson", "--pythonpath", sys.executable, "-p", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    found = json.loads(done.stdout)["generalDiagnostics"]
    return [(one["range"]["start"]["line"] + 1, one["message"]) for one in found if one["severity"] == "error"]


@pytest.mark.parametrize("checker", [mypy, pyright])
def test_a_right_program_has_no_fault(checker, tmp_path):
    assert checker("right.py", tmp_path) == []


@pytest.mark.parametrize("checker", [mypy, pyright])
def test_each_mistake_is_found(checker, tmp_path):
    found = checker("wrong.py", tmp_path)
    assert {line for line, _ in found} == WRONG, found
    assert len(WRONG) > 20
