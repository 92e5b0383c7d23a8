"""How much of a prompt will come again: what system message, tools and template make of its beginning."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

_MOST = 32
"""Beginnings remembered; an application has a handful."""
_ANYTHING = "…"
"""Stands for whatever a user might say."""


class Beginnings:
    """Compares prompts with one of the same system message and tools in which the user says something else. So it
    holds for every template, wherever that puts the tools."""

    def __init__(self) -> None:
        """Knows nothing yet."""
        self._samples: dict[str, list[int]] = {}

    def length(
        self,
        tokens: Sequence[int],
        messages: Sequence[Mapping[str, Any]],
        rest: object,
        render: Callable[[list[dict[str, Any]]], list[int]],
    ) -> int:
        """Tokens of the prompt `tokens` of `messages` that will be the same next time; `rest` is all else (JSON) that
        decides about a prompt, `render` makes one's tokens. 0 where there is neither system message nor tool."""
        head = [dict(message) for message in messages if message["role"] == "system"][:1]
        if not head and not rest:
            return 0
        key = json.dumps([head, rest], ensure_ascii=False, default=str)
        sample = self._samples.get(key)
        if sample is None:
            while len(self._samples) >= _MOST:
                self._samples.pop(next(iter(self._samples)), None)
            sample = self._samples[key] = render([*head, {"role": "user", "content": _ANYTHING}])
        least = min(len(sample), len(tokens))
        return next((i for i in range(least) if sample[i] != tokens[i]), least)
