"""docker/prepare.sh, with a `docker` that runs the commands of the image on this machine."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from bridge.http.token import load_token
from bridge.settings import load
from tests.source_tree import ROOT

#: It takes `docker compose build`, and `docker run` of the image's entry point and of a shell.
DOCKER = """#!/bin/sh
printf '%s\\n' "$*" >> "$DOCKER_LOG"
[ "$1" = run ] || exit 0
shift 8  # run --rm --network none --user 0 --volume FOLDER:/site
[ "$1" = --entrypoint ] && exec sh -c "$(printf '%s' "$5" | sed "s|/site/|$SITE/|g; s|chown [0-9]*|ls|g")"
exec "$PYTHON" -m bridge.cli "$2" "$3" "$4" --folder "$SITE"
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what the script needs."""
    folder = tmp_path / "project"
    shutil.copytree(ROOT / "docker", folder / "docker")
    (folder / "bin").mkdir()
    docker = folder / "bin" / "docker"
    docker.write_text(DOCKER, encoding="utf-8")
    docker.chmod(0o755)
    return folder


def prepare(project: Path, password: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ, "PATH": f"{project}/bin:{os.environ['PATH']}", "PYTHON": sys.executable,
        "SITE": str(project / "site"), "DOCKER_LOG": str(project / "log"),
    }  # fmt: skip
    return subprocess.run(
        [str(project / "docker" / "prepare.sh")], input=password, capture_output=True, text=True, env=environment,
        timeout=100, check=False,
    )  # fmt: skip


def test_it_makes_all_that_the_compose_file_needs_and_overwrites_nothing(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = prepare(project, "hunter 2 $x\n")
    assert done.returncode == 0, done.stderr
    site = project / "site"
    assert (site / "tws_password").read_text() == "hunter 2 $x"
    assert stat.S_IMODE(site.stat().st_mode) == 0o700
    for name in ("tws_password", "bridge.secret", "example.secret", "console_token"):
        assert stat.S_IMODE((site / name).stat().st_mode) == 0o400
    monkeypatch.setenv("TWS_BRIDGE_KEY", str(site / "bridge.secret"))
    settings = load({}, site / "config" / "bridge.toml")
    assert settings.access(settings.permissions) is not None
    assert list(settings.clients) == ["example"]
    assert len(load_token(site / "console_token")) == 48
    assert (site / "gateway.env").read_text() == (ROOT / "docker" / "gateway.env").read_text()
    assert stat.S_IMODE((site / "config").stat().st_mode) == 0o755
    before = contents(site)
    assert prepare(project, "another\n").returncode == 0
    assert contents(site) == before


def contents(site: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in site.rglob("*") if path.is_file()}


def test_a_configuration_where_it_was_before_moves_into_the_folder(project: Path) -> None:
    (project / "site").mkdir()
    (project / "site" / "bridge.toml").write_text("# mine\n")
    assert prepare(project, "hunter2\n").returncode == 0
    assert (project / "site" / "config" / "bridge.toml").read_text() == "# mine\n"
    assert not (project / "site" / "bridge.toml").exists()


def test_no_password_appears_on_a_command_line(project: Path) -> None:
    assert prepare(project, "hunter2\n").returncode == 0
    assert "hunter2" not in (project / "log").read_text()


@pytest.mark.parametrize("typed", ["hunter2\r\n", "hunter2\r", "hunter2"])
def test_the_end_of_the_line_is_no_part_of_the_password(project: Path, typed: str) -> None:
    assert prepare(project, typed).returncode == 0
    assert (project / "site" / "tws_password").read_bytes() == b"hunter2"


@pytest.mark.parametrize("name", ["bridge", "example"])
@pytest.mark.parametrize(("lost", "left"), [("secret", "public"), ("public", "secret")])
def test_a_lost_half_of_a_pair_is_named_and_nothing_changes(project: Path, name: str, lost: str, left: str) -> None:
    assert prepare(project, "hunter2\n").returncode == 0
    site = project / "site"
    (site / f"{name}.{lost}").unlink()
    (site / "config" / "bridge.toml").unlink()
    before = contents(site)
    done = prepare(project, "")
    assert done.returncode == 1
    assert done.stderr.startswith(f"site/{name}.{lost} is missing, but site/{name}.{left} is there.")
    assert contents(site) == before


def test_without_a_password_it_writes_none(project: Path) -> None:
    done = prepare(project, "\n")
    assert (done.returncode, done.stderr) == (1, "no password: nothing is written\n")
    assert contents(project / "site") == {}
