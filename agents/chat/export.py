"""A conversation as a Markdown document that stands by itself: questions, answers, quotes, pages."""

from __future__ import annotations

from collections.abc import Sequence

from agents.chat.answers import Answer
from agents.chat.conversation import Conversation, StoredTurn
from agents.chat.inert import inert
from agents.proof.checking import CheckedSentence
from ingest.language import say
from ingest.pages import local_time, page_name


def as_markdown(conversation: Conversation, turns: Sequence[StoredTurn]) -> str:
    """The whole conversation. What a model or a document wrote in it is not carried out when somebody opens it."""
    lines = [f"# {conversation.title or say(en='Conversation', zh='对话')}", ""]
    lines += [say(en=f"Knowledge base: {conversation.kb}", zh=f"知识库：{conversation.kb}"), ""]
    for turn in turns:
        lines += [f"## {' '.join(turn.answer.question.split())}", "", f"*{local_time(turn.asked)}*", ""]
        lines += answer_lines(turn.answer)
        if turn.feedback.thumb or turn.feedback.note:
            thumb = {"up": "👍", "down": "👎", None: ""}[turn.feedback.thumb]
            lines += [f"{thumb} {turn.feedback.note}".strip(), ""]
    return inert("\n".join(lines).rstrip() + "\n")


def answer_lines(answer: Answer) -> list[str]:
    """One answer with its quotes below, and what nothing supports, each with the reason; last, what the model wrote where
    that is not the answer."""
    lines = [answer.text, ""]
    quotes = answer.extractive or answer.abstained
    if answer.extractive:
        lines += [say(en="*Closest quotes – judge for yourself.*", zh="*最接近的原文，请自行判断。*"), ""]
    elif answer.abstained and (answer.citations or answer.nearest):
        lines += [say(en="*Nearest in the documents:*", zh="*文档中最接近的内容：*"), ""]
    signs = ["!" if not one.verified else "○" if quotes else "✓" for one in answer.citations]
    cited = zip(signs, answer.citations, strict=True)
    shown = [(f"[{one.n}] {sign} {one.document}", str(one.source), one.path, one.quote) for sign, one in cited]
    shown += [(hit.document, page_name(hit.page, hit.label), hit.path, hit.text) for hit in answer.nearest]
    for name, page, path, text in shown:
        lines.append(say(en=f"- {name}, {page} ({path})", zh=f"- {name}，{page}（{path}）"))
        lines += [f"  > {line}" for line in text.splitlines()]
    lines += [""] if shown else []
    judged = [] if answer.written or quotes else _unproven(answer.sentences)
    if unproven := judged or [f"- {sentence}" for sentence in answer.unsupported_sentences]:
        lines += [say(en="Not proven by the documents:", zh="文档未能证实的句子："), "", *unproven, ""]
    if answer.written:
        lines += [say(en="The model wrote, and this is not the answer:", zh="模型写的内容（不作为回答）："), ""]
        lines += [*(f"> {line}".rstrip() for line in answer.written.splitlines()), "", *_unproven(answer.sentences), ""]
    if answer.error:
        lines += [f"⚠ {answer.error}", ""]
    return lines


def _unproven(sentences: Sequence[CheckedSentence]) -> list[str]:
    """An item for each sentence without proof, with the reason."""
    found = [one for one in sentences if one.verdict not in {"supported", "no claim"}]
    return [say(en=f"- {one.text} ({one.why})", zh=f"- {one.text}（{one.why}）") for one in found]
