"""Chat models at LangChain's own interface, with nothing of ours in them: what a user's own model may be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult


class Whole(BaseChatModel):
    """Replies in one piece. A reply is the list of its deltas."""

    replies: list[list[str]]

    @property
    def _llm_type(self) -> str:
        return "plain"

    def _generate(self, *_: Any, **__: Any) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=AIMessage("".join(self.replies.pop(0))))])


class Streamed(Whole):
    """Replies delta by delta."""

    def _stream(self, *_: Any, **__: Any) -> Iterator[ChatGenerationChunk]:
        for delta in self.replies.pop(0):
            yield ChatGenerationChunk(message=AIMessageChunk(delta))


THOUGHT, ANSWER = "maybe 5 days", "Ten days [1]."
WAYS = {
    "tags": ["<think>maybe 5 days</think>", "Ten days [1]."],
    "tags in pieces": ["<thi", "nk>maybe 5 ", "days</th", "ink>\n\nTen days [1]."],
    "an opener over three deltas": ["<tho", "ug", "ht>maybe 5 days</thought>Ten days", " [1]."],
    "a closer that nothing opened": ["maybe 5 ", "days\n", "</thi", "nk>", "\n\nTen days", " [1]."],
    "the same in one line": ["maybe 5 days</think>Ten days [1]."],
}
"""Deltas of a reply that is `THOUGHT`, then `ANSWER`."""
