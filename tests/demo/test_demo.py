"""`tws-bridge demo` as a user runs it: each claim comes true, or the demo says which one did not."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.demo import screen as screen_module
from bridge.demo.program_steps import FIRST_PROGRAM
from bridge.demo.screen import WIDTH, Screen
from bridge.demo.steps import STEPS
from tests.end_to_end.processes import command
from tests.source_tree import ROOT

#: Seconds that the whole demo may take on a busy machine.
PATIENCE = 240
pytestmark = pytest.mark.timeout(PATIENCE + 60)

#: What the result of each step says, in order.
RESULTS = (
    r"TWS refused 1 of 2 programs; the bridge serves both, with 1 subscription at TWS for each instrument",
    r"\d+ price ticks reached both programs, and they are the same; no event was lost",
    r"the entry is filled: 100 AAPL at \d+\.\d\d; both exits work at TWS",
    r"1 order at TWS, no double",
    r"quotes turned stale, the gap was shown, data are back after \d+\.\d s",
    r"the bridge refused the order by max_order_size = 100; TWS never saw it",
    r"halted: new order refused by halt, cancel went through; resumed: new order accepted",
    r"the program ran, and its order is filled",
)
#: What the steps show on the way.
FACTS = (
    "error 326: Unable to connect as the client id is already in use",
    "AAPL recorder",
    "kill -9 of TWS, process",
    "system.gap: 3 streams",
    "system.recovered: the outage lasted",
    "notPermitted: max_order_size: the order has 1000, and the limit is 100",
    "cancel of an open order: cancelled",
    "8 of 8 claims came true",
)


@pytest.fixture
def folder() -> Iterator[str]:
    """A folder with a short name, because the path of a socket has at most 107 characters."""
    made = tempfile.mkdtemp(prefix="demo-")
    yield made
    for number in left_over(made):
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
    shutil.rmtree(made)


def left_over(folder: str) -> dict[int, str]:
    """The running processes whose command lines name the folder."""
    found = {}
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = file.read_bytes().decode(errors="replace").replace("\0", " ")
        except OSError:
            continue
        if folder in line:
            found[int(file.parent.name)] = line
    return found


def test_each_claim_comes_true(folder):
    done = subprocess.run(
        command("demo"), capture_output=True, text=True, timeout=PATIENCE, check=False,
        env={**os.environ, "TMPDIR": folder},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    assert "\x1b" not in done.stdout
    assert max(len(line) for line in done.stdout.splitlines()) <= WIDTH
    assert [step.caption for step in STEPS] == re.findall(r"^\d of 8  (.*)$", done.stdout, re.MULTILINE)
    said = re.sub(r"\s+", " ", done.stdout)
    for result, (_, found) in zip(RESULTS, re.findall(r"(ok) (.*?) (?=\d of 8 )", said), strict=True):
        assert re.match(result, found), found
    for fact in FACTS:
        assert fact in said, fact
    assert all(line in done.stdout for line in FIRST_PROGRAM.read_text().splitlines())
    for line in excerpt():
        assert shape(line) in shape(done.stdout), line
    assert not left_over(folder)


def excerpt() -> list[str]:
    """The lines of the demo's output that README.md shows."""
    text = (ROOT / "README.md").read_text()
    return text[text.index("4 of 8  ") :].split("```")[0].splitlines()


def shape(text: str) -> str:
    """The text without what differs from run to run: numbers, and where lines and columns end because of them."""
    return re.sub(r"\s+", " ", re.sub(r"\d+(\.\d+)?", "N", text)).strip()


def test_a_claim_that_does_not_come_true_is_named_and_the_exit_code_is_1(folder):
    """The limit of step 6 is set so high that the bridge takes the order."""
    program = (
        "import sys; from bridge.demo.play import Plan, run; from bridge.demo.steps import STEPS; "
        "sys.exit(run(Plan(steps=STEPS[5:], most=5000)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=PATIENCE, check=False,
        env={**os.environ, "TMPDIR": folder},
    )  # fmt: skip
    assert done.returncode == 1
    wrong = "the bridge took an order of 1000: it is acknowledged"
    assert done.stderr == f"tws-bridge: demo: step 1, {STEPS[5].caption!r}: {wrong}\n"
    assert f"  FAILED  {wrong}\n" in done.stdout
    assert "claims came true" not in done.stdout and STEPS[6].caption not in done.stdout
    assert not left_over(folder)


def test_sigterm_in_the_middle_leaves_no_process(folder):
    running = subprocess.Popen(
        command("demo"), stdout=subprocess.PIPE, text=True, env={**os.environ, "TMPDIR": folder}
    )  # fmt: skip
    for line in running.stdout:
        if line.startswith("2 of 8"):
            break
    assert left_over(folder)
    running.send_signal(signal.SIGTERM)
    running.communicate(timeout=PATIENCE)
    assert running.returncode == 130
    assert not left_over(folder)


