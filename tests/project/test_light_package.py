"""The Python client's own distribution: small, quick to import, without the service and what the service needs."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import msgpack
import pytest

import bridge
import tws_bridge_client
from tests.project.test_packaging import build

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "clients" / "python"

MEASURE = """
import json, resource, sys, time
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
begun = time.process_time()
import tws_bridge_client
from tws_bridge_client import BridgeClient
took = time.process_time() - begun
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"seconds": took, "megabytes": (after - before) / 1024, "file": tws_bridge_client.__file__,
                  "modules": sorted({name.split(".")[0] for name in sys.modules})}))
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder with the content of the wheel, and the two packages that it needs."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(build("wheel", SOURCE, tmp_path_factory.mktemp("wheel"))) as archive:
        archive.extractall(folder)
    site = Path(msgpack.__file__).parents[1]
    for name in ("msgpack", "zmq", "pyzmq.libs"):
        if (site / name).exists():
            (folder / name).symlink_to(site / name)
    return folder


def run(installed, code):
    """What the program prints, in a Python that knows only that folder."""
    command = [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.append({str(installed)!r})\n{code}"]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


def test_it_needs_two_packages():
    project = tomllib.loads((SOURCE / "pyproject.toml").read_text())["project"]
    assert sorted(need.partition(">")[0] for need in project["dependencies"]) == ["msgpack", "pyzmq"]
    service = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert set(project["dependencies"]) < set(service["dependencies"])


def test_both_distributions_have_one_version():
    assert tws_bridge_client.__version__ == bridge.__version__


def test_the_wheel_holds_the_package_and_its_types(installed):
    held = {file.name for file in (installed / "tws_bridge_client").iterdir()}
    assert {"py.typed", "generated", "sync.py"} <= held
    assert not (installed / "bridge").exists()


def test_it_works_alone(installed):
    code = "import tws_bridge_client as c\nwith c.BridgeClient('x') as client: print(client.reqMktData.__name__)"
    assert run(installed, code) == "req_mkt_data\n"
    code = "import asyncio, tws_bridge_client as c\nasync def f():\n async with c.AsyncBridgeClient('x'): print(1)\n"
    assert run(installed, f"{code}asyncio.run(f())") == "1\n"


def test_its_import_is_light(installed):
    """100 ms of processor time and 25 MB at most. The best of three counts: the machine does other things too."""
    told = [json.loads(run(installed, MEASURE)) for _ in range(4)][1:]
    assert Path(told[0]["file"]).is_relative_to(installed)
    assert not {"bridge", "pydantic", "google", "asyncio", "pandas", "sqlite3"} & set(told[0]["modules"])
    assert min(one["seconds"] for one in told) < 0.1
    assert min(one["megabytes"] for one in told) < 25
