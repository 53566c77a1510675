"""Editing other programs' files: only what is ours changes, whatever the file looks like, or nothing does."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memoryos_mcp.domain.errors import HostFileError
from memoryos_mcp.hosts import jsonc, toml
from memoryos_mcp.hosts.files import change, plan, read_text

ENTRY = {"command": "/opt/memory/bin/memoryos-mcp", "args": [], "env": {"MEMORYOS_USER_ID": "anna"}}

WITH_COMMENTS = """\
{
    // servers I use every day
    "mcpServers": {
        "github": { "url": "https://example.org/mcp" }, // work
        /* tried in May:
        "old": {"command": "x"},
        */
        "files": {
            "command": "npx",
            "args": ["-y", "server-files", "/home/anna"],
        },
        // end of servers
    },
    "theme":"dark"
}
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", '{\n  "s": {\n    "m": {\n      "a": 1\n    }\n  }\n}\n'),
        ("{}", '{\n  "s": {\n    "m": {\n      "a": 1\n    }\n  }\n}'),
        ('{"s": {}}', '{"s": {"m": {"a": 1}}}'),
        ('{"s": {"x": 2}}', '{"s": {"x": 2, "m": {"a": 1}}}'),
        ('{\n\t"s": {}\n}\n', '{\n\t"s": {\n\t\t"m": {\n\t\t\t"a": 1\n\t\t}\n\t}\n}\n'),
        ('{\n  "b": 1\n}', '{\n  "b": 1,\n  "s": {\n    "m": {\n      "a": 1\n    }\n  }\n}'),
        ('{\r\n  "b": 1\r\n}', '{\r\n  "b": 1,\r\n  "s": {\r\n    "m": {\r\n      "a": 1\r\n    }\r\n  }\r\n}'),
        ('{\n "b": 1, // why\n}', '{\n "b": 1, // why\n "s": {\n  "m": {\n   "a": 1\n  }\n },\n}'),
        ('{\n "b": 1 // why\n}', '{\n "b": 1, // why\n "s": {\n  "m": {\n   "a": 1\n  }\n }\n}'),
        ('{\n "s": { // none\n }\n}', '{\n "s": { // none\n  "m": {\n   "a": 1\n  }\n }\n}'),
        ('{\n "s": {"m": {"a": 2}}\n}', '{\n "s": {"m": {\n  "a": 1\n }}\n}'),
    ],
)
def test_a_member_is_put_in_as_its_neighbours_are_written(before: str, after: str) -> None:
    """Ours: indentation, line breaks, trailing commas and comments of the file are followed."""
    assert jsonc.set_value(before, ["s", "m"], {"a": 1}) == after


def test_comments_order_and_spacing_of_a_lived_in_file_stay() -> None:
    """Ours: every line that was there is there, and taking the entry out gives the file back to the byte."""
    changed = jsonc.set_value(WITH_COMMENTS, ["mcpServers", "memoryos"], ENTRY)

    assert [line for line in WITH_COMMENTS.splitlines() if line not in changed.splitlines()] == []
    assert jsonc.read(changed)["mcpServers"]["memoryos"] == ENTRY
    assert jsonc.set_value(changed, ["mcpServers", "memoryos"], ENTRY) == changed
    assert jsonc.remove(changed, ["mcpServers", "memoryos"]) == WITH_COMMENTS


@pytest.mark.parametrize(
    ("before", "path", "after"),
    [
        ('{"m": 1}', ["m"], "{}"),
        ('{"m": 1, "b": 2}', ["m"], '{ "b": 2}'),
        ('{"b": 2, "m": 1}', ["m"], '{"b": 2}'),
        ('{\n  "b": 2, // two\n  "m": 1\n}', ["m"], '{\n  "b": 2 // two\n}'),
        ('{\n  // one\n  "m": 1, // mine\n  "b": 2\n}', ["m"], '{\n  // one\n   // mine\n  "b": 2\n}'),
        ('{"l": [1, {"m": 2}, 3]}', ["l", 1], '{"l": [1, 3]}'),
        ('{"l": [1, 2]}', ["l", 1], '{"l": [1]}'),
        ('{"l": [1, 2]}', ["nothing", "here"], '{"l": [1, 2]}'),
    ],
)
def test_a_member_is_taken_out_with_its_comma(before: str, path: list[str | int], after: str) -> None:
    """Ours: what people wrote beside it stays."""
    assert jsonc.remove(before, path) == after


