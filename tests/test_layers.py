"""The house, read from the sources: heavy libraries load late, modules stay small, imports point one way."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import memoryos_mcp

ROOT = Path(memoryos_mcp.__file__).parent
HEAVY = {"chromadb", "onnxruntime", "openai", "regex", "tokenizers"}
ROOMS = {
    "analysis",
    "api",
    "cli",
    "domain",
    "generation",
    "hosts",
    "retrieval",
    "server",
    "storage",
    "text",
    "tiers",
    "transfer",
    "updating",
}
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts): ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted(ROOT.rglob("*.py"))
}


def test_the_package_has_thirteen_rooms() -> None:
    """Ours: whoever adds a room says so here, in the import contract and in docs/architecture.md."""
    found = {path.name for path in ROOT.iterdir() if path.is_dir() and path.name != "__pycache__"}

    assert found == ROOMS


def test_imports_point_downward() -> None:
    """Ours: the contract in pyproject.toml, one line a room, kept by import-linter."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT.parent, capture_output=True, text=True, timeout=120)

    assert done.returncode == 0, done.stdout


def test_no_module_imports_itself_by_a_detour() -> None:
    """Ours: a cycle would mean that two modules are one."""
    done: set[str] = set()

    def walk(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join([*trail, name])
        if name not in done:
            for other in imported_with(name):
                walk(other, (*trail, name))
            done.add(name)

    for name in MODULES:
        walk(name, ())


def imported_with(name: str) -> Iterator[str]:
    """Yield the modules of the package that are imported while *name* is."""
    parts = name.split(".")
    package = parts[:-1]
    for node in top_level(MODULES[name]):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1] + (node.module.split(".") if node.module else [])
            for alias in node.names:
                for candidate in ([*base, alias.name], base, [*base, "__init__"]):
                    if (found := ".".join(candidate)) in MODULES and found != name:
                        yield found
                        break


def top_level(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes that run when a module is imported: no function bodies, no TYPE_CHECKING blocks."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            continue
        yield node
        yield from top_level(node)


def absolute(node: ast.AST) -> list[str]:
    """Return the modules that a node imports by an absolute name."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and not node.level:
        return [node.module or ""]
    return []


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_heavy_libraries_are_imported_where_they_are_first_needed(room: str) -> None:
    """Ours: a host waits for `initialize`, so no module may load them while it is imported."""
    loaded = {
        (name, module)
        for name, tree in MODULES.items()
        if name.startswith(f"{room}.")
        for node in top_level(tree)
        for module in absolute(node)
        if module.split(".")[0] in HEAVY
    }

    assert loaded == set()


def test_the_package_names_itself_relatively() -> None:
    """Ours: one way in, so that a copy under another name cannot mix with this one."""
    found = {
        (name, module)
        for name, tree in MODULES.items()
        for node in ast.walk(tree)
        for module in absolute(node)
        if module.startswith("memoryos_mcp")
    }

    assert found == set()


def test_modules_stay_small() -> None:
    """Ours (house style): one idea per module, none over 400 lines, the median under 150."""
    lengths = {name: len((ROOT / f"{name.replace('.', '/')}.py").read_text("utf-8").splitlines()) for name in MODULES}
    ordered = sorted(lengths.values())

    assert {name: length for name, length in lengths.items() if length > 400} == {}
    assert ordered[len(ordered) // 2] < 150


@pytest.mark.parametrize("room", ["domain", "tiers"])
def test_what_means_something_needs_no_library_but_numpy(room: str) -> None:
    """Ours: records, tiers and formulas can be read, tested and reused without the adapters' libraries."""
    allowed = set(sys.stdlib_module_names) | {"numpy"}
    foreign = {
        (name, module)
        for name, tree in MODULES.items()
        if name.startswith(f"{room}.") and name not in {"domain.settings", "domain.data_dir"}
        for node in ast.walk(tree)
        for module in absolute(node)
        if module.split(".")[0] not in allowed
    }

    assert foreign == set()
