"""A conversation as a Markdown document that stands by itself: questions, answers, quotes, pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.language import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agents.chat.answers import Answer
    from agents.chat.conversation import Conversation, StoredTurn


def as_markdown(conversation: Conversation, turns: Sequence[StoredTurn]) -> str:
    """The whole conversation."""
    lines = [f"# {conversation.title or say(en='Conversation', zh='对话')}", ""]
    lines += [say(en=f"Knowledge base: {conversation.kb}", zh=f"知识库：{conversation.kb}"), ""]
    for turn in turns:
        lines += [f"## {' '.join(turn.answer.question.split())}", "", f"*{turn.asked}*", "", *answer_lines(turn.answer)]
        if turn.feedback.thumb or turn.feedback.note:
            thumb = {"up": "👍", "down": "👎", None: ""}[turn.feedback.thumb]
            lines += [f"{thumb} {turn.feedback.note}".strip(), ""]
    return "\n".join(lines).rstrip() + "\n"


def answer_lines(answer: Answer) -> list[str]:
    """One answer with its quotes below, and what nothing supports."""
    lines = [answer.text, ""]
    for citation in answer.citations:
        page = str(citation.source)
        tick = "✓" if citation.verified else "✗"
        where = say(en=f"{citation.document}, {page}", zh=f"{citation.document}，{page}")
        lines.append(f"- [{citation.n}] {tick} {where} ({citation.path})")
        lines += [f"  > {line}" for line in citation.quote.splitlines()]
    if answer.citations:
        lines.append("")
    if answer.unsupported_sentences:
        lines.append(say(en="Not supported by the documents:", zh="文档中没有依据的句子："))
        lines += [f"- {sentence}" for sentence in answer.unsupported_sentences]
        lines.append("")
    if answer.error:
        lines += [f"⚠ {answer.error}", ""]
    return lines
