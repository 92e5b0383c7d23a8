"""`zhiku eval agent`: word problems and questions to the documents, carried out by the real loop."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from agents.cli import main
from agents.evaluation.questions import Question
from agents.evaluation.tasks import Problem, Solved, ask_figures, number_in, problem_figures, read_tasks
from agents.proof.sources import Citation
from agents.tasks.events import Result
from ingest.errors import UsageError


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("It is 1,234.50 dollars [1].", "1234.50"),
        ("3 + 4 = 7", "7"),
        ("先付 20 元，再付 −5 元。", "-5"),
        ("共 57，500 元", "57500"),
        ("12 [2]", "12"),
        ("none", None),
    ],
)
def test_the_last_number_counts(text: str, number: str | None) -> None:
    assert number_in(text) == (None if number is None else Decimal(number))


def test_both_kinds_of_records_are_read(tmp_path: Path) -> None:
    file = tmp_path / "mine.jsonl"
    records = [
        {"question": "2 + 3?", "answer": "5"},
        {
            "question": "Who?",
            "answers": ["Ann"],
            "documents": ["a.txt"],
            "kind": "multi_hop",
            "key_points": ["Ann", "Bob"],
        },
        {"question": "And then?", "answers": ["x"], "history": [{"role": "user", "content": "Who?"}]},
    ]
    file.write_text("\n".join(map(json.dumps, records)), "utf-8-sig")  # as Notepad saves it
    problem, ask, follow = read_tasks(file)
    assert problem == Problem("2 + 3?", Decimal(5))
    assert isinstance(ask, Question)
    assert isinstance(follow, Question)
    assert (ask.kind, ask.history, follow.history) == ("multi_hop", (), (("Who?", ""),))
    assert ask.right("Ann and Bob")
    assert not ask.right("Ann")
    file.write_text('{"question": "?", "answer": "many"}', "utf-8")
    with pytest.raises(UsageError, match="Line 1"):
        read_tasks(file)
    file.write_text("{question", "utf-8")
    with pytest.raises(UsageError, match="such a record: Expecting property name"):
        read_tasks(file)


def _result(status: str, text: str, path: str = "a.txt", *, verified: bool = True) -> Result:
    citation = Citation(1, "A", f"/docs/{path}", 1, 0, 3, "Ann", verified, 1)
    return Result("t", "r", status, text, citations=(citation,))  # type: ignore[arg-type]


def test_only_a_run_that_is_done_has_answered() -> None:
    ask = Question("Who?", ("Ann",), ("a.txt",))
    nowhere = Question("Why?", answerable=False)
    figures = ask_figures(
        [
            (ask, _result("done", "Ann [1].")),
            (ask, _result("done", "Ann [1].", "b.txt")),
            (ask, _result("done", "Ann [1].", verified=False)),
            (ask, _result("gave_up", "Ann [1].")),
            (nowhere, _result("done", "Because.")),
            (nowhere, _result("gave_up", "Nothing.")),
        ]
    )
    assert figures["answer_contains_gold"] == 0.75
    assert figures["answered"] == 0.75
    assert figures["cites_right_document"] == 0.3333
    assert figures["wrongly_answered"] == 0.5
    assert (figures["done"], figures["gave_up"]) == (4, 2)


def test_a_problem_is_right_by_its_last_number() -> None:
    five = Problem("?", Decimal(5))
    solved = [Solved(five, "2 + 3 = 5.0", 1.0), Solved(five, "5 or 6", 1.0)]
    figures = problem_figures([*solved, Solved(five, "five", 1.0, _result("gave_up", "five"))])
    assert (figures["accuracy"], figures["no_number"]) == (0.3333, 0.3333)
    assert (figures["gave_up"], figures["seconds"]) == (1, 3.0)


def test_the_command_runs_the_agent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "leave.md").write_text("# Leave\n\nEmployees get 15 days of annual leave a year.", "utf-8")
    config = tmp_path / "settings.toml"
    config.write_text('embedder = "hashing"\nmax_tokens = 8\n', "utf-8")
    home = ["--home", str(tmp_path / "home"), "--config", str(config)]
    from ingest.cli import main as ingest

    assert ingest(["add", str(tmp_path / "leave.md"), "-q", *home]) == 0
    capsys.readouterr()
    sums = tmp_path / "sums.jsonl"
    sums.write_text('{"question": "What is 12 * 12?", "answer": "144"}', "utf-8")
    assert main(["eval", "agent", str(sums), "--json", *home]) == 0
    figures = json.loads(capsys.readouterr().out)["figures"]
    assert figures["calculator_on"]["accuracy"] == 1
    assert figures["calculator_on"]["calls"] == 1
    assert figures["calculator_off"]["questions"] == 1
    asked = tmp_path / "asked.jsonl"
    records = [
        {
            "question": "How many days of annual leave do employees get?",
            "answers": ["15"],
            "documents": ["leave.md"],
            "kind": "fact",
        },
        {"question": "Which?", "answers": ["x"], "documents": ["absent.md"], "kind": "fact"},
        {"question": "And?", "answers": ["x"], "documents": ["leave.md"], "kind": "other"},
    ]
    asked.write_text("\n".join(map(json.dumps, records)), "utf-8")
    assert main(["eval", "agent", str(asked), "--kind", "fact", "--json", *home]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["absent"] == 1
    assert found["figures"]["questions"]["questions"] == 1
    assert found["figures"]["questions"]["answer_contains_gold"] == 1
    assert found["figures"]["questions"]["cites_right_document"] == 1
    assert main(["eval", "agent", str(sums), "--calculator", "on", "--lang", "zh", *home]) == 0
    assert "最后一个数正确" in capsys.readouterr().out
