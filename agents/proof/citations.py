"""From what a model wrote to what is proven: every sentence held against the passages it was written from.

A marker must name a passage that was shown and that supports its sentence. Where another passage does, the marker is
corrected; where none was given, it is added. What no passage supports is listed, and its citation is not verified.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents.proof.markers import Sentence, normalise, split, with_marks, without
from agents.proof.numbers import agrees, claimed, stated
from agents.proof.sources import Citation
from agents.proof.support import Passage, SupportChecker, Verdict, canonical_terms
from agents.proof.words import terms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agents.proof.similarity import Closeness
    from agents.proof.sources import Pages
    from ingest.documents import Hit


@dataclass(frozen=True, slots=True)
class Judged:
    """A sentence of the answer and what became of it."""

    text: str
    marks: tuple[int, ...]
    """The markers it ends up with."""
    verdict: str
    """'supported', 'unsupported', or 'no claim' for greetings, headings and 'the documents don't say'."""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """An answer's text with its markers put right, and the proof."""

    text: str
    citations: tuple[Citation, ...]
    unsupported: tuple[str, ...]
    sentences: tuple[Judged, ...]


def quote(pages: Pages, hit: Hit, n: int, start: int, end: int, *, supports: bool, sentence: str = "") -> Citation:
    """A citation of hit `n`, read back from the stored page. `verified` only when the page still says that."""
    inside = hit.text[max(0, start - hit.start) : max(0, end - hit.start)]
    try:
        page = pages.page_text(hit.document_id, hit.page)
    except (LookupError, ValueError, OSError):
        page = ""
    text = page[start:end]
    # What lies before the passage (the header of a table that was split) stands when the passage itself still does.
    stands = bool(text) and (text == inside if start >= hit.start else page[hit.start : hit.end] == hit.text)
    return Citation(
        n=n,
        document=hit.document,
        path=hit.path,
        page=hit.page,
        start=start,
        end=end,
        quote=text if stands else inside,
        verified=supports and stands,
        document_id=hit.document_id,
        label=hit.label,
        sentence=sentence,
    )


class CitationChecker:
    """Checks one answer. `hits[n - 1]` is the passage that marker `[n]` names."""

    def __init__(self, question: str, hits: Sequence[Hit], pages: Pages, similarity: Closeness | None = None) -> None:
        self._question = question
        self._hits = hits
        self._pages = pages
        self._passages = [Passage(hit.text, hit.start, " ".join([hit.document, *hit.section])) for hit in hits]
        self._support = SupportChecker(question, self._passages, similarity)

    def check(self, text: str) -> Checked:
        """`text` with its markers corrected, its citations, and the sentences nothing supports."""
        text = normalise(text)
        written: list[str] = []
        judged: list[Judged] = []
        citations: list[Citation] = []
        position = 0
        for sentence in split(text):
            if text[sentence.start : sentence.end].startswith(("```", "~~~")):
                # Code is shown as it was written: its brackets are no markers, its lines no claims.
                written.append(text[position : sentence.end])
                position = sentence.end
                continue
            outcome, proof = self._sentence(sentence)
            judged.append(outcome)
            citations += proof
            written += [text[position : sentence.start], with_marks(outcome.text, list(outcome.marks))]
            position = sentence.end
        written.append(without(text[position:]) if text[position:].strip() else text[position:])
        return Checked(
            text="".join(written).strip(),
            citations=tuple({(c.n, c.start, c.end, c.sentence): c for c in citations}.values()),
            unsupported=tuple(s.text for s in judged if s.verdict == "unsupported"),
            sentences=tuple(judged),
        )

    def _sentence(self, sentence: Sentence) -> tuple[Judged, list[Citation]]:
        if makes_no_claim(sentence.text, self._question):
            return Judged(sentence.text, (), "no claim"), []
        cited = [n for n in sentence.marks if 1 <= n <= len(self._hits)]
        verdicts = {n: self._support.judge(_claim(sentence.text), self._passages[n - 1]) for n in cited}
        proven = [n for n in cited if verdicts[n].supported]
        if not proven:
            proven, verdicts = self._elsewhere(sentence.text, verdicts)
        if proven:
            proof = [self._citation(n, verdicts[n], sentence.text, supports=True) for n in proven]
            return Judged(sentence.text, tuple(proven), "supported"), proof
        nearest = [n for n in cited if verdicts[n].end > verdicts[n].start]
        proof = [self._citation(n, verdicts[n], sentence.text, supports=False) for n in nearest]
        reason = max(verdicts.values(), key=lambda v: v.score).reason if verdicts else "words"
        return Judged(sentence.text, tuple(nearest), "unsupported", reason), proof

    def _elsewhere(self, text: str, verdicts: dict[int, Verdict]) -> tuple[list[int], dict[int, Verdict]]:
        """The best of the passages that were not cited, if one supports the sentence; else two clauses' sources."""
        for n, passage in enumerate(self._passages, 1):
            if n not in verdicts:
                verdict = self._support.judge(_claim(text), passage)
                if verdict.supported:
                    return [n], {**verdicts, n: verdict}
        return self._jointly(text, verdicts)

    def _jointly(self, text: str, verdicts: dict[int, Verdict]) -> tuple[list[int], dict[int, Verdict]]:
        """A sentence that joins facts of several passages: each of its clauses must have its own source."""
        clauses = [c for c in _CLAUSES.split(_claim(text)) if len(canonical_terms(c)) >= 2]
        if len(clauses) < 2:
            return [], verdicts
        found: dict[int, Verdict] = {}
        for clause in clauses:
            order = sorted(range(1, len(self._hits) + 1), key=lambda n: n not in verdicts)
            for n in order:
                verdict = self._support.judge(clause, self._passages[n - 1])
                if verdict.supported:
                    found.setdefault(n, verdict)
                    break
            else:
                return [], verdicts
        return list(found), {**verdicts, **found}

    def _citation(self, n: int, verdict: Verdict, sentence: str, *, supports: bool) -> Citation:
        hit = self._hits[n - 1]
        return quote(self._pages, hit, n, verdict.start, verdict.end, supports=supports, sentence=sentence)


