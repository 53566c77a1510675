"""The architecture, read from the sources: imports point one way, nothing goes round, heavy libraries load late."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import memoryos_mcp

ROOT = Path(memoryos_mcp.__file__).parent

# Lowest first. A module may import modules of lower layers, and of its own package. A name stands for the module or
# the package and all in it; the longest match counts.
LAYERS: list[set[str]] = [
    {"domain"},
    {"text"},
    {"generation"},
    {"storage"},
    {"tiers"},
    {"retrieval"},
    {"analysis"},
    {"transfer"},
    {"updating"},
    {"api"},
    {"hosts"},
    {"server"},
    {"cli"},
    {"__main__"},
]
HEAVY = {"chromadb", "onnxruntime", "openai", "tiktoken", "tokenizers"}


def name_of(path: Path) -> str:
    """Return a module's name within the package: "storage.chroma", "storage" for its `__init__`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in sorted(ROOT.rglob("*.py")) if path != ROOT / "__init__.py"}


def rank(name: str) -> int:
    """Return a module's place in `LAYERS`; LookupError when nobody has decided it."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        prefix = ".".join(parts[:length])
        for place, layer in enumerate(LAYERS):
            if prefix in layer:
                return place
    raise LookupError(f"{name} has no layer yet: decide where it belongs in LAYERS")


def imports(name: str, *, at_import: bool = False) -> Iterator[str]:
    """Yield the modules of the package that a module imports; *at_import*: only while it is imported itself."""
    path = MODULES[name]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    for node in top_level(tree) if at_import else ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1] + (node.module.split(".") if node.module else [])
            for alias in node.names:
                inner = ".".join([*base, alias.name])
                found = inner if inner in MODULES else ".".join(base)
                if found and found != name:
                    yield found


def top_level(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes that run when a module is imported: no function bodies, no TYPE_CHECKING blocks."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            continue
        yield node
        yield from top_level(node)


@pytest.mark.parametrize("name", MODULES)
def test_imports_point_downward(name: str) -> None:
    """Ours: a new module fails here until someone decides its layer."""
    package = name.split(".")[0]
    wrong = [
        other for other in imports(name) if rank(other) >= rank(name) and other.split(".")[0] != package
    ]  # fmt: skip

    assert wrong == []


def test_no_module_imports_itself_by_a_detour() -> None:
    """Ours: also within a package, a cycle would mean that two modules are one."""
    done: set[str] = set()

    def walk(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join([*trail, name])
        if name not in done:
            for other in imports(name, at_import=True):
                walk(other, (*trail, name))
            done.add(name)

    for name in MODULES:
        walk(name, ())


@pytest.mark.parametrize("name", MODULES)
def test_heavy_libraries_are_imported_where_they_are_first_needed(name: str) -> None:
    """Ours: a host waits for `initialize`, so no module may load them while it is imported."""
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
    loaded = {module.split(".")[0] for node in top_level(tree) for module in absolute(node)}

    assert loaded & HEAVY == set()


@pytest.mark.parametrize("name", MODULES)
def test_the_package_names_itself_relatively(name: str) -> None:
    """Ours: one way in, so that a copy under another name cannot mix with this one."""
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))

    assert [module for node in ast.walk(tree) for module in absolute(node) if module.startswith("memoryos_mcp")] == []


def absolute(node: ast.AST) -> list[str]:
    """Return the modules that a node imports by an absolute name."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and not node.level:
        return [node.module or ""]
    return []


def test_every_layer_name_is_a_module() -> None:
    """Ours: the table above stays true when a module goes."""
    assert {name for layer in LAYERS for name in layer} - set(MODULES) == set()


def test_modules_stay_small() -> None:
    """Ours (house style): one idea per module, none over 400 lines, the median under 150."""
    lengths = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in MODULES.items()}
    ordered = sorted(lengths.values())

    assert {name: length for name, length in lengths.items() if length > 400} == {}
    assert ordered[len(ordered) // 2] < 150


def test_domain_modules_need_no_library_but_numpy() -> None:
    """Ours: tiers and formulas can be read, tested and reused without the adapters' libraries."""
    allowed = set(sys.stdlib_module_names) | {"numpy"}
    domain = [
        name
        for name in MODULES
        if name.startswith(("domain.", "tiers.")) and name not in {"domain.settings", "domain.data_dir"}
    ]
    foreign = {
        (name, module)
        for name in domain
        for node in ast.walk(ast.parse(MODULES[name].read_text(encoding="utf-8")))
        for module in absolute(node)
        if module.split(".")[0] not in allowed
    }

    assert foreign == set()
