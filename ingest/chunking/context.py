"""The lines put before a passage for the embedder: title, section path, header row of a split table."""

from __future__ import annotations

import re
from collections.abc import Callable

_BETWEEN = " › "
_WORD = re.compile(r"[^\W\d_]{3,}|[\u3400-\u9fff]{2}")
_YEAR = re.compile(r"(?:19|20)\d\d")
_BETWEEN_WORDS = re.compile(r"[\s_]+")


def title_words(title: str) -> str:
    """The title as it is put before passages; '' for one without words in it.

    File names come apart at their underscores: 'ACME_2022_10K' is 'ACME 2022 10K', and often the only place that
    names the company. 'zh-001' or '3f2a_0001' say nothing and would only blur the vectors of their passages.
    """
    parts = [part for part in _BETWEEN_WORDS.split(title) if part]
    telling = [part for part in parts if _WORD.search(re.sub(r"\w*\d\w*", " ", part))]
    # One word and a running number ('scan_0042', 'TRIAL_106') is a name for counting, not for reading.
    if not telling or (len(parts) == 2 and parts[1].isdigit() and not _YEAR.fullmatch(parts[1])):
        return ""
    return " ".join(parts)


class Contexts:
    """Writes the context lines of one document and knows their length."""

    def __init__(self, title: str, count: Callable[[str], int], limit: int) -> None:
        """No context line is longer than `limit` tokens; `title` may be empty, and is left out if it says nothing."""
        self._title = title_words(title)
        self._count, self._limit = count, limit
        self._known: dict[tuple[str, ...], tuple[str, int]] = {}

    def path(self, section: tuple[str, ...]) -> tuple[str, int]:
        """The line naming title and section, and its tokens; the outermost parts go first when it is too long."""
        if section not in self._known:
            parts = [self._title, *section] if self._title and self._title not in section else list(section)
            while len(parts) > 1 and self._count(_BETWEEN.join(parts)) > self._limit:
                del parts[0]
            line = self.shortened(_BETWEEN.join(parts))
            self._known[section] = line, self._count(line)
        return self._known[section]

    def shortened(self, line: str) -> str:
        """The beginning of `line` that keeps to the limit, on one line."""
        line = " ".join(line.split())
        while line and (tokens := self._count(line)) > self._limit:
            line = line[: min(len(line) - 1, len(line) * self._limit // tokens)].rstrip()
        return line
