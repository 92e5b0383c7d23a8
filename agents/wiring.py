"""The one place that names concrete classes and puts a platform together."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from agents.platform import Platform
from ingest.settings import default_home, load_settings

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings
    from langchain_core.language_models import BaseChatModel

    from ingest.settings import Settings


def open_platform(
    home: Path | str | None = None, model: BaseChatModel | str | None = None, settings: Settings | None = None
) -> Platform:
    """Put a platform together; see `agents.open_platform`."""
    from ingest import open_library

    folder = Path(home).expanduser().absolute() if home else default_home()
    settings = settings or load_settings(folder)
    if isinstance(model, str):
        settings = dataclasses.replace(settings, model=model)
    library = open_library(folder, settings)

    def chat_model() -> BaseChatModel:
        if model is not None and not isinstance(model, str):
            return model
        from agents.llm import open_model

        return open_model(settings.model, settings, home=folder)

    def embeddings() -> Embeddings:
        from ingest.langchain import LibraryEmbeddings

        return LibraryEmbeddings(library.embedder)

    return Platform(
        library=library,
        settings=settings,
        model=chat_model,
        model_name=settings.model if model is None or isinstance(model, str) else _name_of(model),
        embeddings=embeddings,
    )


def with_model(platform: Platform, model: str) -> Platform:
    """The same library with another language model, named as in the settings; for a menu of models."""
    settings = dataclasses.replace(platform.settings, model=model)

    def chat_model() -> BaseChatModel:
        from agents.llm import open_model

        return open_model(model, settings, home=platform.home)

    return Platform(
        library=platform.library,
        settings=settings,
        model=chat_model,
        model_name=model,
        embeddings=lambda: platform.embeddings,
    )


def _name_of(model: BaseChatModel) -> str:
    """What a LangChain model calls itself."""
    for attribute in ("model_name", "model"):
        if isinstance(name := getattr(model, attribute, None), str) and name:
            return name
    return type(model).__name__
