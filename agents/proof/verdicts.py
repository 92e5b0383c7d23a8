"""What is judged and what comes of it: a passage, the verdict on one sentence by each of its windows, and why it has no tick, in
words."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from agents.proof.rows import told
from ingest.language import Text

VETOES = frozenset({"number", "unit", "name", "denial", "replaced", "condition", "role", "quantifier"})
"""Reasons that say that the source has something else; no likeness in meaning stands against them."""
WORDED = frozenset({"denial", "replaced"})
"""Those of them that hang on how it is said."""

FITS, COPIED = 0.8, 0.6
"""Share of a window's score that one of its sentences must have to stand against it: one that fits as well, and one that
the sentence copies but for a name or a number, which costs it that much of the score."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a page: `text` lies at `offset` on it. `context` (title, section) may name what the text calls 'it'."""

    text: str
    offset: int = 0
    context: str = ""

    def told(self, start: int, end: int) -> str:
        """What page[start:end] says, a table's row in words."""
        return told(self.text, start - self.offset, end - self.offset)


@dataclass(frozen=True, slots=True)
class Difference:
    """What makes a sentence say something else: a reason, and what the source has instead, '' if nothing."""

    reason: str
    instead: str = ""
    copy: bool = False
    """The sentence is a near copy of this stretch, with one name or number in another's place."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The best window of one passage for one sentence; `start`, `end` are offsets on the page."""

    start: int
    end: int
    score: float
    new: float
    """Recall of what the sentence adds to the question."""
    against: Difference | None = None
    """Why it is not supported. 'words': nothing is at odds, too little is shared. 'phrase': a name or a noun that answers nothing here.
    The other reasons say that the source has something else (`VETOES`), as far as it can be told what: '480', '15 天', or the clause."""

    @property
    def supported(self) -> bool:
        """Whether nothing is against it."""
        return self.against is None

    @property
    def reason(self) -> str:
        """Why not; '' when supported."""
        return self.against.reason if self.against else ""

    @property
    def instead(self) -> str:
        """What the source says in its place; '' where that can't be told."""
        return self.against.instead if self.against else ""


def vetoed(verdicts: list[Verdict], single: Collection[tuple[int, int]]) -> list[Verdict]:
    """Without the support of windows around a sentence that fits as well and says something else."""
    # A number, or a name that is merely not there, another sentence of the window may supply.
    against = [
        (v, FITS if not v.against.copy else COPIED)
        for v in verdicts
        if v.against
        and (v.start, v.end) in single
        and (v.reason in VETOES - {"number", "unit", "name"} or (v.reason == "name" and v.instead) or v.against.copy)
    ]

    def opponent(verdict: Verdict) -> Verdict | None:
        within = (
            other
            for other, share in against
            if verdict.start <= other.start and other.end <= verdict.end and other.score > share * verdict.score
        )
        return next(within, None)

    return [replace(v, against=other.against) if v.supported and (other := opponent(v)) else v for v in verdicts]


_NAMED = frozenset({"number", "name", "replaced"})
"""Vetoes that a passage about something else may give as well: it takes what it says instead to tell."""
_WORDS = {
    "number": Text("no passage has this number", "没有段落包含这个数字"),
    "unit": Text("the passage has another unit", "原文的单位不同"),
    "condition": Text("the passage says this of another case", "原文说的是另一种情况"),
    "name": Text("no passage has this name", "没有段落包含这个名称"),
    "denial": Text("the passage says the contrary", "原文的说法相反"),
    "replaced": Text("the passage has another word here", "原文此处用词不同"),
    "role": Text("the passage has it the other way round", "原文中两者的关系相反"),
    "quantifier": Text("the passage says it of more or fewer", "原文所说的范围不同"),
    "phrase": Text("only the phrase is in the passage", "原文中仅出现该词语"),
    "orders": Text("the passage gives orders to an assistant", "该段落含有对助手下达的指令"),
    "translated": Text("the model's translation; the quote counts", "模型的译文，以引文为准"),
    "words": Text("no passage says this", "没有段落这样说"),
    "no claim": Text("nothing here could be proven", "没有可供核实的陈述"),
}


def at_odds(reason: str, instead: str) -> bool:
    """Whether a verdict with this reason says that the passage differs, and not just that it is silent."""
    return reason in VETOES and bool(instead or reason not in _NAMED)


def in_words(reason: str, instead: str = "") -> str:
    """The reason in the language in force; '' for that of a sentence that is supported."""
    if instead and reason in VETOES:
        return str(Text(f"the passage says {instead}", f"原文为 {instead}"))
    return str(_WORDS[reason]) if reason in _WORDS else ""
