"""A call from a reply that met its limit is valid by force of the grammar, and not what the model meant: it isn't made."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from agents import open_platform, tool
from ingest.settings import load_settings


class Model(BaseChatModel):
    """Its first `cut` calls are cut off at the limit of tokens."""

    cut: int
    written: list[str] = []

    @property
    def _llm_type(self) -> str:
        return "cut"

    def bind_tools(self, tools: Any, *, tool_choice: Any = None, **kwargs: Any) -> Any:
        return self.bind(tools=list(tools))

    def _generate(
        self, messages: list[BaseMessage], stop: list[str] | None = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        self.written.append(str(messages[-1].content))
        made, reason = ("keep", {"note": "whole"}), "tool_calls"
        if len(self.written) <= self.cut:
            made, reason = ("keep", {"note": "who"}), "length"
        elif len(self.written) == self.cut + 2:
            made = ("step_done", {"finding": "It is kept."})
        call = {"name": made[0], "args": made[1], "id": f"c{len(self.written)}"}
        return _says(AIMessage("", tool_calls=[call], response_metadata={"finish_reason": reason}))


def _says(message: AIMessage) -> ChatResult:
    return ChatResult(generations=[ChatGeneration(message=message)])


def _kept(home: Path, cut: int) -> tuple[str, list[str], list[str]]:
    notes: list[str] = []

    @tool
    def keep(note: str) -> str:
        """Keep a note."""
        notes.append(note)
        return "kept"

    model = Model(cut=cut, written=[])
    settings = dataclasses.replace(load_settings(home), embedder="hashing")
    platform = open_platform(home, model=model, settings=settings)
    result = platform.agent(tools=[keep], builtins=()).run("Keep the note 'whole', or as much as fits.")
    platform.close()
    return result.status, notes, model.written


def test_the_model_is_told_and_does_it_again(tmp_path: Path) -> None:
    status, notes, written = _kept(tmp_path, 1)
    assert (status, notes) == ("done", ["whole"])
    assert "cut off" in written[1]


def test_one_that_never_gets_to_an_end_gives_up(tmp_path: Path) -> None:
    status, notes, _ = _kept(tmp_path, 100)
    assert (status, notes) == ("gave_up", [])