#: The parent of the tests may ignore signals, as nohup does; and a shell cannot end that.
HEEDING = ("env", "--default-signal=HUP,INT,TERM")


def staying(folder: str, ignored: str = "") -> tuple[subprocess.Popen[str], str]:
    """A demo without steps that stays, and its endpoint for requests. `ignored`: signals that its parent ignores."""
    program = "import sys; from bridge.demo.play import Plan, run; sys.exit(run(Plan(steps=(), stay=True)))"
    ignore = f"trap '' {ignored}; " if ignored else ""
    running = subprocess.Popen(
        [*HEEDING, "sh", "-c", f'{ignore}exec "$@"', "sh", sys.executable, "-c", program],
        stdout=subprocess.PIPE, text=True, start_new_session=True, env={**os.environ, "TMPDIR": folder},
    )  # fmt: skip
    said = ""
    while "publishes events on" not in said:
        line = running.stdout.readline()
        assert line, said
        said += line
    return running, re.search(r"requests on (\S+)", said)[1]


def answers(requests: str) -> bool:
    """Whether the bridge of the demo answers."""
    asked = subprocess.run(
        command("call", "--client", "admin", "--requests", requests, "ping"), capture_output=True, text=True,
        timeout=PATIENCE, check=False,
    )  # fmt: skip
    return asked.returncode == 0


@pytest.mark.parametrize(
    ("number", "ignored"),
    [(signal.SIGINT, ""), (signal.SIGINT, "INT"), (signal.SIGTERM, ""), (signal.SIGHUP, "")],
    ids=["int", "int-ignored-by-the-parent", "term", "hup"],
)
def test_stay_keeps_the_bridge_until_a_signal_to_the_terminals_processes(folder, number, ignored):
    """A shell ignores SIGINT for what it starts with `&`. A terminal that closes sends SIGHUP to all its processes."""
    running, requests = staying(folder, ignored)
    assert answers(requests)
    os.killpg(running.pid, number)
    running.communicate(timeout=PATIENCE)
    assert running.returncode == 0
    assert not left_over(folder)


def test_nohup_keeps_the_demo_when_its_terminal_closes(folder):
    running, requests = staying(folder, "HUP")
    os.killpg(running.pid, signal.SIGHUP)
    assert answers(requests)
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=PATIENCE)
    assert running.returncode == 0


def test_kill_9_of_the_demo_ends_its_processes(folder):
    running, _ = staying(folder)
    assert left_over(folder)
    running.kill()
    running.communicate(timeout=PATIENCE)
    end = time.monotonic() + 60
    while left := left_over(folder):
        assert time.monotonic() < end, left
        time.sleep(0.1)


@pytest.mark.parametrize("wrong", ["-1", "61", "soon", "nan"])
def test_a_wrong_pace_is_refused(wrong):
    done = subprocess.run(
        command("demo", f"--pace={wrong}"), capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 2
    assert "--pace" in done.stderr


# The screen


class _Terminal:
    """A stdout that is a terminal, or not."""

    def __init__(self, *, is_terminal: bool) -> None:
        self.text = ""
        self._is_terminal = is_terminal

    def write(self, text: str) -> int:
        self.text += text
        return len(text)

    def flush(self) -> None:
        pass

    def isatty(self) -> bool:
        return self._is_terminal


def drawn(monkeypatch: pytest.MonkeyPatch, *, is_terminal: bool) -> str:
    out = _Terminal(is_terminal=is_terminal)
    monkeypatch.setattr(screen_module.sys, "stdout", out)
    screen = Screen()
    screen.caption(1, 8, "A claim.")
    screen.redraw(("name", "price"), [("AAPL", "1.00")])
    screen.redraw(("name", "price"), [("AAPL", "2.00")])
    screen.result("it came true")
    screen.failure("it did not")
    return out.text


def test_a_terminal_gets_colours_and_one_table_in_the_place_of_another(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    text = drawn(monkeypatch, is_terminal=True)
    assert "\x1b[1m1 of 8  A claim.\x1b[0m" in text
    assert "\x1b[32m  ok  it came true\x1b[0m" in text and "\x1b[31m  FAILED  it did not\x1b[0m" in text
    assert text.index("1.00") < text.index("\x1b[2F\x1b[J") < text.index("2.00")


def test_no_color_and_a_file_get_no_colours(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[3" not in drawn(monkeypatch, is_terminal=True)
    monkeypatch.delenv("NO_COLOR")
    assert "\x1b" not in drawn(monkeypatch, is_terminal=False)
