"""Thinking: a chat that answers with proof from the library, on the user's own model.

    from agents import open_platform
    platform = open_platform()
    answer = platform.chat(kb="handbook").ask("年假有几天?")

Importing this loads nothing heavy; a name is resolved when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.chat.answers import Answer, Answered, Event, Found, Quoted, Standalone, Thought, Token, Withdrawn
from agents.llm.usage import Usage
from agents.proof.citations import Citation
from prompts import PromptUse

if TYPE_CHECKING:
    from pathlib import Path

    from langchain_core.language_models import BaseChatModel

    from agents.platform import Platform
    from agents.tools.function import tool
    from ingest.settings import Settings

__all__ = [
    "Answer",
    "Answered",
    "Citation",
    "Event",
    "Found",
    "PromptUse",
    "Quoted",
    "Standalone",
    "Thought",
    "Token",
    "Usage",
    "Withdrawn",
    "open_platform",
    "tool",
]


def __getattr__(name: str) -> object:
    """What most who import this don't need is imported when it is asked for (PEP 562)."""
    if name == "tool":
        from agents.tools.function import tool

        return tool
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def open_platform(
    home: Path | str | None = None,
    model: BaseChatModel | str | None = None,
    settings: Settings | None = None,
) -> Platform:
    """Open the library in `home` and a model beside it (None: the configured ones).

    `model` is a name, the path of a .gguf, an OpenAI-compatible URL, or any LangChain chat model. It is loaded
    when it is first needed. Raises `LibraryUnavailable`, `UsageError`; `ModelError` comes from the first use.
    """
    from agents.platform import open_platform as opened

    return opened(home, model, settings)
