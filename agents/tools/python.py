"""Python as a tool: the code a model writes, run in the sandbox, with what it printed and its last value told back."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from agents.tools.plain import plain
from agents.tools.sandbox import Limits, Sandbox, SandboxResult, Why
from agents.tools.tool import Observation, Tool, ToolContext, ToolError, Wording
from ingest.language import say
from ingest.settings import Settings

MOST = 6_000
"""Characters of output a model is told; its context is small."""
FOLDER = "python"
"""Where in a run's folder the files of its calls are kept, a folder for each call."""


def python_tool(settings: Settings, sandbox: Sandbox | None = None, *, folder: Path | None = None) -> Tool:
    """A tool `python` of risk 'execute': argument `code`, and `files` where there is a `folder` to take them from.

    Files that the code makes are kept in the run's folder and are there again in the run's next call. The tool raises
    `SandboxUnavailable` when called where Python can't be confined and the setting python_unprotected is off,
    `ToolError` for a file that isn't in `folder`.
    """
    runner = sandbox or Sandbox(unprotected=settings.python_unprotected)

    def run(arguments: Mapping[str, Any], context: ToolContext) -> Observation:
        files = _earlier(context, Limits().folder_bytes // 2)
        files |= _chosen(arguments.get("files") or (), folder)
        result = runner.run(_unfenced(str(arguments["code"])), files, context.cancelled, context.seconds)
        return _observed(result, _keep(result, context))

    properties: dict[str, Any] = {"code": {"type": "string", "description": "Python source to run"}}
    chinese = {"code": "要运行的 Python 代码"}
    if folder is not None:
        properties["files"] = {
            "type": "array",
            "items": {"type": "string"},
            "description": "Names of files in the allowed folder to copy next to the code",
            "default": [],
        }
        chinese["files"] = "需要复制到代码旁边的文件名（位于允许的文件夹中）"
    return Tool(
        name="python",
        description="Run Python code and see what it prints and the value of its last expression. Standard library "
        "only; no network and no other programs; files in the current folder only. Each call starts afresh.",
        parameters={"type": "object", "properties": properties, "required": ["code"], "additionalProperties": False},
        run=run,
        risk="execute",
        # Confined code changes nothing but files of its own call, which a repetition of that call doesn't see.
        repeatable=not settings.python_unprotected,
        zh=Wording(
            "运行 Python 代码，返回打印内容和最后一个表达式的值。只有标准库；没有网络，不能启动其他程序；"
            "只能使用当前文件夹中的文件。每次调用都重新开始。",
            chinese,
        ),
    )


def _unfenced(code: str) -> str:
    """Models put a fence round code; it isn't part of it."""
    fenced = re.fullmatch(r"\s*```(?:python|py)?[ \t]*\n(.*?)\n?```\s*", code, re.DOTALL | re.IGNORECASE)
    return fenced[1] if fenced else code


def _earlier(context: ToolContext, room: int) -> dict[str, bytes | Path]:
    """Files that the run's other calls made, the newest of each name, within `room` bytes."""
    calls = context.folder / FOLDER
    files: dict[str, bytes | Path] = {}
    if not calls.is_dir():
        return files
    others = [call for call in calls.iterdir() if call.name != folder_of(context.call_id)]
    for call in sorted(others, key=lambda call: call.stat().st_mtime_ns, reverse=True):
        for path in sorted(call.rglob("*")):
            name = path.relative_to(call).as_posix()
            if path.is_file() and name not in files and (room := room - path.stat().st_size) >= 0:
                files[name] = path
    return files


def _chosen(names: Iterable[str], folder: Path | None) -> dict[str, bytes | Path]:
    """The named files of the allowed folder. Raises `ToolError` for what isn't there or lies outside."""
    files: dict[str, bytes | Path] = {}
    most = Limits().file_bytes
    for name in names:
        path = (folder / name).resolve() if folder else None
        if folder is None or path is None or not path.is_relative_to(folder.resolve()) or not path.is_file():
            raise ToolError(
                en=f"There is no file '{name}' in the allowed folder.", zh=f"允许的文件夹中没有文件 “{name}”。"
            )
        if path.stat().st_size > most:
            raise ToolError(
                en=f"'{name}' has more than {most >> 20} MB, which Python may be given.",
                zh=f"“{name}” 超过 {most >> 20} MB，无法交给 Python。",
            )
        files[path.relative_to(folder.resolve()).as_posix()] = path
    return files


def folder_of(call_id: str) -> str:
    """What the folder of a call's files is called."""
    return re.sub(r"[^\w-]", "_", call_id)[:80] or "call"


def _keep(result: SandboxResult, context: ToolContext) -> list[str]:
    """Write what was made into the call's own folder; the names."""
    if not result.made:
        return []
    own = context.folder / FOLDER / folder_of(context.call_id)
    shutil.rmtree(own, ignore_errors=True)  # of the same call, before a crash
    own.mkdir(parents=True)
    for name, data in result.made.items():
        path = own / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return list(result.made)


def _observed(result: SandboxResult, made: list[str]) -> Observation:
    trouble = _trouble(result)
    parts = [
        result.stdout.rstrip("\n"),
        f"=> {result.value}" if result.value else "",
        f"[stderr]\n{result.stderr.rstrip()}" if result.stderr.strip() else "",
        f"{trouble}\n{result.error}".strip() if result.why != "done" else "",
    ]
    text = "\n".join(part for part in parts if part) or say(
        "It ran and printed nothing. End with an expression, or print what you need.",
        "运行完毕，没有输出。请以表达式结尾，或用 print 输出所需内容。",
    )
    cut = len(text) > MOST
    if cut:  # both ends: the head shows what is printed, the tail says how it ended
        text = f"{text[: MOST // 2]}\n[…]\n{text[-MOST // 2 :]}"
    if made:
        text += say(f"\n[files made: {_names(made)}]", f"\n［生成的文件：{_names(made)}］")
    if left := result.left_out:
        text += say(f"\n[files that could not be kept: {_names(left)}]", f"\n［未能保留的文件：{_names(left)}］")
    data = {"value": result.value, "stdout": result.stdout, "why": result.why, "files": made}
    return Observation(text=text, data=data, error=trouble, truncated=result.truncated or cut)


def _names(files: Sequence[str]) -> str:
    return ", ".join(plain(name).replace("\n", "\ufffd") for name in files[:20]) + (", …" if len(files) > 20 else "")


def _trouble(result: SandboxResult) -> str:
    """Why it failed, in one sentence; '' when it didn't."""
    last = (result.error.splitlines() or [""])[-1][:300]
    refused = result.why == "error" and last.startswith("PermissionError")
    sentences: dict[Why, tuple[str, str]] = {
        "error": (f"The code raised {last}", f"代码抛出异常：{last}"),
        "exit": (f"The code left with status {result.status}.", f"代码以状态 {result.status} 退出。"),
        "time": ("The code took too long and was stopped.", "代码运行时间过长，已停止。"),
        "cpu": ("The code used too much processor time and was stopped.", "代码占用处理器时间过长，已停止。"),
        "memory": ("The code needs more memory than it may have.", "代码所需内存超过上限。"),
        "output": ("The code printed far too much and was stopped.", "代码输出过多，已停止。"),
        "files": (
            "The code wrote more files or bytes than it may and was stopped.",
            "代码写入的文件过多或过大，已停止。",
        ),
        "threads": ("The code started too many threads and was stopped.", "代码启动的线程过多，已停止。"),
        "cancelled": ("It was cancelled.", "已取消。"),
        "crashed": ("The code crashed the interpreter.", "代码使解释器崩溃。"),
    }
    if result.why == "done":
        return ""
    en, zh = sentences[result.why]
    if refused:
        en += " Only files in the current folder can be used; no network and no other programs."
        zh += " 只能使用当前文件夹中的文件，没有网络，不能启动其他程序。"
    return say(en, zh)
