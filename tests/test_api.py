"""The Python API as a whole: both classes have the same calls, every setting is an argument, every way in works."""

import inspect
import typing
from pathlib import Path

import pytest

from memoryos_mcp import AsyncMemoryos, Exchange, Memoryos
from memoryos_mcp.api.arguments import SettingArguments
from memoryos_mcp.api.memoryos_names import from_memoryos
from memoryos_mcp.domain.errors import ConfigError, InputError
from memoryos_mcp.domain.settings import Settings


def public_calls(kind: type) -> dict[str, inspect.Signature]:
    """Return the public methods of a class with their signatures, without `self`."""
    found = {}
    for name, member in inspect.getmembers(kind, inspect.isfunction):
        if not name.startswith("_"):
            signature = inspect.signature(member)
            found[name] = signature.replace(parameters=list(signature.parameters.values())[1:])
    return found


def test_what_one_class_can_do_the_other_can() -> None:
    """Ours: whoever changes to asynchronous code learns nothing anew; `leave` is the interpreter's, `run` theirs."""
    plain, awaited = public_calls(Memoryos), public_calls(AsyncMemoryos)

    assert set(plain) - set(awaited) == {"leave"}
    assert set(awaited) - set(plain) == {"run"}
    assert {name: awaited[name] for name in plain if name in awaited} == {
        name: signature for name, signature in plain.items() if name in awaited
    }


def test_the_constructors_take_the_same_arguments() -> None:
    """Ours: the asynchronous one takes an open memory besides."""
    plain, awaited = inspect.signature(Memoryos), inspect.signature(AsyncMemoryos)

    assert list(plain.parameters) == list(awaited.parameters)


@pytest.mark.parametrize("kind", [Memoryos, AsyncMemoryos])
def test_every_call_is_documented(kind: type) -> None:
    """Ours: `help(memory.add_memory)` says what its part says of it."""
    assert [name for name in public_calls(kind) if not inspect.getdoc(getattr(kind, name))] == []


def test_every_setting_is_a_typed_argument() -> None:
    """Ours: a new setting is completed by editors, and its type is the setting's own or None for "not given"."""
    ours = set(SettingArguments.__annotations__) - {"data_dir"}
    theirs = {name for name in ours if name not in Settings.model_fields}

    assert ours - theirs == set(Settings.model_fields) - {"data_dir"}
    assert {from_memoryos({name: None}).settings.keys() & theirs == set() for name in theirs - _CHECKED} == {True}


_CHECKED = {"retrieval_queue_capacity", "embedding_model_name"}


def test_types_of_the_arguments_are_those_of_the_settings() -> None:
    """Ours: what a checker allows is what the settings take."""
    hints = typing.get_type_hints(SettingArguments)
    for name, field in Settings.model_fields.items():
        if name in {"data_dir", "openai_api_key"}:
            continue
        allowed = set(typing.get_args(hints[name])) - {type(None)}
        wanted = set(typing.get_args(field.annotation)) or {field.annotation}
        flat = {each for kind in allowed for each in (typing.get_args(kind) or (kind,))}
        assert flat == wanted - {type(None)}, name


def test_a_folder_alone_opens_a_memory(tmp_path: Path) -> None:
    """Regression (met in use): `Memoryos("folder")` was an AttributeError."""
    with Memoryos(str(tmp_path / "memory"), embedder="bundled") as memory:
        memory.add_memory("I moved to Oslo.", "Enjoy!")
    assert (tmp_path / "memory").is_dir()
    assert memory.settings.data_dir == tmp_path / "memory"


@pytest.mark.parametrize("wrong", [5, ["folder"], b"folder", {"data_dir": "folder"}])
def test_what_is_no_folder_is_refused_with_what_to_write(wrong: object) -> None:
    """Ours: the error shows the value and the way out."""
    with pytest.raises(ConfigError, match=r"data_dir must be a folder.*Memoryos\('folder', user_id='anna'\)"):
        Memoryos(wrong)  # type: ignore[arg-type]


@pytest.mark.anyio
async def test_an_asynchronous_memory_opens_where_its_block_begins(tmp_path: Path) -> None:
    """Regression (met in use): `AsyncMemoryos(data_dir=...)` was a TypeError though the README said "likewise"."""
    waiting = AsyncMemoryos(data_dir=tmp_path, embedder="bundled")
    with pytest.raises(RuntimeError, match="async with AsyncMemoryos"):
        waiting.memory.status()
    async with waiting as memory:
        added = await memory.add_many([Exchange("I moved to Oslo.", "Enjoy!")])
        assert (await memory.page(added[0].page_id))[0].user_input == "I moved to Oslo."


@pytest.mark.parametrize("field", ["page_ids", "fact_ids"])
@pytest.mark.parametrize("wrong", ["p1", b"p1", 7, [7]])
def test_ids_that_are_no_list_are_refused(tmp_path: Path, field: str, wrong: object) -> None:
    """Regression (met in use): `forget_memory(page_ids="p1")` took the text apart into letters."""
    with (
        Memoryos(tmp_path, embedder="bundled") as memory,
        pytest.raises(InputError, match=rf"{field} must (be a list of ids|hold ids)"),
    ):
        memory.forget_memory(**{field: wrong})  # type: ignore[arg-type]
