"""
Benchmark files as memory takes them: LoCoMo and BEAM as they are published, and a page form for data of one's own.

The page form is JSON, packed with gzip or not: a list of {"name", "settings", "pages": [{user_input, agent_response,
timestamp}], "questions": [{question, answer, type, evidence: [{needle}]}]}. Reads files, measures nothing.
"""

import gzip
import json
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ...domain.errors import InputError
from .beam_files import beam_dialogue, beam_folders
from .dialogue import DatedExchange, Dialogue, Question
from .locomo_file import locomo_dialogue

__all__ = ["read_dialogues"]

_PACKED = b"\x1f\x8b"


def read_dialogues(path: Path) -> list[Dialogue]:
    """
    Return the conversations of a file of LoCoMo or of the page form, or the chats in a folder of BEAM's.

    Raises:
        InputError: It is none of these.
    """
    try:
        if folders := beam_folders(path):
            return [beam_dialogue(folder) for folder in folders]
        found = json.loads(_unpacked(path.read_bytes()).decode("utf-8"))
        items = [found] if isinstance(found, dict) else found
        dialogues = [_dialogue(item, place) for place, item in enumerate(items, 1)]
    except (KeyError, TypeError, AttributeError, ValueError, OSError, EOFError, StopIteration) as exc:
        raise InputError(
            f"{path} cannot be read as LoCoMo, as a chat of BEAM's or as pages with questions: {exc!r}"
        ) from exc
    if not dialogues:
        raise InputError(f"{path} holds no conversation")
    return dialogues


def _unpacked(content: bytes) -> bytes:
    return gzip.decompress(content) if content.startswith(_PACKED) else content


def _dialogue(item: Mapping[str, Any], place: int) -> Dialogue:
    return locomo_dialogue(item, place) if "conversation" in item else _page_form(item)


def _page_form(item: Mapping[str, Any]) -> Dialogue:
    pages = tuple(
        DatedExchange(page["user_input"], page["agent_response"], _moment(page["timestamp"])) for page in item["pages"]
    )
    questions = tuple(
        Question(
            each["question"],
            str(each.get("answer", "")),
            str(each.get("type", "question")),
            tuple(evidence["needle"] for evidence in each["evidence"]),
        )
        for each in item["questions"]
    )
    return Dialogue(str(item["name"]), dict(item.get("settings") or {}), pages, questions)


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)
