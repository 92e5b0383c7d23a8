"""`zhiku assistants` and `zhiku answers`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agents.cli import main
from ingest import open_library
from ingest.settings import Settings


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("ZHIKU_EMBEDDER", "hashing")
    library = open_library(tmp_path / "home", Settings(embedder="hashing"))
    (tmp_path / "leave.md").write_text("# Leave\n\nEmployees get 15 days of annual leave.\n", "utf-8")
    library.add([tmp_path / "leave.md"], workers=1)
    library.close()
    return str(tmp_path / "home")


def test_answers_are_kept_listed_asked_and_removed(
    home: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "faq.csv"
    table.write_text("question,answer\nHow do I reset my password?,In the portal.\n", "utf-8")
    assert main(["answers", "import", str(table), "--home", home]) == 0
    assert main(["answers", "add", "Open on Sunday?", "No.", "--home", home]) == 0
    capsys.readouterr()
    assert main(["answers", "list", "--json", "--home", home]) == 0
    found = json.loads(capsys.readouterr().out)["answers"]
    assert {one["question"]: one["answer"] for one in found} == {
        "How do I reset my password?": "In the portal.",
        "Open on Sunday?": "No.",
    }
    assert main(["ask", "How do I reset my password?", "--json", "--home", home]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["model"], answer["citations"][0]["path"].partition(":")[0]) == ("curated", "kept")
    assert main(["answers", "remove", *[str(one["id"]) for one in found], "--home", home]) == 0
    assert main(["answers", "remove", "99", "--home", home]) == 2
    assert main(["answers", "import", str(tmp_path / "nowhere.csv"), "--home", home]) == 2
    assert main(["answers", "list", "--kb", "nowhere", "--home", home]) == 2


def test_an_assistant_comes_from_a_file_is_asked_taken_back_and_goes(
    home: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "desk.toml"
    file.write_text('zhiku-assistant = 1\nname = "Desk"\ngreeting = "Hello from the desk."\n', "utf-8")
    assert main(["assistants", "import", str(file), "--home", home]) == 0
    assert main(["assistants", "import", str(file), "--home", home]) == 0
    file.write_text(file.read_text("utf-8").replace("Hello", "Good day"), "utf-8")
    assert main(["assistants", "import", str(file), "--replace", "--home", home]) == 0
    capsys.readouterr()
    assert main(["assistants", "list", "--json", "--home", home]) == 0
    assert [one["name"] for one in json.loads(capsys.readouterr().out)["assistants"]] == ["Desk", "Desk 2"]
    assert main(["ask", "Who are you?", "--assistant", "Desk", "--home", home]) == 0
    assert "Good day from the desk." in capsys.readouterr().out
    assert main(["assistants", "revert", "Desk", "1", "--home", home]) == 0
    capsys.readouterr()
    assert main(["assistants", "show", "Desk", "--json", "--home", home]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["greeting"], shown["version"]) == ("Hello from the desk.", 3)
    assert main(["assistants", "export", "Desk", "--home", home]) == 0
    assert 'greeting = "Hello from the desk."' in capsys.readouterr().out
    assert main(["ask", "Days of annual leave?", "--assistant", "Desk", "--home", home]) == 0
    assert "15 days" in capsys.readouterr().out
    assert main(["assistants", "remove", "Desk", "--home", home]) == 0
    for wrong in (["remove", "Desk"], ["show", "Desk 2", "--version", "9"], ["import", str(tmp_path / "no.toml")]):
        assert main(["assistants", *wrong, "--home", home]) == 2
    assert main(["ask", "Days?", "--assistant", "Desk", "--home", home]) == 2
