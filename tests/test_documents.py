"""The documents say what is so: every tool, resource, prompt, command and setting, and examples that run."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from memoryos_mcp import __version__
from memoryos_mcp.cli import main
from memoryos_mcp.cli.app import cli
from memoryos_mcp.domain.settings import CONFIG_ENV, Settings, environment_name, load_settings
from memoryos_mcp.hosts import HOSTS, Host, Launch, entry_text, yaml
from memoryos_mcp.server import build_server
from tests.documents import ROOT, code_blocks, text_of

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

README = text_of("README.md")
SETTINGS_FILE = ROOT / "config" / "memoryos.toml"
HOST_FILES = {host.name: ROOT / "config" / f"{host.name}.{host.format}" for host in HOSTS}
READERS: dict[str, Any] = {"json": json.loads, "toml": tomllib.loads, "yaml": yaml.read}
PLACEHOLDER = "/ABSOLUTE/PATH/TO/memoryos_mcp"


def documented_settings() -> dict[str, Any]:
    """Return the settings file's keys with their values, every "#" before a key taken off."""
    text = SETTINGS_FILE.read_text(encoding="utf-8")
    return tomllib.loads(re.sub(r"^#(?=\w+ = )", "", text, flags=re.MULTILINE))


@pytest.mark.anyio
async def test_the_documents_name_every_tool_resource_and_prompt() -> None:
    """Ours: read from the server itself, so that none can be forgotten."""

    def never() -> Any:
        raise AssertionError("listing needs no memory")

    async with Client(build_server(never, load_settings(environ={}))) as client:
        names = [tool.name for tool in (await client.list_tools()).tools]
        names += [str(resource.uri) for resource in (await client.list_resources()).resources]
        names += [template.uri_template for template in (await client.list_resource_templates()).resource_templates]
        names += [prompt.name for prompt in (await client.list_prompts()).prompts]

    told = README + text_of("docs/hosts.md")
    assert len(names) == 7 + 9 + 2
    assert [name for name in names if f"`{name}`" not in told] == []
    assert [name for name in names[:7] if f"| `{name}` |" not in README] == []


def test_the_readme_names_every_command() -> None:
    """Ours: what is not in the README does not exist for most people."""
    assert [name for name in cli.commands if f"`{name}`" not in README] == []


@pytest.mark.parametrize("name", Settings.model_fields)
def test_the_settings_page_has_every_setting_with_bounds_and_default(name: str) -> None:
    """Ours: one row a setting in docs/settings.md; whoever adds a setting adds its row."""
    field = Settings.model_fields[name]
    found = re.search(rf"^\| `{environment_name(name)}` \| (.+) \| (.+) \|$", text_of("docs/settings.md"), re.MULTILINE)

    assert found, f"docs/settings.md has no row for {environment_name(name)}"
    meaning, default = found[1].replace(",", ""), found[2]
    for mark in field.metadata:
        bound = next((getattr(mark, key) for key in ("ge", "gt", "le") if hasattr(mark, key)), None)
        assert bound is None or re.search(rf"(?<!\d){bound}(?!\d)", meaning), f"{name}: {bound}"
    if field.default_factory is None:
        shown = "empty" if field.default in ("", None) else f"`{str(field.default).lower()}`"
        assert default.startswith(shown)


def test_the_settings_page_names_no_setting_that_is_not_there() -> None:
    """Ours: a row of a setting that went is a promise that is not kept."""
    rows = set(re.findall(r"^\| `([A-Z_]+)` \|", text_of("docs/settings.md"), re.MULTILINE))

    assert rows == set(map(environment_name, Settings.model_fields))
    assert f"`{CONFIG_ENV}=FILE`" in text_of("docs/settings.md")


def test_the_settings_file_documents_every_setting_with_its_default() -> None:
    """Ours: the default stands in one place, and the file repeats it truthfully."""
    documented = documented_settings()
    examples = {"data_dir", "openai_base_url"}  # the default is the platform's folder; no address

    assert set(documented) == set(Settings.model_fields) - {"openai_api_key"}
    assert {key: value for key, value in documented.items() if key not in examples} == {
        key: Settings.model_fields[key].default for key in documented if key not in examples
    }


def test_the_settings_file_changes_nothing_as_it_is() -> None:
    """Ours: a copy of it does not freeze today's defaults."""
    assert load_settings(config_file=SETTINGS_FILE, environ={}) == load_settings(environ={})


