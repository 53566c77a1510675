"""The 90 dimensions of traits."""

from collections import Counter

import pytest

from memoryos_mcp.domain.traits import DIMENSIONS, dimension


def test_there_are_90_dimensions_in_three_groups() -> None:
    """Paper: basic needs and personality, alignment of the assistant, content interests."""
    groups = Counter(each.group for each in DIMENSIONS.values())
    assert groups == {"basic_needs_and_personality": 40, "ai_alignment": 7, "interests": 43}


def test_every_dimension_says_what_high_and_low_mean() -> None:
    """Ours: an analyzer and a reader need the poles."""
    assert all(each.name == name and each.poles for name, each in DIMENSIONS.items())


def test_a_dimension_is_found_by_its_name() -> None:
    """Ours: the name is what findings carry."""
    assert dimension("saving").poles == "good ↔ bad at saving"


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    """Ours: a model may invent dimensions; the message shows the bad value."""
    with pytest.raises(ValueError, match="'charisma'"):
        dimension("charisma")


def test_the_mapping_cannot_be_changed() -> None:
    """Ours: no module-level mutable state."""
    with pytest.raises(TypeError):
        DIMENSIONS["new"] = dimension("saving")  # type: ignore[index]
