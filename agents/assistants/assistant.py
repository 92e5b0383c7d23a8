"""What an assistant consists of. Plain data: names and words, nothing that runs, reaches or opens anything by itself.

As one file it goes to somebody else, and back: such a file is read as data, checked, and trusted in nothing; of models and
tools only those that the reader has already are taken over, by name.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from ingest.errors import UsageError, fault
from ingest.language import Text, say
from ingest.records import to_json
from ingest.selection import Scope

_Line = Annotated[str, Field(max_length=500, pattern=r"^[^\x00-\x1f\x7f]*$")]
_Name = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f\s](?:[^\x00-\x1f\x7f]*\S)?$")]


@dataclass(frozen=True, slots=True)
class Assistant:
    """One assistant. What is left empty is as the settings have it."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    name: _Name
    greeting: Annotated[str, Field(max_length=1000)] = ""
    """Shown before the first question, and said to who asks who this is."""
    instructions: Annotated[str, Field(max_length=8000)] = ""
    """For the model, on manner and tone. What they say proves nothing and loosens no check."""
    kbs: Annotated[tuple[_Name, ...], Field(min_length=1, max_length=50)] = ("default",)
    where: Annotated[str, Field(max_length=2000)] = ""
    """Which documents of theirs (docs/filters.md)."""
    model: _Line = ""
    """By its name; it answers only where it is one of this home's (`agents.llm.models.Models.names`)."""
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.0
    max_tokens: Annotated[int, Field(ge=0, le=100_000)] = 0
    k: Annotated[int, Field(ge=0, le=100)] = 0
    """Passages to look at."""
    tools: Annotated[tuple[_Name, ...], Field(max_length=100)] | None = None
    """In tasks, by name; None: all that the settings allow."""
    effort: Literal["", "quick", "normal", "thorough"] = ""

    @property
    def settings(self) -> dict[str, Any]:
        """Those settings that it has otherwise."""
        named = {"model": self.model, "temperature": self.temperature, "max_tokens": self.max_tokens}
        return {name: value for name, value in named.items() if value}

    def readable(self, kbs: Collection[str]) -> bool:
        """Whether whoever may read `kbs` may know of it: all its knowledge bases are among them."""
        return set(self.kbs) <= set(kbs)

    def to_json(self) -> dict[str, Any]:
        """For keeping; `assistant_of` reads it back. What is empty is left out."""
        return {name: value for name, value in to_json(self).items() if name == "name" or value not in ("", 0, None)}


def assistant_of(data: Mapping[str, Any]) -> Assistant:
    """The assistant in `data`, checked. Raises `UsageError` naming the first field that is wrong or unknown."""
    try:
        found: Assistant = _reader().validate_python(dict(data))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(map(str, first["loc"])) or "assistant"
        raise UsageError(
            Text(f"'{field}' of an assistant: {fault(first).en}.", f"助手的 “{field}” 有误：{fault(first).zh}。"),
            Text("docs/assistants.md lists what an assistant has.", "各项内容见 docs/assistants.zh.md。"),
        ) from error
    Scope.of(found.kbs, found.where)
    return found


@cache
def _reader() -> TypeAdapter[Assistant]:
    return TypeAdapter(Assistant)


FORMAT = "zhiku-assistant"
LONGEST = 200_000
"""Characters of a file that is read."""


def exported(assistant: Assistant) -> str:
    """The file: TOML. An address of a model server stays here; its model's name goes along."""
    import tomlkit

    shared = replace(assistant, model=assistant.model.rpartition("#")[2])
    document = tomlkit.document()
    document[FORMAT] = 1
    for name, value in shared.to_json().items():
        document[name] = tomlkit.string(value, multiline=True) if isinstance(value, str) and "\n" in value else value
    return tomlkit.dumps(document)


def imported(
    text: str, *, models: Collection[str], tools: Collection[str], kbs: Collection[str]
) -> tuple[Assistant, list[str]]:
    """The assistant in a file (TOML, or the same as JSON), and a sentence for each thing in it that is not at hand here:
    such a model or tool is left out, a knowledge base stays named. Raises `UsageError`."""
    try:
        if len(text) > LONGEST:
            raise ValueError(f"more than {LONGEST} characters")
        data = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
        if not isinstance(data, dict) or data.pop(FORMAT, None) != 1:
            raise ValueError(f"no '{FORMAT} = 1'")
    except (ValueError, RecursionError) as error:
        raise UsageError(
            Text(f"This is no file of an assistant: {error}.", f"这不是助手文件：{error}。"),
            Text("Such a file is written by exporting one.", "请使用导出助手得到的文件。"),
        ) from error
    found, notes = assistant_of(data), []
    if found.model and found.model not in models:
        named = [model for model in models if model.rpartition("#")[2] == found.model]
        if not named:
            notes.append(
                say(
                    f"The model '{found.model}' is not here: the configured one answers.",
                    f"此处没有模型 “{found.model}”，将使用已配置的模型。",
                )
            )
        found = replace(found, model=named[0] if named else "")
    if absent := [tool for tool in found.tools or () if tool not in tools]:
        notes.append(
            say(f"Left out, no such tools here: {', '.join(absent)}.", f"已略去此处没有的工具：{'、'.join(absent)}。")
        )
        found = replace(found, tools=tuple(tool for tool in found.tools or () if tool in tools))
    if unknown := [kb for kb in found.kbs if kb not in kbs]:
        notes.append(
            say(
                f"Knowledge bases that are not here yet: {', '.join(unknown)}.",
                f"此处尚无知识库：{'、'.join(unknown)}。",
            )
        )
    return found, notes
