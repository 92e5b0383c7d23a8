"""The command `zhiku`: statuses, messages, JSON, the settings file."""

from __future__ import annotations

import dataclasses
import json
import os
import pty
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from rich.cells import cell_len

from agents.cli import main
from agents.cli.doctor import _port
from ingest import open_library
from ingest.language import speaking
from ingest.pages import counted, page_name
from ingest.settings import Settings, load_settings
from ingest.web.addresses import bound


def test_help_names_every_command_and_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    listed = capsys.readouterr().out.rpartition(":\n")[2]
    assert [line.split()[0] for line in listed.splitlines() if line[2:3].strip()] == [
        "app",
        "ask",
        "check",
        "run",
        "runs",
        "doctor",
        "eval",
        "mcp",
        "assistants",
        "answers",
        "models",
        "serve",
        "keys",
        "users",
        "audit",
        "store",
    ]


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["ask"], ["ask", ""], ["ask", "x" * 100_000], ["eval", "retrieval", "/no/such"]]
)
def test_wrong_usage_is_status_2_and_no_traceback(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, "--home", str(tmp_path)]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_models_are_listed_shown_and_chosen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "list", "--json", "--home", str(tmp_path)]) == 0
    (row,) = json.loads(capsys.readouterr().out)["models"]
    assert (row["name"], row["used"]) == ("bundled", True)
    assert main(["models", "show", "bundled", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["layers"] == 30
    assert main(["models", "use", "bundled", "--home", str(tmp_path)]) == 0
    assert tomllib.loads((tmp_path / "settings.toml").read_text())["model"] == "bundled"
    assert main(["models", "use", "no-such-model", "--home", str(tmp_path)]) == 1


def test_the_doctor_lets_notes_pass_and_says_no_more_than_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "leave.md").write_text("Employees get 15 days of annual leave.", "utf-8")
    library = open_library(tmp_path / "home", dataclasses.replace(load_settings(tmp_path / "home"), embedder="hashing"))
    library.add([tmp_path / "leave.md"])
    library.close()
    (tmp_path / "leave.md").unlink()  # the doctor notes that the source is gone, which is no fault
    assert main(["doctor", "--home", str(tmp_path / "home"), "--lang", "en"]) == 0
    said = capsys.readouterr().out
    assert "1 knowledge base, 1 document;" in said
    assert "Finding(" not in said
    assert "All is well." in said


def test_the_doctor_names_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "settings.toml").write_text('model = "no-such-model"\n')
    assert main(["doctor", "--home", str(tmp_path), "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert not report["ok"]
    (bad,) = [check for check in report["checks"] if not check["ok"]]
    assert "no-such-model" in bad["detail"]
    assert bad["hint"]


def test_the_application_is_started_in_this_process_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[tuple[str, list[str], dict[str, str]]] = []
    monkeypatch.setattr(os, "execve", lambda *call: started.append(call))
    main(["app", "--port", "8777", "--open", "--home", str(tmp_path)])
    ((program, command, environment),) = started
    assert program == sys.executable
    assert command[1:4] == ["-P", "-m", "app"]
    assert set(command[4:]) == {"--port=8777", "--open"}
    assert environment["ZHIKU_HOME"] == str(tmp_path)


def test_both_measures_run_on_a_question_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ZHIKU_EMBEDDER", "hashing")
    home = ["--home", str(tmp_path / "home"), "--json"]
    (tmp_path / "leave.md").write_text("Employees get 15 days of annual leave.", "utf-8")
    library = open_library(tmp_path / "home")
    library.add([tmp_path / "leave.md"])
    library.close()
    questions = tmp_path / "questions.jsonl"
    record = {"question": "How many days of annual leave?", "answers": ["15 days"], "documents": ["leave.md"]}
    questions.write_text(json.dumps(record) + "\n")
    assert main(["eval", "retrieval", str(questions), *home]) == 0
    assert json.loads(capsys.readouterr().out)["figures"]["recall@1"] == 1
    assert main(["eval", "answers", str(questions), *home]) == 0
    assert json.loads(capsys.readouterr().out)["figures"]["answer_contains_gold"] == 1
    questions.write_text('{"question": 1')
    assert main(["eval", "answers", str(questions), *home]) == 2


@pytest.mark.parametrize(
    ("page", "label", "en"), [(3, "", "p. 3"), (3, "3", "p. 3"), (5, "xii", "p. xii"), (7, "Safety", "“Safety”")]
)
def test_a_page_is_called_by_its_number_or_its_name(page: int, label: str, en: str) -> None:
    with speaking("en"):
        assert page_name(page, label) == en


def test_counts_are_proper_english() -> None:
    assert [counted(n, "document") for n in (0, 1, 2_000)] == ["0 documents", "1 document", "2,000 documents"]


def test_a_number_out_of_range_is_refused_in_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "estimate", "--params", "7", "--bits", "0", "--lang", "zh"]) == 2
    assert "--bits 的值无效：须大于 0，且不大于 64。" in capsys.readouterr().err


def test_the_doctor_asks_the_server_that_is_to_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "settings.toml").write_text('model = "http://127.0.0.1:1/v1#x"\n')
    assert main(["doctor", "--home", str(tmp_path), "--lang", "en"]) == 1
    said = capsys.readouterr().out
    assert "✗ language model: The model server http://127.0.0.1:1/v1 does not answer" in said


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_the_doctor_tries_the_port_of_an_address_of_either_kind(host: str) -> None:
    with bound(host, 0) as taken:
        settings = Settings(host=host, port=taken.getsockname()[1])
        taken.listen()
        assert "the application may be running" in _port(settings).detail
    assert _port(settings).detail == f"{host}:{settings.port} is free"


def test_a_model_is_described_in_words_and_its_plan_in_columns(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "show", "bundled", "--lang", "zh"]) == 0
    shown = capsys.readouterr().out
    assert "对话模板: 有" in shown
    assert "工具调用: 未说明" in shown
    assert main(["models", "plan", "bundled", "--lang", "zh"]) == 0
    head, cpu = capsys.readouterr().out.splitlines()[1:3]
    assert cell_len(head) == cell_len(cpu)


def test_the_trial_of_a_chosen_model_is_told_on_a_terminal_and_skipped_by_ctrl_c(tmp_path: Path) -> None:
    # A shell starts background jobs with the interrupt ignored, and their children inherit that.
    heeded = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)"
    program = f"{heeded}; from agents.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", program, "models", "use", "bundled"]
    ours, theirs = pty.openpty()
    environment = {**os.environ, "ZHIKU_HOME": str(tmp_path), "ZHIKU_LANGUAGE": "en"}
    with open(theirs, "rb+", buffering=0) as terminal, subprocess.Popen(
        command, stdin=terminal, stdout=terminal, stderr=terminal, env=environment
    ) as using:  # fmt: skip
        told = ""
        while "as a judge of sentences (Ctrl-C skips this)" not in told:
            told += os.read(ours, 1000).decode()
        using.send_signal(signal.SIGINT)
        status = using.wait(60)
    told += os.read(ours, 100_000).decode()
    assert status == 0
    assert "bundled answers from now on" in told
    assert "The trial was stopped; the model is chosen." in told
    assert tomllib.loads((tmp_path / "settings.toml").read_text())["model"] == "bundled"
