"""Tries each mode of constraint on small tasks with one model, and says which serves it best.

A schema enforced from the first token makes every reply valid and can halve how many are right: a small model that may
not say a word first guesses. Which of the two weighs more is a matter of the model, so it is measured.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, get_args

from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage

from agents.llm.probing.profiles import Profile
from agents.llm.probing.tasks import TASKS, Task
from agents.llm.prompting.wishes import Mode

_AT_ONCE = 4
"""Tasks in one batch; they decode together."""
_TOKENS: dict[Mode, int] = {"hard": 64, "late": 128, "free": 96}
_ENOUGH = 8
"""Tasks below which nothing can be said."""
_CLEARLY = 2
"""Tasks by which another mode must be ahead of `hard`, which is the quickest and always valid."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one reply was worth."""

    valid: bool
    right: bool


class Probe:
    """One probe of one model; `cancel` it from any thread."""

    def __init__(self, model: BaseChatModel, *, tasks: Sequence[Task] = TASKS, seconds: float = 60.0) -> None:
        """`model` takes `constraint` and `cancel`. After `seconds` (loading not counted) the tasks that are done decide:
        a large model on a processor would take an hour for all."""
        # Every seventh, so that what is done in time is a mixture.
        self._tasks = [tasks[i * 7 % len(tasks)] for i in range(len(tasks))] if len(tasks) % 7 else list(tasks)
        self._model, self._seconds = model, seconds
        self._stop = threading.Event()
        self._cancelled = False
        self._lock = threading.Lock()
        self._done = 0

    def cancel(self) -> None:
        """Stop the replies in progress; `run` gives None."""
        self._cancelled = True
        self._stop.set()

    def run(self, show: Callable[[int, int], None] | None = None) -> Profile | None:
        """Ask everything in every mode; `show` gets replies done and in all. None if cancelled, or when too little was
        done in time. Raises `ModelError` when the model can't be loaded."""
        self._model.invoke(".", max_tokens=1)  # loads it, or says why not
        began = time.monotonic()
        results: list[dict[Mode, Outcome]] = []

        def ask(task: Task) -> None:
            found: dict[Mode, Outcome] = {}
            for mode in get_args(Mode):  # one after another: they share the beginning of the prompt
                asked = {"constraint": mode, "cancel": self._stop, "max_tokens": _TOKENS[mode], **_options(task)}
                outcome = judged(task, self._model.invoke(task.prompt, **asked))
                if self._stop.is_set():
                    return
                found[mode] = outcome
                with self._lock:
                    self._done += 1
                    if show:
                        show(self._done, len(self._tasks) * len(get_args(Mode)))
            results.append(found)

        watch = threading.Timer(self._seconds, self._stop.set)
        watch.start()
        pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="probe")
        try:
            for _ in pool.map(ask, self._tasks):
                pass
        except BaseException:
            self.cancel()
            raise
        finally:
            watch.cancel()
            pool.shutdown(cancel_futures=True)
        enough = len(results) >= min(_ENOUGH, len(self._tasks))
        return _profile(results, time.monotonic() - began) if enough and not self._cancelled else None


def judged(task: Task, reply: AIMessage) -> Outcome:
    """Whether a reply has the form asked for, and says the right thing."""
    if task.tool:
        if reply.invalid_tool_calls or not reply.tool_calls:
            return Outcome(valid=False, right=False)
        call = reply.tool_calls[0]
        return Outcome(valid=True, right=call["name"] == task.tool and _same(call["args"], task.expected))
    if reply.response_metadata.get("structure_problem"):
        return Outcome(valid=False, right=False)
    return Outcome(valid=True, right=_same(json.loads(str(reply.content)), task.expected))


def _options(task: Task) -> dict[str, Any]:
    if not task.tool:
        schema = _object(task.properties)
        return {"response_format": {"type": "json_schema", "json_schema": {"name": "reply", "schema": schema}}}
    tools = {task.tool: task.properties, **task.more_tools}
    listed = [
        {
            "type": "function",
            "function": {"name": name, "description": name.replace("_", " "), "parameters": _object(p)},
        }
        for name, p in sorted(tools.items())
    ]
    return {"tools": listed, "tool_choice": "any"}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _same(found: Any, expected: Any) -> bool:  # noqa: ANN401
    if isinstance(expected, dict):
        return isinstance(found, dict) and all(_same(found.get(key), value) for key, value in expected.items())
    if isinstance(expected, list):
        return isinstance(found, list) and len(found) == len(expected) and all(map(_same, found, expected))
    if isinstance(expected, str):
        words = str(found).casefold().strip()
        return bool(words) and expected.casefold() in words
    return bool(found == expected)


def _profile(results: list[dict[Mode, Outcome]], seconds: float) -> Profile:
    modes: tuple[Mode, ...] = get_args(Mode)
    right: dict[str, int] = {mode: sum(found[mode].right for found in results) for mode in modes}
    valid: dict[str, int] = {mode: sum(found[mode].valid for found in results) for mode in modes}
    others: tuple[Mode, ...] = ("late", "free")
    best = max(others, key=lambda mode: right[mode])
    chosen: Mode = best if right[best] >= right["hard"] + _CLEARLY else "hard"
    return Profile(chosen, len(results), right, valid, round(seconds, 1))
