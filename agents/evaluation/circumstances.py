"""Under which circumstances a run was made: what has to be the same for two of its cases to belong together."""

from __future__ import annotations

import dataclasses
from importlib.metadata import version
from typing import Any

from langchain_core.language_models import BaseChatModel

from ingest.settings import SECRET, Settings

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
