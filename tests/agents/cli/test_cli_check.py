"""`zhiku check`: statuses, what is printed, JSON, where passages come from."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from agents.cli import main
from ingest import open_library

LEAVE = "Employees get 15 days of annual leave."


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "leave.txt").write_text(LEAVE, "utf-8")
    (tmp_path / "more.jsonl").write_text('{"text": "The canteen opens at 8 am."}\n\n"总部位于北京。"\n', "utf-8")
    return tmp_path


def test_what_is_supported_is_shown_with_its_quote(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = "Staff get 15 days of annual leave [1]. 总部位于北京[3]。"
    assert main(["check", answer, "--passages", "leave.txt", "more.jsonl", "--lang", "en"]) == 0
    shown = capsys.readouterr().out
    assert "✓ Staff get 15 days of annual leave." in shown
    assert f"[1] leave.txt 0-38: “{LEAVE}”" in shown
    assert "[3] more.jsonl:3 0-7: “总部位于北京。”" in shown
    assert "2 of 2 proven." in shown


def test_what_is_not_is_status_1_with_the_reason(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (files / "answer.txt").write_text("Employees get 25 days of annual leave [1].", "utf-8")
    assert main(["check", "answer.txt", "--passages", "leave.txt", "--lang", "zh"]) == 1
    shown = capsys.readouterr().out
    assert shown.startswith("! Employees get 25 days of annual leave.")
    assert "1 句中 0 句有依据。" in shown


def test_json_tells_each_answer(
    files: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("Dogs are welcome."))
    assert main(["check", LEAVE, "-", "--passages", "leave.txt", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert not told["supported"]
    first, second = told["answers"]
    assert (first["supported"], second["supported"]) == (True, False)
    [sentence] = first["sentences"]
    quote = {"n": 1, "document": "leave.txt", "page": None, "start": 0, "end": 38, "text": LEAVE}
    assert sentence["quotes"] == [quote]
    assert second["sentences"][0]["why"]


def test_each_sentence_is_searched_for_in_a_knowledge_base(
    files: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ZHIKU_EMBEDDER", "hashing")
    home = str(files / "home")
    library = open_library(home)
    library.add([files / "leave.txt"], kb="staff")
    library.close()
    answer = "Employees get 15 days of annual leave [7]. Dogs are welcome in the office [7]."
    assert main(["check", answer, "--kb", "staff", "--home", home, "--json"]) == 1
    [told] = json.loads(capsys.readouterr().out)["answers"]
    right, wrong = told["sentences"]
    assert (right["supported"], wrong["supported"]) == (True, False)
    [quote] = right["quotes"]
    assert (quote["document"], quote["page"], quote["text"]) == ("leave", 1, LEAVE)
    assert "[7]" not in told["text"]
    assert main(["check", answer, "--kb", "nobody", "--home", home]) == 2


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--passages", "leave.txt"],
        ["  ", "--passages", "leave.txt"],
        ["no-such-answer.txt", "--passages", "leave.txt"],
        [LEAVE, "--passages"],
        [LEAVE, "--passages", "no-such-file"],
        [LEAVE, "--passages", "broken.jsonl"],
        [LEAVE, "--passages", "leave.txt", "--kb", "staff"],
    ],
)
def test_wrong_usage_is_status_2(arguments: list[str], files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (files / "broken.jsonl").write_text('{"text": 5}\n', "utf-8")
    assert main(["check", *arguments]) == 2
    assert "Traceback" not in capsys.readouterr().err
