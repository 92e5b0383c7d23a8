"""Quotes and sentences with what became of them, as a terminal lists them below an answer and below a task's result."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from agents.chat.answers import Answer
from agents.proof.checking import CheckedSentence
from agents.proof.sources import Citation
from ingest.language import say

_SIGNS = {"supported": "✓", "quote": "○", "no claim": "·"}
"""What stands before a sentence; of all others a '!'."""


def told(text: str, verdict: str, why: str) -> str:
    """A sentence with its sign, and the reason in words where it has no tick."""
    reason = "" if verdict in {"supported", "no claim"} else say(f" ({why})", f"（{why}）")
    return f"{_SIGNS.get(verdict, '!')} {text}{reason}"


def cited(
    citations: Sequence[Citation],
    unsupported: Sequence[str] = (),
    sentences: Sequence[CheckedSentence] = (),
    *,
    shown: str = "",
    quoted: bool = False,
    bases: bool = False,
) -> list[str]:
    """The lines; none when there is nothing to list. Quotes of one page that follow each other stand below one heading,
    each once and not again as part of a longer one or of `shown`, the text above. `unsupported` is listed where `sentences` are not known; `quoted`: the
    quotes stand for themselves and prove no sentence; `bases`: of several knowledge bases, which are named."""
    lines: list[str] = []
    above = " ".join(shown.replace("\n> ", "\n").split())
    verdicts = {one.text: one.verdict for one in sentences}

    def heading(one: Citation) -> str:
        phrase = not one.verified and verdicts.get(one.sentence) == "quote"
        sign = "○" if phrase or (quoted and one.verified) else "✓" if one.verified else "!"
        page, base = str(one.source), f"{one.kb} · " if bases and one.kb else ""
        title = f"[{one.n}] {sign} {base}{one.document}"
        return say(f"{title}, {page}", f"{title}，{page}")

    for named, group in groupby(citations, heading):
        lines.append("\n" + named)
        quotes = list(dict.fromkeys(" ".join(citation.quote.split()) for citation in group if citation.quote))
        longer = [above, *quotes]
        lines += [f"    “{one}”" for one in quotes if not any(one in other for other in longer if other != one)]
    if listed := unproven(sentences, unsupported):
        lines.append("\n" + say("Not proven by the documents:", "文档未能证实："))
        lines += [f"  {line}" for line in listed]
    return lines


def unproven(sentences: Sequence[CheckedSentence], unsupported: Sequence[str] = ()) -> list[str]:
    """What has no tick, a line for each; `unsupported` where `sentences` are not known."""
    lines = [told(one.text, one.verdict, one.why) for one in sentences if one.verdict not in {"supported", "no claim"}]
    return lines if sentences else [f"! {sentence}" for sentence in unsupported]


def written(answer: Answer) -> list[str]:
    """What the model wrote where that is not the answer, sentence by sentence; none where it is."""
    if not answer.written:
        return []
    if any(sentence.supported for sentence in answer.sentences):
        heading = say("The model wrote, without answering the question:", "模型写的内容（未回答问题）：")
    else:
        heading = say("The model wrote, without proof:", "模型写的内容（未经证实）：")
    lines = [told(one.text, one.verdict, one.why) for one in answer.sentences] or answer.written.splitlines()
    return [heading, *(f"    {line}" for line in lines)]
