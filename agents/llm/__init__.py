"""GGUF models in this process, and OpenAI-compatible servers beyond it, as LangChain chat models.

`open_model` is the one place that names classes. All it returns share an interface beyond LangChain's:
`describe()` gives one line for people, reasoning arrives as `additional_kwargs["reasoning_content"]`, usage carries
`input_token_details["cache_read"]`, `response_metadata["finish_reason"]` is stop, length, tool_calls, cancelled or
repetition (a small model running in circles), and `cancel=` (anything with `is_set()`) may be passed to
`invoke` and `stream`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel

    from ingest.settings import Settings

__all__ = ["open_model"]


def open_model(name: str, settings: Settings, *, home: Path | None = None) -> BaseChatModel:
    """The chat model called `name`: 'bundled', a GGUF file, one lying in `home`/models, or `http://host/v1#model`;
    several of those with commas between them share the work.

    A file is checked here (a few milliseconds) and loaded at the first question. Raises `ModelError`.
    """
    from agents.llm.names import Served, resolve

    source = resolve(name, home)
    if isinstance(source, Served):
        from agents.llm.servers.opening import open_served

        return open_served(source, settings)
    from agents.llm.chat_model import open_file

    return open_file(source.path, source.name, settings, home)
