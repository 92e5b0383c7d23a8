"""What an assistant consists of. Plain data: names and words, nothing that runs, reaches or opens anything by itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from ingest.errors import UsageError
from ingest.faults import fault
from ingest.language import Text
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
