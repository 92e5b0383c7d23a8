"""Conversations in the home folder."""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from agents.chat.answers import Answer
from agents.chat.conversation import Feedback
from agents.chat.history import Conversations
from agents.llm.usage import Usage
from agents.proof.checking import CheckedSentence
from agents.proof.sources import Citation
from ingest.documents import Hit
from ingest.errors import DamagedLibrary, NewerLibrary, UsageError
from ingest.language import speaking
from ingest.stores import CONVERSATIONS
from prompts import PromptUse

CITATION = Citation(1, "Handbook", "/h.pdf", 3, 10, 30, "fifteen days\nof leave", True, 7, "iii", "It is 15 days.")
ANSWER = Answer(
    question="How many days?",
    standalone_question="How many days?",
    text="It is 15 days [1].",
    abstained=False,
    citations=(CITATION,),
    unsupported_sentences=("Dogs are welcome.",),
    prompt=PromptUse("answer", "en", "0" * 64),
    usage=Usage(10, 2, 3),
    timings={"total": 1.5},
)


def test_an_answer_comes_back_whole(tmp_path: Path, store: str) -> None:
    memory = Conversations(tmp_path, store)
    conversation = memory.create("handbook")
    turn = memory.append(conversation, ANSWER)
    memory.rate(turn, "down", "wrong page")
    (stored,) = Conversations(tmp_path, store).stored(conversation)
    assert stored.answer == ANSWER
    assert stored.feedback == Feedback("down", "wrong page")
    assert memory.list()[0].title == "How many days?"
    assert memory.list(kb="other") == []


def test_what_is_not_proven_is_exported_with_the_reason_and_what_the_model_wrote_last(
    tmp_path: Path, store: str
) -> None:
    memory = Conversations(tmp_path, store)
    conversation = memory.create()
    wrong = CheckedSentence("It is 25 days.", (1,), "differs", "number", "15")
    memory.append(conversation, replace(ANSWER, unsupported_sentences=(wrong.text,), sentences=(wrong,)))
    refused = replace(ANSWER, text="They do not say.", abstained=True, unsupported_sentences=(), sentences=(wrong,))
    memory.append(conversation, replace(refused, written="It is 25 days [1]."))
    with speaking("en"):
        answered, declined = memory.export(conversation).split("## ")[1:]
    assert "- It is 25 days. (the passage says 15)" in answered
    assert "Not proven" not in declined
    assert (
        declined.index("They do not say.") < declined.index("[1] ○ Handbook") < declined.index("> It is 25 days [1].")
    )
    assert declined.rstrip().endswith("- It is 25 days. (the passage says 15)")


def test_a_refusal_is_exported_with_what_comes_nearest_and_when_it_was_asked(tmp_path: Path, store: str) -> None:
    memory = Conversations(tmp_path, store)
    conversation = memory.create()
    hits = tuple(Hit(n, 0.5, f"Guide {n}", f"/{n}.md", n, (), 0, 19, "Dogs bark\nat night.", n, n) for n in range(1, 5))
    memory.append(conversation, replace(ANSWER, text="没有。", abstained=True, citations=(), hits=hits))
    [turn] = memory.stored(conversation)
    with speaking("zh"):
        text = memory.export(conversation)
    assert f"*{datetime.fromisoformat(turn.asked).astimezone():%Y-%m-%d %H:%M}*" in text
    assert "*文档中最接近的内容：*\n\n- Guide 1" in text
    assert "- Guide 3，第 3 页（/3.md）\n  > Dogs bark\n  > at night.\n" in text
    assert "Guide 4" not in text


def test_rename_export_delete(tmp_path: Path, store: str) -> None:
    memory = Conversations(tmp_path, store)
    conversation = memory.create()
    memory.append(conversation, ANSWER)
    memory.rename(conversation, "  Leave \n rules ")
    text = memory.export(conversation)
    assert text.startswith("# Leave rules\n")
    assert "> fifteen days\n  > of leave" in text
    assert "iii" in text
    assert "Dogs are welcome." in text
    with pytest.raises(UsageError):
        memory.rename(conversation, " ")
    memory.delete(conversation)
    assert memory.list() == []
    with pytest.raises(UsageError):
        memory.stored(conversation)
    with pytest.raises(UsageError):
        memory.append(conversation, ANSWER)


def test_two_tabs_write_at_once(tmp_path: Path, store: str) -> None:
    conversation = Conversations(tmp_path, store).create()

    def write() -> None:
        memory = Conversations(tmp_path, store)
        for _ in range(20):
            memory.append(conversation, ANSWER)

    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(Conversations(tmp_path, store).turns(conversation)) == 60


def test_a_later_or_broken_file_is_named(tmp_path: Path) -> None:
    Conversations(tmp_path).create()
    with sqlite3.connect(tmp_path / CONVERSATIONS.path) as db:
        db.execute("pragma user_version = 99")
    with pytest.raises(NewerLibrary):
        Conversations(tmp_path).list()
    other = tmp_path / "broken"
    other.mkdir()
    (other / CONVERSATIONS.path).write_bytes(b"this is not a database at all" * 100)
    with pytest.raises(DamagedLibrary):
        Conversations(other).list()
