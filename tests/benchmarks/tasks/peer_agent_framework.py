"""Microsoft's Agent Framework, run by an interpreter that has agent-framework-core.

Tasks come on stdin, a JSON object a line: {"task", "system", "tools": [{"name", "description", "parameters", "ask"}],
"questions": how many the model may be asked}. Meanwhile it asks back on stdout: {"messages", "tools"} → {"text", "calls"}
or {"error"}; {"call", "arguments"} → {"text"}; {"may": tool} → {"yes"}. {"done", "failed", "how"} ends a task. Everything
else is Agent Framework's own default.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from agent_framework import Agent, BaseChatClient, ChatResponse, Content, FunctionInvocationLayer, FunctionTool, Message

OUT = sys.stdout
sys.stdout = sys.stderr
LOCK = threading.Lock()


def asked(wish: dict[str, Any]) -> dict[str, Any]:
    with LOCK:
        OUT.write(json.dumps(wish, ensure_ascii=False, default=str) + "\n")
        OUT.flush()
        answer: dict[str, Any] = json.loads(sys.stdin.readline())
    return answer


class TheirModel(FunctionInvocationLayer, BaseChatClient):
    """The model of whoever started this, behind the calls that the framework carries out itself."""

    def _inner_get_response(
        self, *, messages: Sequence[Message], stream: bool, options: Mapping[str, Any], **_: Any
    ) -> Any:
        if stream:
            raise TypeError("nothing is streamed here")

        async def answered() -> ChatResponse:
            told = [{"role": "system", "content": str(options["instructions"])}] if options.get("instructions") else []
            told += [turn for message in messages for turn in turns(message)]
            offered = (
                [] if options.get("tool_choice") == "none" else [shown(tool) for tool in options.get("tools") or ()]
            )
            reply = await asyncio.to_thread(asked, {"messages": told, "tools": offered})
            if "error" in reply:
                raise RuntimeError(reply["error"])
            contents = [Content.from_text(reply["text"])] if reply["text"] else []
            contents += [
                Content.from_function_call(call["id"] or f"call_{n}", call["name"], arguments=json.dumps(call["args"]))
                for n, call in enumerate(reply["calls"])
            ]
            return ChatResponse(messages=[Message("assistant", contents)])

        return answered()


def shown(tool: FunctionTool) -> dict[str, Any]:
    function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters()}
    return {"type": "function", "function": function}


def turns(message: Message) -> list[dict[str, Any]]:
    """A message as chat completions have it: each result is a message of its own."""
    results = [content for content in message.contents if content.type == "function_result"]
    if results:
        return [{"role": "tool", "tool_call_id": one.call_id, "content": str(one.result)} for one in results]
    calls = [
        {
            "id": one.call_id,
            "type": "function",
            "function": {
                "name": one.name,
                "arguments": one.arguments if isinstance(one.arguments, str) else json.dumps(one.arguments or {}),
            },
        }
        for one in message.contents
        if one.type == "function_call"
    ]
    turn: dict[str, Any] = {"role": str(message.role), "content": message.text or ""}
    return [{**turn, "tool_calls": calls} if calls else turn]


def proxy(tool: dict[str, Any]) -> FunctionTool:
    def call(**arguments: Any) -> str:
        return str(asked({"call": tool["name"], "arguments": arguments})["text"])

    return FunctionTool(
        name=tool["name"],
        description=tool["description"],
        func=call,
        input_model=tool["parameters"],
        approval_mode="always_require" if tool["ask"] else "never_require",
    )


async def carried_out(wish: dict[str, Any]) -> dict[str, Any]:
    client = TheirModel()
    client.function_invocation_configuration["max_iterations"] = wish["questions"]
    agent = Agent(client, instructions=wish["system"], tools=[proxy(tool) for tool in wish["tools"]])
    session = agent.create_session()
    try:
        response = await agent.run(wish["task"], session=session)
        for _ in range(wish["questions"]):
            if not response.user_input_requests:
                break
            verdicts = [
                request.to_function_approval_response(asked({"may": request.function_call.name})["yes"])
                for request in response.user_input_requests
            ]
            response = await agent.run(Message("user", verdicts), session=session)
    except Exception as error:
        return {"done": f"{type(error).__name__}: {error}"[:300], "failed": True, "how": "exception"}
    return {"done": response.text, "failed": False, "how": "done"}


def main() -> None:
    for line in iter(sys.stdin.readline, ""):
        done = asyncio.run(carried_out(json.loads(line)))
        OUT.write(json.dumps(done, ensure_ascii=False) + "\n")
        OUT.flush()


if __name__ == "__main__":
    main()
