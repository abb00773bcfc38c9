"""The Dockerfile, and docker/scan_image.py, which looks into the image that it makes.

TWS_IMAGE may name the tar file of an image (`docker save`, `buildah push docker-archive:`): it is scanned, too.
"""

from __future__ import annotations

import importlib.util
import io
import json
import os
import re
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from bridge import __version__

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
BUILD, FINAL = re.split(r"^FROM .*$", DOCKERFILE, flags=re.MULTILINE)[1:]
SCANNER = ROOT / "docker" / "scan_image.py"

#: A member of a layer: its content, or None for a folder, and its mode.
Layer = Mapping[str, tuple[str | None, int]]
CLEAN: Layer = {"opt/tws-bridge/bin/tws-bridge": ("#!python", 0o755), "etc/passwd": ("root", 0o644)}
CONFIG = {"User": "10001:10001", "Healthcheck": {"Test": ["CMD", "x"]}, "Env": ["PATH=/bin", "TWS_PASSWORD_FILE=/x"]}


# The Dockerfile


def test_both_stages_begin_with_a_base_that_is_named_by_its_digest() -> None:
    (base,) = re.findall(r"^ARG PYTHON_IMAGE=(.+)$", DOCKERFILE, flags=re.MULTILINE)
    assert re.fullmatch(r"python:3\.11\.\d+-slim-\w+@sha256:[0-9a-f]{64}", base)
    assert re.findall(r"^FROM (\S+)", DOCKERFILE, flags=re.MULTILINE) == ["${PYTHON_IMAGE}"] * 2


def test_everything_that_is_installed_has_a_hash_and_is_a_wheel() -> None:
    installs = [line for line in re.split(r"&&|\bRUN\b", BUILD.replace("\\\n", " ")) if " install " in line]
    assert len(installs) == 3
    for line in installs:
        assert ("--require-hashes" in line and "--only-binary :all:" in line) or "--no-index" in line


def test_the_final_stage_has_no_installer_and_compiled_bytecode() -> None:
    assert "--without-pip /opt/tws-bridge" in BUILD
    assert "compileall" in BUILD and "compileall" in FINAL
    assert "apt-get" not in DOCKERFILE and "pip install" not in FINAL
    assert "COPY --from=build /opt/tws-bridge" in FINAL


def test_the_image_runs_as_nobody_special_and_checks_its_health() -> None:
    assert "\nUSER 10001:10001\n" in FINAL
    assert re.search(r'^HEALTHCHECK .*CMD \["tws-bridge", "health"\]$', FINAL, flags=re.MULTILINE)
    assert 'ENTRYPOINT ["tws-bridge"]' in FINAL
    assert "VOLUME" not in re.sub(r"^#.*$", "", FINAL, flags=re.MULTILINE)


def test_the_image_knows_the_folders_of_the_compose_file() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]
    for volume in services["bridge"]["volumes"]:
        folder = volume.split(":")[1]
        assert f"install -d -o tws-bridge -g tws-bridge -m 07{'50' if 'run' in folder else '00'} {folder}" in FINAL
    assert services["bridge"]["environment"]["TWS_BRIDGE_EVENTS"] in FINAL
    assert services["bridge"]["environment"]["TWS_BRIDGE_REQUESTS"] in FINAL


def test_the_health_check_does_not_pay_for_the_imports_of_the_script_that_pip_writes() -> None:
    (script,) = re.findall(
        r"^RUN printf '%s\\n' (.+) \\\n +> /opt/tws-bridge/bin/tws-bridge$", BUILD, flags=re.MULTILINE
    )
    assert re.findall(r"'([^']*)'", script) == [
        "#!/opt/tws-bridge/bin/python",
        "import sys",
        "from bridge.entry import main",
        "sys.exit(main())",
    ]


def test_labels_say_what_the_image_is() -> None:
    assert f"ARG VERSION={__version__}\n" in FINAL
    for label in ("title", "description", "licenses", "version", "revision", "base.name"):
        assert f"org.opencontainers.image.{label}=" in FINAL


def test_everything_that_the_image_copies_is_sent_to_the_builder() -> None:
    ignore = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    copies = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, flags=re.MULTILINE)
    sources = {source for line in copies for source in line.split()}
    assert sources, "the Dockerfile copies nothing"
    for source in sources:
        assert (ROOT / source).exists()
        assert {f"!{source}", f"!{source.split('/')[0]}"} & set(ignore)


# The scan


def scanner() -> ModuleType:
    specification = importlib.util.spec_from_file_location("scan_image", SCANNER)
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules["scan_image"] = module
    specification.loader.exec_module(module)
    return module


def tar(members: Layer) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, (content, mode) in members.items():
            member = tarfile.TarInfo(name)
            member.mode = mode
            if content is None:
                member.type = tarfile.DIRTYPE
            else:
                member.size = len(content.encode())
            archive.addfile(member, None if content is None else io.BytesIO(content.encode()))
    return buffer.getvalue()


