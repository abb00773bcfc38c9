"""Bridges with and without keys, as the tests of the Python client have them, and the programs of the C++ client."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clients.cpp_build import built
from tests.end_to_end.conftest import bridge, folder, guarded, simulator

__all__ = ["bridge", "folder", "guarded", "simulator"]


@pytest.fixture(scope="session")
def cpp(request: pytest.FixtureRequest) -> Path:
    """The folder with the programs of the C++ client."""
    return built(request.config.cache.mkdir("clients"))
