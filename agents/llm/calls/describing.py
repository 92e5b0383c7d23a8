"""Tools for models whose template knows none: described in the system prompt, called as the Hermes family does.

How the families write their calls themselves: the other files here.
"""

from __future__ import annotations

import json
from typing import Any

from agents.llm.calls.marked_json import CLOSE, OPEN

_DESCRIPTION = """\
You may call tools. Each line below is one tool as JSON:
{tools}

To call a tool, reply with one such block per call and nothing else:
<tool_call>
{{"name": "<name of the tool>", "arguments": {{<its arguments as a JSON object>}}}}
</tool_call>
A tool's result comes back between <tool_response> and </tool_response>. Call a tool only when it is needed."""


def described(tools: list[dict[str, Any]]) -> str:
    """What to tell a model whose template knows no tools."""
    lines = "\n".join(json.dumps(tool["function"], ensure_ascii=False) for tool in tools)
    return _DESCRIPTION.format(tools=lines)


def written_out(message: dict[str, Any]) -> dict[str, Any]:
    """A message with tool calls or a tool's result as plain text, for templates that know neither."""
    if message["role"] == "tool":
        return {"role": "user", "content": f"<tool_response>\n{message['content']}\n</tool_response>"}
    calls = message.get("tool_calls") or []
    if not calls:
        return message
    blocks = [f"{OPEN}\n{json.dumps(call['function'], ensure_ascii=False)}\n{CLOSE}" for call in calls]
    content = "\n".join([part for part in (message["content"],) if part] + blocks)
    return {"role": message["role"], "content": content}