def image(path: Path, *layers: Layer, config: Mapping[str, object] = CONFIG) -> Path:
    """An image as `docker save` writes it."""
    members = {f"{number}.tar": tar(layer).decode("latin-1") for number, layer in enumerate(layers)}
    with tarfile.open(path, "w") as archive:
        manifest = [{"Config": "config.json", "Layers": list(members)}]
        texts = {"manifest.json": json.dumps(manifest), "config.json": json.dumps({"config": config}), **members}
        for name, text in texts.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode("latin-1"))
            archive.addfile(member, io.BytesIO(text.encode("latin-1")))
    return path


def found(path: Path) -> list[str]:
    scan = scanner()
    return list(scan.findings(scan.read(str(path))))


def test_a_clean_image_has_no_finding(tmp_path: Path) -> None:
    assert found(image(tmp_path / "image.tar", CLEAN)) == []


KEY = 'name = "bridge"\nsecret = "' + "x" * 40 + '"\n'


@pytest.mark.parametrize(
    ("path", "content", "mode", "words"),
    [
        ("usr/bin/gcc", "", 0o755, "is a compiler"),
        ("usr/bin/x86_64-linux-gnu-gcc-12", "", 0o755, "is a compiler"),
        ("usr/bin/ld", "", 0o755, "is a compiler"),
        ("usr/local/bin/pip3.11", "", 0o755, "installs or downloads"),
        ("usr/local/lib/python3.11/site-packages/pip", None, 0o755, "installs packages"),
        ("usr/local/lib/python3.11/site-packages/wheel-0.46.3.dist-info", None, 0o755, "installs packages"),
        ("usr/local/lib/python3.11/ensurepip", None, 0o755, "installs packages"),
        ("usr/share/python-wheels/pip-23.whl", "", 0o644, "is a package to install"),
        ("usr/bin/su", "", 0o4755, "gives its caller more rights (mode 4755)"),
        ("opt/x", "", 0o666, "everybody may write it"),
        ("opt/alice.secret", "x", 0o600, "may be a secret, by its name"),
        ("root/.netrc", "x", 0o600, "may be a secret, by its name"),
        ("source/.git", None, 0o755, "may be a secret, by its name"),
        ("opt/settings.toml", KEY, 0o644, "has a CURVE secret key"),
        ("opt/x.pem", "-----BEGIN RSA PRIVATE KEY-----\n" + "A" * 64, 0o644, "has a private key"),
        ("etc/pip.conf", "index-url = https://me:verysecret1@example.org/x", 0o644, "has a password in an address"),
    ],
)
def test_what_must_not_be_there_is_found(tmp_path: Path, path: str, content: str | None, mode: int, words: str) -> None:
    lines = found(image(tmp_path / "image.tar", {**CLEAN, path: (content, mode)}))
    assert lines and all(line.startswith(f"/{path}: ") for line in lines)
    assert any(words in line for line in lines)


def test_an_example_of_an_address_in_the_pip_of_the_base_is_no_password(tmp_path: Path) -> None:
    """The base has pip in a layer of its own, and the final image deletes it in a later one."""
    name = "usr/local/lib/python3.11/site-packages/pip"
    example: Layer = {f"{name}/url.py": ("parse('http://username:password@host.com:80/path')", 0o644)}
    gone: Layer = {"usr/local/lib/python3.11/site-packages/.wh.pip": ("", 0o600)}
    assert found(image(tmp_path / "image.tar", {**CLEAN, **example}, gone)) == []


def test_a_deleted_compiler_is_gone_and_a_deleted_secret_is_not(tmp_path: Path) -> None:
    first: Layer = {**CLEAN, "usr/bin/gcc": ("", 0o755), "opt/settings.toml": (KEY, 0o644), "b/bin/cc": ("", 0o755)}
    second: Layer = {"usr/bin/.wh.gcc": ("", 0o600), "opt/.wh.settings.toml": ("", 0o600), ".wh.b": ("", 0o600)}
    assert found(image(tmp_path / "image.tar", first, second)) == ["/opt/settings.toml: has a CURVE secret key"]
    opaque: Layer = {"usr/bin/.wh..wh..opq": ("", 0o600), "usr/bin/sh": ("", 0o755), ".wh.b": ("", 0o600)}
    assert found(image(tmp_path / "image.tar", {**first, "opt/settings.toml": ("", 0o644)}, opaque)) == []


def test_the_configuration_is_looked_at(tmp_path: Path) -> None:
    lines = found(image(tmp_path / "image.tar", CLEAN, config={"Env": ["TWS_PASSWORD=hunter2"]}))
    assert [line.split(" (")[0] for line in lines] == [
        "environment: TWS_PASSWORD may be a secret",
        "the container runs as root",
        "there is no health check",
    ]


def test_the_script_prints_each_finding_and_ends_with_1(tmp_path: Path) -> None:
    path = image(tmp_path / "image.tar", {**CLEAN, "usr/bin/gcc": ("", 0o755)})
    done = subprocess.run([sys.executable, str(SCANNER), str(path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.count("\n")) == (1, 2)
    assert "/usr/bin/gcc: is a compiler" in done.stdout


if "TWS_IMAGE" in os.environ:

    def test_the_image_that_was_built_has_no_finding() -> None:
        assert found(Path(os.environ["TWS_IMAGE"])) == []
