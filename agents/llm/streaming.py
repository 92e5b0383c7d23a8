"""What the models of ours have in common as LangChain chat models: they stream, and a whole reply is a stream's sum."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langchain_core.language_models.chat_models import BaseChatModel, generate_from_stream
from langchain_core.utils.function_calling import convert_to_openai_tool

from agents.llm.thoughts import ThoughtSplitter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from langchain_core.callbacks import CallbackManagerForLLMRun
    from langchain_core.language_models import LanguageModelInput
    from langchain_core.messages import AIMessage, BaseMessage
    from langchain_core.outputs import ChatResult
    from langchain_core.runnables import Runnable
    from langchain_core.tools import BaseTool


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
        be called. With `parallel_tool_calls=False` a reply holds one call at most."""
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
    pieces = splitter.feed(message.content) + splitter.finish()
    thought = "".join(text for kind, text in pieces if kind != "answer")
    if thought:
        last = (
            max(i for i, piece in enumerate(pieces) if piece.kind == "unsaid")
            if any(piece.kind == "unsaid" for piece in pieces)
            else -1
        )
        message.content = "".join(text for kind, text in pieces[last + 1 :] if kind == "answer")
        message.additional_kwargs["reasoning_content"] = thought
