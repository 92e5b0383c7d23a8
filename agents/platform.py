"""The platform: a library and a language model, and what they do together."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from agents.chat import Chat
from agents.history import Conversations
from agents.similarity import Closeness
from agents.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from langchain_core.embeddings import Embeddings
    from langchain_core.language_models import BaseChatModel

    from ingest.library import Library
    from ingest.settings import Settings

BUNDLED = "bundled"


class Platform:
    """Made by `agents.open_platform`, which puts the parts in. The model is loaded when it is first needed."""

    def __init__(
        self,
        *,
        library: Library,
        settings: Settings,
        model: Callable[[], BaseChatModel],
        model_name: str,
        embeddings: Callable[[], Embeddings],
    ) -> None:
        self.library = library
        self.settings = settings
        self.model_name = model_name
        """What the user called the model."""
        self._open_model = model
        self._open_embeddings = embeddings
        self._closeness: dict[str, Closeness] = {}

    @property
    def home(self) -> Path:
        """The folder everything is kept in."""
        return self.library.home

    @cached_property
    def chat_model(self) -> BaseChatModel:
        """The language model as LangChain has it. Raises `ModelError` when it is missing or broken."""
        return self._open_model()

    @cached_property
    def embeddings(self) -> Embeddings:
        """The library's embedder as LangChain has it."""
        return self._open_embeddings()

    @cached_property
    def conversations(self) -> Conversations:
        """Earlier conversations."""
        return Conversations(self.home)

    @property
    def extractive(self) -> bool:
        """True when the model is the small bundled one, whose answers are sentences quoted from the documents."""
        return self.model_name == BUNDLED

    def chat(self, kb: str = "default", conversation: str | None = None, k: int | None = None) -> Chat:
        """Questions to one knowledge base. With the id of a conversation, earlier turns are read from it and new ones
        are kept in it. Several chats may run in several threads; the model serves them in turn."""
        embedder = self.library.embedder_of(kb)
        key = embedder.identity.key
        if key not in self._closeness:
            self._closeness[key] = Closeness(embedder, lambda: self.library.calibration(embedder))
        writer = Writer(
            lambda: self.chat_model,
            self.model_name,
            small=self.extractive,
            context=self.settings.context,
            max_tokens=self.settings.max_tokens,
        )
        return Chat(
            self.library,
            writer,
            kb=kb,
            k=k or self.settings.k,
            closeness=self._closeness[key],
            traces=self.home / "traces",
            memory=self.conversations if conversation else None,
            conversation=conversation,
        )

    def close(self) -> None:
        """Close what is open; the object is not used afterwards."""
        if "conversations" in self.__dict__:
            self.conversations.close()
        self.library.close()
