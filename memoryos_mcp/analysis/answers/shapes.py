"""The JSON schemas of the answers: short names, no descriptions, since a schema is paid for with every question."""

from collections.abc import Mapping
from typing import Any

__all__ = ["ATTRIBUTES", "BATCH", "BATCH_WITH_TRAITS", "LEVELS", "SEGMENT", "SLOT_KEYS"]

Json = Mapping[str, Any]

LEVELS = ("high", "medium", "low")

ATTRIBUTES = (
    "name",
    "preferred name",
    "age",
    "birthday",
    "gender",
    "pronouns",
    "home",
    "hometown",
    "nationality",
    "native language",
    "languages",
    "work",
    "business",
    "education",
    "marital status",
    "partner",
    "children",
    "siblings",
    "parents",
    "pets",
    "diet",
    "allergies",
    "health",
    "religion",
)
"""The static attributes a profile may have: a fixed list, so that no answer can make up others."""

SLOT_KEYS: Mapping[str, str] = {
    "name": "name",
    "preferred name": "called",
    "age": "age",
    "birthday": "birthday",
    "pronouns": "pronouns",
    "home": "home",
    "hometown": "origin",
    "work": "work",
    "education": "study",
    "marital status": "marital status",
    "partner": "partner",
    "diet": "diet",
}
"""What holds one value at a time, and the key under which facts on it supersede one another in every analyzer."""

_TEXT: Json = {"type": "string"}
_TEXTS: Json = {"type": "array", "items": _TEXT}


def _list(**fields: Json) -> Json:
    return {"type": "array", "items": _object(**fields)}


def _object(**fields: Json) -> Json:
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


_CHAINS = _list(pages=_TEXTS, summary=_TEXT)
_TOPICS = _list(pages=_TEXTS, summary=_TEXT, keywords=_TEXTS)
_FACTS = _list(fact=_TEXT, pages=_TEXTS, said=_TEXT, slot=_TEXT, replaces=_TEXT)
_ATTRIBUTES = _list(name=_TEXT, value=_TEXT, pages=_TEXTS, said=_TEXT)
_TRAITS = _list(
    dimension=_TEXT, level={"type": "string", "enum": list(LEVELS)}, evidence=_TEXT, pages=_TEXTS, said=_TEXT
)

_LEARNT: Mapping[str, Json] = {"attributes": _ATTRIBUTES, "user_facts": _FACTS, "assistant_facts": _FACTS}

BATCH: Json = _object(chains=_CHAINS, topics=_TOPICS, **_LEARNT)
BATCH_WITH_TRAITS: Json = _object(chains=_CHAINS, topics=_TOPICS, **_LEARNT, traits=_TRAITS)
SEGMENT: Json = _object(**_LEARNT, traits=_TRAITS)
