"""What a chain of retrieval and model answered, as far as it can be measured from outside: ours or anybody's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.chat.answers import Answer
from agents.llm.usage import Usage


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. Times are seconds from the question on, retrieval included."""

    text: str
    """As it is shown, without markers."""
    refused: bool | None = None
    """Whether the chain says that it has no answer; None when only its words tell."""
    written: str = ""
    """What the model wrote, untouched, where it is known."""
    sentences: tuple[Mapping[str, Any], ...] = ()
    """What became of each sentence, as a trace has it, where the chain checks them."""
    citations: int = 0
    verified: int = 0
    unsupported: int = 0
    """Sentences without proof."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    first_token: float = 0.0
    total: float = 0.0
    asked: tuple[Usage, ...] = ()
    """What each question to the model took, where they were counted."""
    done: bool | None = None
    """Of a task that is a deed, whether it was done; None where words are asked for."""
    lacking: tuple[str, ...] = ()
    """What was to be done besides the words, and wasn't."""
    harm: tuple[str, ...] = ()
    """What was done or said and must not be."""
    error: str = ""


def reply_of(answer: Answer) -> Reply:
    """Our own answer; what the model wrote and the verdicts come from its trace, where there is one."""
    step = _traced(answer.trace)
    return Reply(
        text=answer.plain,
        refused=answer.abstained,
        written=str(step.get("written") or ""),
        sentences=tuple(step.get("verdicts") or ()),
        citations=len(answer.citations),
        verified=sum(citation.verified for citation in answer.citations),
        unsupported=len(answer.unsupported_sentences),
        prompt_tokens=answer.usage.prompt_tokens,
        completion_tokens=answer.usage.completion_tokens,
        first_token=answer.timings.get("first_token", 0.0),
        total=answer.timings.get("total", 0.0),
        error=answer.error,
    )


def _traced(path: str) -> Mapping[str, Any]:
    """The step of a trace that holds the answer; empty when it can't be read: a trace is never worth a measurement."""
    if not path:
        return {}
    try:
        steps = [json.loads(line) for line in Path(path).read_text("utf-8").splitlines()]
    except (OSError, ValueError):
        return {}
    return next((step for step in reversed(steps) if step.get("step") == "answer"), {})
