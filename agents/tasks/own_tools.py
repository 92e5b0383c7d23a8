"""A user's own tools for a model too small to plan: code decides that a tool is meant, the model fills in its arguments
under a grammar, and only values that stand in the question are taken."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import prompts
from agents.proof.rarity import canonical_terms
from agents.tools.checking import validated
from agents.tools.tool import BadArguments
from ingest.errors import ModelError
from prompts import neutral

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Mapping, Sequence

    from agents.tasks.events import RunEvent
    from agents.tasks.work import Work
    from agents.tools.tool import Tool

_REPLY = 160


class OwnTools:
    """Knows which of an agent's tools are the user's own."""

    def __init__(self, names: Collection[str]) -> None:
        self._names = frozenset(names)

    def call(
        self, goal: str, lang: str, tools: Sequence[Tool], work: Work
    ) -> Generator[RunEvent, None, tuple[Tool, Mapping[str, Any]] | None]:
        """The call of an own tool that `goal` is about; None when it is about none, or the arguments can't be told."""
        tool = self._meant(goal, tools)
        if tool is None:
            return None
        if not tool.parameters.get("properties"):
            return tool, {}
        prompt = prompts.load("use", lang)
        try:
            reply = yield from work.ask(
                prompt,
                prompt.render(goal=neutral(goal)),
                tools=[tool.as_openai(lang)],
                choice="any",
                max_tokens=_REPLY,
            )
        except ModelError:  # it was not needed so far: what the documents say can still be found
            return None
        for name, arguments in reply.calls:
            try:
                checked = validated(tool, arguments).arguments
            except BadArguments:
                continue
            told = _told(checked, tool, goal)
            if name == tool.name and told is not None:
                return tool, told
        return None

    def _meant(self, goal: str, tools: Sequence[Tool]) -> Tool | None:
        """The own tool that shares most words with the goal, if any."""
        asked = canonical_terms(goal)
        scores: list[tuple[float, Tool]] = []
        for tool in tools:
            if tool.name in self._names:
                words = " ".join([re.sub(r"[_-]+", " ", tool.name), tool.description, *_parameters(tool)])
                scores.append((len(asked & canonical_terms(words)) / max(len(asked), 1), tool))
        score, best = max(scores, key=lambda item: item[0], default=(0.0, None))
        return best if score >= 0.25 else None


def _parameters(tool: Tool) -> list[str]:
    return [re.sub(r"[_-]+", " ", name) for name in tool.parameters.get("properties", {})]


def _told(arguments: Mapping[str, Any], tool: Tool, goal: str) -> dict[str, Any] | None:
    """The arguments as the goal has them, None when a required one doesn't stand in it: a small model makes up what it
    doesn't find, and writes 'red_team' where the goal has 'the red team' and the parameter is called `team`."""
    folded = goal.casefold()
    told = dict(arguments)
    for name in tool.parameters.get("required", ()):
        value = told.get(name)
        if isinstance(value, str) and "enum" not in tool.parameters["properties"].get(name, {}):
            words = re.sub(r"[_-]+", " ", value) if value.casefold() not in folded else value
            told[name] = re.sub(rf"\s+{re.escape(name)}$|^{re.escape(name)}\s+", "", words, flags=re.IGNORECASE)
            if not told[name].strip() or told[name].casefold() not in folded:
                return None
        elif isinstance(value, int | float) and not isinstance(value, bool) and f"{value:g}" not in folded:
            return None
    return told
