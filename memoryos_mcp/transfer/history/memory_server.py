"""The official memory server's file (JSON lines): observations of entities, and relations, become facts."""

from typing import IO, Any

from .items import Items, Knowledge, Skip
from .json_parts import lines

__all__ = ["is_memory_server", "read_memory_server"]

_SOURCE = "memory-server"


def is_memory_server(value: dict[str, Any]) -> bool:
    """Whether *value* is a line of this format."""
    entity = value.get("type") == "entity" and isinstance(value.get("observations"), list)
    return entity or (value.get("type") == "relation" and "relationType" in value)


def read_memory_server(file: IO[bytes]) -> Items:
    """Yield a fact for each observation and relation."""
    for where, value in lines(file):
        if isinstance(value, Skip):
            yield value
        elif not isinstance(value, dict) or not is_memory_server(value):
            yield Skip("neither entity nor relation", where)
        elif value["type"] == "entity":
            name = str(value.get("name", "")).strip()
            for observation in value["observations"]:
                if isinstance(observation, str) and observation.strip():
                    yield Knowledge(_about(name, observation.strip()), "user", None, _SOURCE, where)
                else:
                    yield Skip("blank", where)
        else:
            parts = (value.get("from"), value.get("relationType"), value.get("to"))
            text = " ".join(str(part).replace("_", " ") for part in parts)
            yield Knowledge(text, "user", None, _SOURCE, where)


def _about(name: str, observation: str) -> str:
    named = not name or name.replace("_", " ").casefold() in observation.replace("_", " ").casefold()
    return observation if named else f"{name.replace('_', ' ')}: {observation}"
