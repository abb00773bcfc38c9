"""For all tests: the files that take longest begin first, so that no process waits for one of them at the end.

Hypothesis sets no time limit for an example: the machine may be busy.
"""

from __future__ import annotations

import pytest
from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

#: They run for a minute or two each.
LONG = (
    "test_soak.py", "test_pages.py", "test_conform.py", "test_known.py", "test_examples.py", "test_demo.py",
    "test_reload.py", "test_hostile.py", "test_late_orders.py", "test_model.py", "test_outages.py",
)  # fmt: skip


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort by file only. The order within a file stays."""
    items.sort(key=lambda item: item.path.name not in LONG)