def test_an_array_is_added_to_or_made() -> None:
    """Ours: hooks stand in lists, among those of other programs."""
    text = '{\n  "hooks": {\n    "Stop": [\n      {"command": "other"}\n    ]\n  }\n}\n'

    changed = jsonc.append(text, ["hooks", "Stop"], {"command": "ours"})
    changed = jsonc.append(changed, ["hooks", "Start"], {"command": "ours"})

    assert jsonc.read(changed)["hooks"] == {
        "Stop": [{"command": "other"}, {"command": "ours"}],
        "Start": [{"command": "ours"}],
    }
    assert '      {"command": "other"},\n' in changed
    with pytest.raises(HostFileError, match="no list"):
        jsonc.append('{"hooks": 1}', ["hooks"], 2)


@pytest.mark.parametrize(
    "text",
    ['{"a": 1', '{"a" 1}', "[1, 2", '{"a": 1}}', '{"a": "x}', "{'a': undefined_thing(}", "{,}", '{"a": 1 "b": 2}'],
)
def test_what_is_no_json_is_refused_with_the_line(text: str) -> None:
    """Ours: never guessed at, never replaced by an empty one."""
    with pytest.raises(HostFileError, match="is not JSON: "):
        jsonc.set_value(text, ["s"], 1)


@pytest.mark.parametrize("text", ["[]", '"text"', '{"s": []}', '{"s": null}', '{"s": "x"}'])
def test_something_else_in_the_way_is_refused(text: str) -> None:
    """Ours: a list where servers belong is somebody's mistake to mend, not ours to overwrite."""
    with pytest.raises(HostFileError, match="no object"):
        jsonc.set_value(text, ["s", "m"], 1)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
BLANKS = st.sampled_from(["", " ", "\n", "\n  ", "\r\n\t", ' // it, "is" {\n', "/* { */", "\n\n"])


def written(data: st.DataObject, value: Any) -> str:
    """Return a value as somebody might write it: blanks, comments and trailing commas anywhere."""

    def blank() -> str:
        return data.draw(BLANKS)

    if isinstance(value, dict):
        members = value.items()
        parts = [f"{blank()}{json.dumps(key)}{blank()}:{blank()}{written(data, of)}{blank()}" for key, of in members]
    elif isinstance(value, list):
        parts = [f"{blank()}{written(data, inner)}{blank()}" for inner in value]
    else:
        return json.dumps(value)
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    trailing = f",{blank()}" if bool(parts) and data.draw(st.booleans()) else blank()
    return f"{opening}{','.join(parts)}{trailing}{closing}"


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.data())
def test_any_text_changes_by_the_one_member_alone_or_not_at_all(data: st.DataObject) -> None:
    """Ours: put in and taken out, whatever the text looks like; a text that cannot be changed is refused."""
    document = data.draw(st.dictionaries(st.text(max_size=4), VALUES, max_size=4))
    text = data.draw(BLANKS) + written(data, document) + data.draw(BLANKS)

    changed = jsonc.set_value(text, ["new one"], ENTRY)

    assert jsonc.read(changed) == {**document, "new one": ENTRY}
    assert jsonc.read(jsonc.remove(changed, ["new one"])) == document
    for key in document:
        assert jsonc.read(jsonc.remove(text, [key])) == {k: v for k, v in document.items() if k != key}


CODEX = """\
# my Codex
model = "gpt-5"   # the good one

[mcp_servers.files]
command = 'npx'
args = ["-y",
  "server-files", # all of it
]

[profiles.deep]
model = "o3"
"""


def test_a_toml_table_is_put_behind_everything_and_taken_out_again() -> None:
    """Ours: no line that was there moves, and taking it out gives the text back."""
    changed = toml.set_value(CODEX, ["mcp_servers", "memoryos"], ENTRY)

    assert changed.startswith(CODEX)
    assert toml.read(changed)["mcp_servers"]["memoryos"] == ENTRY
    assert toml.set_value(changed, ["mcp_servers", "memoryos"], ENTRY) == changed
    assert toml.remove(changed, ["mcp_servers", "memoryos"]).rstrip() == CODEX.rstrip()
    assert toml.set_value(changed, ["mcp_servers", "memoryos", "command"], "/new").count("# all of it") == 1


@pytest.mark.parametrize(
    "text",
    ["", "mcp_servers = {}\n", 'mcp_servers = {files = {command = "npx"}}\n', 'mcp_servers.files.command = "npx"\n'],
)
def test_toml_of_other_shapes_is_changed_or_refused(text: str) -> None:
    """Ours: an inline table cannot be added to from behind."""
    changed = toml.set_value(text, ["mcp_servers", "memoryos"], ENTRY)

    assert toml.read(changed)["mcp_servers"]["memoryos"] == ENTRY
    assert toml.read(toml.remove(changed, ["mcp_servers", "memoryos"])).get("mcp_servers", {}) == toml.read(text).get(
        "mcp_servers", {}
    )


