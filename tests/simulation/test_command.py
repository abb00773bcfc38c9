"""The command tells a failure so that it can be looked into, and takes out of it what is not needed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bridge.session import heartbeat
from bridge.session.streams.outages import Outages
from bridge.session.streams.validity import Validity
from tests.simulation import __main__ as command
from tests.simulation.episode import faults, play
from tests.simulation.shrink import shrink

#: Its first trouble is early in the day.
SEED = 249


def test_the_command_says_what_was_broken_and_where_all_of_it_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(heartbeat, "BEAT", 3.0)
    arguments = ["simulation", "--seed", str(SEED), "--days", "1", "--episode", "1", "--folder", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", arguments)
    assert command.main() == 1
    told = capsys.readouterr().out
    assert f"seed {SEED}: BROKEN" in told and "heartbeat (the bridge lives" in told
    assert "heartbeat: broken by 1 seeds" in told and " 0 of " in told
    trace = (tmp_path / f"simulation-{SEED}.trace").read_text()
    assert "| bridge 1 " in trace and "another story" not in told


def test_faults_that_a_failure_does_not_need_are_taken_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Outages, "begin", lambda *_args: None)
    monkeypatch.setattr(Validity, "doubt", lambda *_args: None)
    guilty = play(SEED, 1)
    assert guilty.rule == "stale"
    kept = shrink(guilty, tries=2)
    assert 1 <= len(kept) < len(faults(SEED, 1))
    assert play(SEED, 1, keep=lambda *name: name in kept).rule == "stale"
