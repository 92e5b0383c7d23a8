"""Does a statement, or a sentence proven by one, answer the question?

That a sentence stands in the documents does not make it an answer. Three things do, and each can be missing:

    condition   it states the year, code or size the question names, and no other one
    kind        it holds the number, date or sum that is asked for
    subject     it is about what the question is about: its rarest words stand there or around it, and it is near in meaning

The first two are rules. The third is a logistic of how much of the subject is there and how near the statement lies,
since a paraphrase names little of it and lies near, and the wrong thing's number lies near too. Its value grows with how
probably the statement holds the answer; for a combination with other votes it is given as it is.

The weights were fitted on one half of cmrc-trial's and XQuAD's questions (as they are, and with the document that has the
answer taken from what was found) and of questions on the sample corpus, and looked at on the other half; they hold for
the bundled embedder. A statement in another language is held against the question as it reads in that language, where
somebody translated it; otherwise words say nothing and the alignment of words stands for them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agents.proof.alignment import alignment
from agents.proof.relevance import Question, View
from agents.proof.similarity import Closeness
from agents.proof.sources import Citation
from agents.proof.spans import quotable, windows
from agents.proof.statements import Statement, readable
from ingest.documents import Hit
from ingest.language import language_of

_SUBJECT, _CLOSENESS, _WITHOUT_KIND, _CONDITION, _OFFSET = 4.0, 2.95, -0.5, 0.8, -6.1
_SUBJECT_ACROSS, _CLOSENESS_ACROSS, _WITHOUT_KIND_ACROSS, _CONDITION_ACROSS, _OFFSET_ACROSS = 28.0, 2.1, -1.3, 1.1, -5.0
_ROW, _CODE = -1.0, -2.0
"""A row holds numbers whatever is asked, code states nothing."""
ENOUGH, ENOUGH_ACROSS, ENOUGH_BESIDE = 0.055, 0.045, 0.09
"""Score from which on a statement counts as an answer: in the question's language; in another one, where nothing in its
own was found; and beside passages in its own."""
ENOUGH_OF_NUMBERS = 0.12
"""The same where a number is asked for, which prose has nearly everywhere. Near misses on the sample corpus that get a quote by
the bundled model fall from .43 to .29, questions with a right quote stay at .81. And where nothing names the kind of thing that is
asked for: of 27 such questions that quotes answer (seven sets) no right one lies below, three of seven near misses do."""
ENOUGH_DESPITE = 0.12
"""The same for the question as it was asked, where its translation finds no answer."""
POINTED = 0.02
"""The same where a model's words point at it, or a table's row and column that the question names: these say which one is meant,
the score that it is no other thing's. Of 340 answerable questions of five sets (1.5B) whose words prove nothing, those from .02 to
.045 point at a right statement in fifteen cases and at a wrong one in eight, below in two and eight."""
_NO_EMBEDDER = 1.1
"""What closeness is taken for where there is no embedder: about its mean over statements that answer."""


@dataclass(frozen=True, slots=True)
class Answering:
    """Whether something answers a question."""

    score: float
    """0..1, about the share of statements like this one that hold the answer (of candidates, mostly wrong ones)."""
    reason: str
    """Why not: 'condition', 'kind', 'subject', or 'name' for one of the question's that stands nowhere; '' when it answers."""

    @property
    def answers(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.reason


class Wording:
    """A question as it reads in one language, held against statements."""

    def __init__(self, text: str, among: Sequence[str], closeness: Closeness | None) -> None:
        """`among` are the texts the answer is chosen from: what is rare in them weighs most."""
        self.text = text
        self.question = Question(text, among)
        self._beside = not all(map(self.across, among))
        self._closeness = closeness

    def across(self, text: str) -> bool:
        """Whether `text` is in another language."""
        return language_of(text) != language_of(self.text)

    def closeness(self, texts: Sequence[str]) -> list[float | None]:
        """How near each of `texts` comes; None without an embedder."""
        return [*self._closeness.answers(self.text, texts)] if self._closeness and texts else [None] * len(texts)

    def alignment(self, texts: Sequence[str]) -> list[float]:
        """How much of the subject has a counterpart in each of `texts` that is in another language."""
        foreign = [text for text in texts if self.across(text)]
        if not foreign or self._closeness is None:
            return [0.0] * len(texts)
        surfaces = [subject.surface for subject in self.question.subjects]
        found = dict(zip(foreign, alignment(self._closeness, surfaces, foreign), strict=True))
        return [found.get(text, 0.0) for text in texts]

    def judge(self, statement: Statement, title: str = "", passage: str = "") -> Answering:
        """Whether `statement` answers. `title` names its document and section, `passage` is all around it."""
        [near] = self.closeness([statement.text])
        [same] = self.alignment([statement.text])
        return self.weigh(self.question.view(statement, title, passage), statement, near, same)

    def weigh(self, view: View, statement: Statement, closeness: float | None, alignment: float) -> Answering:
        """The judgement on a statement that looks like `view`, lies `closeness` near and, in another language, has
        `alignment`."""
        across = self.across(statement.text)
        asked = self.question.asked
        lacking = not view.kind and asked.particular
        near = _NO_EMBEDDER if closeness is None else closeness
        if across:
            logit = _OFFSET_ACROSS + _CLOSENESS_ACROSS * near + _SUBJECT_ACROSS * alignment
            logit += _WITHOUT_KIND_ACROSS * lacking + _CONDITION_ACROSS * view.conditions
        else:
            logit = _OFFSET + _SUBJECT * view.words + _CLOSENESS * near
            logit += _WITHOUT_KIND * lacking + _CONDITION * view.conditions
        logit += _ROW * (statement.row and asked.wants_number) + _CODE * (statement.form != "prose")
        score = 1 / (1 + math.exp(-logit))
        if view.conditions < 0:
            return Answering(score, "condition")
        if (asked.only_kind and not view.kind) or (statement.titles and not asked.particular):
            return Answering(score, "kind")
        if not self.question.subjects:
            return Answering(score, "")  # 'How many days?' is about nothing that could be missing
        enough = (ENOUGH_BESIDE if self._beside else ENOUGH_ACROSS) if across else ENOUGH
        unnamed = self.question.unnamed and not (across or asked.particular)
        if (asked.wants_number and not statement.row) or unnamed:
            enough = max(enough, ENOUGH_OF_NUMBERS)
        return Answering(score, "" if score >= enough else "subject")


class AnswerCheck:
    """One question, held against statements in whichever language they are."""

    def __init__(
        self, question: str, among: Iterable[str], closeness: Closeness | None = None, translated: str = ""
    ) -> None:
        """`among` are the texts the answer is chosen from. `translated`: the question in the language of those that are in
        another one, as a model put it; '' where nobody did."""
        among = list(among)
        self.text = question
        self._asked = Wording(question, among, closeness)
        self._translated = Wording(translated, among, closeness) if translated else None
        self.question = self._asked.question

    def wording(self, text: str) -> Wording:
        """The question in the language of `text`, else as it was asked."""
        return self._translated if self._translated and not self._translated.across(text) else self._asked

    def closeness(self, texts: Sequence[str]) -> list[float | None]:
        """How near each of `texts` comes; None without an embedder."""
        found: dict[str, float | None] = {}
        for wording in filter(None, (self._asked, self._translated)):
            own = [text for text in texts if self.wording(text) is wording]
            found |= zip(own, wording.closeness(own), strict=True)
        return [found[text] for text in texts]

    def alignment(self, texts: Sequence[str]) -> list[float]:
        """How much of the subject has a counterpart in each of `texts`; 0 where the question stands in its language."""
        foreign = [text for text in texts if self.wording(text) is self._asked]
        found = dict(zip(foreign, self._asked.alignment(foreign), strict=True))
        return [found.get(text, 0.0) for text in texts]

    def judge(self, statement: Statement, title: str = "", passage: str = "") -> Answering:
        """Whether `statement` answers. `title` names its document and section, `passage` is all around it."""
        wording = self.wording(statement.text)
        return self.despite(wording.judge(statement, title, passage), statement, title, passage)

    def despite(self, found: Answering, statement: Statement, title: str, passage: str) -> Answering:
        """What was `found` by the translation, or by the question as it was asked, where that is surer: a small model's
        translation may miss a name, or the point."""
        if found.answers or self.wording(statement.text) is self._asked:
            return found
        asked = self._asked.judge(statement, title, passage)
        return asked if asked.answers and asked.score >= ENOUGH_DESPITE else found

    def read(self, statement: Statement, hit: Hit) -> tuple[Statement, Answering]:
        """`statement` of `hit`, and whether it answers; where it doesn't, with the sentences beside it that say what it is
        about: 'It was signed by Ruth Amsel.'"""
        found = statement, self.judge(statement, hit.under, hit.text)
        if found[1].reason != "subject" or statement.row or len(statement.spans) > 1:
            return found
        begin, end = statement.spans[0]
        single = quotable(hit.text, hit.start)
        runs = [(left, right) for left, right in windows(hit.text, hit.start) if left <= begin and end <= right]
        reach = (min(left for left, _ in runs), max(right for _, right in runs)) if runs else (begin, end)
        beside = [
            (left, right)
            for left, right in single
            if reach[0] <= left <= right <= begin or end <= left < right <= reach[1]
        ]
        pieces = {
            span: Statement((span,), readable(hit.text[span[0] - hit.start : span[1] - hit.start]), statement.context)
            for span in (*runs, *beside)
        }
        self.closeness([one.text for one in pieces.values()])  # all at once
        judged = {span: (one, self.judge(one, hit.under, hit.text)) for span, one in pieces.items()}
        # What answers as well without it is no sentence that says what it is about, but the answer.
        alone = max((judged[span][1].score for span in beside if judged[span][1].answers), default=0.0)
        return max(
            [found, *(judged[span] for span in runs if judged[span][1].score > alone)], key=lambda one: _rank(one[1])
        )

    def sentence(self, sentence: str, citations: Sequence[Citation], hits: Sequence[Hit]) -> Answering:
        """Whether a model's `sentence` answers that `citations` prove (those with its text as their `sentence`).

        Its source must be about the question's subject, by itself or with what stands beside it, or the sentence say so; what is
        asked for must be in the sentence. The best of its sources decides. One that only says again what is asked about answers nothing.
        """
        question = self.wording(sentence).question
        if question.told_by(sentence):
            return Answering(0.0, "subject")
        told = question.view(Statement(((0, len(sentence)),), sentence))
        best = Answering(0.0, "subject")
        for citation in citations:
            if citation.sentence == sentence:
                found = self.read(_whole(citation, hits[citation.n - 1]), hits[citation.n - 1])[1]
                if found.answers and question.asked.only_kind and not told.kind:
                    found = Answering(found.score, "kind")
                best = max(best, found, key=_rank)
                if found.reason == "subject":  # which the sentence may name, as the title does
                    hit = hits[citation.n - 1]
                    said = self.judge(Statement(((0, len(sentence)),), sentence), hit.under, hit.text)
                    best = max(best, said, key=_rank)
        return best


def _whole(citation: Citation, hit: Hit) -> Statement:
    """The quote, and what its sentence says before and behind it: a clause alone does not name what it is about."""
    around = [span for span in quotable(hit.text, hit.start) if span[0] < citation.end and citation.start < span[1]]
    if not around or citation.start < hit.start:
        return Statement(((citation.start, citation.end),), citation.quote)
    start, end = around[0][0], max(around[-1][1], citation.end)
    return Statement(((start, end),), hit.text[start - hit.start : end - hit.start])


def _rank(found: Answering) -> tuple[bool, float]:
    return found.answers, found.score
