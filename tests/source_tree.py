"""The source of both packages as syntax trees: which modules there are, and what each imports. Imports none of them."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent

Modules = Mapping[str, Path]


def modules_of(root: Path) -> dict[str, Path]:
    """Dotted name -> file of every module of `bridge` and `tws_bridge_client` below `root`."""
    found = {}
    for folder, package in ((root, "bridge"), (root / "clients" / "python", "tws_bridge_client")):
        for file in sorted((folder / package).rglob("*.py")):
            parts = file.relative_to(folder).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


def imported_names(name: str, file: Path, tree: ast.Module) -> Iterator[str]:
    """Absolute dotted names of what a module imports, wherever in its text; `from a import b` gives `a.b`."""
    package = name if file.stem == "__init__" else name.rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")
                base = ".".join(parents[: len(parents) - node.level + 1] + ([base] if base else []))
            yield from (f"{base}.{alias.name}" for alias in node.names)


def imports_inside(name: str, modules: Modules) -> set[str]:
    """The modules of ours that run when this one is imported, its own parent packages left out."""
    file = modules[name]
    found = set()
    for imported in imported_names(name, file, ast.parse(file.read_text(encoding="utf-8"))):
        parts = imported.split(".")
        found |= {".".join(parts[:count]) for count in range(1, len(parts) + 1)} & modules.keys()
    return {other for other in found if not f"{name}.".startswith(f"{other}.")}


def imported_modules(name: str, modules: Modules) -> set[str]:
    """The modules of ours that this one names in its imports; the packages that run on the way are left out."""
    file = modules[name]
    found = set()
    for imported in imported_names(name, file, ast.parse(file.read_text(encoding="utf-8"))):
        parts = imported.split(".")
        known = [".".join(parts[:count]) for count in range(len(parts), 0, -1)]
        found |= {next((other for other in known if other in modules), name)}
    return found - {name}
