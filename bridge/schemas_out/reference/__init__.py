"""The reference pages in `docs/reference/`: topics, methods, events, types, errors, log events, settings, commands.

Each page is a function of the declarations and of the code that uses them.
"""

from __future__ import annotations

from bridge.catalogue import Catalogue
from bridge.contract import Contract
from bridge.schemas_out.reference.cli import cli_page
from bridge.schemas_out.reference.declared import Declared
from bridge.schemas_out.reference.errors import errors_page
from bridge.schemas_out.reference.events import events_page
from bridge.schemas_out.reference.log_events import log_events_page
from bridge.schemas_out.reference.methods import methods_page
from bridge.schemas_out.reference.metrics import metrics_page
from bridge.schemas_out.reference.settings import settings_page
from bridge.schemas_out.reference.topics import topics_page
from bridge.schemas_out.reference.types import types_page

__all__ = ["reference_pages"]


def reference_pages(known: Catalogue, made: Contract) -> dict[str, str]:
    """File name -> text."""
    declared = Declared(known, made)
    return {
        "topics.md": topics_page(declared),
        "methods.md": methods_page(declared),
        "events.md": events_page(declared),
        "types.md": types_page(declared),
        "errors.md": errors_page(declared),
        "log-events.md": log_events_page(made),
        "metrics.md": metrics_page(),
        "settings.md": settings_page(),
        "cli.md": cli_page(),
    }
