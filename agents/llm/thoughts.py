"""Keeps a reasoning model's thoughts apart from its answer, while both are still streaming.

A thought is a `<think> … </think>` at the very start of a reply (Qwen3, SmolLM3), the same with the opening
tag already in the prompt (DeepSeek-R1, QwQ), or `[THINK] … [/THINK]` (Magistral), and Command's and Harmony's marks. Later in an answer such a tag is just
text: an answer may well be about tags. A closing tag that nothing has opened may still end a thought: the server's
template had opened it without saying so.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

TAGS = (
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
    ("[THINK]", "[/THINK]"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("<|channel|>analysis<|message|>", "<|end|>"),
)
"""Pairs in use by published models; the longest opening decides how much is held back at the start."""
_ALL = tuple(tag for pair in TAGS for tag in pair)
_TAG = re.compile("|".join(map(re.escape, _ALL)))
_QUOTES = dict(zip("`\"'“‘「『《（(", "`\"'”’」』》）)", strict=True))
"""Around a tag: it is told about, not used."""

Kind = Literal["thought", "answer", "unsaid"]


class Piece(NamedTuple):
    """Some text and what it is part of; 'unsaid': all of the answer so far, which turns out to have been a thought."""

    kind: Kind
    text: str


class ThoughtSplitter:
    """Feed it text as it comes; it gives pieces back as soon as their kind is certain."""

    def __init__(self, *, opened: str = "", lone: bool = False) -> None:
        """`opened` is the opening tag the prompt already ended with, or ''. `lone`: a closing tag that nothing has opened
        ends a thought as well."""
        self._closing = dict(TAGS).get(opened, "")
        self._state: Literal["start", "thinking", "answer"] = "thinking" if opened else "start"
        self._held = ""
        self._trim = bool(opened)
        self._lone = lone
        self._said = ""
        """Of the answer, as long as it may turn out to be a thought."""

    def settle(self) -> None:
        """Thoughts come in another way than by tags: from here on, all of it is answer."""
        if self._state == "start":
            self._state = "answer"
        self._lone = False

    def feed(self, text: str) -> list[Piece]:
        """The pieces that are certain after `text`."""
        self._held += text
        pieces: list[Piece] = []
        if self._state == "start":
            self._look_for_opening()
        if self._state == "thinking":
            pieces += self._until_closing()
        if self._state == "answer":
            pieces += self._answered()
        return pieces

    def finish(self) -> list[Piece]:
        """What was held back. A thought that was never closed stays a thought."""
        if self._state != "thinking":
            return self._answered(ended=True)
        held, self._held = self._held, ""
        return self._emit("thought", held)

    def _look_for_opening(self) -> None:
        begun = self._held.lstrip()
        for opening, closing in TAGS:
            if begun.startswith(opening):
                self._state, self._closing, self._trim = "thinking", closing, True
                self._held = begun[len(opening) :]
                return
            if begun.startswith(closing):  # its thought was empty, or told elsewhere
                self._state, self._trim, self._lone = "answer", True, False
                self._held = begun[len(closing) :]
                return
        if begun and not any(tag.startswith(begun) for tag in _ALL):
            self._state = "answer"

    def _until_closing(self) -> list[Piece]:
        thought, closed, rest = self._held.partition(self._closing)
        if closed:
            self._state, self._held = "answer", rest
            self._lone = False
            pieces = self._emit("thought", thought.rstrip())
            self._trim = True
            return pieces
        sure = self._held[: sure_length(self._held, self._closing)]
        self._held = self._held[len(sure) :]
        return self._emit("thought", sure)

    def _answered(self, *, ended: bool = False) -> list[Piece]:
        """The answer so far, but for what may yet be a tag that makes a thought of it."""
        sure = len(self._held)
        if self._lone and not ended:
            sure -= max(len(tag) if self._held.endswith(tag) else overlap(self._held, tag) for tag in _ALL)
        if self._lone and (closing := self._lone_closing(sure)):
            kind: Kind = "unsaid" if self._said.strip() else "thought"
            before, self._held = self._said + self._held[: closing.start()], self._held[closing.end() :]
            self._lone, self._trim = False, True
            return ([Piece(kind, before.strip())] if before.strip() else []) + self._answered()
        text, self._held = self._held[:sure], self._held[sure:]
        if self._lone:
            self._said += text
        return self._emit("answer", text)

    def _lone_closing(self, end: int) -> re.Match[str] | None:
        """A closing tag before `end` that is meant as one: neither quoted, nor in code, nor after a tag that opens."""
        for found in _TAG.finditer(self._held, 0, end):
            before = self._said + self._held[: found.start()]
            quoted = _QUOTES.get(before[-1:]) == self._held[found.end() : found.end() + 1]
            if quoted or before.count("```") % 2:
                continue
            self._lone = found[0] not in dict(TAGS)  # after one that opens, it is an answer about tags
            return found if self._lone else None
        return None

    def _emit(self, kind: Kind, text: str) -> list[Piece]:
        """Without the blank lines templates put after either tag."""
        if self._trim:
            text = text.lstrip()
            self._trim = not text
        return [Piece(kind, text)] if text else []


def overlap(text: str, target: str) -> int:
    """Length of the longest end of `text` that is a beginning of `target`, shorter than `target` itself."""
    for length in range(min(len(text), len(target) - 1), 0, -1):
        if target.startswith(text[-length:]):
            return length
    return 0


def sure_length(text: str, mark: str) -> int:
    """How much of `text` can't be part of a `mark` that is still coming, nor of the blanks before it."""
    return len(text[: len(text) - overlap(text, mark)].rstrip())


def opening_at_end(prompt: str) -> str:
    """The opening tag a rendered prompt ends with, or ''."""
    end = prompt.rstrip()
    return next((opening for opening, _ in TAGS if end.endswith(opening)), "")
