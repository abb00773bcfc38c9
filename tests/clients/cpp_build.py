"""The programs of clients/cpp, built once for all tests by CMake, with sanitizers.

`python -m tests.clients.cpp_build` builds them before the tests, so that no test waits for it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "clients" / "cpp"
#: What must be there, and the Debian package that has it.
NEEDED = {"cmake": "cmake", "g++": "g++"}
HEADERS = {"zmq.hpp": "cppzmq-dev", "msgpack.hpp": "libmsgpack-cxx-dev"}


def missing_packages() -> list[str]:
    """The Debian packages without which nothing can be built here."""
    commands = [package for command, package in NEEDED.items() if shutil.which(command) is None]
    return commands + [p for header, p in HEADERS.items() if not Path("/usr/include", header).exists()]


def built(cache: Path) -> Path:
    """The folder with the programs. Skips where a package is missing, and fails where something does not compile.

    `cache`: a folder that outlives the session. Sources that are built there already are not built again. Several
    processes may ask at once: the first builds, and the others wait for it.
    """
    if missing := missing_packages():
        pytest.skip(f"the C++ client cannot be built: apt-get install {' '.join(missing)}")
    folder = cache / f"cpp-{_digest()}"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            options = ("CXX_FLAGS=-O1", f"INSTALL_PREFIX={folder}/installed")
            wanted = [f"-DTWS_BRIDGE_{name}=ON" for name in ("TESTS", "SANITIZE", "EXAMPLES")]
            run("cmake", "-S", SOURCES, "-B", folder, *wanted, *(f"-DCMAKE_{option}" for option in options))
            run("cmake", "--build", folder, "--parallel", str(min(4, os.cpu_count() or 1)))
            (folder / "done").touch()
    return folder


def run(*words: str | Path) -> str:
    """The output of a command that must succeed."""
    done = subprocess.run(words, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def _digest() -> str:
    """Of all that the programs are made of. Each worktree has its own paths, so the place counts, too."""
    digest = hashlib.sha256(str(SOURCES).encode() + Path(__file__).read_bytes())
    for file in sorted(SOURCES.rglob("*")):
        if file.is_file() and file.suffix != ".md":
            digest.update(file.relative_to(SOURCES).as_posix().encode() + file.read_bytes())
    return digest.hexdigest()[:16]


if __name__ == "__main__":
    if missing := missing_packages():
        print(f"the tests of the C++ client are skipped without: apt-get install {' '.join(missing)}")
    else:
        place = ROOT / ".pytest_cache" / "d" / "clients"
        place.mkdir(parents=True, exist_ok=True)
        built(place)
