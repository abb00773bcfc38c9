"""Bridges with and without keys, as the tests of the Python client have them."""

from tests.end_to_end.conftest import bridge, folder, guarded, simulator

__all__ = ["bridge", "folder", "guarded", "simulator"]
