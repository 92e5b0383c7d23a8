"""Tool calls as models of the Hermes and Qwen family write them: `<tool_call>{"name": …, "arguments": …}</tool_call>`.

Other models are asked, in the system prompt, to write them the same way.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from agents.llm.thoughts import sure_length

OPEN, CLOSE = "<tool_call>", "</tool_call>"

_DESCRIPTION = """\
You may call tools. Each line below is one tool as JSON:
{tools}

To call a tool, reply with one such block per call and nothing else:
<tool_call>
{{"name": "<name of the tool>", "arguments": {{<its arguments as a JSON object>}}}}
</tool_call>
A tool's result comes back between <tool_response> and </tool_response>. Call a tool only when it is needed."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call as the model wrote it."""

    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Malformed:
    """Something that was meant as a call and is none."""

    text: str


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


def parse(text: str) -> list[Call | Malformed]:
    """The calls in the inside of one block: an object, or a list of them as SmolLM2 writes it."""
    try:
        # strict=False: models put real line breaks into JSON strings
        found = json.loads(text.strip(), strict=False)
    except ValueError:
        return [Malformed(text.strip())]
    return [_call(item) for item in (found if isinstance(found, list) else [found])]


def _call(item: object) -> Call | Malformed:
    whole = json.dumps(item, ensure_ascii=False)
    if not isinstance(item, dict) or not isinstance(item.get("name"), str):
        return Malformed(whole)
    arguments = item.get("arguments", item.get("parameters", {}))
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments or "{}", strict=False)
        except ValueError:
            return Malformed(whole)
    arguments = {} if arguments is None else arguments
    return Call(item["name"], arguments) if isinstance(arguments, dict) else Malformed(whole)


class CallStream:
    """Takes the blocks out of a streaming reply."""

    def __init__(self) -> None:
        self._held = ""
        self._inside = False

    def feed(self, text: str) -> list[str | Call | Malformed]:
        """Text that is certainly not part of a call, and calls that are complete, in order."""
        self._held += text
        found: list[str | Call | Malformed] = []
        while True:
            mark = CLOSE if self._inside else OPEN
            before, hit, after = self._held.partition(mark)
            if not hit:
                break
            self._held, self._inside = after, not self._inside
            if mark is CLOSE:
                found += parse(before)
            elif before.strip():
                found.append(before.rstrip())
        if not self._inside:
            # Blank lines before a block belong to the block, so they wait too.
            cut = sure_length(self._held, OPEN)
            if self._held[:cut]:
                found.append(self._held[:cut])
            self._held = self._held[cut:]
        return found

    def finish(self) -> list[str | Call | Malformed]:
        """What was held back; a call cut off at the end counts if it is complete but for its closing tag."""
        held, self._held = self._held, ""
        if self._inside:
            return list(parse(held)) if held.strip() else []
        return [held] if held else []
