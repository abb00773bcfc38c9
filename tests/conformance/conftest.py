"""Hypothesis profiles, and which of these tests need what this machine may not have.

`default` is derandomized, small and does not shrink (an order has 150 fields), so that a run is the same every time and
never long; HYPOTHESIS_PROFILE=deep looks further and shrinks what it finds.
The captures are not part of the project: their test is not collected unless TWS_CAPTURES names the file.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
FAST = [Phase.explicit, Phase.generate]

settings.register_profile(
    "default", max_examples=12, derandomize=True, deadline=None, phases=FAST, suppress_health_check=QUIET
)
settings.register_profile("deep", max_examples=300, deadline=None, suppress_health_check=QUIET)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

collect_ignore = [] if os.environ.get("TWS_CAPTURES") else ["test_captures.py", "test_captured_witnesses.py"]
