"""What is shipped: wheel and source archive hold the package and the declarations, and work without the checkout."""

import json
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def build(target: str, source: Path, folder: Path) -> Path:
    """Build the `wheel` or `sdist` of a source tree into an empty folder, without network; return the archive."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(folder)]
    subprocess.run(command, cwd=source, check=True, capture_output=True, timeout=100)
    (archive,) = (file for file in folder.iterdir() if file.suffix in {".whl", ".gz"})
    return archive


def declarations() -> dict[str, bytes]:
    """Path below schemas/ -> content of every file there."""
    folder = ROOT / "schemas"
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("sdist", ROOT, tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


def test_the_wheel_holds_every_declaration_inside_the_package(wheel: Path) -> None:
    prefix = "bridge/_schemas/"
    with zipfile.ZipFile(wheel) as archive:
        held = {name.removeprefix(prefix): archive.read(name) for name in archive.namelist() if name.startswith(prefix)}
    assert held == declarations()


def test_the_wheel_holds_every_scenario(wheel: Path) -> None:
    folder = ROOT / "bridge" / "simulator" / "scenarios"
    with zipfile.ZipFile(wheel) as archive:
        held = {Path(name).name for name in archive.namelist() if name.startswith("bridge/simulator/scenarios/")}
    assert held == {file.name for file in folder.iterdir()}
    assert "daily-restart.scenario" in held


def test_the_wheel_holds_nothing_beside_the_bridge_and_its_client(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.split("/")[0] for name in archive.namelist()}
        assert "bridge/py.typed" in archive.namelist()
    assert {top for top in tops if not top.endswith(".dist-info")} == {"bridge", "tws_bridge_client"}


def test_the_wheel_declares_the_command(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (entry_points,) = (name for name in archive.namelist() if name.endswith(".dist-info/entry_points.txt"))
        assert "tws-bridge = bridge.entry:main" in archive.read(entry_points).decode()


def test_the_wheel_loads_its_catalogue_far_from_the_checkout(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    script = (
        "import bridge, json; from bridge.catalogue import catalogue;"
        "print(json.dumps([bridge.__file__, sorted(catalogue().messages)]))"
    )
    command = [sys.executable, "-c", script]
    environment = os.environ | {"PYTHONPATH": str(tmp_path), "PYTHONSAFEPATH": "1"}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, check=True, capture_output=True, text=True, timeout=60
    )
    file, messages = json.loads(done.stdout)
    assert Path(file).is_relative_to(tmp_path)
    assert {"reqMktData", "tickPrice", "placeOrder", "openOrder"} <= set(messages)


def test_the_source_archive_builds_the_same_wheel(sdist: Path, wheel: Path, tmp_path: Path) -> None:
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    (source,) = tmp_path.iterdir()
    (tmp_path / "wheel").mkdir()
    rebuilt = build("wheel", source, tmp_path / "wheel")
    with zipfile.ZipFile(wheel) as first, zipfile.ZipFile(rebuilt) as second:
        assert {name: first.read(name) for name in first.namelist()} == {
            name: second.read(name) for name in second.namelist()
        }


def test_the_source_archive_can_run_what_make_lists(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        held = {name.split("/", 1)[1] for name in archive.getnames()}
    assert held >= {
        "Makefile",
        "compose.yaml",
        "Dockerfile",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "docs/guides/orders.md",
        "requirements/runtime.txt",
        "clients/typescript/package-lock.json",
        "tests/project/test_packaging.py",
        "schemas/versions.json",
    }
