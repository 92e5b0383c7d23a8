"""A run as a Markdown document that stands by itself, and as the beginning of a conversation."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from agents.chat.answers import Answer
from agents.chat.export import answer_lines
from agents.chat.inert import inert
from agents.tasks.events import Result
from agents.tasks.view import RunView
from ingest.language import say

MARKS = {"open": "☐", "active": "▸", "done": "✓", "failed": "✗", "dropped": "–"}
"""Of a step, by its state."""
_LONGEST = 1200
"""Characters of an observation; the trace has it whole."""


def as_answer(result: Result) -> Answer:
    """The result as a chat's answer, so that a conversation can go on from it."""
    hits = {(hit.document_id, hit.chunk_id): hit for record in result.steps for hit in record.observation.hits}
    return Answer(
        question=result.task,
        standalone_question=result.task,
        text=result.text or result.reason,
        abstained=result.abstained,
        citations=result.citations,
        unsupported_sentences=result.unsupported_sentences,
        hits=tuple(hits.values()),
        model=result.model,
        usage=result.usage,
        timings={"total": result.seconds},
        trace=result.trace,
        notes=() if result.status == "done" else (result.reason,),
    )


def as_markdown(result: Result, view: RunView) -> str:
    """Task, result with its quotes, and how it was reached."""
    told = replace(as_answer(result), hits=())  # which stand below, with the calls that found them
    lines = [f"# {' '.join(result.task.split())}", "", *answer_lines(told)]
    lines += [say(en="## How it was done", zh="## 过程"), ""]
    for found in view.steps:
        step = found.step
        lines.append(f"{step.id}. {MARKS[step.state]} {step.goal}")
        for record in found.records:
            arguments = json.dumps(dict(record.call.arguments), ensure_ascii=False)
            lines.append(f"    - `{record.call.tool}` {_code(arguments)}")
            seen = record.observation.text[:_LONGEST]
            lines += [f"      > {line}" for line in seen.splitlines()]
        if step.finding:
            lines.append(f"    - {' '.join(step.finding.split())}")
    lines += [f"\n{say(en='Plan changed', zh='计划修改')}: {reason}" for reason in view.changes]
    lines += ["", f"{result.run_id} · {result.model} · {result.status} · {result.seconds:.1f} {say(en='s', zh='秒')}"]
    return inert("\n".join(lines).rstrip() + "\n")


def _code(text: str) -> str:
    """As Markdown's code, whatever back-ticks are in it."""
    runs = re.findall("`+", text)
    fence = "`" * (max(map(len, runs), default=0) + 1)
    return f"{fence} {text} {fence}" if runs else f"{fence}{text}{fence}"
