"""llama-cpp-python's own handler for tool calls on the same file: `chatml-function-calling`, which holds calls by grammar."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from tests.benchmarks.bfcl.calling import Reply

if TYPE_CHECKING:
    from collections.abc import Sequence

    from langchain_core.messages import BaseMessage

    from agents.llm.chat_model import GgufChat
    from tests.benchmarks.bfcl.records import Function


class _TooLong(Exception):
    """The handler sets no bound to the arguments of a call."""


class ThroughLlamaCpp:
    """See `tests.benchmarks.bfcl.calling.Caller`."""

    def __init__(self, model: GgufChat, tokens: int) -> None:
        """The file, context and threads of `model`; a reply of more than `tokens` is stopped."""
        from llama_cpp import Llama

        self._tokens = tokens
        self._left = 0
        self._llama = Llama(
            str(model.header.path),
            n_ctx=model.context_tokens,
            n_threads=model.engine.load().threads.number,
            chat_format="chatml-function-calling",
            verbose=False,
        )

    def __call__(self, messages: Sequence[BaseMessage], functions: Sequence[Function], /) -> Reply:
        from langchain_core.messages import convert_to_openai_messages
        from llama_cpp import LogitsProcessorList

        begun, self._left = time.monotonic(), self._tokens
        asked: Any = convert_to_openai_messages(list(messages))
        tools: Any = [function.as_openai() for function in functions]
        try:
            found: Any = self._llama.create_chat_completion(
                asked,
                tools=tools,
                tool_choice="auto",
                temperature=0.0,
                max_tokens=self._tokens,
                logits_processor=LogitsProcessorList([self._counted]),
            )
        except _TooLong:
            return Reply(malformed=(f"longer than {self._tokens} tokens",), seconds=time.monotonic() - begun)
        except Exception as error:  # the handler's own: a context that is too small, a schema it can't hold
            return Reply(malformed=(f"{type(error).__name__}: {error}"[:200],), seconds=time.monotonic() - begun)
        message = found["choices"][0]["message"]
        calls, malformed = [], []
        for call in message.get("tool_calls") or ():
            try:
                calls.append((call["function"]["name"], json.loads(call["function"]["arguments"])))
            except ValueError:
                malformed.append(str(call["function"]["arguments"])[:200])
        return Reply(
            tuple(calls),
            tuple(malformed),
            str(message.get("content") or ""),
            time.monotonic() - begun,
            found["usage"]["completion_tokens"],
        )

    def _counted(self, _: Any, scores: Any) -> Any:
        self._left -= 1
        if self._left < 0:
            raise _TooLong
        return scores

    def close(self) -> None:
        self._llama.close()
