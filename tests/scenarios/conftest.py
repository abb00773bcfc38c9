from __future__ import annotations

import contextlib

import pytest

from tests.scenarios.scripted import PROTOBUF, TEXT, Tws
from tests.scenarios.stage import Stage

#: For tests in which it matters how TWS encodes its words.
both_encodings = pytest.mark.parametrize("version", [TEXT, PROTOBUF], ids=["text", "protobuf"])


@pytest.fixture
def version():
    return PROTOBUF


@pytest.fixture
def rights():
    """More rights and limits of clients than most tests need: lines of TOML by client."""
    return {}


@pytest.fixture
def settings():
    """More settings of the bridge: lines of TOML."""
    return ""


@pytest.fixture
def tws(version):
    tws = Tws(version)
    yield tws
    tws.close()


@pytest.fixture
def stage(tmp_path, tws, rights, settings):
    """A bridge that is ready to trade. Whatever happens in the test, nothing breaks inside the bridge."""
    with contextlib.closing(Stage(tmp_path, tws, rights, settings)) as stage:
        stage.start()
        yield stage
    assert "Traceback" not in stage.log
