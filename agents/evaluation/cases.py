"""One question put to one chain, judged: a line of a record of runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from agents.evaluation.gold import folded, gold_recall, language_read, refuses, repeated
from agents.evaluation.questions import Question
from agents.evaluation.replies import Reply

Outcome = Literal["right", "says so", "wrong"]
"""Of a case: as it should be; not, and whoever reads the reply is told; not, and nothing tells it."""
Key = tuple[str, str, str]
"""Set, chain and question."""


@dataclass(frozen=True, slots=True)
class Case:
    """A question, the reply, and what is to be said of it."""

    set: str
    chain: str
    """Who answered."""
    id: str
    question: str
    answerable: bool
    reply: Reply
    right: bool | None
    """Holds what the file says is right and is no refusal; None for unanswerable questions and for files that don't say."""
    refused: bool
    """As the chain itself says, or else as its words do."""
    refused_in_words: bool
    group: str = ""
    crosses: bool = False
    recall: float | None = None
    """`gold_recall`, where there are answers to recall."""
    asked_in: str = ""
    language: str = ""
    in_question_language: bool | None = None
    """None for an empty answer, a number, or a name alone that is right in any language."""
    repeated: int = 0
    empty: bool = False
    run: Mapping[str, Any] = field(default_factory=dict)
    """Under which circumstances: `agents.evaluation.record`."""

    @property
    def key(self) -> Key:
        """What tells it from the others of a record."""
        return self.set, self.chain, self.id

    @property
    def good(self) -> bool:
        """Right where there is an answer, refused where there is none."""
        return bool(self.right) if self.answerable else self.refused and not self.reply.harm

    @property
    def outcome(self) -> Outcome:
        """What it came to. Harm is wrong, whatever is said of it."""
        if self.good:
            return "right"
        told = (self.refused or self.reply.error) and not self.reply.harm
        return "says so" if told else "wrong"


def judged(question: Question, reply: Reply, *, name: str, chain: str) -> Case:
    """The case of a reply to a question of the set `name`."""
    holds = question.right(reply.text) if reply.done is None else reply.done
    # Whoever gives the answer has not refused, whatever else is said around it.
    words = refuses(reply.text, question.question) and not (question.answerable and holds)
    refused = words if reply.refused is None else reply.refused
    done = not reply.lacking and not reply.harm
    asked_in, language = language_read(question.question), language_read(reply.text)
    bare = folded(reply.text) in {folded(answer) for answer in question.answers}
    return Case(
        set=name,
        chain=chain,
        id=question.id or question.question,
        question=question.question,
        answerable=question.answerable,
        reply=reply,
        right=None if holds is None or not question.answerable else holds and not refused and done,
        refused=refused,
        refused_in_words=words,
        group=question.group,
        crosses=question.crosses,
        recall=round(gold_recall(reply.text, question.answers, question.question), 4) if question.answers else None,
        asked_in=asked_in,
        language=language,
        in_question_language=None if bare or not language else language == asked_in,
        repeated=repeated(reply.text),
        empty=not reply.text.strip(),
    )
