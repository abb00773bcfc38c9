"""What must not be in the image: scan_image.py IMAGE.tar. It reads what `docker save` or `buildah push` wrote.

It prints a line for each finding and ends with 1 if there is one. It looks for secrets in every layer, because a layer
keeps what a later one deletes, and for compilers, installers and files with more rights in what the container sees.
Needs Python only.
"""

from __future__ import annotations

import json
import re
import stat
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import IO, Any

_COMPILERS = re.compile(
    r"(?:[\w.]+-(?:linux|pc|unknown)-\w+(?:-\w+)?-)?"
    r"(?:gcc|g\+\+|cc|c\+\+|cpp|clang|clang\+\+|ld|as|ar|make|cmake|gdb|rustc|cargo|go|javac|tcc)(?:-[\d.]+)?"
)
_INSTALLERS = re.compile(r"(?:pip|easy_install|wheel|conda|uv|npm|curl|wget)[\d.]*")
_PYTHON_INSTALLERS = re.compile(r"(?:pip|setuptools|wheel|pkg_resources|ensurepip|_distutils_hack)(?:-[^/]*)?")
_SECRET_NAMES = re.compile(
    r".*\.secret|tws_password|\.env|\.netrc|\.pypirc|\.npmrc|\.git|\.ssh|\.aws|\.docker|id_(?:rsa|dsa|ecdsa|ed25519)"
)
_SECRET_TEXTS = {
    "a private key": re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{20}"),
    "a CURVE secret key": re.compile(rb'^secret *= *"[^"\n]{40}"', re.MULTILINE),
    # Not the words of an example, as in a docstring of the pip that lies in a layer of the base.
    "a password in an address": re.compile(
        rb"https?://(?!username:password@)[A-Za-z0-9_.%-]+:[A-Za-z0-9_.%-]{8,}@[\w.-]+"
    ),
}
_SECRET_VARIABLES = re.compile(r"[A-Z0-9_]*(?:PASSWORD|SECRET|TOKEN|CREDENTIAL)[A-Z0-9_]*(?<!_FILE)")
#: Larger files are programs and data; the bytes of a key would be in a small one.
_LARGEST_TEXT = 1 << 20


@dataclass
class Image:
    """The configuration of an image, what the container sees (path -> member), and the secrets of all layers."""

    config: dict[str, Any]
    files: dict[str, tarfile.TarInfo] = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list)
    size: int = 0


def read(path: str) -> Image:
    """Read an image from a tar file, in Docker's form or in OCI's."""
    with tarfile.open(path) as archive:
        names = set(archive.getnames())
        if "manifest.json" in names:
            manifest = json.load(_open(archive, "manifest.json"))[0]
            config, layers = manifest["Config"], manifest["Layers"]
        elif "index.json" in names:
            index = json.load(_open(archive, "index.json"))
            manifest = json.load(_open(archive, _blob(index["manifests"][0])))
            config, layers = _blob(manifest["config"]), [_blob(layer) for layer in manifest["layers"]]
        else:
            raise SystemExit(f"{path}: is not an image: it has neither manifest.json nor index.json")
        image = Image(json.load(_open(archive, config))["config"])
        for layer in layers:
            with tarfile.open(fileobj=_open(archive, layer)) as opened:
                _add(image, opened)
    image.size = sum(member.size for member in image.files.values() if member.isfile())
    return image


def _blob(descriptor: dict[str, str]) -> str:
    return "blobs/" + descriptor["digest"].replace(":", "/")


def _open(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    found = archive.extractfile(name)
    if found is None:
        raise SystemExit(f"the image has no {name}")
    return found


def _add(image: Image, layer: tarfile.TarFile) -> None:
    """Lay a layer over those before it. A file `.wh.NAME` deletes NAME, and `.wh..wh..opq` what its folder had."""
    members = [(str(PurePosixPath("/", member.name)), member) for member in layer]
    for path, _ in members:
        folder, _, name = path.rpartition("/")
        if name == ".wh..wh..opq":
            _delete(image, folder, itself=False)
        elif name.startswith(".wh."):
            _delete(image, f"{folder}/{name.removeprefix('.wh.')}", itself=True)
    for path, member in members:
        if not path.rpartition("/")[2].startswith(".wh."):
            image.files[path] = member
            image.secrets += _secrets(layer, path, member)


def _delete(image: Image, path: str, *, itself: bool) -> None:
    image.files = {
        other: member
        for other, member in image.files.items()
        if not other.startswith(f"{path}/") and not (itself and other == path)
    }


def _secrets(layer: tarfile.TarFile, path: str, member: tarfile.TarInfo) -> Iterator[str]:
    if _SECRET_NAMES.fullmatch(PurePosixPath(path).name) and not (member.isfile() and member.size == 0):
        yield f"{path}: may be a secret, by its name"
    if member.isfile() and member.size <= _LARGEST_TEXT and (opened := layer.extractfile(member)) is not None:
        content = opened.read()
        yield from (f"{path}: has {what}" for what, text in _SECRET_TEXTS.items() if text.search(content))


def findings(image: Image) -> list[str]:
    """A line for each thing that must not be in the image."""
    found = list(image.secrets)
    for path, member in sorted(image.files.items()):
        found += _of_file(PurePosixPath(path), member)
    for variable in image.config.get("Env") or []:
        name, _, value = variable.partition("=")
        if value and _SECRET_VARIABLES.fullmatch(name):
            found.append(f"environment: {name} may be a secret")
    if str(image.config.get("User") or "root").partition(":")[0] in ("root", "0"):
        found.append("the container runs as root")
    if not image.config.get("Healthcheck"):
        found.append("there is no health check (the image must have Docker's form, not OCI's)")
    return found


def _of_file(path: PurePosixPath, member: tarfile.TarInfo) -> Iterator[str]:
    is_program = path.parent.name in ("bin", "sbin") or "libexec" in path.parts
    if is_program and _COMPILERS.fullmatch(path.name):
        yield f"{path}: is a compiler or one of its tools"
    if is_program and _INSTALLERS.fullmatch(path.name):
        yield f"{path}: installs or downloads"
    if _PYTHON_INSTALLERS.fullmatch(path.name) and path.parent.name in ("site-packages", "dist-packages", "python3.11"):
        yield f"{path}: installs packages"
    if path.suffix == ".whl":
        yield f"{path}: is a package to install"
    if member.isfile() and member.mode & (stat.S_ISUID | stat.S_ISGID):
        yield f"{path}: gives its caller more rights (mode {member.mode:04o})"
    if member.isfile() and member.mode & stat.S_IWOTH:
        yield f"{path}: everybody may write it"


def main() -> int:
    """Print the findings of the image that was named. Returns the exit code."""
    if len(sys.argv) != 2:
        print("scan_image.py IMAGE.tar", file=sys.stderr)
        return 2
    image = read(sys.argv[1])
    found = findings(image)
    for line in found:
        print(line)
    print(f"{len(image.files)} files, {image.size / 1e6:.0f} MB, {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
