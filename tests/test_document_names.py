"""What the documents name is there: links, paths, commands and options, hosts, formats, errors, folders."""

import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from platformdirs.macos import MacOS
from platformdirs.unix import Unix

from memoryos_mcp.cli.app import cli
from memoryos_mcp.hosts import HOSTS
from memoryos_mcp.transfer.history import FORMATS
from tests.documents import DOCUMENTS, ROOT, anchors, code, links, text_of

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PROJECT = tomllib.loads(text_of("pyproject.toml"))
HOME = PROJECT["project"]["urls"]["Homepage"]
PACKAGE = ROOT / "memoryos_mcp"
_INVARIANTS = re.compile(r"\b[Ii]nvariants? (\d+(?:(?:, | and )\d+)*)")
ROOMS = PROJECT["tool"]["importlinter"]["contracts"][0]["layers"]

every_document = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


@every_document
def test_a_link_leads_to_a_file_and_a_heading_that_are_there(path: Path) -> None:
    """Ours: relative links, and the README's absolute ones into this project."""
    for link in links(path.read_text(encoding="utf-8")):
        place, _, anchor = link.removeprefix(f"{HOME}/blob/main/").partition("#")
        if place.startswith("http"):
            continue
        target = (ROOT if link.startswith(HOME) else path.parent) / place if place else path
        assert target.exists(), link
        assert not anchor or anchor in anchors(target.read_text(encoding="utf-8")), link


def test_the_readme_has_no_relative_link() -> None:
    """The package index's: it shows the README without the files beside it."""
    found = links(text_of("README.md"))

    assert [link for link in found if not link.startswith("https://")] == []
    assert len([link for link in found if link.startswith(f"{HOME}/blob/main/docs/")]) >= 9


def test_every_project_url_has_the_same_home() -> None:
    """Ours: the publisher fills in one placeholder."""
    assert [url for url in PROJECT["project"]["urls"].values() if not url.startswith(HOME)] == []


def test_every_document_is_reached_from_the_readme() -> None:
    """Ours: a page that nobody finds is not written for anybody."""
    pages = {f"{HOME}/blob/main/docs/{path.name}" for path in (ROOT / "docs").glob("*.md")}

    assert pages - set(links(text_of("README.md"))) == set()


@every_document
def test_a_path_that_is_named_is_there(path: Path) -> None:
    """Ours: of the project (memoryos_mcp/..., tests/...), or of a room (storage/lock.py)."""
    tops, rooms = r"memoryos_mcp|tests|docs|config|\.ci", "|".join(ROOMS)
    for line in code(path.read_text(encoding="utf-8")):
        for found in re.findall(rf"(?<![\w/.-])(?:{tops})/[\w./-]*", line):
            assert (ROOT / found).exists(), found
        for found in re.findall(rf"(?<![\w/.-])(?:{rooms})/[\w/-]*(?:\.py)?", line):
            assert (PACKAGE / found).exists(), found


def commands_in(line: str) -> Iterator[list[str]]:
    """Yield the words of every `memoryos-mcp WORD...` in a line of code, up to a comment or another program."""
    for match in re.finditer(r"(?<![\w-])memoryos-mcp (?=[\w-])(?P<words>.*)", line):
        words = shlex.split(match["words"], comments=True)
        end = next((place for place, word in enumerate(words) if word in {">", "|", "&&", ";"}), len(words))
        yield words[:end]


def unknown_in(words: list[str]) -> Iterator[str]:
    """Yield the commands and options among *words* that do not exist."""
    command: click.Command = cli
    known = {name: param for param in cli.params for name in param.opts}
    left = iter(words)
    for word in left:
        if word.startswith("-"):
            option = known.get(word.split("=")[0])
            if option is None and word not in {"-h", "--help"}:
                yield word
            elif isinstance(option, click.Option) and not option.is_flag and "=" not in word:
                next(left, None)
        elif isinstance(command, click.Group):
            found = command.commands.get(word)
            if found is None:
                yield word
                return
            command = found
            known |= {name: param for param in command.params for name in param.opts}


@every_document
def test_a_command_that_is_named_exists_with_its_options(path: Path) -> None:
    """Ours: what a reader types is taken."""
    named = [words for line in code(path.read_text(encoding="utf-8")) for words in commands_in(line)]

    assert {" ".join(words): list(unknown_in(words)) for words in named if list(unknown_in(words))} == {}


