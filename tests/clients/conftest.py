from __future__ import annotations

from pathlib import Path

import pytest

from tests.clients.cpp_build import built


@pytest.fixture(scope="session")
def cpp(request: pytest.FixtureRequest) -> Path:
    """The folder with the programs of the C++ client."""
    return built(request.config.cache.mkdir("clients"))
