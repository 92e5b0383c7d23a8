"""A chat model that follows a script of faults (tests/faults/agent_scripts.py), and what a run with it came to."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import PrivateAttr

from tests.faults import agent_scripts as scripts

MOST_CALLS = 100
"""Of the model; a loop that wants more is called endless."""


class Endless(RuntimeError):
    """The model was asked more often than anyone should."""


class FaultyChat(BaseChatModel):
    """Replies by a script. `role_of` says what is asked for: 'act', 'structure', or other words to reply with."""

    script: Any
    finish: Callable[[str], dict[str, Any]]
    """Done, in the loop's own way: a reply, from the finding."""
    role_of: Callable[[Sequence[BaseMessage], Sequence[str]], tuple[str, str]]
    """(role, what to reply unless the script says otherwise), from the messages and the names of the tools."""

    _acted: int = PrivateAttr(default=0)
    _structured: int = PrivateAttr(default=0)
    _asked: int = PrivateAttr(default=0)

    @property
    def asked(self) -> int:
        return self._asked

    @property
    def _llm_type(self) -> str:
        return "faulty"

    def bind_tools(self, tools: Any, *, tool_choice: Any = None, **kwargs: Any) -> Any:
        return self.bind(tools=[convert_to_openai_tool(tool) for tool in tools], **kwargs)

    def _generate(
        self, messages: list[BaseMessage], stop: list[str] | None = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        self._asked += 1
        if self._asked > MOST_CALLS:
            raise Endless
        names = [tool["function"]["name"] for tool in kwargs.get("tools") or ()]
        role, words = self.role_of(messages, names)
        if role == "act":
            message = self._act(messages)
        elif role == "structure" and self.script.structure:
            at = min(self._structured, len(self.script.structure) - 1)
            self._structured += 1
            message = AIMessage(self.script.structure[at])
        else:
            message = AIMessage(words)
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _act(self, messages: Sequence[BaseMessage]) -> AIMessage:
        reply = self.script.act[min(self._acted, len(self.script.act) - 1)]
        self._acted += 1
        if "finish" in reply:
            reply = self.finish(scripts.finished(reply, " ".join(str(m.content) for m in messages)))
        if "raise" in reply:
            raise ConnectionError(reply["raise"])
        return as_message(reply, self._acted)


def as_message(reply: dict[str, Any], number: int) -> AIMessage:
    """A reply as LangChain models give it."""
    if "broken" in reply:
        try:
            json.loads(reply["arguments"])
            problem = "the arguments are no object"
        except ValueError as error:
            problem = str(error)
        bad = {"name": reply["broken"], "args": reply["arguments"], "id": f"c{number}", "error": problem}
        return AIMessage("", invalid_tool_calls=[{**bad, "type": "invalid_tool_call"}])
    if "calls" in reply:
        made = [
            {"name": name, "args": arguments, "id": f"c{number}_{i}"}
            for i, (name, arguments) in enumerate(reply["calls"])
        ]
        return AIMessage("", tool_calls=made)
    return AIMessage(reply["text"])


def ended(text: str, *, told: str = "") -> str:
    """What a run that came to an end came to: `told`, when the loop itself said it did not succeed."""
    if told:
        return f"says so: {told}"
    return "right" if scripts.ANSWER in text else "as if done"
