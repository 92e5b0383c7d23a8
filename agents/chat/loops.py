"""Reads along while a model writes, and says when it goes in circles: small models write a sentence again and again, once
for each marker, or markers without words, up to the end of their budget."""

from __future__ import annotations

import re

from agents.proof.checking import SHORTEST, saying
from agents.proof.markers import without
from ingest.sentences import sentences

_MOST_MARKERS = 3
"""Markers in a row that one sentence may rest on; a fourth begins a count through all there are."""
_MARKERS = re.compile(rf"(?:\s*\[\d{{1,3}}\]){{{_MOST_MARKERS + 1},}}")
_ENDS = re.compile(r"[。！？!?.;；\n\]]")
_CERTAIN = re.compile(r"(?:[。！？!?；]|\.\s)\s*\Z|\n\Z")


class Loops:
    """Of one reply."""

    def __init__(self) -> None:
        self._text = ""

    def feed(self, piece: str) -> int:
        """Where in the reply with `piece` at its end it begins to say what it has said already: there it is to be cut, and
        the model stopped. -1 while it goes on well."""
        self._text += piece
        if not _ENDS.search(self._text[-len(piece) - 1 :]):  # a full stop is one for certain when something follows
            return -1
        if markers := _MARKERS.search(self._text):
            return markers.start()
        said: set[str] = set()
        found = sentences(self._text)
        if not _CERTAIN.search(self._text):
            found = found[:-1]  # 'It is 5.' may become 'It is 5.5'
        for start, end in found:
            one = saying(without(self._text[start:end]))
            if len(one) >= SHORTEST:
                if one in said:
                    return start
                said.add(one)
        return -1
