"""What the models of ours have in common as LangChain chat models: they stream text, thoughts, tool calls and a last chunk
with usage and reason, and a whole reply is a stream's sum."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import LanguageModelInput
from langchain_core.language_models.chat_models import BaseChatModel, generate_from_stream
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool

from agents.llm.thoughts import ThoughtSplitter


class StreamingChat(BaseChatModel):
    """Implement `_stream`."""

    @property
    def accepts_cancel(self) -> bool:
        """`cancel=` may be passed to `invoke` and `stream`."""
        return True

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | dict[str, Any] | list[str] | bool | None = None,
        **kwargs: Any,  # noqa: ANN401
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """`tool_choice`: 'auto', 'none', 'any' (also 'required', True), a tool's name, or a list of names of which one must
        be called. A reply may hold several calls where none is forced, unless `parallel_tool_calls=False`, and one where
        one is, unless `parallel_tool_calls=True`."""
        return self.bind(tools=[convert_to_openai_tool(tool) for tool in tools], tool_choice=tool_choice, **kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002  # tokens are told of when somebody streams
        **kwargs: Any,  # noqa: ANN401
    ) -> ChatResult:
        result = generate_from_stream(self._stream(messages, stop, **kwargs))
        for generation in result.generations:
            _settle(generation.message)
        return result


def _settle(message: BaseMessage) -> None:
    """Move to the thoughts what a closing tag that nothing has opened shows to be one: in a whole reply that can be told,
    in a stream what was said can't be taken back."""
    if not isinstance(message.content, str) or message.additional_kwargs.get("reasoning_content"):
        return
    splitter = ThoughtSplitter(lone=True)
    thought = said = ""
    for kind, text in splitter.feed(message.content) + splitter.finish():
        if kind == "answer":
            said += text
        else:  # 'unsaid' is all that was said so far
            thought, said = thought + text, ""
    if thought:
        message.content = said
        message.additional_kwargs["reasoning_content"] = thought


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
        input_tokens=asked, output_tokens=said, total_tokens=asked + said, input_token_details={"cache_read": cached}
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
