"""What a tool is: a name, a schema, a risk, and a function from checked arguments to an observation."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from ingest.documents import Hit  # `ingest.records` reads the hints at run time
from ingest.errors import UsageError
from ingest.language import Text, say

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")

Risk = Literal["read", "write", "network", "execute"]
"""What a call can do at worst: look at what the user has; change files; reach beyond this machine; run code."""
RISKS: tuple[str, ...] = get_args(Risk)
"""All of them."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What a call brought back. `text` is what the model reads; the rest is for code and people."""

    text: str
    hits: tuple[Hit, ...] = ()
    """Passages found, which the result may cite."""
    data: Any = None
    """The value as JSON, where there is one."""
    error: str = ""
    """Why the call failed, in one sentence; `text` then says the same to the model. Empty when it went well."""
    truncated: bool = False
    """True when `text` is the beginning of something longer."""


@dataclass(frozen=True, slots=True)
class ToolContext:
    """Where and for whom a call runs."""

    run_id: str
    call_id: str
    idempotency_key: str
    """The same for the same call of the same run, also after a crash: services that know such keys do it once."""
    kb: str
    language: str
    """'zh' or 'en': the language of the task."""
    folder: Path
    """A folder of this run for files it makes; it exists."""
    cancelled: threading.Event
    """Set when the run is to stop: a long call looks at it."""
    seconds: float = 60.0
    """How long the call may take."""


class ToolError(Exception):
    """The tool says no: its message, in the task's language, is told to the model, which may try otherwise.

    Give the message, or both languages' of which the one in force is taken: `ToolError(en="…", zh="…")`.
    """

    def __init__(self, message: str = "", *, en: str = "", zh: str = "") -> None:
        super().__init__(message or say(en, zh))


class BadArguments(ToolError):
    """The arguments don't fit the schema; the message names each problem and the valid form."""


Run = Callable[[Mapping[str, Any], ToolContext], Any]
"""The work itself. Returns an `Observation`, or any value, which is turned into one. Raises `ToolError` for what the model
should know; any other exception is observed as a failure."""


@dataclass(frozen=True, slots=True)
class Wording:
    """A tool's sentences in one more language: small models follow the language of what they read."""

    description: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Name of a parameter to its description."""


@dataclass(frozen=True, slots=True)
class Tool:
    """Something a model may call. Made by `@tool`, `adapt` or the modules beside this one.

    Raises `UsageError` for a name that a provider would refuse and for an unknown risk.
    """

    name: str
    """ASCII letters, digits, '_' and '-', at most 64 characters: what every provider accepts."""
    description: str
    parameters: Mapping[str, Any]
    """JSON schema of an object."""
    run: Run
    risk: Risk = "read"
    repeatable: bool = False
    """True when carrying it out twice does no more than once, though its risk is above 'read'."""

    zh: Wording | None = None
    """The description in Chinese, where there is one."""
    check: Callable[[Mapping[str, Any]], object] | None = None
    """Looks at what a schema can't say; raises `ValueError` (pydantic's is one) or `ToolError`."""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise UsageError(
                Text(
                    f"A tool can't be called '{self.name}': models take 1 to 64 of A-Z a-z 0-9 _ -.",
                    f"工具不能命名为 “{self.name}”：模型只接受 1 至 64 个 A-Z a-z 0-9 _ - 字符。",
                ),
                Text('Give it another: @tool(name="…").', '请另取名称：@tool(name="…")。'),
            )
        if self.risk not in RISKS:
            raise UsageError(
                Text(f"'{self.risk}' is no risk of a tool.", f"“{self.risk}” 不是工具的风险等级。"),
                Text(f"Choose one of {', '.join(RISKS)}.", f"请从 {'、'.join(RISKS)} 中选择。"),
            )

    def as_openai(self, language: str = "en") -> dict[str, Any]:
        """The form that chat models take, worded in `language` ('zh' or 'en') where the tool knows it."""
        description, parameters = self.description, dict(self.parameters)
        if language == "zh" and self.zh:
            description = self.zh.description
            properties = {
                name: {**schema, "description": self.zh.parameters[name]} if name in self.zh.parameters else schema
                for name, schema in parameters.get("properties", {}).items()
            }
            parameters = {**parameters, "properties": properties}
        return {
            "type": "function",
            "function": {"name": self.name, "description": description, "parameters": parameters},
        }
