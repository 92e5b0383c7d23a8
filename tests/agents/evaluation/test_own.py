"""Questions of one's own: kept, made by a model, measured, compared; and what went on by week."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agents import Platform, open_platform
from agents.chat.activity import LoggedTurn, unanswered, weeks
from agents.evaluation.figures import paired
from agents.evaluation.own import OwnQuestions, OwnRuns, made_from, outcomes, records_in
from agents.llm.scripted import ScriptedChat
from ingest.errors import UsageError
from ingest.settings import Settings

LEAVE = "# Leave\n\nEmployees get 15 days of annual leave. Unused days may be carried over until the end of March, up to five.\n"
RIGHT = {"question": "How many days of annual leave do employees get?", "answers": ["15"], "documents": ["leave.md"]}
NOWHERE = {"question": "Who won the cup in 1998?", "answerable": False}


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    folder = tmp_path_factory.mktemp("own")
    (folder / "leave.md").write_text(LEAVE, "utf-8")
    model = ScriptedChat(replies=["Employees get 15 days of annual leave [1]."], repeat=True)
    opened = open_platform(folder / "home", model=model, settings=Settings(embedder="hashing"))
    opened.library.add([folder / "leave.md"], workers=1)
    yield opened
    opened.close()


def test_questions_are_kept_once_by_base_and_nonsense_is_not(tmp_path: Path) -> None:
    own = OwnQuestions(tmp_path)
    assert own.add("a", [RIGHT, NOWHERE]) == 2
    own.add("a", [{**RIGHT, "answers": ["15 days"]}])
    own.add("b", [RIGHT])
    assert [one.question.answers for one in own.list("a")] == [(), ("15 days",)]
    with pytest.raises(UsageError, match="Record 2"):
        own.add("a", [RIGHT, {"answers": ["x"]}])
    own.remove(own.list("b")[0].id)
    assert own.list("b") == []
    own.close()
    assert records_in('{"question": "Q"}\n\n{"question": "R"}\n') == [{"question": "Q"}, {"question": "R"}]
    for encoding in ("gb18030", "utf-8-sig"):  # of a file saved by Windows' editor
        assert records_in('{"question": "春游几点集合，在哪里？"}'.encode(encoding)) == [
            {"question": "春游几点集合，在哪里？"}
        ]
    for wrong in ("nonsense", "[1]", '{"question": "Q"}\n{'):
        with pytest.raises(UsageError):
            records_in(wrong)


def test_two_runs_are_kept_and_compared_question_by_question(platform: Platform) -> None:
    own, runs = OwnQuestions(platform.home), OwnRuns(platform.home)
    own.add("default", [RIGHT, NOWHERE])
    questions = [one.question for one in own.list("default")]
    told = {"model": "scripted", "kb": "default"}
    assert {
        case.question: case.outcome for case in runs.measure(questions, platform.chat(), platform.library, told)
    } == {
        RIGHT["question"]: "right",
        NOWHERE["question"]: "right",
    }
    platform.language_model.__dict__["chat"] = ScriptedChat(replies=["Nobody knows."], repeat=True)
    platform.answers.add("default", [(str(RIGHT["question"]), "Ask the staff office.")])
    list(runs.measure(questions, platform.chat(), platform.library, told))
    second, first = runs.list("default")
    assert (first.number, second.number, first.model) == (1, 2, "scripted")
    assert first.retrieval["recall@1"] == 1.0
    pairs = paired(first.cases, second.cases)
    assert (pairs.total, pairs.both, pairs.first) == (2, 1, 1)
    assert outcomes([first, second])[str(RIGHT["question"])] == {first.id: "right", second.id: "wrong"}
    assert runs.list("other") == []
    runs.remove(first.id)
    assert [run.id for run in runs.list("default")] == [second.id]


def test_a_question_that_a_model_writes_counts_only_if_its_passage_holds_the_answer(platform: Platform) -> None:
    replies = [
        "Q: How many days of leave are there?\nA: 15 days",
        "Q: How many days of leave are there?\nA: 20 days",
        "问：能结转几天？\n答：up to five",
        "I would rather not.",
        "Q: Is it 15 days?\nA: 15 days",
    ]
    model = ScriptedChat(replies=list(replies))
    made = list(made_from(platform.library, "default", lambda: model, len(replies)))
    assert [one and one["answers"] for one in made] == [["15 days"], None, ["up to five"], None, None]
    assert made[0] is not None
    assert made[0]["documents"] == ["leave.md"]
    assert list(made_from(platform.library, "default", lambda: model, 0)) == []


def turn(asked: str, **more: object) -> LoggedTurn:
    told = {
        "question": "Q?", "kb": "a", "abstained": False, "failed": False, "curated": False, "prompt_tokens": 10,
        "completion_tokens": 2, "first_token": 1.0, "total": 2.0, "thumb": 0,
    }  # fmt: skip
    return LoggedTurn(asked, **{**told, **more})  # type: ignore[arg-type]


def test_weeks_begin_on_monday_and_none_is_left_out() -> None:
    turns = [
        turn("2026-11-01T23:00:00+00:00", abstained=True, thumb=-1),
        turn("2026-11-16T08:00:00+00:00", total=4.0),
        turn("2026-11-22T08:00:00+00:00", curated=True, thumb=1, total=8.0),
    ]
    found = weeks(turns)
    assert [str(one.monday) for one in found] == ["2026-10-26", "2026-11-02", "2026-11-09", "2026-11-16"]
    assert [one.questions for one in found] == [1, 0, 0, 2]
    assert (found[0].refused, found[0].down, found[3].curated, found[3].up) == (1, 1, 1, 1)
    assert (found[3].prompt_tokens, found[3].total) == (20, 6.0)
    assert weeks([]) == []


def test_what_was_refused_most_comes_first() -> None:
    day = "2026-11-0{}T08:00:00+00:00"
    turns = [turn(day.format(n), question=text, abstained=text != "fine") for n, text in enumerate("aabfc", 1)]
    assert unanswered(turns)[:2] == [("a", "a", 2), ("c", "a", 1)]
    assert [one[0] for one in unanswered(turns)] == ["a", "c", "f", "b"]


def test_the_log_and_the_thumbs_come_from_what_is_kept(platform: Platform) -> None:
    kept = platform.conversations
    talk = kept.create("default")
    platform.chat(conversation=talk).ask("Who won the cup in 1998?")
    [stored] = kept.stored(talk)
    kept.rate(stored.id, "down", "not even a hint")
    [logged] = kept.log()
    assert (logged.question, logged.kb, logged.abstained, logged.thumb) == (
        "Who won the cup in 1998?",
        "default",
        True,
        -1,
    )
    [disliked] = kept.disliked("default")
    assert (disliked.kb, disliked.feedback.note) == ("default", "not even a hint")
    assert kept.disliked("other") == []
    kept.handled(stored.id)
    assert kept.disliked() == []
    kept.pin(talk, pinned=True)
    kept.create("default", "later")
    assert [one.pinned for one in kept.list()] == [True, False]
