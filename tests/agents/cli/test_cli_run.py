"""`zhiku run` and `zhiku runs` as typed: plan and calls on stderr, the result on stdout, statuses, resuming."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from dataclasses import replace

import pytest
from langchain_core.messages import AIMessage
from rich.cells import cell_len

from agents import open_platform
from agents.cli import main
from agents.cli.proof import cited
from agents.cli.run import _end, _interruptible, lines_of, print_result
from agents.llm.scripted import ScriptedChat
from agents.proof.sources import Citation
from agents.tasks.events import ApprovalWanted, Call, Called, Result
from ingest import open_library
from ingest.settings import load_settings


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    folder = tmp_path / "files"
    folder.mkdir()
    monkeypatch.setenv("ZHIKU_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ZHIKU_EMBEDDER", "hashing")
    monkeypatch.setenv("ZHIKU_EFFORT", "thorough")
    monkeypatch.setenv("ZHIKU_TOOLS_FOLDER", str(folder))
    return tmp_path / "home"


def run(capsys, *arguments):
    status = main(["run", *arguments])
    out, err = capsys.readouterr()
    return status, out, err


def call(name, **arguments):
    return AIMessage(content="", tool_calls=[{"name": name, "args": arguments, "id": "c", "type": "tool_call"}])


@pytest.fixture
def waiting(home):
    """A run whose call to write a file waits for approval."""
    replies = ["1. A file about 12 * 12", call("write_file", path="a.txt", text="twelve")]
    platform = open_platform(model=ScriptedChat(replies=replies), settings=load_settings(home))
    result = platform.agent().run("Write a file about 12 * 12, please, and tell me")
    platform.close()
    assert result.status == "needs_approval"
    return result


def test_plan_and_calls_are_told_and_the_result_is_printed_with_its_proof(capsys):
    status, out, err = run(capsys, "Compute 12 * 12 + 1")
    assert status == 0
    assert "☐ 1." in err
    assert "calculator(expression=" in err
    assert out.startswith("12 * 12 + 1 = 145 [1]")
    assert "[1] ✓ calculator, step 1" in out


def test_json_has_the_fields_of_the_contract(capsys):
    status, out, err = run(capsys, "Compute 2 + 3", "--json")
    found = json.loads(out)
    assert status == 0
    assert err == ""
    assert list(found)[:9] == ["task", "status", "result", "plan", "steps", "citations", "usage", "trace", "run_id"]
    assert found["status"] == "done"
    assert "5" in found["result"]


def test_the_effort_and_what_it_costs_are_said_before(capsys, monkeypatch):
    platform = open_platform(model=ScriptedChat(replies=["The sum is 5."]), settings=load_settings(effort="quick"))
    monkeypatch.setattr("agents.cli.opening.open_platform", lambda *_, **__: platform, raising=False)
    monkeypatch.setattr("agents.open_platform", lambda *_, **__: platform)
    most = platform.agent(effort="quick").questions("Compute 2 + 3")
    _, _, err = run(capsys, "Compute 2 + 3", "--effort", "quick")
    assert f"At most {most} questions" in err


def test_what_is_not_found_is_said_and_the_status_is_1(capsys):
    status, out, err = run(capsys, "What is the name of the lighthouse keeper's dog?")
    assert status == 1
    assert "Gave up" in err
    assert "Traceback" not in err + out


@pytest.mark.parametrize("arguments", [[], ["x", "--resume", "y"], ["x", "--approve", "c"], ["--resume", "nothing"], [" "],
                                       ["--resume", "x", "--approve", "a", "--reject", "a"], ["x", "--effort", "heroic"]])  # fmt: skip
def test_wrong_usage_is_status_2(capsys, arguments):
    status, _, err = run(capsys, *arguments)
    assert status == 2
    assert err
    assert "Traceback" not in err


def test_a_call_that_waits_is_told_with_what_to_type(capsys, waiting):
    status, _, err = run(capsys, "--resume", waiting.run_id)
    assert status == 1
    assert f"--resume {waiting.run_id} --approve {waiting.pending[0].id}" in err


def test_a_call_is_approved_from_the_command_line(capsys, waiting, home):
    run(capsys, "--resume", waiting.run_id, "--approve", waiting.pending[0].id)
    assert (home.parent / "files" / "a.txt").read_text() == "twelve"


def test_a_call_is_rejected_from_the_command_line(capsys, waiting, home):
    run(capsys, "--resume", waiting.run_id, "--reject", waiting.pending[0].id, "--reason", "no")
    assert not (home.parent / "files" / "a.txt").exists()


def test_runs_are_listed_told_again_branched_and_removed(capsys):
    assert main(["runs", "list"]) == 0
    assert "No runs yet" in capsys.readouterr().err
    run(capsys, "Compute 2 + 3")
    assert main(["runs", "list", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["runs"]
    assert main(["runs", "show", found["id"]]) == 0
    assert "2 + 3 = 5" in capsys.readouterr().out
    assert main(["runs", "show", found["id"], "--json"]) == 0
    events = json.loads(capsys.readouterr().out)["events"]
    assert [events[0]["event"], events[-1]["event"]] == ["Planned", "Finished"]
    assert main(["runs", "branch", found["id"], "1"]) == 0
    new = capsys.readouterr().out.strip()
    assert run(capsys, "--resume", new)[0] == 0
    assert main(["runs", "branch", found["id"], "7"]) == 2
    assert main(["runs", "remove", found["id"], new]) == 0
    capsys.readouterr()
    main(["runs", "list", "--json"])
    assert json.loads(capsys.readouterr().out) == {"runs": []}


def test_chinese(capsys):
    status, out, err = run(capsys, "计算 2 + 3", "--lang", "zh")
    assert status == 0
    assert "计划" in err
    assert "2 + 3 = 5" in out


def test_a_knowledge_base_that_is_not_there_is_told_before_anything_is_done(capsys, home, tmp_path):
    assert run(capsys, "Compute 2 + 3", "--kb", "nowhere")[0] == 2
    (tmp_path / "a.txt").write_text("The gate is shut at ten.", "utf-8")
    library = open_library(home)
    library.add([tmp_path / "a.txt"], kb="house")
    library.close()
    status, _, err = run(capsys, "When is the gate shut?")
    assert status == 2
    assert "house" in err
    assert main(["runs", "list"]) == 0
    assert "No runs yet" in capsys.readouterr().err


def test_quotes_of_one_page_stand_below_one_heading_and_once():
    def cited_as(n, quote, page=1):
        return Citation(n, "Prices", "/prices.csv", page, 0, len(quote), quote, verified=True, document_id=1)

    lines = cited(
        [
            cited_as(1, "| item |"),
            cited_as(1, "| a | 3 |"),
            cited_as(1, "| item |"),
            cited_as(1, "a | 3"),
            cited_as(1, "| b |", page=2),
        ],
        [],
    )
    assert [line.strip() for line in lines] == [
        "[1] ✓ Prices, p. 1", "“| item |”", "“| a | 3 |”", "[1] ✓ Prices, p. 2", "“| b |”"]  # fmt: skip


def test_what_comes_nearest_is_told_apart_from_proof(capsys):
    near = Citation(1, "Prices", "/prices.csv", 1, 0, 9, "a costs 3", verified=True, document_id=1)
    print_result(Result("t", "r", "gave_up", "Nothing was found out.", citations=(near,)))
    shown = capsys.readouterr().out
    assert "Nearest quotes:" in shown
    assert "[1] ○ Prices, p. 1" in shown
    print_result(Result("t", "r", "done", "It costs 3 [1].", citations=(replace(near, sentence="It costs 3."),)))
    shown = capsys.readouterr().out
    assert "Nearest" not in shown
    assert "[1] ✓ Prices, p. 1" in shown


def test_the_list_of_runs_stands_in_columns_in_chinese_too(capsys):
    run(capsys, "Compute 2 + 3")
    run(capsys, "What is the name of the lighthouse keeper's dog?")
    for language in ("en", "zh"):
        assert main(["--lang", language, "runs", "list"]) == 0
        lines = capsys.readouterr().out.splitlines()
        columns = {cell_len(line[: line.index(word)]) for line, word in zip(lines, ("What", "Compute"), strict=True)}
        assert len(columns) == 1


def test_a_call_that_is_to_be_approved_is_shown_whole():
    code = "\n".join(f"print({n})" for n in range(100)) + "\nimport shutil"
    wanted = Call("call_1", "python", {"code": code}, "execute", 1, "k")
    assert json.dumps(code) in lines_of(ApprovalWanted(wanted))[0]
    assert len(lines_of(Called(wanted))[0]) < 250


def typed(waiting, keys, **environment):
    """What a terminal shows in which a person goes on with a run and types `keys`, and the status it ends with."""
    ours, theirs = pty.openpty()
    os.write(ours, keys.encode())
    command = [sys.executable, "-c", "import sys; from agents.cli import main; sys.exit(main())", "run"]
    with open(theirs, "rb+", buffering=0) as terminal:
        status = subprocess.run([*command, "--resume", waiting.run_id], stdin=terminal, stdout=terminal, stderr=terminal,
                                env={**os.environ, "ZHIKU_LANGUAGE": "en", **environment}, timeout=120).returncode  # fmt: skip
    return os.read(ours, 100_000).decode(), status


@pytest.mark.parametrize("keys", ["l\n", "\n"])
def test_a_call_left_for_later_still_waits(waiting, keys):
    told, status = typed(waiting, keys)
    assert "May 'write_file' be called?" in told
    assert f"--resume {waiting.run_id} --approve {waiting.pending[0].id}" in told
    assert status == 1


def test_a_call_is_refused_at_the_terminal_and_the_model_told_why(capsys, waiting, home):
    told, _ = typed(waiting, "n\nNot into that folder\n")
    assert "Why (the model is told)" in told
    assert not (home.parent / "files" / "a.txt").exists()
    assert main(["runs", "show", waiting.run_id, "--json"]) == 0
    assert "Not into that folder" in capsys.readouterr().out


def test_a_person_who_mistypes_arguments_is_asked_again_and_an_editor_left_as_it_was_approves_nothing(waiting, home):
    editor = home.parent / "editor"
    editor.write_text(
        f"#!{sys.executable}\nimport pathlib, sys\nuses = pathlib.Path({str(home.parent / 'uses')!r})\n"
        "done = len(uses.read_text()) if uses.exists() else 0\nuses.write_text('x' * (done + 1))\n"
        """written = ['{"path": ', '{"nope": 1}', None, '{"path": "b.txt", "text": "edited"}'][done]\n"""
        "if written is not None: pathlib.Path(sys.argv[1]).write_text(written + '   ')\n"
    )
    editor.chmod(0o755)
    told, status = typed(waiting, "e\ne\ne\ne\n", EDITOR=str(editor), VISUAL=str(editor))
    assert "That is no valid JSON" in told
    assert "'nope'" in told
    assert "Nothing was changed." in told
    assert "bug of ours" not in told
    assert (home.parent / "files" / "b.txt").read_text() == "edited"
    assert status in (0, 1)  # what the small model makes of it then


def test_ctrl_c_is_told_from_other_ends():
    class Running:
        stopped = 0

        def cancel(self):
            self.stopped += 1

    agent, before = Running(), signal.getsignal(signal.SIGINT)
    with _interruptible(agent) as pressed:
        signal.raise_signal(signal.SIGINT)
    assert (pressed, agent.stopped) == ([signal.SIGINT], 1)
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize(
    ("status", "reason", "line"),
    [("gave_up", "nothing was found", "Gave up: nothing was found"), ("error", "It broke.", "Failed. It broke."),
     ("cancelled", "Stopped by the user.", "Stopped by the user."), ("error", "", "Failed.")])  # fmt: skip
def test_an_end_is_one_sentence(status, reason, line):
    assert _end(status, reason) == line


def test_a_task_done_by_rule_loads_no_library_of_models():
    program = "import sys; from agents.cli import main; main(['run', 'Compute 2 + 3', '-q']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "2 + 3 = 5" in done.stdout
    assert not {"langchain_core", "langsmith", "llama_cpp", "openai"} & set(done.stdout.split())
