"""The files that a run has made can be read again, and nothing else can by that way."""

from __future__ import annotations

import pytest

from agents import Policy, ToolError
from agents.tasks.runs import Runs
from agents.tools.files import file_tools
from agents.tools.folder.allowed import open_folder
from agents.tools.python import python_tool
from ingest.settings import Settings
from tests.agents.tasks import stage as loop

MAKES = "open('squares.csv', 'w').write('n,square\\n2,4\\n')"


@pytest.fixture
def run(stage, tmp_path):
    """A run that has written into the user's folder and by Python; its runs and its id."""
    (tmp_path / "files").mkdir()
    folder = open_folder(tmp_path / "files")
    tools = [*file_tools(folder), python_tool(Settings(), folder=folder.root)]
    (folder.root / "mine.txt").write_text("not the run's", "utf-8")
    result, _ = stage.ended(
        loop.ONE,
        loop.call("write_file", path="out/report.md", text="# Draft"),
        loop.call("append_file", path="out/report.md", text="\nDone."),
        loop.call("write_file", path="../outside.md", text="no"),
        loop.call("python", code=MAKES),
        loop.done(),
        "Done.",
        tools=tools,
        policy=Policy(write="allow", execute="allow"),
    )
    return Runs(stage.store, lambda: folder), result.run_id, folder.root


def test_they_are_listed_once_each_and_read(run):
    runs, run_id, _ = run
    found = {file.name: file.read() for file in runs.files(run_id)}
    assert found == {"out/report.md": b"# Draft\nDone.", "squares.csv": b"n,square\n2,4\n"}


def test_one_that_became_a_link_or_went_is_not_read(run, tmp_path):
    runs, run_id, folder = run
    report = next(file for file in runs.files(run_id) if file.name == "out/report.md")
    (folder / "out/report.md").unlink()
    with pytest.raises(ToolError, match=r"no 'out/report\.md'"):
        report.read()
    (tmp_path / "secret").write_text("key", "utf-8")
    (folder / "out/report.md").symlink_to(tmp_path / "secret")
    with pytest.raises(ToolError):
        report.read()


def test_a_folder_that_is_no_longer_allowed_shows_nothing_of_it(run, stage):
    _, run_id, _ = run
    assert [file.name for file in Runs(stage.store).files(run_id)] == ["squares.csv"]
