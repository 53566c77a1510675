"""
The 90 dimensions of a user's traits, their groups and poles.

The list is the MemoryOS paper's (Kang et al., arXiv 2506.06326): basic needs and personality, alignment of the
assistant, content interests. It is data, in `traits.tsv` beside this module; nothing here measures a trait.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType

__all__ = ["DIMENSIONS", "Dimension", "dimension"]


@dataclass(frozen=True, slots=True)
class Dimension:
    """One trait dimension; `poles` says what high and low mean on it ("likes ↔ dislikes": high is likes)."""

    name: str
    group: str
    poles: str


def _read() -> Mapping[str, Dimension]:
    """Read `traits.tsv`: a line in brackets opens a group, the others are name, tab, poles."""
    found: dict[str, Dimension] = {}
    group = ""
    for line in (files(__package__) / "traits.tsv").read_text(encoding="utf-8").splitlines():
        name, tab, poles = line.partition("\t")
        if tab:
            found[name] = Dimension(name, group, poles)
        else:
            group = name.strip("[]")
    return MappingProxyType(found)


DIMENSIONS: Mapping[str, Dimension] = _read()


def dimension(name: str) -> Dimension:
    """
    Return the dimension called *name*.

    Raises:
        ValueError: There is none of that name.
    """
    found = DIMENSIONS.get(name)
    if found is None:
        raise ValueError(f"unknown trait dimension {name!r}; known are {', '.join(DIMENSIONS)}")
    return found
