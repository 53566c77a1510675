"""The documents as tests read them: their texts, code blocks, code spans, links and headings."""

import re
from pathlib import Path

__all__ = ["DOCUMENTS", "ROOT", "anchors", "code", "code_blocks", "links", "text_of"]

ROOT = Path(__file__).parent.parent
DOCUMENTS = [ROOT / "README.md", ROOT / "config" / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def text_of(name: str) -> str:
    """Return the text of a document, named from the top of the project."""
    return (ROOT / name).read_text(encoding="utf-8")


def code_blocks(text: str, language: str) -> list[str]:
    """Return the code blocks of a language."""
    return [body for name, body in _BLOCK.findall(text) if name == language]


def code(text: str) -> list[str]:
    """Return every line of a code block and every code span, each as one line."""
    lines = [line for _, body in _BLOCK.findall(text) for line in body.splitlines()]
    return lines + [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", _BLOCK.sub("", text))]


def links(text: str) -> list[str]:
    """Return where the links lead."""
    return re.findall(r"\]\(([^)\s]+)\)", _BLOCK.sub("", text))


def anchors(text: str) -> set[str]:
    """Return the anchors of the headings, as web pages make them."""
    headings = re.findall(r"^#+ (.*)$", _BLOCK.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
