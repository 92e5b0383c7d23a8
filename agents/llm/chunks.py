"""What a chat model of ours streams: text, thoughts, tool calls, and a last chunk with usage and reason."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from langchain_core.messages import AIMessageChunk
from langchain_core.messages.ai import UsageMetadata
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGenerationChunk

if TYPE_CHECKING:
    from langchain_core.callbacks import CallbackManagerForLLMRun


def text_chunk(kind: str, text: str) -> ChatGenerationChunk:
    """A piece of the answer, or of the thoughts (`kind` 'thought')."""
    if kind == "thought":
        return ChatGenerationChunk(message=AIMessageChunk(content="", additional_kwargs={"reasoning_content": text}))
    return ChatGenerationChunk(message=AIMessageChunk(content=text))


def call_chunk(index: int, name: str, args: Mapping[str, Any] | str, call_id: str) -> ChatGenerationChunk:
    """A whole tool call; `args` as an object or as the JSON text of one."""
    text = args if isinstance(args, str) else json.dumps(args, ensure_ascii=False)
    part = tool_call_chunk(name=name, args=text, id=call_id, index=index)
    return ChatGenerationChunk(message=AIMessageChunk(content="", tool_call_chunks=[part]))


def malformed_chunk(index: int, text: str, problem: str, call_id: str) -> ChatGenerationChunk:
    """A failed call, for LangChain's `invalid_tool_calls`: `args` says what is wrong and what the model wrote.

    The words come first because LangChain mends JSON that is merely cut off, and a mended call is a wrong one.
    """
    return call_chunk(index, "", f"Malformed call ({problem}): {text}", call_id)


def last_chunk(
    model: str, *, asked: int, cached: int, said: int, reason: str, problem: str = ""
) -> ChatGenerationChunk:
    """The end of a reply: tokens of the prompt, of it taken from the cache, of the reply, and why it ended.

    `problem`: why it isn't the JSON that was asked for; in the metadata as 'structure_problem', if there is one.
    """
    usage = UsageMetadata(
        input_tokens=asked,
        output_tokens=said,
        total_tokens=asked + said,
        input_token_details={"cache_read": cached},
    )
    metadata = {"finish_reason": reason, "model_name": model, "model_provider": "zhiku"}
    if problem:
        metadata["structure_problem"] = problem
    message = AIMessageChunk(content="", usage_metadata=usage, response_metadata=metadata, chunk_position="last")
    return ChatGenerationChunk(message=message, generation_info={"finish_reason": reason})


def announce(chunk: ChatGenerationChunk, run_manager: CallbackManagerForLLMRun | None) -> ChatGenerationChunk:
    """Tell LangChain's callbacks about `chunk` and hand it on."""
    if run_manager:
        run_manager.on_llm_new_token(chunk.text, chunk=chunk)
    return chunk
