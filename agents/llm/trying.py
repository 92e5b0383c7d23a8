"""Three questions to a model, as a person would try one: does it read, in both languages, does it reckon, and how fast?"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage

_NOTE = "The reading room opens at 7:40 and closes at 18:15. 阅览室每周三休息。"
QUESTIONS = (
    (f"{_NOTE}\n\nWhen does the reading room close? Answer with the time alone.", "18:15"),
    (f"{_NOTE}\n\n阅览室星期几休息？只回答星期几。", "三"),
    ("How much is 18 + 24? Answer with the number alone.", "42"),
)
"""What is asked, and what a right answer holds."""
_LONGEST = 48
"""Tokens of an answer: enough for a short sentence, short enough to wait for. Thoughts are cut off with it."""
_FILE = "model-speed.json"


@dataclass(frozen=True, slots=True)
class Tried:
    """One question of the three."""

    question: str
    answer: str
    right: bool
    seconds: float
    """Until the answer was there."""
    first: float
    """Until its first token."""
    tokens: int

    @property
    def speed(self) -> float:
        """Tokens a second while it wrote; 0 for an answer of one token."""
        return (self.tokens - 1) / (self.seconds - self.first) if self.tokens > 1 and self.seconds > self.first else 0.0


def tried(model: BaseChatModel, cancel: threading.Event) -> Iterator[Tried]:
    """Ask them one after the other, until `cancel` is set. Raises `ModelError`."""
    # A file thinks first unless told otherwise; what a server does is its owner's business.
    options: dict[str, Any] = {"template_arguments": {"enable_thinking": False}} if hasattr(model, "header") else {}
    for question, expected in QUESTIONS:
        if cancel.is_set():
            return
        began = time.monotonic()
        first, text, tokens = 0.0, "", 0
        for chunk in model.stream([HumanMessage(question)], max_tokens=_LONGEST, cancel=cancel, **options):
            if chunk.content or chunk.additional_kwargs.get("reasoning_content"):
                first = first or time.monotonic() - began
                tokens += 1
                text += str(chunk.content)
        seconds = time.monotonic() - began
        yield Tried(question.rpartition("\n")[2], text.strip(), expected in text, seconds, first or seconds, tokens)


def remember_speed(home: Path, size: int, speed: float) -> None:
    """Keep what a trial has measured: a model of `size` bytes writes `speed` tokens a second on this machine. The best counts:
    others may have kept it busy."""
    best = max(size * speed, reading_speed(home))
    (home / _FILE).write_text(json.dumps({"bytes_per_second": best}), "utf-8")


def reading_speed(home: Path) -> float:
    """Bytes of weights that this machine reads in a second while it writes, by the best trial; 0 before there was one."""
    try:
        return float(json.loads((home / _FILE).read_text("utf-8"))["bytes_per_second"])
    except (OSError, ValueError, LookupError, TypeError):
        return 0.0
