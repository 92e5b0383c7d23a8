"""A file of cases, one JSON object a line: written as they come, so that a run goes on where it was cut off;
and the circumstances that have to be the same for two of them to belong together."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel

from agents.evaluation.cases import Case, Key, judged
from agents.evaluation.questions import Question
from agents.evaluation.replies import Reply
from ingest.errors import UsageError, ZhikuError
from ingest.language import Text
from ingest.records import from_json, to_json
from ingest.settings import SECRET, Settings


class Record:
    """The cases of one run, in memory and, with a `path`, in a file."""

    def __init__(self, run: Mapping[str, Any], path: Path | None = None) -> None:
        """Takes up what the file holds. Raises `UsageError` when it can't be read or was written under other circumstances
        than `run` (another model, version or settings): such cases must not be mixed."""
        self._run: dict[str, Any] = to_json(run)
        self._path = path
        self._cases: dict[Key, Case] = {}
        if path is not None and path.exists():
            for case in read_cases(path):
                if dict(case.run) != self._run:
                    raise _another_run(path, case.run, self._run)
                self._cases[case.key] = case
            _drop_torn_line(path)

    @property
    def run(self) -> Mapping[str, Any]:
        """The circumstances."""
        return self._run

    @property
    def cases(self) -> list[Case]:
        """All of them, in the order they were asked."""
        return list(self._cases.values())

    def knows(self, name: str, chain: str, question: Question) -> bool:
        """Whether the question was asked already, and did not fail."""
        case = self._cases.get((name, chain, question.id or question.question))
        return case is not None and not case.reply.error

    def case(self, name: str, chain: str, question: Question, ask: Callable[[Question], Reply]) -> Case:
        """The case on record, or a new one that `ask` replies to; a chain that fails is a case with an error. Raises
        `UsageError` when it can't be written down."""
        if self.knows(name, chain, question):
            return self._cases[name, chain, question.id or question.question]
        try:
            reply = ask(question)
        except ZhikuError as error:
            reply = Reply("", error=str(error))
        case = judged(question, reply, name=name, chain=chain)
        self.add(case)
        return case

    def add(self, case: Case) -> None:
        """Keep a case that was judged elsewhere, as one of this run. Raises `UsageError` when it can't be written down."""
        case = replace(case, run=self._run)
        self._cases[case.key] = case
        if self._path is not None:
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                with self._path.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(to_json(case), ensure_ascii=False) + "\n")
            except OSError as error:
                raise UsageError(
                    Text(f"{self._path} can't be written: {error}.", f"无法写入 {self._path}：{error}。")
                ) from error


def read_cases(path: Path) -> list[Case]:
    """The cases of a record, the latest of each question; a last line without its end was cut off and is left out.
    Raises `UsageError` when the file can't be read or is no record."""
    try:
        whole, _, _ = path.read_text("utf-8").rpartition("\n")
        found = [from_json(Case, json.loads(line)) for line in whole.splitlines() if line.strip()]
    except (OSError, ValueError, TypeError) as error:
        raise UsageError(
            Text(f"{path} is no record of answers: {error}.", f"{path} 不是回答记录：{error}。"),
            Text(
                "Such a file is written by `zhiku eval answers --out FILE`.",
                "此类文件由 `zhiku eval answers --out FILE` 写出。",
            ),
        ) from error
    return list({case.key: case for case in found}.values())


def _drop_torn_line(path: Path) -> None:
    data = path.read_bytes()
    if data and not data.endswith(b"\n"):
        with contextlib.suppress(OSError), path.open("r+b") as file:
            file.truncate(data.rfind(b"\n") + 1)


def _another_run(path: Path, there: Mapping[str, Any], here: Mapping[str, Any]) -> UsageError:
    name = next(key for key in [*here, *there] if here.get(key) != there.get(key))
    return UsageError(
        Text(
            f"{path} was written with {name} = {there.get(name)!r}, and this run has {here.get(name)!r}.",
            f"{path} 记录时 {name} 为 {there.get(name)!r}，本次为 {here.get(name)!r}。",
        ),
        Text(
            "Name another file; the two can then be compared with --compare.",
            "请改用另一个文件；两者可用 --compare 比较。",
        ),
    )


PRIVATE = SECRET | {"chroma_url", "tools_folder", "mcp_servers"}
"""Settings that are nobody's business or this machine's alone."""


def circumstances(name: str, model: BaseChatModel, settings: Settings) -> dict[str, Any]:
    """Version, model (of a file its name, size and `identity` too) and the settings that are not the default, as JSON.
    `name` is the model's as it may be shown. Loads nothing."""
    from agents.llm.chat_model import GgufChat
    from agents.llm.gguf import identity
    from agents.llm.names import displayed

    told: dict[str, Any] = {"version": version("zhiku"), "model": name}
    if isinstance(model, GgufChat):
        file = model.header.path
        told |= {"model": file.name, "bytes": file.stat().st_size, "identity": identity(file)}
    told["settings"] = {
        field.name: displayed(value) if isinstance(value, str) else value
        for field in dataclasses.fields(settings)
        if field.name not in PRIVATE | {"model"} and (value := getattr(settings, field.name)) != field.default
    }
    return told
