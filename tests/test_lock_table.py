"""The table of threads and locks says what is there: it names every lock, every named thread, and nothing else."""

import ast
import re
from pathlib import Path

import memoryos_mcp
from memoryos_mcp.updating import worker

ROOT = Path(memoryos_mcp.__file__).parent
TABLE = " ".join((worker.__doc__ or "").split())
SOURCES = {path: path.read_text(encoding="utf-8") for path in ROOT.rglob("*.py") if "bench" not in path.parts}
CLASSES = {
    node.name: node for text in SOURCES.values() for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ClassDef)
}
LOCKS = {"Lock", "RLock", "Condition"}
LOADED_LATE = {"BundledEmbedder", "LateAnalyzer", "MiniLMModel", "OpenAIEmbedder"}
"""Their lock guards what is loaded at the first use, and nothing more."""


def locks_made_in(node: ast.ClassDef) -> set[str]:
    """Return the attributes of a class that hold a lock of threads."""
    return {
        target.attr
        for each in ast.walk(node)
        if isinstance(each, ast.Assign) and isinstance(each.value, ast.Call)
        if ast.unparse(each.value.func).split(".")[-1] in LOCKS
        for target in each.targets
        if isinstance(target, ast.Attribute)
    }


def test_every_lock_of_threads_stands_in_the_table() -> None:
    """Ours: who adds a lock says there what it guards and when it is taken."""
    owners = {name for name, node in CLASSES.items() if locks_made_in(node)}

    assert owners - LOADED_LATE > {"Worker", "IndexFile"}
    assert {name for name in owners - LOADED_LATE if f"`{name}" not in TABLE} == set()


def test_what_the_table_names_is_there() -> None:
    """Ours: a renamed attribute is renamed in the table too."""
    named = re.findall(r"`([A-Z]\w+)\.(\w+)`", TABLE)

    assert len(named) > 10
    for owner, attribute in named:
        if owner == "Store":
            continue
        assert owner in CLASSES, owner
        source = ast.unparse(CLASSES[owner])
        assert re.search(rf"self\.{attribute}\b|def {attribute}\b", source), f"{owner} has no {attribute}"


def test_every_thread_with_a_name_stands_in_the_table() -> None:
    """Ours: a thread is named for whoever looks at a stack dump, and the table says what it does."""
    threads = {name for text in SOURCES.values() for name in re.findall(r'Thread\(.*name="(memoryos-[a-z-]+)"', text)}

    assert threads >= {"memoryos-worker", "memoryos-llm"}
    assert {name for name in threads if f"`{name}`" not in TABLE} == {"memoryos-hooks-end"}
