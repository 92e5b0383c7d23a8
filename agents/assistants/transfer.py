"""An assistant as one file for somebody else, and back. A file is read as data, checked, and trusted in nothing: of models
and tools only those that the reader has already are taken over, by name."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Collection
from dataclasses import replace

from agents.assistants.assistant import Assistant, assistant_of
from ingest.errors import UsageError
from ingest.language import Text, say

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
