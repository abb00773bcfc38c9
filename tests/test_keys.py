"""Key files: made once, for their owner's eyes, and never overwritten."""

from __future__ import annotations

import errno
import os

import pytest

from bridge import keys
from bridge.cli import main
from tws_bridge_client import secret_files


def test_a_new_pair_can_be_loaded_and_only_its_owner_reads_the_secret(tmp_path):
    pair, secret, public = keys.write_new(tmp_path, "alice")
    assert keys.load(secret) == pair
    assert keys.load_public(str(public)) == keys.load_public(pair.public) == pair.public
    assert pair.secret not in public.read_text()
    assert pair.secret not in repr(pair)
    assert secret.stat().st_mode & 0o777 == 0o600


def test_a_path_that_looks_like_a_key_is_a_path(tmp_path, monkeypatch):
    pair, _, public = keys.write_new(tmp_path, "alice")
    monkeypatch.chdir(tmp_path)
    for path in ("sub/" + "x" * 36, "x" * 33 + ".public"):
        assert keys.is_key(path)
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(public.read_text())
        assert keys.load_public(path) == pair.public
    with pytest.raises(keys.KeyFileError, match="No such file"):
        keys.load_public("y" * 33 + ".public")


@pytest.mark.parametrize("there", ["alice.secret", "alice.public"])
def test_nothing_is_overwritten(tmp_path, there):
    (tmp_path / there).write_text("precious")
    with pytest.raises(keys.KeyFileError, match=f"{there}: exists already"):
        keys.write_new(tmp_path, "alice")
    assert [file.name for file in tmp_path.iterdir()] == [there]
    assert (tmp_path / there).read_text() == "precious"


@pytest.mark.parametrize("name", ["", "a b", "../x", "external", "x" * 65])
def test_a_name_is_that_of_a_client(tmp_path, name):
    with pytest.raises(keys.KeyFileError, match="a name must have"):
        keys.write_new(tmp_path, name)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "secret: expected a key"),
        ("=", "is not a key file"),
        ("\xff", "is not a key file"),
        ('secret = "short"', "secret: expected a key"),
        (f'secret = "{"#" * 40}"', "secret: expected a key"),
        (f'secret = "{keys.fresh("a").secret}"\npublic = "{keys.fresh("b").public}"', "public: does not match"),
    ],
)
def test_a_broken_file_is_told(tmp_path, text, fault):
    (tmp_path / "k").write_bytes(text.encode("latin-1"))
    with pytest.raises(keys.KeyFileError, match=fault):
        keys.load(tmp_path / "k")


@pytest.mark.parametrize("text", ["#" * 40, "%nSc1" + "1" * 35, "1" * 35 + "%nSc1", "0" * 40, "1" * 39, "1" * 39 + "~"])
def test_text_in_the_alphabet_of_keys_need_not_be_one(text):
    assert not keys.is_key(text)
    assert keys.is_key("1" * 40)
    assert keys.is_key("%nSc0" + "1" * 35)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o602])
def test_a_secret_that_is_open_to_others_is_refused(tmp_path, mode):
    _, secret, _ = keys.write_new(tmp_path, "alice")
    secret.chmod(mode)
    with pytest.raises(keys.KeyFileError, match=f"chmod 600 {secret}"):
        keys.load(secret)


def test_a_missing_file_and_folder_are_told(tmp_path):
    with pytest.raises(keys.KeyFileError, match="No such file"):
        keys.load(tmp_path / "none")
    with pytest.raises(keys.KeyFileError, match="No such file"):
        keys.write_new(tmp_path / "none", "alice")


def test_the_command_prints_what_the_configuration_needs_and_no_secret(tmp_path, capsys):
    assert main(["keys", "new", "alice", "--folder", str(tmp_path)]) == 0
    told = capsys.readouterr()
    pair = keys.load(tmp_path / "alice.secret")
    assert f'[clients.alice]\npublic_key = "{pair.public}"' in told.out
    assert pair.secret not in told.out + told.err
    assert main(["keys", "new", "alice", "--folder", str(tmp_path)]) == 1
    assert "never overwritten" in capsys.readouterr().err


class Status:
    """The owner and the mode of a file, as a container mounts it."""

    def __init__(self, owner, mode):
        self.st_uid, self.st_mode = owner, mode


@pytest.mark.parametrize(
    ("owner", "mode", "process", "accepted"),
    [
        (0, 0o444, (True, 1000, 0), True),
        (0, 0o644, (True, 1000, 0), True),
        (0, 0o440, (True, 1000, 0), True),
        (0, 0o444, (True, 0, os.ST_RDONLY), True),
        (0, 0o444, (True, 0, 0), False),  # the process could change the mode
        (0, 0o444, (False, 1000, os.ST_RDONLY), False),  # other users of this machine can read it
        (1000, 0o444, (True, 1000, 0), False),
        (1001, 0o444, (True, 1000, 0), False),
        (0, 0o666, (True, 1000, 0), False),
        (0, 0o464, (True, 1000, 0), False),
        (0, 0o555, (True, 1000, 0), False),
    ],
)
def test_a_secret_that_a_container_mounts_is_accepted(monkeypatch, owner, mode, process, accepted):
    container, user, flags = process
    monkeypatch.setattr(secret_files, "_in_container", lambda: container)
    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setattr(os, "statvfs", lambda _path: type("Found", (), {"f_flag": flags}))
    assert secret_files._is_mounted("k", Status(owner, mode)) == accepted


def test_the_marks_of_a_container_are_known(monkeypatch):
    for name in ("KUBERNETES_SERVICE_HOST", "container"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(secret_files.Path, "exists", lambda _path: False)
    assert not secret_files._in_container()
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    assert secret_files._in_container()
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST")
    monkeypatch.setattr(secret_files.Path, "exists", lambda path: str(path) == "/.dockerenv")
    assert secret_files._in_container()


def test_a_key_that_this_user_may_not_read_is_named_with_its_owner(tmp_path, monkeypatch):
    """Docker Compose mounts a secret as it is: often it belongs to the user of the host."""
    _, secret, _ = keys.write_new(tmp_path, "alice")
    owner = secret.stat().st_uid

    def refuse(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("pathlib.Path.read_text", refuse)
    monkeypatch.setattr(os, "geteuid", lambda: 10001)
    told = f"Permission denied; it belongs to the uid {owner}, with mode 0600, and this process has the uid 10001"
    with pytest.raises(keys.KeyFileError, match=told):
        keys.load(secret)
    gone = secret_files.why_unreadable(tmp_path / "x" / "y", PermissionError(errno.EACCES, ""))
    assert gone == "Permission denied; this process has the uid 10001"
    assert secret_files.why_unreadable(secret, FileNotFoundError(errno.ENOENT, "")) == "No such file or directory"
