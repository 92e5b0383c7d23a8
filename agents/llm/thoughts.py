"""Keeps a reasoning model's thoughts apart from its answer, while both are still streaming.

A thought is a `<think> … </think>` at the very start of a reply (Qwen3, SmolLM3), the same with the opening
tag already in the prompt (DeepSeek-R1, QwQ), or `[THINK] … [/THINK]` (Magistral). Later in an answer such a tag is just
text: an answer may well be about tags.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

TAGS = (("<think>", "</think>"), ("<thinking>", "</thinking>"), ("[THINK]", "[/THINK]"))
"""Pairs in use by published models; the longest opening decides how much is held back at the start."""


class Piece(NamedTuple):
    """Some text and what it is part of."""

    kind: Literal["thought", "answer"]
    text: str


class ThoughtSplitter:
    """Feed it text as it comes; it gives pieces back as soon as their kind is certain."""

    def __init__(self, *, opened: str = "") -> None:
        """`opened` is the opening tag the prompt already ended with, or ''."""
        self._closing = dict(TAGS).get(opened, "")
        self._state: Literal["start", "thinking", "answer"] = "thinking" if opened else "start"
        self._held = ""
        self._trim = bool(opened)

    @property
    def unterminated(self) -> bool:
        """True while a thought is open: at the end of a reply it means that no answer was given."""
        return self._state == "thinking"

    def feed(self, text: str) -> list[Piece]:
        """The pieces that are certain after `text`."""
        self._held += text
        pieces: list[Piece] = []
        if self._state == "start":
            self._look_for_opening()
        if self._state == "thinking":
            pieces += self._until_closing()
        if self._state == "answer":
            pieces += self._emit("answer", self._held)
            self._held = ""
        return pieces

    def finish(self) -> list[Piece]:
        """What was held back. A thought that was never closed stays a thought."""
        kind: Literal["thought", "answer"] = "thought" if self._state == "thinking" else "answer"
        held, self._held = self._held, ""
        return self._emit(kind, held)

    def _look_for_opening(self) -> None:
        begun = self._held.lstrip()
        for opening, closing in TAGS:
            if begun.startswith(opening):
                self._state, self._closing, self._trim = "thinking", closing, True
                self._held = begun[len(opening) :]
                return
        if begun and not any(opening.startswith(begun) for opening, _ in TAGS):
            self._state = "answer"

    def _until_closing(self) -> list[Piece]:
        thought, closed, rest = self._held.partition(self._closing)
        if closed:
            self._state, self._held = "answer", rest
            pieces = self._emit("thought", thought.rstrip())
            self._trim = True
            return pieces
        sure = self._held[: sure_length(self._held, self._closing)]
        self._held = self._held[len(sure) :]
        return self._emit("thought", sure)

    def _emit(self, kind: Literal["thought", "answer"], text: str) -> list[Piece]:
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


def separate(text: str, *, opened: str = "") -> tuple[str, str]:
    """(thoughts, answer) of a whole reply.

    A closing tag without an opening one means that the prompt had opened it, as older DeepSeek-R1 templates do
    without saying so.
    """
    if not opened:
        for opening, closing in TAGS:
            if closing in text and opening not in text:
                opened = opening
    splitter = ThoughtSplitter(opened=opened)
    pieces = splitter.feed(text) + splitter.finish()
    return tuple("".join(p.text for p in pieces if p.kind == kind) for kind in ("thought", "answer"))  # type: ignore[return-value]


def opening_at_end(prompt: str) -> str:
    """The opening tag a rendered prompt ends with, or ''."""
    end = prompt.rstrip()
    return next((opening for opening, _ in TAGS if end.endswith(opening)), "")
