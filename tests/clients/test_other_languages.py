"""The programs in compiled languages on docs/guides/other-languages.md, compiled and run against a bridge.

Those in Go and C# are not: the page says why.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.simulator import simulator_process
from tests.clients.cpp_build import SOURCES, missing_packages, run
from tests.end_to_end import processes
from tests.project.pages.blocks import blocks
from tests.project.pages.stage import Places

PAGE = "docs/guides/other-languages.md"
JARS = {"jeromq.jar": "libjeromq-java", "msgpack-core.jar": "libmsgpack-java"}
CRATES = {"zmq": "librust-zmq-dev", "rmp-serde": "librust-rmp-serde-dev", "serde_json": "librust-serde-json-dev"}
REGISTRY = Path("/usr/share/cargo/registry")
PATIENCE = 60.0

pytestmark = pytest.mark.timeout(300)

CARGO = """
[package]
name = "ticks"
version = "0.0.0"
edition = "2021"
[dependencies]
zmq = "*"
rmp-serde = "*"
serde_json = "*"
"""
OFFLINE = f"""
[source.crates-io]
replace-with = "debian"
[source.debian]
directory = "{REGISTRY}"
"""


@pytest.fixture(scope="module")
def bridge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[processes.Bridge]:
    with (
        simulator_process(ticks_per_second=100) as simulator,
        processes.bridge(simulator.address, tmp_path_factory.mktemp("bridge")) as running,
        running.client("setup") as client,
    ):
        client.request("reqCurrentTime", timeout=15)
        yield running


def source(language: str, bridge: processes.Bridge) -> str:
    """The first program of the page in this language, with the ports of this bridge."""
    text = next(block.text for block in blocks(PAGE) if block.language == language)
    return Places(0, int(bridge.requests.rpartition(":")[2]), int(bridge.events.rpartition(":")[2])).moved(text)


def said(*words: str | Path, lines: int = 3, **environment: str) -> list[str]:
    """The first lines that a program prints, which then is ended."""
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **environment}
    ) as process:
        ended = threading.Timer(PATIENCE, process.kill)
        ended.start()
        found = [process.stdout.readline() for _ in range(lines)]
        ended.cancel()
        process.kill()
        errors = process.stderr.read()
    assert all(found), f"{found}\n{errors}"
    return found


def is_ticking(lines: list[str]) -> bool:
    first, *others = lines
    return first == "market.265598.\n" and all(line.startswith("market.265598.") and "{" in line for line in others)


def test_cpp(bridge: processes.Bridge, tmp_path: Path) -> None:
    if missing := missing_packages():
        pytest.skip(f"no C++: apt-get install {' '.join(missing)}")
    (tmp_path / "ticks.cpp").write_text(source("cpp", bridge))
    run("g++", "-std=c++17", "-I", SOURCES / "include", tmp_path / "ticks.cpp", "-lzmq", "-o", tmp_path / "ticks")
    places = {"TWS_BRIDGE_REQUESTS": bridge.requests, "TWS_BRIDGE_EVENTS": bridge.events}
    assert is_ticking(said(tmp_path / "ticks", **places))


def test_java(bridge: processes.Bridge, tmp_path: Path) -> None:
    missing = [package for jar, package in JARS.items() if not Path("/usr/share/java", jar).exists()]
    if shutil.which("javac") is None:
        missing.append("default-jdk-headless")
    if missing:
        pytest.skip(f"no Java with ZeroMQ and msgpack: apt-get install {' '.join(missing)}")
    (tmp_path / "Ticks.java").write_text(source("java", bridge))
    jars = ":".join(f"/usr/share/java/{jar}" for jar in JARS)
    run("javac", "-Werror", "-cp", jars, "-d", tmp_path, tmp_path / "Ticks.java")
    # Debian has JeroMQ 0.3.6, which drops a connection with ZMTP heartbeats: the request works, the events do not.
    assert said("java", "-cp", f"{jars}:{tmp_path}", "Ticks", lines=1) == ["market.265598.\n"]


def test_rust(bridge: processes.Bridge, tmp_path: Path) -> None:
    missing = [p for crate, p in CRATES.items() if not any(REGISTRY.glob(f"{crate}-[0-9]*"))]
    if shutil.which("cargo") is None:
        missing.append("cargo")
    if missing:
        pytest.skip(f"no Rust with ZeroMQ and msgpack: apt-get install {' '.join(missing)}")
    for name, text in {
        "Cargo.toml": CARGO, ".cargo/config.toml": OFFLINE, "src/main.rs": source("rust", bridge)
    }.items():  # fmt: skip
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    run("env", "-C", tmp_path, "cargo", "build", "--offline", "--quiet")
    assert is_ticking(said(tmp_path / "target" / "debug" / "ticks"))


def test_each_language_of_the_page_is_compiled_or_excused() -> None:
    """A new language needs a test here, or an excuse that says why not."""
    found = {block.language: block.note.get("not run", "") for block in blocks(PAGE)}
    compiled = {language for language, note in found.items() if "test_other_languages.py" in note}
    assert compiled == {"cpp", "java", "rust"}
    assert {"go", "csharp"} <= found.keys()
