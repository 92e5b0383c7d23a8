"""Which letters of a rendered answer belong to which of its sentences, and how those look that are not proven.

Sentences are checked as text and shown as Markdown. What both have in common are the letters, in the same order: they
are compared without markers, punctuation and space.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it.token import Token

_MARKER = re.compile(r"\[(\d{1,3})\]")
_SIGNS = {"phrase": "○", "differs": "!"}
Place = tuple[int, int, int]
"""Of a letter: the token of its block, the child in it, the character in that."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A sentence of an answer, without its markers, and how it is drawn."""

    sentence: str
    name: str = ""
    """'phrase', 'differs' or 'unproven'; '' for one that stands as it is."""
    why: str = ""
    """What its tooltip says."""

    @property
    def style(self) -> str:
        """The class it has in `style.css`."""
        return f"zk-{self.name}"


def letters(tokens: Sequence[Token]) -> tuple[str, list[Place]]:
    """The letters and digits of parsed Markdown without those of markers, and where each stands."""
    found: list[tuple[str, Place]] = []
    for t, token in enumerate(tokens):
        for c, child in enumerate(token.children or ()):
            if child.type not in {"text", "code_inline"}:
                continue
            hidden = {i for marker in _MARKER.finditer(child.content) for i in range(*marker.span())}
            found += [(char, (t, c, i)) for i, char in enumerate(child.content) if char.isalnum() and i not in hidden]
    return "".join(char for char, _ in found), [place for _, place in found]


class Marking:
    """Puts marks into one parsed answer."""

    def __init__(
        self,
        tokens: Sequence[Token],
        marks: Sequence[tuple[str, Mark]],
        numbers: Mapping[int, bool] | None,
        *,
        opening: bool = False,
    ) -> None:
        """`marks`: those of all sentences in order, each with the `letters` of its sentence. `numbers`: the markers there
        are and whether something proves what they stand for; None: that is not known yet. `opening`: a click on a marker
        opens its source, as `page.js` does it."""
        self._tokens, self._numbers = tokens, numbers
        self._button = ' role="button" tabindex="0"' if opening else ""
        self._owners: dict[Place, Mark] = {}
        self._ends: set[Place] = set()
        self._last: Mark | None = None
        line, places = letters(tokens)
        self._letters = set(places)
        position = 0
        for bare, mark in marks:
            begin = line.find(bare, position) if bare else -1
            if begin < 0:
                continue
            position = begin + len(bare)
            if mark.name:
                self._own(places[begin:position], mark)

    def draw(self) -> None:
        """Replace the plain text of the answer's tokens by text with raised markers and marked sentences."""
        for t, token in enumerate(self._tokens):
            if token.type == "inline" and token.children:
                token.children = [drawn for c, child in enumerate(token.children) for drawn in self._child(t, c, child)]

    def _own(self, places: Sequence[Place], mark: Mark) -> None:
        """Spaces and punctuation between two letters of a sentence belong to it too."""
        for (t, c, i), (*following, j) in pairwise([*places, places[-1]]):
            stop = j if following == [t, c] else self._length(t, c) - 1
            self._owners.update(((t, c, at), mark) for at in range(i, stop + 1))
            if following != [t, c]:
                self._owners.update(((*following, at), mark) for at in range(j + 1))  # type: ignore[misc]
        self._ends.add(places[-1])

    def _length(self, t: int, c: int) -> int:
        return len((self._tokens[t].children or [])[c].content)

    def _child(self, t: int, c: int, child: Token) -> Iterator[Token]:
        if child.type != "text":
            yield child
            self._seen(t, c, 0, len(child.content))
            return
        from markdown_it.token import Token

        drawn = Token("html_inline", "", 0)
        drawn.content = "".join(self._text(t, c, child.content))
        yield drawn

    def _text(self, t: int, c: int, text: str) -> Iterator[str]:
        position = 0
        for marker in _MARKER.finditer(text):
            yield from self._pieces(t, c, text, position, marker.start())
            yield self._number(int(marker[1]), marker.group())
            position = marker.end()
        yield from self._pieces(t, c, text, position, len(text))

    def _number(self, n: int, written: str) -> str:
        if self._numbers is not None and n not in self._numbers:
            return written
        proven = self._last is None and self._numbers is not None and self._numbers[n]
        return f'<sup class="{"zk-n" if proven else "zk-n zk-grey-n"}"{self._button}>{n}</sup>'

    def _pieces(self, t: int, c: int, text: str, start: int, end: int) -> Iterator[str]:
        """The text from `start` to `end`, in stretches that belong to one sentence."""
        while start < end:
            owner, stop = self._owners.get((t, c, start)), start + 1
            while stop < end and self._owners.get((t, c, stop)) is owner:
                stop += 1
            piece = html.escape(text[start:stop])
            self._seen(t, c, start, stop)
            if owner is None:
                yield piece
            else:
                # It can be reached by keyboard and finger, for which there are no tooltips.
                title = f' title="{html.escape(owner.why)}" tabindex="0"' if owner.why else ""
                sign = _SIGNS.get(owner.name) if (t, c, stop - 1) in self._ends else None
                raised = f'<sup class="zk-sign">{sign}</sup>' if sign else ""
                yield f'<span class="{owner.style}"{title}>{piece}{raised}</span>'
            start = stop

    def _seen(self, t: int, c: int, start: int, end: int) -> None:
        """Remember whose the last letter was: a marker belongs to the sentence it stands behind."""
        for i in range(end - 1, start - 1, -1):
            if (t, c, i) in self._letters:
                self._last = self._owners.get((t, c, i))
                return
