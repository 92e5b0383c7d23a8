"""LangChain's own agent on a chat model of ours: what small files really write comes out as calls."""

from __future__ import annotations

import pytest
from langchain.agents import create_agent
from langchain_core.tools import tool

from agents.llm.calls import HERMES
from agents.llm.prompting.messages import as_template_messages
from agents.llm.prompting.prompting import Prompt
from agents.llm.prompting.reply import Reply
from agents.llm.streaming import StreamingChat

WRITTEN = [  # Qwen2.5-Coder 0.5B and 1.5B, tools bound, nothing forced
    '{"name": "headcount", "arguments": {"team": "Hydrology"}}',
    '```json\n{\n  "name": "headcount",\n  "arguments": {\n    "team": "Hydrology"\n  }\n}\n```',
    '<tool_call>\n{"name": "headcount", "arguments": {"team": "Hydrology"}}\n</tool_call>',
    'To find out, I call the tool:\n\n```json\n{"name": "headcount", "parameters": {"team": "Hydrology"}}\n```',
]


class _Replies(StreamingChat):
    """Gives the bytes of one reply after the other through the product's own reading."""

    replies: list[str]
    seen: list[list]

    @property
    def _llm_type(self) -> str:
        return "replies"

    def _stream(self, messages, stop=None, run_manager=None, *, tools=(), **kwargs):
        self.seen.append(as_template_messages(messages))
        schemas = {item["function"]["name"]: item["function"]["parameters"] for item in tools}
        reply = Reply(Prompt([], calls=HERMES, schemas=schemas), [])
        text = self.replies[len(self.seen) - 1].encode()
        for i in range(0, len(text), 4):
            yield from reply.feed(text[i : i + 4])
        yield from reply.finish("stop")


@tool
def headcount(team: str) -> int:
    """How many people work in a team."""
    return {"Hydrology": 14}[team]


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("written", WRITTEN)
def test_a_call_as_a_small_model_writes_it_is_carried_out(written, streamed) -> None:
    model = _Replies(replies=[written, "14 people."], seen=[])
    asked = {"messages": [("user", "How many people work in Hydrology?")]}
    agent = create_agent(model, [headcount])
    if streamed:
        *_, (_, last) = agent.stream(asked, stream_mode=["messages", "values"])
        messages = last["messages"]
    else:
        messages = agent.invoke(asked)["messages"]
    assert [message.type for message in messages] == ["human", "ai", "tool", "ai"]
    assert (messages[2].content, messages[3].content) == ("14", "14 people.")
    assert [m["role"] for m in model.seen[1]] == ["user", "assistant", "tool"]
    assert model.seen[1][1]["tool_calls"][0]["function"] == {"name": "headcount", "arguments": {"team": "Hydrology"}}
