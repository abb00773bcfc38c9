"""What `tws-bridge schemas` writes to `schemas/generated/`: the wire contract for people and tools in any language.

Everything is derived from the catalogue and `schemas/contract.json`; nothing is edited by hand, and `check` tells
whether the files on disk still say what the declarations say.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bridge.catalogue import Catalogue, catalogue
from bridge.catalogue.loader import default_directory
from bridge.schemas_out.asyncapi import asyncapi
from bridge.schemas_out.coverage import coverage
from bridge.schemas_out.events import events_schema
from bridge.schemas_out.requests import requests_schema
from bridge.schemas_out.table import messages_table

__all__ = ["check", "render", "write"]


def render(known: Catalogue | None = None) -> dict[str, str]:
    """File name -> text, for every generated file."""
    known = known or catalogue()
    contract, witnesses = _declared("contract.json"), _declared("witnesses.json")
    covered = coverage(known, witnesses)
    return {
        "events.schema.json": _text(events_schema(known)),
        "requests.schema.json": _text(requests_schema(known)),
        "asyncapi.json": _text(asyncapi(known, contract)),
        "coverage.json": _text(covered),
        "MESSAGES.md": messages_table(covered),
    }


def write(directory: Path | None = None) -> list[Path]:
    """Write the files; returns those that changed."""
    directory = directory or default_directory() / "generated"
    directory.mkdir(parents=True, exist_ok=True)
    changed = []
    for name, text in render().items():
        file = directory / name
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")
            changed.append(file)
    return changed


def check(directory: Path | None = None) -> list[str]:
    """One line for each file that is missing or out of date."""
    directory = directory or default_directory() / "generated"
    stale = []
    for name, text in render().items():
        file = directory / name
        if not file.is_file():
            stale.append(f"{file}: missing")
        elif file.read_text(encoding="utf-8") != text:
            stale.append(f"{file}: out of date")
    return stale


def _declared(name: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((default_directory() / name).read_text(encoding="utf-8"))
    return body


def _text(body: object) -> str:
    return json.dumps(body, indent=1, ensure_ascii=False) + "\n"
