"""Writes `schemas/generated/` for `tws-bridge schemas`: the wire contract for people and tools in any language.

In a checkout it also writes the generated pages of `docs/reference/`, and the generated parts of the clients.

All files follow from the catalogue, the contract and the tables of the code. Nobody edits them by hand. `check` returns
the files on disk that no longer agree with the declarations.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bridge.catalogue import Catalogue, catalogue
from bridge.catalogue.loader import default_directory
from bridge.contract import contract
from bridge.schemas_out.asyncapi import asyncapi
from bridge.schemas_out.connection_states import connection_states
from bridge.schemas_out.coverage import coverage
from bridge.schemas_out.cpp import cpp_headers
from bridge.schemas_out.events import events_schema
from bridge.schemas_out.order_states import order_states
from bridge.schemas_out.python import python_client
from bridge.schemas_out.reference import reference_pages
from bridge.schemas_out.replies import replies_schema
from bridge.schemas_out.requests import requests_schema
from bridge.schemas_out.scenarios import scenarios
from bridge.schemas_out.states import state_pages
from bridge.schemas_out.symptoms import symptoms
from bridge.schemas_out.table import messages_table
from bridge.schemas_out.typescript import typescript
from bridge.schemas_out.vectors import vectors

__all__ = ["check", "render", "write"]


def render(known: Catalogue | None = None) -> dict[str, str]:
    """File name -> text, for every generated file."""
    known = known or catalogue()
    made = contract()
    covered = coverage(known, _declared("witnesses.json"))
    return {
        "events.schema.json": _text(events_schema(known, made)),
        "requests.schema.json": _text(requests_schema(known, made)),
        "replies.schema.json": _text(replies_schema(known, made)),
        "asyncapi.json": _text(asyncapi(known, made)),
        "coverage.json": _text(covered),
        "MESSAGES.md": messages_table(covered),
        **vectors(),
    }


def write(directory: Path | None = None) -> list[Path]:
    """Write the files, and return those that changed."""
    changed = []
    for file, text in _files(directory).items():
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
            changed.append(file)
    return changed


def check(directory: Path | None = None) -> list[str]:
    """One line for each file that is missing or out of date."""
    stale = []
    for file, text in _files(directory).items():
        if not file.is_file():
            stale.append(f"{file}: missing")
        elif file.read_text(encoding="utf-8") != text:
            stale.append(f"{file}: out of date")
    return stale


def _files(directory: Path | None) -> dict[Path, str]:
    """All generated files, or with `directory` only those of the contract."""
    files = {(directory or default_directory() / "generated") / name: text for name, text in render().items()}
    sources = default_directory().parent / "clients" / "typescript" / "src"
    if directory is None and sources.is_dir():
        files[sources / "generated.ts"] = typescript(catalogue(), contract())
    reference = default_directory().parent / "docs" / "reference"
    if directory is None and reference.is_dir():
        files[reference / "connection-states.md"] = connection_states()
        files[reference / "symptoms.md"] = symptoms()
        files[reference / "order-states.md"] = order_states()
        files |= {reference / name: text for name, text in state_pages().items()}
        files[reference / "scenarios.md"] = scenarios()
        files |= {reference / name: text for name, text in reference_pages(catalogue(), contract()).items()}
    package = default_directory().parent / "clients" / "python" / "tws_bridge_client"
    if directory is None and package.is_dir():
        files |= {package / "generated" / name: text for name, text in python_client(catalogue(), contract()).items()}
    headers = default_directory().parent / "clients" / "cpp" / "include" / "tws_bridge"
    if directory is None and headers.is_dir():
        files |= {headers / name: text for name, text in cpp_headers(catalogue(), contract()).items()}
    return files


def _declared(name: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((default_directory() / name).read_text(encoding="utf-8"))
    return body


def _text(body: object) -> str:
    return json.dumps(body, indent=1, ensure_ascii=False) + "\n"
