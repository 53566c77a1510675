"""Questions in Chinese over everyday talk in Chinese: the engine beside BM25 over chunks of the same pages."""

import json
from pathlib import Path

from memoryos_mcp.cli.bench import recall

from .chinese_talk import chinese_dialogues

BUDGET = 500


def test_the_engine_is_ahead_of_bm25_on_chinese_questions(tmp_path: Path) -> None:
    """Ours: 60 questions over pages of our own, each user's among near misses about other people."""
    file = tmp_path / "chinese.json"
    dialogues = chinese_dialogues(fillers=60)
    pages_of = [
        {
            "name": dialogue.name,
            "settings": dict(dialogue.settings),
            "pages": [
                {
                    "user_input": page.user_input,
                    "agent_response": page.agent_response,
                    "timestamp": page.timestamp.isoformat(),
                }
                for page in dialogue.exchanges
            ],
            "questions": [
                {"question": each.text, "type": each.kind, "evidence": [{"needle": needle} for needle in each.evidence]}
                for each in dialogue.questions
            ],
        }
        for dialogue in dialogues
    ]
    file.write_text(json.dumps(pages_of), encoding="utf-8")
    (report,) = recall.run([file], recall.Plan(budgets=(BUDGET,)))
    by_name = {method.name: method.recall[BUDGET] for method in report.methods}

    assert report.questions == 60
    assert by_name[recall.ENGINE] >= max(by_name["BM25 over chunks"], 90.0), recall.render(report, misses=9)
