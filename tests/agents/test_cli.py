"""The command `zhiku`: statuses, messages, JSON, the settings file."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from agents.cli import main
from agents.settings_file import set_value
from ingest.errors import UsageError


def test_help_names_every_command_and_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    listed = capsys.readouterr().out.rpartition(":\n")[2]
    assert [line.split()[0] for line in listed.splitlines() if line.strip()] == [
        "app",
        "ask",
        "doctor",
        "eval",
        "models",
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


def test_a_setting_is_changed_and_the_rest_of_the_file_kept(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('# mine\nk = 5  # few\nmodel = "a#b"   # old\n')
    set_value(file, "model", 'C:\\models\\"x".gguf')
    text = file.read_text()
    assert text.startswith("# mine\nk = 5  # few\nmodel = ")
    assert text.endswith("   # old\n")
    assert tomllib.loads(text) == {"k": 5, "model": 'C:\\models\\"x".gguf'}
    file.write_text("k = = 5\n")
    with pytest.raises(UsageError):
        set_value(file, "model", "x")
    assert file.read_text() == "k = = 5\n"
