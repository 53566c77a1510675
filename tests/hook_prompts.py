"""
What the recall hook does with prompts of a coding history, beside what it should do: `python -m tests.hook_prompts`.

`data/coding_history.tsv` is an invented developer's, `data/chinese_talks.tsv` holds another's in Chinese. The prompts
in `data/hook_prompts.tsv` were written before the rules, those in `data/hook_prompts_heldout.tsv` after them.
"""

import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from memoryos_mcp import Memoryos
from memoryos_mcp.domain.records import Exchange
from memoryos_mcp.hosts.hooks.hook_answer import HookMemory, answerer

__all__ = ["BEFORE", "DATA", "HELD_OUT", "Outcome", "memories", "outcomes", "table"]

DATA = Path(__file__).parent / "data"
BEFORE, HELD_OUT = "hook_prompts.tsv", "hook_prompts_heldout.tsv"
_MAX_TOKENS = 800


@dataclass(frozen=True, slots=True)
class Outcome:
    """One prompt: whether the hook should speak, what it said, and what should be in that."""

    prompt: str
    should_speak: bool
    said: str
    wanted: str

    @property
    def spoke(self) -> bool:
        return bool(self.said)

    @property
    def told(self) -> bool:
        """Whether it spoke, and said what was wanted."""
        return self.spoke and self.wanted in self.said


def rows(name: str) -> Iterator[list[str]]:
    """Yield the cells of a table in `data`."""
    for line in (DATA / name).read_text(encoding="utf-8").splitlines():
        yield line.split("\t")


@contextmanager
def memories() -> Iterator[Mapping[str, HookMemory]]:
    """Hand out the memories that the prompts are put to, by name."""
    marta = [Exchange(said, answer, f"{when}:00+02:00") for when, said, answer in rows("coding_history.tsv")]
    chenyu = [
        Exchange(said, answer, f"{when.replace(' ', 'T')}:00+08:00")
        for who, when, said, answer in rows("chinese_talks.tsv")
        if who == "\u9648\u5b87"
    ]
    with ExitStack() as stack:
        yield {name: _told(stack, pages) for name, pages in (("marta", marta), ("chenyu", chenyu))}


def _told(stack: ExitStack, pages: list[Exchange]) -> Memoryos:
    folder = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
    memory = stack.enter_context(Memoryos(data_dir=folder, embedder="bundled", analyzer="local"))
    memory.add_many(pages)
    assert memory.settle(60)
    return memory


def outcomes(name: str, told: Mapping[str, HookMemory]) -> list[Outcome]:
    """Put the prompts of a table to the memories."""
    found = []
    for whose, should, prompt, wanted in rows(name):
        question = {"op": "recall", "query": prompt, "max_tokens": _MAX_TOKENS, "user_id": "default"}
        said = str(answerer(told[whose])(question)["text"])
        found.append(Outcome(prompt, should == "speak", said, wanted))
    return found


def table(found: Iterable[Outcome]) -> str:
    """Return how often the hook spoke and was silent, by what it should have done, and where it was wrong."""
    kept = list(found)
    counts = Counter((each.should_speak, each.spoke) for each in kept)
    spoken = [len(each.said) // 4 for each in kept if each.spoke] or [0]
    lines = [
        f"{'':14}{'spoke':>8}{'silent':>8}",
        *(
            f"{name:14}{counts[should, True]:8}{counts[should, False]:8}"
            for name, should in (("should speak", True), ("should not", False))
        ),
        f"told what was wanted: {sum(each.told for each in kept if each.should_speak)}; "
        f"tokens when it spoke: mean {sum(spoken) // len(spoken)}, most {max(spoken)}",
    ]
    wrong = [each for each in kept if each.should_speak != each.told]
    return "\n".join([*lines, *(f"  {'said' if each.spoke else 'silent'}: {each.prompt[:90]}" for each in wrong)])


if __name__ == "__main__":
    with memories() as _told_memories:
        for _name in (BEFORE, HELD_OUT):
            sys.stdout.write(f"{_name}\n{table(outcomes(_name, _told_memories))}\n")
