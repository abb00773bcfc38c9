"""schemas/witnesses.json names as captured what the captures file (TWS_CAPTURES) holds."""

import json

from bridge.catalogue import catalogue
from bridge.catalogue.loader import default_directory
from tests.conformance.test_captures import CAPTURES

WITNESSES = json.loads((default_directory() / "witnesses.json").read_text(encoding="utf-8"))


def test_captures_witness_what_they_hold() -> None:
    seen = {(capture.direction, capture.id) for capture in CAPTURES}
    held = sorted(m.name for m in catalogue().messages.values() if (m.direction, m.id) in seen)
    assert WITNESSES["capture"] == held
