"""A hostile crowd against a real bridge: see `tests.hostile.run`."""
