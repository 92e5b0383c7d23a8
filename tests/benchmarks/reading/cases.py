"""What a case is: a file made on the spot, what must be read from it, what would be false, and how a reading is judged."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

_ESCAPED = re.compile(r"\\(?=[\\`*_{}\[\]()#+\-.!|<>~$])")
_RULE = re.compile(r"[|:\- ]+")


@dataclass(frozen=True)
class Reading:
    """What a reader made of a file."""

    text: str
    notes: tuple[str, ...] = ()
    refused: str = ""
    """Why it read nothing."""
    lacks: str = ""
    """What it would have needed and is not installed here: then nothing is judged."""

    @cached_property
    def flat(self) -> str:
        """The text in one line, without the marks of Markdown."""
        return _plain(self.text)

    @cached_property
    def lines(self) -> list[str]:
        """Each line as it reads."""
        return [_plain(line) for line in self.text.splitlines()]

    @cached_property
    def tables(self) -> list[list[list[str]]]:
        """Rows of cells of each Markdown table; the first row names the columns."""
        found: list[list[list[str]]] = []
        within = False
        for line in self.text.splitlines():
            bar = line.strip().startswith("|")
            if bar and not within:
                found.append([])
            if bar and not _RULE.fullmatch(line.strip()):
                found[-1].append([_plain(cell) for cell in line.strip().strip("|").split("|")])
            within = bar
        return found


@dataclass(frozen=True)
class Case:
    """One file of a kind of fault."""

    kind: str
    """Letter and number of the kind."""
    name: str
    make: Callable[[Path], Path]
    """Writes it into a folder."""
    wanted: tuple[Callable[[Reading], bool], ...]
    false: tuple[Callable[[Reading], bool], ...] = ()
    """What would be an untruth if it stood there."""

    def judged(self, reading: Reading) -> str:
        """'wrong' where something false stands; else 'right', 'said' (not read, and it says so), 'lost', or '–' where the
        reader could not be asked."""
        if reading.lacks:
            return "–"
        if any(check(reading) for check in self.false):
            return "wrong"
        if all(check(reading) for check in self.wanted):
            return "right"
        return "said" if reading.refused or reading.notes else "lost"


def says(*texts: str) -> Callable[[Reading], bool]:
    """Each of these stands there, line ends and the marks of Markdown aside."""
    return lambda reading: all(_plain(text) in reading.flat for text in texts)


def apart(*texts: str) -> Callable[[Reading], bool]:
    """Each of these stands on lines of its own: nothing else is run into it."""
    return lambda reading: all(text in {line.strip("#-*• ") for line in reading.lines} for text in texts)


def line(*texts: str) -> Callable[[Reading], bool]:
    """Some line has all of these."""
    return lambda reading: any(all(text in one for text in texts) for one in reading.lines)


def cell(row: str, column: str, value: str) -> Callable[[Reading], bool]:
    """In the row with the cell `row`, the column whose name has all words of `column` says `value`; or so does a record
    of lines 'name: value'."""

    def found(reading: Reading) -> bool:
        for table in reading.tables:
            named = [n for n, name in enumerate(table[0] if table else ()) if all(w in name for w in column.split())]
            for cells in table[1:]:
                if row in cells and any(n < len(cells) and cells[n] == value for n in named):
                    return True
        records = re.split(r"\n\s*\n", reading.text)
        return any(
            row in one and re.search(rf"^\W*{re.escape(column)}\W*: *{re.escape(value)}\W*$", one, re.MULTILINE)
            for one in records
        )

    return found


def told(*words: str) -> Callable[[Reading], bool]:
    """A note, or the text, has all of these: what can't be read is named."""
    return lambda reading: all(any(word in one for one in (*reading.notes, reading.text)) for word in words)


def noted(word: str) -> Callable[[Reading], bool]:
    """A note says so."""
    return lambda reading: any(word.lower() in note.lower() for note in reading.notes)


def refused(reading: Reading) -> bool:
    """It isn't taken for text."""
    return bool(reading.refused)


def _plain(text: str) -> str:
    return " ".join(_ESCAPED.sub("", text).replace("**", "").split())
