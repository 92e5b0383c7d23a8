"""What is said to a greeting and to a question about the assistant itself: who it is, and what it can be asked.

A fixed answer, without a search and without a model. A question of the documents must never end here, so two things have to
agree: its form (it says "you" or the name), and its vector, which has to lie nearer to questions about an assistant
(`agents.chat.small_talk`) than to such about documents. What is said without "you" has to be a formula, word by word: by its
vector alone, 59 of 250 single English words and 9 of 250 Chinese titles, typed as a search, counted as a greeting.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from agents.chat.small_talk import FILLERS, GREETINGS, OTHER, SOCIAL, THANKS, THANKS_WORDS, Side
from ingest.documents import Document
from ingest.folding import fold
from ingest.language import language_code, language_of
from ingest.pages import shorten
from prompts import neutral

Vector = NDArray[np.float32]

TITLES = 3
_LONGEST_TITLE = 60
LEAN = 0.35
"""Where between the two kinds of probes a question counts as talk: 0 as far from it as the mean probe about documents, 1 as near
as the mean of talk, each measured against all other probes."""
LONGEST = 80
"""Characters. Talk is short; what is longer asks for something."""
_PARTS = re.compile(r"[^,.!;:?~。、…\n]+\??")
_FORMULA = re.compile(rf"(?:(?:{GREETINGS}|{THANKS_WORDS}|{FILLERS})(?:\s|(?![a-z])))+\??")
_GREETING = re.compile(rf"(?<![a-z])(?:{GREETINGS})(?![a-z])")
_LEAVE = re.compile(rf"(?<![a-z])(?:{THANKS_WORDS})(?![a-z])")
_NAME = re.compile(r"\bzhiku\b|智库")
_ADDRESS = re.compile(
    r"(?<!thank )\b(?:you|yourself|your)\b(?![.]\w)|[你您](?!们|好)|\bthis (?:tool|app|program|assistant|chat|chatbot|bot|software)\b"
    r"|这个?(?:工具|软件|程序|助手|机器人|应用)"
)


class Shelf(Protocol):
    """The part of the library that knows its documents."""

    def documents(self, kb: str = ...) -> list[Document]:
        """The documents of a knowledge base. Raises `UsageError` for an unknown one."""
        ...


@dataclass(frozen=True, slots=True)
class _Probes:
    """Vectors of one language's probes, a row each, and how a question's margin is read."""

    social: Vector
    thanks: Vector
    other: Vector
    low: float
    high: float


class Introduction:
    """Answers what is said to the assistant itself. Safe to share between threads."""

    def __init__(
        self,
        shelf: Shelf,
        embed: Callable[[str], Vector],
        probes: dict[Side, _Probes] | None = None,
        greeting: str = "",
    ) -> None:
        """`greeting` is said to who asks who this is, in place of our own. `embed` gives a question's unit vector; the probes, some forty short ones a language, are embedded when the first
        question of the form comes, in about half a second."""
        self._shelf = shelf
        self._embed = embed
        self._greeting = greeting
        self._probes: dict[Side, _Probes] = {} if probes is None else probes

    def of(self, shelf: Shelf, greeting: str = "") -> Introduction:
        """The same for other documents with the same embedder, or for an assistant that greets in its own way."""
        return Introduction(shelf, self._embed, self._probes, greeting)

    def answer(self, question: str, kb: str) -> str | None:
        """What to say to `question` in its language, as Markdown; None when it is a question for the documents. Raises
        `UsageError` for an unknown knowledge base."""
        kind = self._kind(question)
        if kind == "who" and self._greeting:
            return self._greeting
        return None if kind is None else _said(kind, language_code(question), kb, self._shelf.documents(kb))

    def lean(self, question: str) -> float:
        """How much `question` is talk to the assistant: 1 as the probes of it, 0 as those about documents."""
        probes, vector = self._placed(question)
        margin = max(float((probes.social @ vector).max()), float((probes.thanks @ vector).max()))
        margin -= float((probes.other @ vector).max())
        return (margin - probes.low) / (probes.high - probes.low) if probes.high > probes.low else 0.0

    def _kind(self, question: str) -> Literal["who", "thanks"] | None:
        """Every part between punctuation is a formula or spoken to the assistant: a greeting before a question does not make
        the question talk."""
        folded = fold(question)
        parts = [part.strip() for part in _PARTS.findall(folded) if part.strip("? ")]
        asked = [part for part in parts if not _FORMULA.fullmatch(part)]
        if len(question) > LONGEST or not all(_ADDRESS.search(part) or _NAME.search(part) for part in asked):
            return None
        if any(self.lean(part) < LEAN for part in asked):
            return None
        if not asked:
            return "thanks" if _LEAVE.search(folded) else "who" if _GREETING.search(folded) else None
        probes, vector = self._placed(asked[-1])
        return "thanks" if (probes.thanks @ vector).max() > (probes.social @ vector).max() else "who"

    def _placed(self, question: str) -> tuple[_Probes, Vector]:
        side: Side = "zh" if language_of(question) == "zh" else "en"
        if side not in self._probes:
            self._probes[side] = _embedded(self._embed, side)
        return self._probes[side], self._embed(_NAME.sub("你" if side == "zh" else "you", _bare(question)))


def _bare(text: str) -> str:
    """As a part is measured: folded, without marks around it."""
    return fold(text).strip(".,!?;:~。 ")


def _embedded(embed: Callable[[str], Vector], side: Side) -> _Probes:
    import numpy as np

    social, thanks, other = (np.stack([embed(_bare(text)) for text in kind[side]]) for kind in (SOCIAL, THANKS, OTHER))
    talk = np.concatenate([social, thanks])
    return _Probes(social, thanks, other, -_mean_margin(other, talk), _mean_margin(talk, other))


def _mean_margin(own: Vector, others: Vector) -> float:
    """By how much a probe is nearer to the rest of its kind than to the other kind."""
    import numpy as np

    among = own @ own.T
    np.fill_diagonal(among, -1)
    return float((among.max(1) - (own @ others.T).max(1)).mean())


def _said(kind: str, code: str, kb: str, documents: Sequence[Document]) -> str:
    side = code if code in {"zh", "zh-hant"} else "en"
    if not documents:
        return _EMPTY[side].format(kb=kb)
    # Titles in the asker's language first, and of those the longest documents: there is most to ask about them.
    ordered = sorted(documents, key=lambda d: (language_of(d.title) != side[:2], -d.chunks, d.path))
    titles = [_plain(document.title) for document in ordered[:TITLES]]
    listed = (
        ", ".join(f"“{title}”" for title in titles) if side == "en" else "".join(f"《{title}》" for title in titles)
    )
    if side == "en" and len(titles) > 1:
        listed = " or ".join(listed.rsplit(", ", 1))
    count = f"{len(documents):,} document{'' if len(documents) == 1 else 's'}" if side == "en" else f"{len(documents)}"
    return _SAID[kind][side].format(kb=kb, count=count, titles=listed)


def _plain(title: str) -> str:
    """A title as text within Markdown."""
    text = re.sub(r"[\[\]<>*_`]", " ", neutral(title))
    return shorten(text, _LONGEST_TITLE)


_SAID = {
    "who": {
        "en": (
            "I am Zhiku. I answer questions from the {count} in the knowledge base “{kb}”, with quotes that can be checked. "
            "Ask me, for example, about {titles}."
        ),
        "zh": "我是智库（Zhiku），根据知识库“{kb}”中的 {count} 份文档回答问题，并附上可以核对的原文。例如，可以问我{titles}里的内容。",
        "zh-hant": (
            "我是智庫（Zhiku），根據知識庫「{kb}」中的 {count} 份文件回答問題，並附上可以核對的原文。例如，可以問我{titles}裡的內容。"
        ),
    },
    "thanks": {
        "en": "You are welcome. There is more to ask about the {count} in “{kb}”, for example about {titles}.",
        "zh": "不客气。知识库“{kb}”中有 {count} 份文档，还可以继续提问，例如{titles}里的内容。",
        "zh-hant": "不客氣。知識庫「{kb}」中有 {count} 份文件，還可以繼續提問，例如{titles}裡的內容。",
    },
}
_EMPTY = {
    "en": "I am Zhiku. I answer questions from documents, with quotes that can be checked. The knowledge base “{kb}” holds none yet: add some first.",
    "zh": "我是智库（Zhiku），根据文档回答问题，并附上可以核对的原文。知识库“{kb}”中还没有文档，请先添加。",
    "zh-hant": "我是智庫（Zhiku），根據文件回答問題，並附上可以核對的原文。知識庫「{kb}」中還沒有文件，請先加入。",
}
