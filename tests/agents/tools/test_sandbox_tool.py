"""Python as a tool of an agent: what the model is told, in its language, and what stays in the run's folder."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from agents import ToolContext, ToolError
from agents.tools.carrying import carry_out
from agents.tools.python import MOST, python_tool
from agents.tools.sandbox import Limits, Protections, Sandbox, SandboxUnavailable
from ingest.language import speaking
from ingest.settings import Settings

MISSING = Protections.here().missing()
confined = pytest.mark.skipif(MISSING is not None, reason=str(MISSING))


@pytest.fixture
def context(tmp_path: Path) -> ToolContext:
    folder = tmp_path / "run"
    folder.mkdir()
    return ToolContext(
        run_id="r", call_id="call_1", idempotency_key="k", kb="default", language="en", folder=folder,
        cancelled=threading.Event(),
    )  # fmt: skip


@confined
def test_value_and_output(context: ToolContext) -> None:
    seen = carry_out(python_tool(Settings()), {"code": "print('a')\n[n * n for n in range(4)]"}, context)
    assert seen.text == "a\n=> [0, 1, 4, 9]"
    assert seen.data["value"] == "[0, 1, 4, 9]"
    assert not seen.error


@confined
@pytest.mark.parametrize("code", ["```python\n6 * 7\n```", "```\n6 * 7```", "  ```py\n6 * 7\n```\n", "6 * 7"])
def test_a_fence_round_the_code(code: str, context: ToolContext) -> None:
    assert carry_out(python_tool(Settings()), {"code": code}, context).text == "=> 42"


@confined
def test_files_that_lie_too_deep_are_named(context: ToolContext) -> None:
    code = "import os\npath = '/'.join('abcdefghij')\nos.makedirs(path)\nopen(path + '/f', 'w').close()"
    seen = carry_out(python_tool(Settings()), {"code": code}, context)
    assert "[files that could not be kept: a/b/c/" in seen.text
    assert seen.data["files"] == []


@confined
def test_an_error_a_model_can_mend(context: ToolContext) -> None:
    seen = carry_out(python_tool(Settings()), {"code": "rows = [1, 2]\nrows[5]"}, context)
    assert seen.error == "The code raised IndexError: list index out of range"
    assert "line 2: rows[5]" in seen.text
    assert "agents" not in seen.text


@confined
@pytest.mark.parametrize(
    ("code", "language", "words"),
    [
        ("open('/etc/passwd')", "en", "Only files in the current folder can be used; no network"),
        ("open('/etc/passwd')", "zh", "只能使用当前文件夹中的文件"),
        ("import socket; socket.socket()", "en", "no network"),
        ("pass", "en", "printed nothing"),
        ("pass", "zh", "没有输出"),
        ("import time; time.sleep(60)", "zh", "运行时间过长"),
        ("x = bytearray(10 ** 10)", "en", "more memory than it may have"),
        ("import os; os._exit(3)", "zh", "以状态 3 退出"),
        ("import ctypes; ctypes.string_at(0)", "en", "crashed the interpreter"),
    ],
)
def test_what_is_told(code: str, language: str, words: str, context: ToolContext) -> None:
    tool = python_tool(Settings(), Sandbox(Limits(seconds=1 if "sleep" in code else 60)))
    seen = carry_out(tool, {"code": code}, replace(context, language=language))
    assert words in seen.text
    assert bool(seen.error) == (code != "pass")


@confined
def test_long_output_keeps_both_ends(context: ToolContext) -> None:
    seen = python_tool(Settings()).run({"code": "for n in range(3000): print('line', n)\n1 / 0"}, context)
    assert len(seen.text) <= MOST + 100
    assert seen.truncated
    assert seen.text.startswith("line 0\n")
    assert seen.text.endswith("ZeroDivisionError: division by zero")


@confined
def test_files_are_there_again_in_the_next_call(context: ToolContext) -> None:
    tool = python_tool(Settings())
    first = carry_out(tool, {"code": "open('表.csv', 'w').write('a,b')"}, context)
    assert first.text.endswith("[files made: 表.csv]")
    second = carry_out(tool, {"code": "open('表.csv').read()"}, replace(context, call_id="call_2"))
    assert second.text == "=> 'a,b'"
    assert [p.name for p in context.folder.rglob("*") if p.is_file()] == ["表.csv"]


@confined
def test_the_same_call_again_does_no_more(context: ToolContext) -> None:
    """After a crash a run repeats its last call: what that call made before isn't given to it."""
    tool = python_tool(Settings())
    assert tool.repeatable
    for _ in range(2):
        seen = carry_out(tool, {"code": "open('log', 'a').write('x')\nopen('log').read()"}, context)
        assert seen.data["value"] == "'x'"
    assert (context.folder / "python/call_1/log").read_text() == "x"


@confined
def test_a_call_id_from_outside_names_no_path(context: ToolContext) -> None:
    carry_out(python_tool(Settings()), {"code": "open('x', 'w').close()"}, replace(context, call_id="../../../up"))
    assert [p.relative_to(context.folder).as_posix() for p in context.folder.rglob("x")] == ["python/_________up/x"]


@confined
def test_a_files_name_is_one_line(context: ToolContext) -> None:
    seen = carry_out(python_tool(Settings()), {"code": "open('a\\nNew instructions: \\x1b[2J', 'w').close()"}, context)
    assert seen.text.splitlines()[-1].startswith("[files made: a\ufffdNew instructions")
    assert "\x1b" not in seen.text


@confined
def test_files_of_the_allowed_folder(context: ToolContext, tmp_path: Path) -> None:
    allowed = tmp_path / "allowed"
    (allowed / "sub").mkdir(parents=True)
    (allowed / "sub/data.csv").write_text("1,2")
    (tmp_path / "secret").write_text("s")
    (allowed / "link").symlink_to(tmp_path / "secret")
    tool = python_tool(Settings(), folder=allowed)
    code = "open('sub/data.csv').read()"
    assert carry_out(tool, {"code": code, "files": ["sub/data.csv"]}, context).text == "=> '1,2'"
    for name in ("../secret", str(tmp_path / "secret"), "link", "nothing", "sub"):
        with pytest.raises(ToolError, match="no file"):
            tool.run({"code": "1", "files": [name]}, context)
    assert "files" not in python_tool(Settings()).parameters["properties"]


def test_it_refuses_where_it_cannot_be_confined(context: ToolContext) -> None:
    tool = python_tool(Settings(), Sandbox(protections=Protections("darwin", "aarch64")))
    with pytest.raises(SandboxUnavailable):
        tool.run({"code": "1"}, context)
    seen = carry_out(tool, {"code": "1"}, context)
    assert "python_unprotected = true" in seen.error
    assert "无法隔离" in carry_out(tool, {"code": "1"}, replace(context, language="zh")).error


@pytest.mark.skipif(os.name != "posix", reason="POSIX only")
def test_the_user_may_allow_it(context: ToolContext) -> None:
    tool = python_tool(
        Settings(python_unprotected=True),
        Sandbox(protections=Protections("darwin", "aarch64"), unprotected=True),
    )
    assert not tool.repeatable
    assert carry_out(tool, {"code": "1 + 1"}, context).text == "=> 2"


def test_what_a_model_sees_of_it() -> None:
    tool = python_tool(Settings())
    assert (tool.name, tool.risk) == ("python", "execute")
    assert tool.parameters["required"] == ["code"]
    with speaking("zh"):
        assert "标准库" in tool.as_openai("zh")["function"]["description"]
