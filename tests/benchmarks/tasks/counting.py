"""Counts what a chat model is asked, whoever asks, and stops whoever asks too long."""

from __future__ import annotations

import time
from typing import Any

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.language_models import BaseChatModel
from langchain_core.outputs import LLMResult

from agents.llm.usage import Usage


class TooLong(RuntimeError):
    """A task has taken its time."""


class Counter(BaseCallbackHandler):
    """Set as the callbacks of the models that it counts."""

    raise_error = True

    def __init__(self, seconds: float, *models: BaseChatModel) -> None:
        """`seconds`: after which a task's next question raises `TooLong`."""
        self._seconds = seconds
        self._began = 0.0
        self._asked: list[Usage] = []
        for model in models:
            self.count(model)

    def count(self, model: BaseChatModel) -> None:
        """Count one more model."""
        model.callbacks = [self]

    def begin(self) -> None:
        """A task begins."""
        self._began, self._asked = time.monotonic(), []

    def ended(self) -> tuple[list[Usage], float]:
        """What its questions took, and the seconds."""
        return self._asked, time.monotonic() - self._began

    def on_chat_model_start(self, *_: Any, **__: Any) -> None:
        if time.monotonic() - self._began > self._seconds:
            message = f"The task has taken more than {self._seconds:g} s."
            raise TooLong(message)

    def on_llm_end(self, response: LLMResult, **_: Any) -> None:
        told = getattr(getattr(response.generations[0][0], "message", None), "usage_metadata", None) or {}
        cached = int((told.get("input_token_details") or {}).get("cache_read") or 0)
        self._asked.append(Usage(int(told.get("input_tokens", 0)), cached, int(told.get("output_tokens", 0))))
