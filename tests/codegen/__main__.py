"""Code generators over the generated schemas: `make codegen-check`. Ends with 1 where a type is bad or misjudges.

Types that a generator makes must have names of their own (none numbered, none anonymous) and must not be open (`any`,
`unknown`). What a recorded bridge said must fit them, and what is wrong must not. The generators of npm run in
`node/generate.mjs`.
"""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from bridge.catalogue.loader import default_directory
from bridge.schemas_out.names import pascal
from tests.codegen.recording import Recording, record

Data = dict[str, Any]

HERE = Path(__file__).parent
SCHEMAS = default_directory() / "generated"
FILES = ("events", "requests", "replies")
#: Refused in every language: another type, a missing field, a word that is no event or kind, a value that is unknown.
WRONG_EVENTS: list[Data] = [
    {"event": "tickPrice", "ts": 1, "data": {"reqId": "1", "price": 1.5}},
    {"event": "tickPrice", "ts": 1},
    {"event": "tickPrices", "ts": 1, "data": {"reqId": 1}},
    {"event": "heartbeat", "ts": 1, "data": {"state": "dreaming", "since": 1}},
    {"event": "openOrder", "ts": 1, "data": {"orderId": 1, "order": {"action": "HOLD"}}},
]
WRONG_REPLIES: list[tuple[str, Data]] = [
    ("ping", {"v": 1, "id": "1", "ok": True, "result": {"ts": 1}}),
    ("ping", {"v": 1, "id": "1", "ok": True, "kind": "event", "result": {"ts": 1}}),
    ("reqCurrentTime", {"v": 1, "id": "1", "ok": True, "kind": "events", "result": []}),
    ("reqMktData", {"v": 1, "id": "1", "ok": False, "error": {"code": "noSuchCode", "message": ""}}),
]


def main(datamodel_codegen: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        findings = [*_judge(Path(folder), datamodel_codegen)]
    print("\n".join(findings) or "every generator makes named, closed types, and they fit what the bridge says")
    return 1 if findings else 0


def _judge(folder: Path, datamodel_codegen: str) -> Iterator[str]:
    made = {file: _models(folder, file, datamodel_codegen) for file in FILES}
    for file, path in made.items():
        yield from _bad_names(file, path.read_text(encoding="utf-8"))
    modules = {file: _load(path) for file, path in made.items()}
    subprocess.run(["node", "generate.mjs", SCHEMAS, folder], cwd=HERE / "node", check=True)
    yield from json.loads((folder / "findings.json").read_text(encoding="utf-8"))
    for version in (200, 226):
        (folder / str(version)).mkdir()
        recording = record(folder / str(version), version)
        print(
            f"{version}: {len(recording.events)} events, {len(recording.replies)} replies, {len(recording.parts)} parts"
        )
        yield from _misjudged(modules, recording)
        yield from _mistyped(folder, recording)


# Python


def _models(folder: Path, file: str, datamodel_codegen: str) -> Path:
    path = folder / f"made_{file}.py"
    options = ["--output-model-type", "pydantic_v2.BaseModel", "--target-python-version", "3.11"]
    source = ["--input", str(SCHEMAS / f"{file}.schema.json"), "--input-file-type", "jsonschema"]
    subprocess.run([datamodel_codegen, *source, *options, "--output", str(path)], check=True, capture_output=True)
    return path


def _bad_names(file: str, text: str) -> Iterator[str]:
    for name in re.findall(r"^class (\w+)", text, re.MULTILINE):
        if re.search(r"\d$", name):
            yield f"datamodel-code-generator: {file}: the class {name} has no name of its own"
    for line in text.splitlines():
        if re.search(r"\bAny\b(?! event| request)", line) and "import" not in line and "dict[str, Any]" not in line:
            yield f"datamodel-code-generator: {file}: {line.strip()}"


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def _misjudged(modules: dict[str, ModuleType], recording: Recording) -> Iterator[str]:
    """What the Python types say of the recording, and of what is wrong."""
    event, request = modules["events"].Event, modules["requests"].Request
    known = modules["replies"].Replies.model_fields.keys()
    for body in _samples(recording.events):
        yield from _refused(event, body)
    for body in recording.requests:
        if body["method"] in known:
            yield from _refused(request, body)
    for method, body in recording.replies:
        name = f"{pascal(method)}Reply" if method in known else "Failure"
        yield from _refused(getattr(modules["replies"], name), body)
    for body in recording.parts[:200]:
        yield from _refused(modules["replies"].StreamedPart, body)
    for body in WRONG_EVENTS:
        yield from _accepted(event, body)
    for method, body in WRONG_REPLIES:
        yield from _accepted(getattr(modules["replies"], f"{pascal(method)}Reply"), body)


def _refused(model: Any, body: Data) -> Iterator[str]:
    try:
        model.model_validate(body)
    except ValueError as error:
        yield f"{model.__name__} refuses {str(body)[:300]}: {str(error)[:300]}"


def _accepted(model: Any, body: Data) -> Iterator[str]:
    if not [*_refused(model, body)]:
        yield f"{model.__name__} takes {body}, which is wrong"


def _samples(events: list[Data], most: int = 5) -> list[Data]:
    """A few events of each name and set of keys."""
    found: dict[tuple[str, ...], list[Data]] = {}
    for event in events:
        alike = found.setdefault((event["event"], *sorted(event), *sorted(event["data"])), [])
        if len(alike) < most:
            alike.append(event)
    return [event for alike in found.values() for event in alike]


# TypeScript


def _mistyped(folder: Path, recording: Recording) -> Iterator[str]:
    """What the TypeScript compiler says: right values must have the types, and each wrong one must be an error."""
    lines = ['import type { Event } from "./events";', 'import type { Failure, Replies } from "./replies";']
    known = json.loads((SCHEMAS / "replies.schema.json").read_text(encoding="utf-8"))["properties"]
    right = [("Event", body) for body in _samples(recording.events, 1)]
    for method, reply in recording.replies:
        right.append((f'Replies["{method}"]' if method in known else "Failure", reply))
    wrong = [("Event", body) for body in WRONG_EVENTS]
    wrong += [(f'Replies["{method}"]', reply) for method, reply in WRONG_REPLIES]
    lines += [f"export const right{n}: {kind} = {_literal(body)};" for n, (kind, body) in enumerate(right)]
    for number, (kind, body) in enumerate(wrong):
        lines += ["// @ts-expect-error", f"export const wrong{number}: {kind} = {_literal(body)};"]
    path = folder / "json-schema-to-typescript" / "recorded.ts"
    path.write_text("\n".join(lines), encoding="utf-8")
    command = ["npx", "tsc", "--noEmit", "--strict", "--target", "es2022", "--module", "esnext"]
    command += ["--skipLibCheck", str(path)]
    told = subprocess.run(command, cwd=HERE / "node", capture_output=True, text=True, check=False)
    yield from (f"tsc: {line[:400]}" for line in told.stdout.splitlines()[:40])
    if told.returncode and not told.stdout:
        yield f"tsc ended with {told.returncode}: {told.stderr[:400]}"


def _literal(body: Any) -> str:
    return json.dumps(body, default=lambda value: value.hex())


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
