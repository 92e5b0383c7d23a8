"""Conversations that an earlier version kept: every field of every row is read.

`conversations.sql` is a dump of the file that version 0.1.0 of November 2026 wrote, answers of every kind in it.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from agents.chat.answers import Answer
from agents.chat.conversation import Conversation, Feedback
from agents.chat.history import Conversations
from agents.llm.usage import Usage
from agents.proof.sources import Citation
from ingest.documents import Hit, LegScore
from ingest.stores import CONVERSATIONS
from prompts import PromptUse

DUMP = Path(__file__).parents[1] / "stored" / "conversations.sql"

HIT = Hit(
    rank=1,
    score=0.8125,
    document="员工手册",
    path="/docs/员工手册.pdf",
    page=3,
    section=("假期", "年假"),
    start=10,
    end=42,
    text="年假为 15 天。\nUnused days lapse in “March”.",
    document_id=7,
    chunk_id=91,
    dense=LegScore(2, 0.8734567),
    lexical=LegScore(1, 0.5),
    label="iii",
)
BARE = Hit(2, 0.25, "Notes", "text:n1", 1, (), 0, 5, "A\tb\u2028c", 8, 92)
CITATION = Citation(1, "员工手册", "/docs/员工手册.pdf", 3, 10, 19, "年假为 15 天。", True, 7, "iii", "年假是 15 天。")
WRITTEN = Answer(
    question="那年假呢?",
    standalone_question="员工的年假有几天?",
    text="年假是 15 天 [1]。Dogs are welcome.",
    abstained=False,
    citations=(CITATION,),
    unsupported_sentences=("Dogs are welcome.",),
    hits=(HIT, BARE),
    model="qwen3:4b",
    prompt=PromptUse("answer", "zh", "0123456789abcdef" * 4),
    usage=Usage(1200, 1000, 34),
    timings={"retrieve": 0.0123, "first_token": 0.5, "total": 2.0},
    trace="/home/traces/20261128T080000Z-12345678.jsonl",
    thoughts="Passage 1 says\n15 days.",
    notes=("The question was shortened.", "问题已缩短。"),
)
EXTRACTIVE = Answer(
    question="How many days?",
    standalone_question="How many days?",
    text="> Employees get 15 days. [1]",
    abstained=False,
    citations=(Citation(1, "Handbook", "/h.md", 1, 0, 23, "Employees get 15 days.", False, 9),),
    hits=(BARE,),
    model="extractive",
    timings={"retrieve": 0.01, "total": 0.02},
    extractive=True,
)
ABSTAINED = Answer(
    question="Who won?",
    standalone_question="Who won?",
    text="I can't find an answer to this in the documents. The nearest passages are shown below.",
    abstained=True,
    hits=(BARE,),
    model="qwen3:4b",
)
BROKEN = Answer(
    question="Why?",
    standalone_question="Why?",
    text="Because",
    abstained=False,
    hits=(HIT,),
    model="http://localhost:1234/v1#m",
    stopped=True,
    error="The model server does not answer.",
)
KEPT = [
    (WRITTEN, Feedback("up", "right 👍")),
    (EXTRACTIVE, Feedback("down", "wrong page")),
    (ABSTAINED, Feedback(None, "none of this")),
    (BROKEN, Feedback(None)),
]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with closing(sqlite3.connect(tmp_path / CONVERSATIONS.path)) as db:
        db.executescript(DUMP.read_text("utf-8"))
    return tmp_path


def test_every_field_of_every_answer_is_read(home: Path) -> None:
    store = Conversations(home)
    (listed, empty) = store.list()
    assert (listed.title, listed.kb, listed.turns) == ("那年假呢?", "handbook", 4)
    assert empty == Conversation(empty.id, "An empty one", "default", empty.created, empty.changed, 0, ("default",))
    stored = store.stored(listed.id)
    assert [(turn.answer, turn.feedback) for turn in stored] == KEPT
    assert [turn.id for turn in stored] == [1, 2, 3, 4]
    assert all(turn.asked.startswith("20") and turn.asked.endswith("+00:00") for turn in stored)


def test_what_is_read_is_written_as_it_was(home: Path) -> None:
    store = Conversations(home)
    store.append(store.list()[1].id, WRITTEN)
    with closing(sqlite3.connect(home / CONVERSATIONS.path)) as db:
        records = [json.loads(answer) for (answer,) in db.execute("select answer from turn order by id")]
    written = [json.loads(json.dumps(answer.to_json())) for answer, _ in KEPT]
    for record in records[:4]:  # fields that came later
        record |= {"sentences": [], "written": ""}
        record["citations"] = [cited | {"orders": False, "kb": "", "corrected": ""} for cited in record["citations"]]
        later = {"copies": [], "kb": "", "fused": None, "reranked": None, "corrected": ""}
        record["hits"] = [hit | later for hit in record["hits"]]
    assert written == records[:4]
    assert records[4] == records[0]


def test_words_are_found_in_titles_questions_and_answers_as_they_stand(home: Path) -> None:
    store = Conversations(home)
    listed, empty = (talk.id for talk in store.list())
    assert store.find("AN EMPTY") == {empty}
    assert store.find("那年假") == store.find("> employees GET 15") == {listed}
    store.append(empty, Answer("Über 100 %?", "Über 100 %?", 'He said "5_a \\ b".', abstained=False))
    assert store.find("über 100 %") == store.find('"5_A \\ b"') == {empty}
    assert store.find("100 _?") == store.find("5%a") == set()
    assert store.find("Employees get 15 days.") == {listed}
    assert store.find("Handbook") == set()  # of the quote's document: nobody said it
    store.delete(empty)
    assert store.find("5_a") == set()


def test_fields_that_are_absent_or_unknown_do_no_harm() -> None:
    assert Answer.from_json({"question": "q", "answer": "a", "colour": "red"}) == Answer("q", "q", "a", abstained=False)
    old = {"question": "q", "answer": "a", "prompt": None, "usage": None, "timings": None}
    assert Answer.from_json(old) == Answer("q", "q", "a", abstained=False)
    hit = {name: value for name, value in WRITTEN.to_json()["hits"][1].items() if name != "label"}
    found = Answer.from_json({"question": "q", "answer": "a", "abstained": 1, "hits": [hit | {"colour": "red"}]})
    assert found.hits == (BARE,)
    assert found.abstained


def test_the_contract_of_ask_json_to_the_letter() -> None:
    text = json.dumps(WRITTEN.contract(), ensure_ascii=False, indent=1) + "\n"
    text += json.dumps(EXTRACTIVE.contract(), ensure_ascii=False, indent=1) + "\n"
    assert text == (DUMP.parent / "ask.json").read_text("utf-8")
