"""Tool-calling records in the form of the Berkeley Function-Calling Leaderboard (BFCL).

A record has `id`, `question` (turns, each a list of chat messages), `function` (what is offered) and `ground_truth`
(per expected call, `{function: {parameter: [accepted values]}}`; `[]` where no call is right). A conversation has
`involved_classes` in place of `function` (the functions of each class stand in `functions_by_class.json` beside the
file), and per turn a list of calls written in Python.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from agents.evaluation.jsonl import read
from ingest.errors import UsageError
from ingest.language import Text

CLASSES = "functions_by_class.json"

FORM = Text(
    en='One JSON object a line: {"id": …, "question": [[{"role": …, "content": …}]], "function": […], '
    '"ground_truth": […]}.',
    zh='每行一个 JSON 对象：{"id": …, "question": [[{"role": …, "content": …}]], "function": […], "ground_truth": […]}。',
)

_TYPES = {"dict": "object", "float": "number", "tuple": "array", "any": "string"}
"""Types as Python names them → as JSON Schema does."""

_UNFIT = re.compile(r"[^A-Za-z0-9_-]")
"""What providers refuse in the name of a tool."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function offered to the model."""

    name: str
    """As the file has it, dots and all."""
    offered: str
    """As the model gets to know it."""
    description: str
    parameters: Mapping[str, Any]
    """JSON schema of an object."""

    def as_openai(self) -> dict[str, Any]:
        """The form that chat models take."""
        return {
            "type": "function",
            "function": {"name": self.offered, "description": self.description, "parameters": dict(self.parameters)},
        }


@dataclass(frozen=True, slots=True)
class Expected:
    """One right call."""

    name: str
    accepted: Mapping[str, Sequence[Any]]
    """Parameter → the values that are right; `""` among them: it may be left out."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What is said, and the calls that are right as a reply to it."""

    messages: tuple[Mapping[str, str], ...]
    expected: tuple[Expected, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """A line of the file."""

    id: str
    functions: tuple[Function, ...]
    turns: tuple[Turn, ...]
    conversation: bool = False
    """Several turns over tools that have a state."""


def read_records(path: Path, limit: int | None = None) -> list[Record]:
    """The records of a JSONL file. Raises `UsageError` naming the first line that is none."""

    @cache
    def classes() -> Mapping[str, list[dict[str, Any]]]:
        beside = path.with_name(CLASSES)
        try:
            found: dict[str, list[dict[str, Any]]] = json.loads(beside.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise UsageError(
                Text(en=f"{beside} can't be read: {error}.", zh=f"无法读取 {beside}：{error}。"),
                Text(
                    en="Conversations name classes of tools; their functions stand in that file.",
                    zh="多轮对话只给出工具类名，其函数列在该文件中。",
                ),
            ) from error
        return found

    def record(line: dict[str, Any]) -> Record:
        return _conversation(line, classes()) if "involved_classes" in line else _single(line)

    return read(path, record, FORM, limit)


def _single(line: dict[str, Any]) -> Record:
    messages = tuple(message for turn in line["question"] for message in turn)
    expected = tuple(Expected(str(name), accepted) for call in line["ground_truth"] for name, accepted in call.items())
    return Record(str(line["id"]), offered(line["function"]), (Turn(messages, expected),))


def _conversation(line: dict[str, Any], classes: Mapping[str, list[dict[str, Any]]]) -> Record:
    excluded = set(line.get("excluded_function") or ())
    listed = [f for name in line["involved_classes"] for f in classes[name] if f["name"] not in excluded]
    functions = offered(listed)
    turns = tuple(
        Turn(tuple(said), tuple(expected_of(call, functions) for call in calls))
        for said, calls in zip(line["question"], line["ground_truth"], strict=True)
    )
    return Record(str(line["id"]), functions, turns, conversation=True)


def offered(functions: Iterable[Mapping[str, Any]]) -> tuple[Function, ...]:
    """Functions of a record with their types as JSON Schema names them, under names every provider accepts."""
    found: list[Function] = []
    taken: set[str] = set()
    for function in functions:
        name = str(function["name"])
        plain = fit = _UNFIT.sub("_", name)
        number = 2
        while fit in taken:
            fit, number = f"{plain}_{number}", number + 1
        taken.add(fit)
        parameters = as_json_schema(function.get("parameters") or {"type": "dict", "properties": {}})
        found.append(Function(name, fit, str(function.get("description") or ""), parameters))
    return tuple(found)


def as_json_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A schema whose types are named as in Python, in JSON Schema's names; all else stays."""
    mapped: dict[str, Any] = dict(schema)
    if isinstance(kind := schema.get("type"), str):
        mapped["type"] = _TYPES.get(kind, kind)
    if isinstance(properties := schema.get("properties"), dict):
        mapped["properties"] = {name: as_json_schema(inner) for name, inner in properties.items()}
    if isinstance(items := schema.get("items"), dict):
        mapped["items"] = as_json_schema(items)
    return mapped


def expected_of(source: str, functions: Sequence[Function]) -> Expected:
    """A call written in Python; arguments without a name take the names the function's description has in their
    places. Raises ValueError when it is no such call, or of none of the functions."""
    tree = ast.parse(source.strip(), mode="eval").body
    name = ast.unparse(tree.func) if isinstance(tree, ast.Call) else ""
    function = next((f for f in functions if f.name == name), None)
    if function is None or not isinstance(tree, ast.Call):
        message = f"not a call of one of the functions: {source}"
        raise ValueError(message)
    names = list(function.parameters.get("properties") or ())
    values = {names[place]: ast.literal_eval(value) for place, value in enumerate(tree.args)}
    values |= {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in tree.keywords}
    return Expected(name, {key: [_accepted(value)] for key, value in values.items()})


def _accepted(value: Any) -> Any:
    """A value in the form of an accepted one: each key of an object has a list of them."""
    if isinstance(value, dict):
        return {key: [_accepted(inner)] for key, inner in value.items()}
    return [_accepted(item) for item in value] if isinstance(value, list | tuple) else value