def test_toml_that_is_broken_or_in_the_way_is_refused() -> None:
    """Ours: with line and column, or with the name."""
    with pytest.raises(HostFileError, match="is not TOML: "):
        toml.set_value("[broken", ["a"], 1)
    with pytest.raises(HostFileError, match="mcp_servers, but it is no table"):
        toml.set_value("mcp_servers = 3", ["mcp_servers", "memoryos"], ENTRY)


def add(text: str) -> str:
    """Return the text with our entry in it."""
    return jsonc.set_value(text, ["mcpServers", "memoryos"], ENTRY)


def test_a_file_is_replaced_whole_with_a_backup_beside_it(tmp_path: Path) -> None:
    """Ours: byte order mark, line breaks and permissions stay; the same again writes nothing."""
    path = tmp_path / "mcp.json"
    path.write_bytes(b'\xef\xbb\xbf{\r\n  "theme": "d\xc3\xa4rk"\r\n}\r\n')
    path.chmod(0o640)
    original = path.read_bytes()

    done = change(path, add)
    again = change(path, add)

    assert path.read_bytes().startswith(b'\xef\xbb\xbf{\r\n  "theme": "d\xc3\xa4rk",\r\n  "mcpServers": {\r\n')
    assert b"\n" not in path.read_bytes().replace(b"\r\n", b"")
    assert done.backup is not None
    assert done.backup.read_bytes() == original
    assert not again.changes
    assert sorted(entry.name for entry in tmp_path.iterdir()) == sorted(["mcp.json", done.backup.name])
    if os.name != "nt":
        assert path.stat().st_mode & 0o777 == 0o640


def test_a_new_file_is_made_with_its_folder_and_is_private(tmp_path: Path) -> None:
    """Ours: a host that was never started has none yet."""
    path = tmp_path / "deep" / "mcp.json"

    assert plan(path, add).changes
    assert not path.parent.exists()
    done = change(path, add)

    assert (done.before, done.backup) == (None, None)
    assert json.loads(path.read_text()) == {"mcpServers": {"memoryos": ENTRY}}
    if os.name != "nt":
        assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.name == "nt", reason="links need a right there that few have")
def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """Ours: people keep these files in a repository of their own and link to them."""
    real, link = tmp_path / "dotfiles" / "mcp.json", tmp_path / "mcp.json"
    real.parent.mkdir()
    real.write_text("{}")
    link.symlink_to(real)

    change(link, add)

    assert link.is_symlink()
    assert "memoryos" in real.read_text()
    real.unlink()
    with pytest.raises(HostFileError, match="is a link to"):
        change(link, add)


def test_a_file_that_somebody_writes_meanwhile_is_read_again(tmp_path: Path) -> None:
    """Ours: hosts write their files while they run, and must not lose what they wrote."""
    path = tmp_path / ".claude.json"
    path.write_text('{"a": 1}')
    calls: list[str] = []

    def edit(text: str) -> str:
        calls.append(text)
        if len(calls) == 1:
            path.write_text('{"a": 2}')
        return add(text)

    done = change(path, edit)

    assert calls == ['{"a": 1}', '{"a": 2}']
    assert json.loads(path.read_text())["a"] == 2
    assert len(list(tmp_path.iterdir())) == 2  # the file and one backup
    assert done.backup is not None
    assert done.backup.read_text() == '{"a": 2}'


def test_a_file_that_never_rests_is_left_to_its_host(tmp_path: Path) -> None:
    """Ours: after some tries the message says what to do, and no backup is left."""
    path = tmp_path / ".claude.json"
    path.write_text("{}")

    def edit(text: str) -> str:
        path.write_text(text + " ")
        return add(text)

    with pytest.raises(HostFileError, match="all the time"):
        change(path, edit)
    assert [entry.name for entry in tmp_path.iterdir()] == [".claude.json"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"a": ', "line 1"),
        (b"\xff\xfe{\x00}\x00", "UTF-16"),
        (b'{"a": "\xe9"}', "not UTF-8"),
        (b'{"mcpServers": []}', "no obj"),
    ],
)
def test_a_file_that_cannot_be_read_is_left_alone(tmp_path: Path, content: bytes, said: str) -> None:
    """Ours: the message names the file, and no backup or other file is left beside it."""
    path = tmp_path / "mcp.json"
    path.write_bytes(content)

    with pytest.raises(HostFileError, match=said) as caught:
        change(path, add)

    assert str(path) in str(caught.value)
    assert path.read_bytes() == content
    assert [entry.name for entry in tmp_path.iterdir()] == ["mcp.json"]


@pytest.mark.skipif(sys.platform == "win32" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="no such bar")
def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    """Ours: nothing was changed, and the message says so."""
    path = tmp_path / "mcp.json"
    path.write_text("{}")
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(HostFileError, match="nothing was changed"):
            change(path, add)
    finally:
        tmp_path.chmod(0o700)
    assert read_text(path) == "{}"
