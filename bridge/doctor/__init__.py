"""`tws-bridge doctor`: checks step by step whether a bridge with these settings can trade, and says what to change."""

from bridge.doctor.examination import examine
from bridge.doctor.findings import Check, Examination

__all__ = ["Check", "Examination", "examine"]
