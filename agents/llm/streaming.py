"""What the models of ours have in common as LangChain chat models: they stream, and a whole reply is a stream's sum."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from langchain_core.language_models.chat_models import BaseChatModel, generate_from_stream
from langchain_core.utils.function_calling import convert_to_openai_tool

from agents.llm.thoughts import ThoughtSplitter

if TYPE_CHECKING:
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