_CLAUSES = re.compile(r"[，；;]|, (?:and|but|while|whereas) |; | (?:while|whereas) ")
_LIST_MARK = re.compile(r"^\s*(?:[-*+•·]\s+|\d{1,3}[.)、]\s*|#{1,6}\s+|>\s*)+")
_YES = re.compile(
    r"^(?:yes|no|correct|indeed|in short|in summary|overall|therefore|thus|so|however|additionally|also|furthermore)[,，:：]\s*"
    r"|^(?:是的|不是|对|没错|不|否|综上所述|总之|因此|所以|此外|另外|同时)[，,：:]",
    re.IGNORECASE,
)
_SOURCE_TALK = re.compile(
    r"^(?:according to|based on|as (?:stated|mentioned|described) in) (?:the )?(?:\w+ )?(?:passages?|documents?|sources?|text|information)"
    r"(?: provided| above)?,\s*|^(?:the )?(?:passage|document|text)s? (?:states?|says?|mentions?|explains?) that\s*"
    r"|^(?:根据|依据|按照)(?:以上|上述|所给|提供的|给出的)?(?:段落|文档|资料|材料|内容|信息)[^，,]{0,8}[，,]"
    r"|^(?:段落|文档|资料|材料)\s*\d*\s*(?:中)?(?:指出|提到|说明|显示|表示)[，,：:]?",
    re.IGNORECASE,
)
_SILENCE = re.compile(
    r"(?:do(?:es)?n't|do(?:es)? not|did not|no|not|never|without|cannot|can't)\b.{0,60}?\b(?:say|state|mention|contain|provide|specify|"
    r"information|answer|include|found|discuss|clear)|未(?:提及|提到|说明|涉及|给出|找到|包含|明确)|没有(?:提及|提到|说明|涉及|给出|找到|相关|包含|明确|回答|信息)"
    r"|无法(?:回答|确定|得知|判断|从)|不(?:包含|清楚|能确定|足以)",
    re.IGNORECASE,
)
_COURTESY = re.compile(
    r"^(?:i )?hope (?:this|that) helps|^(?:please )?let me know if|^feel free to|^if you have (?:any )?(?:more|other|further)? ?questions"
    r"|^希望(?:这|以上|对您|能帮)|^如(?:有|需|果您)[^，]{0,12}(?:请|欢迎)|^请随时",
    re.IGNORECASE,
)
_MATERIAL = re.compile(
    r"passage|document|text|source|material|information|context|段落|文档|资料|材料|文中|信息|内容|上文", re.IGNORECASE
)


def _claim(sentence: str) -> str:
    """What a sentence asserts: without list marks, emphasis, 'Yes,' and 'According to the passages,'."""
    text = re.sub(r"\*\*|__|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)", "", _LIST_MARK.sub("", sentence))
    return _SOURCE_TALK.sub("", _YES.sub("", _SOURCE_TALK.sub("", text)))


def makes_no_claim(sentence: str, question: str) -> bool:
    """True for headings, questions, lead-ins ending in a colon, bare Yes or No words, and for saying that the passages
    don't say: none of them asserts a fact that could be proven."""
    text = _claim(sentence).strip()
    found, numbers = canonical_terms(text), claimed(text)
    if (not found and not numbers) or _COURTESY.search(text):
        return True
    if sentence.lstrip().startswith("#") or text.endswith(("?", "？")):
        return True
    if text.endswith((":", "：")) and len(found - canonical_terms(question)) <= 4 and not numbers:
        return True
    if not (_SILENCE.search(text) and _MATERIAL.search(text)):
        return False
    known, asked = terms(question), stated(question)
    unknown = [term for term in terms(_MATERIAL.sub(" ", _SILENCE.sub(" ", text))) if term not in known]
    # With a number that the question does not hold, something is asserted after all.
    return len(unknown) <= 4 and all(agrees(number, asked) for number in numbers)
