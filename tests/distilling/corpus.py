"""
Training text for `distill.py`: WordNet's definitions and examples, and chat made from our own sentence patterns.

Reads the database files of Princeton WordNet 3.0 (`data.noun` and so on; Debian has them in `wordnet-base`) and
nothing else. Deterministic for a seed. Not needed at run time.
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

__all__ = ["Entry", "chat_texts", "read_wordnet", "wordnet_texts"]

_SLOT = re.compile(r"\{(\w+)\}")
_WORD = re.compile(r"[a-z]{3,}(?: [a-z]{3,})?$")
# WordNet's lexicographer files by number, as slots of the patterns.
_LEXICON = {
    "04": "act", "05": "animal", "06": "thing", "07": "quality", "08": "body", "09": "idea", "10": "message",
    "11": "event", "12": "feeling", "13": "food", "14": "group", "17": "landmark", "18": "person", "20": "plant",
    "21": "possession", "26": "state", "27": "substance", "00": "adjective", "02": "adverb",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """One synset: the number of its lexicographer file, its part of speech, words, definition and examples."""

    lexicon: str
    part: str
    words: tuple[str, ...]
    definition: str
    examples: tuple[str, ...]


def read_wordnet(folder: Path) -> list[Entry]:
    """Return every synset of the WordNet files in *folder*, in file order."""
    entries = []
    for part in ("noun", "verb", "adj", "adv"):
        lines = (folder / f"data.{part}").read_text("latin-1").splitlines()
        entries += [_entry(line, part) for line in lines if not line.startswith("  ")]
    return entries


def _entry(line: str, part: str) -> Entry:
    head, _, gloss = line.partition("|")
    fields = head.split()
    count = int(fields[3], 16)
    words = tuple(re.sub(r"\(.*\)", "", fields[4 + 2 * i]).replace("_", " ") for i in range(count))
    examples = tuple(text.strip() for text in re.findall(r'"([^"]+)"', gloss) if len(text) > 12)
    definition = re.sub(r'"[^"]*"', "", gloss).strip(" ;\n")
    return Entry(fields[1], part, words, re.sub(r"[;\s]+$", "", definition), examples)


def wordnet_texts(entries: Sequence[Entry], seed: int) -> tuple[list[str], list[str]]:
    """Return the definitions ("word: definition") and the examples, of these one to three neighbours together."""
    dice = random.Random(seed)
    definitions = [f"{dice.choice(entry.words)}: {entry.definition}" for entry in entries if entry.definition]
    sentences = [_sentence(text) for entry in entries for text in entry.examples]
    examples = []
    place = 0
    while place < len(sentences):
        size = dice.choice((1, 1, 2, 3))
        examples.append(" ".join(sentences[place : place + size]))
        place += size
    return definitions, examples


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + ("" if text[-1] in ".!?" else ".")


def chat_texts(entries: Sequence[Entry], vocabulary: Sequence[str], count: int, seed: int) -> Iterator[str]:
    """
    Yield *count* chat turns of one to three sentences.

    Their slots are filled from our lists, from WordNet's words as far as they are common (made of words of the
    *vocabulary*), and `{word}` from the vocabulary itself, names and inflected forms included.
    """
    dice = random.Random(seed)
    sections = _read_patterns()
    openers, patterns = sections.pop("openers"), sections.pop("patterns")
    lists = {name: tuple(item.strip() for item in " ".join(lines).split(";")) for name, lines in sections.items()}
    slots = {**_wordnet_slots(entries, frozenset(vocabulary)), **lists}
    slots["word"] = tuple(piece for piece in vocabulary if _WORD.match(piece))
    for _ in range(count):
        sentences = [dice.choice(patterns) for _ in range(dice.choice((1, 1, 2, 2, 3)))]
        if dice.random() < 0.35:
            sentences.insert(0, dice.choice(openers))
        yield " ".join(_fill(pattern, slots, dice) for pattern in sentences)


def _read_patterns() -> dict[str, list[str]]:
    sections: dict[str, list[str]] = {}
    for line in files(__package__).joinpath("patterns.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            sections[line[1:-1]] = section = []
        elif line and not line.startswith("#"):
            section.append(line)
    return sections


def _fill(pattern: str, slots: dict[str, tuple[str, ...]], dice: random.Random) -> str:
    def word(match: re.Match[str]) -> str:
        return dice.choice(slots[match.group(1)])

    text = pattern
    while _SLOT.search(text):
        text = _SLOT.sub(word, text)
    text = re.sub(r"\ba ([aeiou])", r"an \1", text)
    return text[0].upper() + text[1:]


def _wordnet_slots(entries: Sequence[Entry], common: frozenset[str]) -> dict[str, tuple[str, ...]]:
    slots: dict[str, list[str]] = {name: [] for name in [*_LEXICON.values(), "verb"]}
    for entry in entries:
        name = "verb" if entry.part == "verb" else _LEXICON.get(entry.lexicon)
        if name:
            slots[name] += [word for word in entry.words if _WORD.match(word) and common.issuperset(word.split())]
    return {name: tuple(words) for name, words in slots.items()}
