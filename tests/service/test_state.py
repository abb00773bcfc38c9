"""One state folder, one bridge."""

from __future__ import annotations

import fcntl
import os
import threading

import pytest

from bridge.ledger.store import Store
from bridge.state_folder import (
    StateFolder,
    StateTaken,
    check_free,
    halt_reason,
    load_halt,
    load_runs,
    private,
    save_halt,
    save_runs,
)


def test_the_folder_is_made_for_its_owner_only(tmp_path):
    with StateFolder(tmp_path / "a" / "b") as state:
        assert state.path.stat().st_mode & 0o777 == 0o700
        assert (state.path / "lock").read_text() == f"{os.getpid()}\n"


def test_a_second_bridge_is_refused_with_the_first_ones_process(tmp_path):
    with StateFolder(tmp_path), pytest.raises(StateTaken, match=f"process {os.getpid()}"), StateFolder(tmp_path):
        pass
    with StateFolder(tmp_path):
        pass


@pytest.mark.parametrize("mode", [0o755, 0o750, 0o701, 0o740])
def test_a_folder_that_others_may_use_is_refused_and_left_as_it_is(tmp_path, mode):
    folder = tmp_path / "wide"
    folder.mkdir()
    folder.chmod(mode)
    with pytest.raises(StateTaken, match=f"mode 0{mode:o}.*chmod 700"), StateFolder(folder):
        pass
    assert folder.stat().st_mode & 0o777 == mode
    assert list(folder.iterdir()) == []
    folder.chmod(0o700)
    with StateFolder(folder):
        pass


@pytest.mark.parametrize("mode", [0o700, 0o755])
def test_a_folder_of_another_user_is_refused_with_both_uids(tmp_path, monkeypatch, mode):
    """`chmod 700` would not help. It is how a volume looks that another container has made."""
    folder = tmp_path / "foreign"
    folder.mkdir()
    folder.chmod(mode)
    owner = folder.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 10001)
    told = (
        f"belongs to the uid {owner}, and this process has the uid {owner + 10001}. As root: chown -R {owner + 10001} "
    )
    with pytest.raises(StateTaken, match=told), StateFolder(folder):
        pass


def test_root_may_use_a_folder_of_another_user(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    tmp_path.chmod(0o700)
    with StateFolder(tmp_path):
        pass


def modes(folder):
    return {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}


def test_every_file_of_the_bridge_is_for_its_owner_only(tmp_path):
    with StateFolder(tmp_path):
        save_runs(tmp_path, {"alice": ["one"]})
        save_halt(tmp_path, "drill")
        store = Store(private(tmp_path / "ledger.sqlite"), client_id=1)
        names = {"lock", "instances.json", "halted-by-admin", "ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm"}
        assert modes(tmp_path) == dict.fromkeys(names, 0o600)
        store.close()


def test_files_of_an_earlier_version_are_closed_to_others_and_those_of_others_left_alone(tmp_path):
    for name in ("ledger.sqlite", "instances.json", "halt"):
        (tmp_path / name).write_text("{}")
        (tmp_path / name).chmod(0o644)
    with StateFolder(tmp_path):
        assert modes(tmp_path) == {"lock": 0o600, "ledger.sqlite": 0o600, "instances.json": 0o600, "halt": 0o644}


def test_runs_are_kept_and_a_broken_file_is_no_empty_one(tmp_path):
    assert load_runs(tmp_path) == {}
    for runs in ({"alice": ["one"]}, {"alice": ["one", "two"], "bob": ["x"]}):
        save_runs(tmp_path, runs)
        assert load_runs(tmp_path) == runs
    (tmp_path / "instances.json").write_text('{"alice": ')
    with pytest.raises(StateTaken, match="are fenced"):
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


def test_whatever_has_the_name_halt_halts_and_nothing_waits_for_it(tmp_path):
    """A FIFO waits for a writer, so it must not be opened as a file is. The loop of the bridge looks each second."""
    halt = tmp_path / "halt"
    halt.symlink_to(tmp_path / "gone")
    assert halt_reason(tmp_path) == "the file halt in the state folder: it is a link to nothing"
    (tmp_path / "gone").write_text("maintenance")
    assert halt_reason(tmp_path) == "maintenance"
    halt.unlink()
    halt.symlink_to("halt")
    assert "symbolic links" in halt_reason(tmp_path)
    halt.unlink()
    found = list[str | None]()
    os.mkfifo(halt)
    looking = threading.Thread(target=lambda: found.append(halt_reason(tmp_path)), daemon=True)
    looking.start()
    looking.join(20)
    assert found == ["the file halt in the state folder: it is not a regular file"]
    halt.unlink()
    halt.symlink_to("/dev/zero")
    assert halt_reason(tmp_path) == "the file halt in the state folder: it is not a regular file"


@pytest.mark.parametrize("name", ["lock", "instances.json", "ledger.sqlite"])
def test_a_fifo_in_the_place_of_a_file_is_refused_and_nothing_waits_for_it(tmp_path, name):
    """A FIFO waits for a writer: the bridge would hang at its start, and so would the doctor."""
    os.mkfifo(tmp_path / name, 0o600)

    def start():
        with StateFolder(tmp_path):
            load_runs(tmp_path)
            private(tmp_path / "ledger.sqlite")

    def look():
        check_free(tmp_path)
        load_runs(tmp_path)
        private(tmp_path / "ledger.sqlite")

    for use in (look, start):
        found = list[BaseException]()
        thread = threading.Thread(target=lambda use=use, found=found: found.append(raised(use)), daemon=True)
        thread.start()
        thread.join(20)
        assert [type(error) for error in found] == [StateTaken]
        assert name in str(found[0])
        assert "not a regular file" in str(found[0])


def raised(use):
    try:
        use()
    except Exception as error:
        return error
    return None


def test_a_lock_that_was_removed_before_it_was_held_is_no_lock(tmp_path, monkeypatch):
    """Another process removes the file between its opening and its lock: the lock must be on the file that is there."""
    flock, path = fcntl.flock, tmp_path / "lock"

    def late(descriptor, operation):
        monkeypatch.setattr(fcntl, "flock", flock)
        path.unlink()
        flock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", late)
    with StateFolder(tmp_path), pytest.raises(StateTaken), StateFolder(tmp_path):
        pass


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
