"""Everyday talk in Chinese with questions on it, among near misses about other people: `data/chinese_*.tsv`."""

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

from memoryos_mcp.cli.bench.dialogue import DatedExchange, Dialogue, Question

__all__ = ["chinese_dialogues"]

DATA = Path(__file__).parent / "data"
_CHINA = timezone(timedelta(hours=8))
_WHEN = ("\u4eca\u5929", "\u6628\u5929", "\u542c\u8bf4", "\u524d\u4e24\u5929", "\u521a\u624d")


def chinese_dialogues(fillers: int) -> list[Dialogue]:
    """Return the talk of three invented users, each among so many pages about other people."""
    talks, asked = list(_rows("chinese_talks.tsv")), list(_rows("chinese_questions.tsv"))
    dialogues = []
    for user in dict.fromkeys(who for who, *_ in talks):
        own = [DatedExchange(said, answer, _moment(when)) for who, when, said, answer in talks if who == user]
        pages = sorted([*own, *_near_misses(user, fillers)], key=lambda page: page.timestamp)
        questions = tuple(Question(text, needle, kind, (needle,)) for who, kind, text, needle in asked if who == user)
        dialogues.append(Dialogue(user, {"user_name": user}, tuple(pages), questions))
    return dialogues


def _near_misses(seed: str, count: int) -> Iterator[DatedExchange]:
    """Yield pages about other people, the same for a seed."""
    parts: dict[str, list[list[str]]] = defaultdict(list)
    for kind, *rest in _rows("chinese_filler.tsv"):
        parts[kind].append(rest)
    dice = random.Random(seed)
    for _ in range(count):
        what, answer = dice.choice(parts["what"])
        who, pet, firm = (dice.choice(parts[kind])[0] for kind in ("who", "pet", "firm"))
        said = f"{dice.choice(_WHEN)}{who}{what.format(n=dice.randint(2, 12), pet=pet, firm=firm)}\u3002"
        day = datetime(2026, dice.randint(1, 6), dice.randint(1, 28), dice.randint(8, 22), tzinfo=_CHINA)
        yield DatedExchange(said, answer, day + timedelta(minutes=dice.randint(0, 59)))


def _rows(name: str) -> Iterator[list[str]]:
    return (line.split("\t") for line in (DATA / name).read_text(encoding="utf-8").splitlines())


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=_CHINA)
