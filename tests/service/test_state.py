"""One state folder, one bridge."""

from __future__ import annotations

import os

import pytest

from bridge.state import StateFolder, StateTaken, halt_reason, load_halt, load_runs, save_halt, save_runs


def test_the_folder_is_made_for_its_owner_only(tmp_path):
    with StateFolder(tmp_path / "a" / "b") as state:
        assert state.path.stat().st_mode & 0o777 == 0o700
        assert (state.path / "lock").read_text() == f"{os.getpid()}\n"


def test_a_second_bridge_is_refused_with_the_first_ones_process(tmp_path):
    with StateFolder(tmp_path), pytest.raises(StateTaken, match=f"process {os.getpid()}"), StateFolder(tmp_path):
        pass
    with StateFolder(tmp_path):
        pass


def test_runs_are_kept_and_a_broken_file_is_no_empty_one(tmp_path):
    assert load_runs(tmp_path) == {}
    for runs in ({"alice": ["one"]}, {"alice": ["one", "two"], "bob": ["x"]}):
        save_runs(tmp_path, runs)
        assert load_runs(tmp_path) == runs
    (tmp_path / "instances.json").write_text('{"alice": ')
    with pytest.raises(StateTaken, match="fenced off"):
        load_runs(tmp_path)


def test_a_file_named_halt_halts_and_says_why(tmp_path):
    assert halt_reason(tmp_path) is None
    (tmp_path / "halt").write_text("")
    assert halt_reason(tmp_path) == "the file halt in the state folder"
    (tmp_path / "halt").write_text("maintenance\nmore")
    assert halt_reason(tmp_path) == "maintenance"
    (tmp_path / "halt").unlink()
    (tmp_path / "halt").mkdir()
    assert "Is a directory" in halt_reason(tmp_path)


def test_an_admins_halt_is_kept_and_a_file_that_cannot_be_read_halts(tmp_path):
    assert load_halt(tmp_path) is None
    save_halt(tmp_path, None)
    save_halt(tmp_path, "drill (boss)")
    assert load_halt(tmp_path) == "drill (boss)"
    save_halt(tmp_path, None)
    assert load_halt(tmp_path) is None
    (tmp_path / "halted-by-admin").mkdir()
    assert "Is a directory" in load_halt(tmp_path)


def test_a_folder_that_cannot_be_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StateTaken, match="file/state"), StateFolder(tmp_path / "file" / "state"):
        pass
