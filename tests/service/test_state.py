"""One state folder, one bridge."""

from __future__ import annotations

import os

import pytest

from bridge.state import StateFolder, StateTaken


def test_the_folder_is_made_for_its_owner_only(tmp_path):
    with StateFolder(tmp_path / "a" / "b") as state:
        assert state.path.stat().st_mode & 0o777 == 0o700
        assert (state.path / "lock").read_text() == f"{os.getpid()}\n"


def test_a_second_bridge_is_refused_with_the_first_ones_process(tmp_path):
    with StateFolder(tmp_path), pytest.raises(StateTaken, match=f"process {os.getpid()}"), StateFolder(tmp_path):
        pass
    with StateFolder(tmp_path):
        pass


def test_a_folder_that_cannot_be_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StateTaken, match="file/state"), StateFolder(tmp_path / "file" / "state"):
        pass
