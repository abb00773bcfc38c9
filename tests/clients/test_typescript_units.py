"""The TypeScript client without a bridge: its state machines, and what the compiler refuses."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.clients.test_examples import TYPESCRIPT, node, typescript

TYPES = TYPESCRIPT / "src" / "tests" / "types.ts"
TSC = TYPESCRIPT / "node_modules" / "typescript" / "bin" / "tsc"


def test_its_state_machines_pass_their_tests() -> None:
    assert typescript("conform")
    files = sorted(str(file) for file in (TYPESCRIPT / "dist" / "tests").glob("*.test.js"))
    assert len(files) == len(list((TYPESCRIPT / "src" / "tests").glob("*.test.ts"))) > 0
    done = subprocess.run([node(), "--test", *files], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout
    found = re.search(r"^\S* ?pass (\d+)$", done.stdout, flags=re.MULTILINE)
    assert found is not None and int(found[1]) > 40, done.stdout


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of a user, who has installed the package."""
    folder = tmp_path_factory.mktemp("program")
    packages = folder / "node_modules"
    packages.mkdir()
    for installed in (TYPESCRIPT / "node_modules").iterdir():
        if not installed.name.startswith("."):
            (packages / installed.name).symlink_to(installed)
    (packages / "tws-bridge-client").mkdir()
    shutil.copy(TYPESCRIPT / "package.json", packages / "tws-bridge-client")
    (packages / "tws-bridge-client" / "dist").symlink_to(TYPESCRIPT / "dist")
    (folder / "package.json").write_text('{"type": "module"}\n')
    return folder


def compiled(program: Path, *texts: str) -> str:
    """What the compiler says about programs of a user, in strict mode: `main0.ts`, `main1.ts` and so on."""
    files = [f"main{number}.ts" for number in range(len(texts))]
    for file, text in zip(files, texts, strict=True):
        (program / file).write_text(text)
    options = "--strict --exactOptionalPropertyTypes --noEmit --target es2022 --module nodenext --skipLibCheck"
    libraries = "--lib es2022,esnext.disposable --types node --preserveSymlinks"
    words = [node(), str(TSC), *options.split(), *libraries.split(), *files]
    done = subprocess.run(words, cwd=program, capture_output=True, text=True, timeout=120, check=False)
    return done.stdout + done.stderr


def test_the_compiler_refuses_a_wrong_method_field_and_type_and_knows_the_results(program: Path) -> None:
    text = TYPES.read_text().replace('"../index.js"', '"tws-bridge-client"')
    expected = text.count("// @ts-expect-error")
    assert expected > 20
    assert compiled(program, text) == ""
    unmarked = compiled(program, text.replace("// @ts-expect-error", "// an error:"))
    assert len(re.findall(r"^main0\.ts\(\d+,\d+\): error TS", unmarked, flags=re.MULTILINE)) == expected


def test_the_published_types_have_no_any() -> None:
    declared = "\n".join(file.read_text() for file in (TYPESCRIPT / "dist").glob("*.d.ts"))
    without_comments = re.sub(r"/\*.*?\*/|//[^\n]*", "", declared, flags=re.DOTALL)
    assert "BridgeClient" in without_comments
    assert re.findall(r"\bany\b", without_comments) == []


BLOCK = re.compile(r"^```typescript\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)
NAMES = "BridgeClient, BridgeError, limit, stock, type LogEvent, type LogPosition"


def test_the_blocks_of_its_readme_compile(program: Path) -> None:
    blocks = BLOCK.findall((TYPESCRIPT / "README.md").read_text())
    assert len(blocks) > 5
    head = f'import {{ {NAMES} }} from "tws-bridge-client";\ndeclare const client: BridgeClient;\n'
    tail = "\nexport {};\n"
    whole = [block if block.startswith("import ") else head + block + tail for block in blocks]
    assert compiled(program, *whole) == ""
