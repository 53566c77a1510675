"""
The readable digest of a user's profile: static attributes, pronounced traits, latest facts. Pure functions.

Every line of it stands in long-term memory with its sources; the digest itself is derived and never stored.
"""

from collections.abc import Sequence

from ..domain.records import Attribute, Fact, Trait

__all__ = ["digest"]

_MAX_FACTS = 12
_MAX_TRAITS = 8


def digest(static: Sequence[Attribute], traits: Sequence[Trait], facts: Sequence[Fact]) -> str:
    """
    Return the profile in a few lines, "" when nothing is known.

    Args:
        static: Attributes in any order.
        traits: Traits in any order; those at "medium" say little and are left out.
        facts: Facts that hold now, oldest first; pinned ones and the newest are shown.
    """
    lines = []
    if static:
        named = sorted(static, key=lambda attribute: (attribute.name != "name", attribute.name))
        lines.append("; ".join(f"{attribute.name}: {attribute.value}" for attribute in named))
    pronounced = [trait for trait in traits if trait.level != "medium"]
    if pronounced:
        newest = sorted(pronounced, key=lambda trait: (trait.updated_at, trait.dimension), reverse=True)[:_MAX_TRAITS]
        lines.append("Traits: " + "; ".join(f"{trait.dimension} {trait.level}" for trait in newest))
    if facts:
        chosen = {fact.fact_id for fact in [*(fact for fact in facts if fact.pinned), *facts[::-1]][:_MAX_FACTS]}
        lines.append("Facts: " + "; ".join(fact.fact.rstrip(".") for fact in facts if fact.fact_id in chosen))
    return "\n".join(lines)