def test_the_settings_file_can_be_taken_as_a_whole(tmp_path: Path) -> None:
    """Ours: every documented value is one that is accepted."""
    path = tmp_path / "all.toml"
    path.write_text(re.sub(r"^#(?=\w+ = )", "", SETTINGS_FILE.read_text(encoding="utf-8"), flags=re.MULTILINE))

    assert load_settings(config_file=path, environ={}).data_dir == Path("~/.local/share/memoryos-mcp").expanduser()


def test_the_settings_file_gives_the_bounds_of_every_number() -> None:
    """Ours: unit and bounds stand beside the key."""
    text = SETTINGS_FILE.read_text(encoding="utf-8").replace(",", "")
    for name, field in Settings.model_fields.items():
        comment = text.split(f"#{name} = ")[0].rsplit("\n\n", 1)[-1]
        for mark in field.metadata:
            bound = next((getattr(mark, key) for key in ("ge", "gt", "le") if hasattr(mark, key)), None)
            assert bound is None or re.search(rf"(?<!\d){bound}(?!\d)", comment), f"{name}: {bound}"


@pytest.mark.parametrize("host", HOSTS, ids=lambda host: host.name)
def test_a_host_configuration_is_what_install_writes(host: Host) -> None:
    """Ours: an absolute command, no arguments, only settings that exist; and the table says where it belongs."""
    shown = HOST_FILES[host.name].read_text(encoding="utf-8")
    env = {"MEMORYOS_USER_ID": "default"} if "MEMORYOS_USER_ID" in shown else {}
    launch = Launch(f"{PLACEHOLDER}/.venv/bin/memoryos-mcp", (), env)

    assert READERS[host.format](shown) == READERS[host.format](entry_text(host, launch))
    assert load_settings(environ=env).user_id == "default"
    assert f"`{HOST_FILES[host.name].name}`" in (ROOT / "config" / "README.md").read_text(encoding="utf-8")


def test_the_command_config_shows_what_belongs_in_a_hosts_file(capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: also for a host that documents no file, and whose settings are typed in."""
    assert main(["config", "opencode", "--user-id", "anna"]) == 0
    told = capsys.readouterr()
    (entry,) = json.loads(told.out)["mcp"].values()
    assert main(["config", "jetbrains"]) == 0
    pasted = capsys.readouterr()

    assert entry["environment"] == {"MEMORYOS_USER_ID": "anna"}
    assert Path(entry["command"][0]).is_absolute()
    assert "this goes into" in told.err
    assert "Model Context Protocol" in pasted.err
    assert set(json.loads(pasted.out)["mcpServers"]) == {"memoryos"}
    assert main(["config", "nowhere"]) == 2


def test_the_readme_shows_the_configuration_that_is_shipped() -> None:
    """Ours: one text, not two that drift apart."""
    assert (ROOT / "config" / "claude-desktop.json").read_text(encoding="utf-8") in code_blocks(README, "json")


def test_the_commands_of_the_readme_are_those_that_run_before_every_merge() -> None:
    """Ours: the first block installs and shows it, the second tests it; `.ci/run` reads both from there."""
    demo, test = (block.strip() for block in code_blocks(README, "bash"))
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")

    assert demo == "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/memoryos-mcp demo"
    assert re.fullmatch(r"python3 -m venv (\S+) && \1/bin/pip install -e '\.\[dev\]' && \1/bin/python -m pytest", test)
    patterns = re.findall(r"grep -m1 -E '([^']+)' README\.md", ci)
    found = [[line for line in README.splitlines() if re.search(pattern, line)] for pattern in patterns]
    assert found == [[test], [demo]]


def test_the_readme_stays_short() -> None:
    """Ours (house style): at most 150 lines; what is longer belongs into docs/."""
    assert len(README.splitlines()) <= 150


def test_the_command_config_shows_the_settings_file(capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: who installed the package has no clone to copy it from; the build puts it beside the command."""
    built = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]

    assert main(["config"]) == 0
    assert capsys.readouterr().out == SETTINGS_FILE.read_text(encoding="utf-8")
    assert built["wheel"]["force-include"] == {"config/memoryos.toml": "memoryos_mcp/cli/memoryos.toml"}
    assert {"config", "docs"} <= set(built["sdist"]["include"])


def test_the_changelog_knows_this_version_or_what_comes_next() -> None:
    """Ours: a release without a note is refused here."""
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert f"## [{__version__}]" in changelog or "## [Unreleased]" in changelog
