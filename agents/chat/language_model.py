"""A language model as a platform uses it: opened when it is first needed, under certain settings."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.chat.writer import Writer
from agents.llm.abilities import small
from agents.llm.names import BUNDLED, displayed
from agents.proof.entailment import Judges
from ingest.settings import Settings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


class LanguageModel:
    """`name` is what the user calls it; `open_model` opens the one that settings name, or gives always the same."""

    def __init__(self, name: str, settings: Settings, open_model: Callable[[Settings], BaseChatModel]) -> None:
        self.name = name
        self.settings = settings
        self._open_model = open_model

    @cached_property
    def chat(self) -> BaseChatModel:
        """As LangChain has it. Raises `ModelError` when it is missing or broken."""
        return self._open_model(self.settings)

    @property
    def shown(self) -> str:
        """Its name as it may be shown and recorded: an address without its password."""
        return displayed(self.name)

    @cached_property
    def extractive(self) -> bool:
        """True when it is too small to write, as the bundled one is: answers are then sentences quoted from the documents.
        Opens any other."""
        return self.name == BUNDLED or small(lambda: self.chat)

    @cached_property
    def judges(self) -> Judges | None:
        """Who votes on sentences that the rules leave open, as the setting `verifier` says; None for nobody. A model that it
        names is loaded here, and exported the first time. Raises `ModelError`."""
        if self.settings.verifier == "off":
            return None
        if self.settings.verifier != "auto":
            from ingest.verifying.verifier import Verifier, VerifierJudges

            return VerifierJudges(Verifier(self.settings.verifier))
        if self.name == BUNDLED:
            return None
        from agents.llm.judging.judges import ModelJudges

        return ModelJudges(lambda: self.chat)

    def writer(self, instructions: str = "") -> Writer:
        """It at work on answers, in the manner that an assistant's `instructions` say."""
        return Writer(
            lambda: self.chat,
            self.shown,
            small=lambda: self.extractive,
            context=self.settings.context,
            max_tokens=self.settings.max_tokens,
            first_token_target=self.settings.first_token_target,
            instructions=instructions,
        )

    def with_settings(
        self, changes: Mapping[str, Any], open_model: Callable[[Settings], BaseChatModel]
    ) -> LanguageModel:
        """Another one, under changed settings; `open_model` opens it where they name another model."""
        other = "model" in changes
        settings = dataclasses.replace(self.settings, **changes)
        return LanguageModel(
            settings.model if other else self.name, settings, open_model if other else self._open_model
        )

    def close(self) -> None:
        """Let go of what judges."""
        if (opened := self.__dict__.get("judges")) is not None:
            opened.close()


def open_configured(settings: Settings, home: Path) -> BaseChatModel:
    """The model that the settings name."""
    from agents.llm import open_model

    return open_model(settings.model, settings, home=home)
