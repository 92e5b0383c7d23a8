"""From a model's bytes to text that may be shown: whole characters only, nothing of a stop string."""

from __future__ import annotations

import codecs
from collections.abc import Sequence

from agents.llm.thoughts import overlap


class TextStream:
    """Joins the pieces of tokens. A Chinese character is often two or three tokens; it comes when it is whole."""

    def __init__(self, stops: Sequence[str] = ()) -> None:
        """`stops` end the text where they begin, wherever tokens are cut."""
        # Bytes that can never become a character are dropped: a small model's slip is not worth a U+FFFD.
        self._decoder = codecs.getincrementaldecoder("utf-8")("ignore")
        self._stops = [stop for stop in stops if stop]
        self._held = ""
        self.stopped = False

    def feed(self, raw: bytes) -> str:
        """The text that is certain after `raw`; '' from a stop string on."""
        text = self._decoder.decode(raw)
        if self.stopped:
            return ""
        if not self._stops:
            return text
        self._held += text
        found = [at for stop in self._stops if (at := self._held.find(stop)) >= 0]
        self.stopped = bool(found)
        cut = min(found) if found else len(self._held) - max(overlap(self._held, stop) for stop in self._stops)
        sure, self._held = self._held[:cut], "" if found else self._held[cut:]
        return sure

    def finish(self) -> str:
        """What was held back for a stop string that did not come; half a character is left out."""
        held, self._held = self._held, ""
        return "" if self.stopped else held


_LONGEST_PERIOD, _TIMES, _LEAST = 32, 5, 64
"""Tokens; how often in a row; tokens in all. Rows of dashes and lists of equal numbers stay under this."""


def repeats(tokens: Sequence[int]) -> bool:
    """True when a reply has run into a loop and says the same few tokens over and over, as small models do."""
    if len(tokens) % 16 or len(tokens) < _LEAST:
        return False
    for period in range(1, _LONGEST_PERIOD + 1):
        length = max(period * _TIMES, _LEAST)
        end = tokens[-length - period :]
        if len(end) == length + period and end[period:] == end[:-period]:
            return True
    return False