@every_document
def test_an_option_that_is_named_alone_belongs_to_a_command(path: Path) -> None:
    """Ours: `--dry-run` in a sentence."""
    known = {"--help"} | {name for command in walk(cli) for param in command.params for name in param.opts}
    named = {span.split()[0].split("=")[0] for span in code(path.read_text(encoding="utf-8")) if span.startswith("--")}

    assert named - known == set()


def walk(command: click.Command) -> Iterator[click.Command]:
    """Yield a command and those below it."""
    yield command
    for below in command.commands.values() if isinstance(command, click.Group) else ():
        yield from walk(below)


def test_the_check_of_commands_sees_what_is_wrong() -> None:
    """Ours: a check that cannot fail checks nothing."""
    assert list(unknown_in(["--user-id", "anna", "status", "--json"])) == []
    assert list(unknown_in(["status", "--yaml"])) == ["--yaml"]
    assert list(unknown_in(["model", "fetch"])) == ["fetch"]
    assert list(commands_in("$ a/memoryos-mcp config > x # memoryos")) == [["config"]]


def test_every_host_and_format_is_described() -> None:
    """Ours: what can be installed and imported is read from the code."""
    hosts, formats = text_of("docs/hosts.md"), text_of("docs/import-and-export.md")

    assert [host.name for host in HOSTS if f"| {host.title} | `{host.name}` |" not in hosts] == []
    assert [name for name in FORMATS if f"| `{name}` |" not in formats] == []


def test_the_errors_of_troubleshooting_are_those_the_program_says() -> None:
    """Ours: a reader searches the page for what the screen shows; "..." stands for what differs."""
    said = "".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    said = re.sub(r"\"\s*\n\s*f?\"", "", said)
    errors = text_of("docs/troubleshooting.md").partition("## Errors")[2].partition("## Recall")[0]
    titles = re.findall(r"^### `(.*)`$", errors, re.MULTILINE)

    assert len(titles) > 10
    assert [part for title in titles for part in title.split("...") if part.strip() not in said] == []


def test_the_data_folders_are_those_of_the_platforms() -> None:
    """The platforms': as platformdirs has them."""
    told = text_of("docs/upgrading-and-uninstalling.md")
    mac = MacOS("memoryos-mcp", appauthor=False).user_data_dir

    assert f"| macOS | `~{mac.removeprefix(str(Path.home()))}` |" in told
    assert f"| Linux | `~{Unix('memoryos-mcp').user_data_dir.removeprefix(str(Path.home()))}`" in told


def test_the_picture_of_the_rooms_is_the_contract() -> None:
    """Ours: the same rooms in the same order as the import contract, and a glossary of at most a page."""
    architecture = text_of("docs/architecture.md")
    picture = architecture.partition("## The thirteen rooms")[2].partition("## Three walks")[0]
    glossary = architecture.partition("## Glossary")[2].partition("## The thirteen rooms")[0]

    assert re.findall(r"^  (\w+)  ", picture, re.MULTILINE) == ROOMS
    assert len(glossary.splitlines()) <= 50


def test_every_invariant_that_is_referred_to_is_listed() -> None:
    """Ours: a number without its sentence says nothing to a newcomer."""
    section = text_of("docs/architecture.md").partition("\n## Invariants\n")[2].partition("\n## ")[0]
    listed = [int(number) for number in re.findall(r"^(\d+)\. \*\*", section, re.MULTILINE)]
    sources = [path.read_text(encoding="utf-8") for room in (PACKAGE, ROOT / "tests") for path in room.rglob("*.py")]
    named = {int(each) for text in sources for found in _INVARIANTS.findall(text) for each in re.findall(r"\d+", found)}

    assert listed == list(range(1, len(listed) + 1))
    assert named
    assert named <= set(listed)


def test_the_contributing_page_names_every_step_of_continuous_integration() -> None:
    """Ours: whoever sees a step fail looks there for what it does."""
    steps = re.findall(r'^step "(.+)"$', text_of(".ci/run"), re.MULTILINE)
    told = re.findall(r"^\d\. (.+)$", text_of("docs/contributing.md").partition("\n## Style\n")[0], re.MULTILINE)

    assert len(told) == len(steps) > 0
    for step, line in zip(steps, told, strict=True):
        first = step.partition(",")[0]
        assert line.startswith(
            {"$test_command": "the README's test", "$demo_command": "the README's demo"}.get(step, first)
        )
