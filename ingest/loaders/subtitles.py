"""Subtitles (SRT, WebVTT, ASS): what is said as sentences, in pages that are labelled with their times."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ingest.documents import Block, Page, Parsed
from ingest.language import is_cjk
from ingest.loaders.layout import one_line
from ingest.loaders.plain import load_text
from ingest.loaders.properties import sensible
from ingest.loaders.repair import repair

_TIMES = re.compile(r"\s*((?:\d+:)?\d{1,2}:\d{2})[.,]\d{1,3}\s*-->\s*((?:\d+:)?\d{1,2}:\d{2})[.,]\d{1,3}.*")
_VOICE = re.compile(r"<v(?:\.[^ >]*)?\s+([^>]+)>")
_DIALOGUE = re.compile(
    r"Dialogue:[^,]*,\s*(\d+:\d\d:\d\d)\.\d+,\s*(\d+:\d\d:\d\d)\.\d+,[^,]*,([^,]*),(?:[^,]*,){4}(.*)"
)
"""A line of SubStation Alpha: its times, who speaks, what is said."""
_MARKUP = re.compile(r"</?(?:[a-z][^>]*|\d[\d:.]*)>|\{\\[^}]*\}", re.IGNORECASE)
_END = re.compile(r"[.!?。！？…][\"'”’」)）]*$")
PAGE = 600
"""Characters after which a page ends at the next sentence: about a passage, so that its times tell where to look."""
_LONGEST = 1_800
"""Characters after which it ends wherever that is: automatic subtitles have no full stops."""


@dataclass(frozen=True, slots=True)
class _Cue:
    start: str
    end: str
    text: str


def load_subtitles(text: str, path: Path) -> Parsed:
    """Pages labelled '00:01:12–00:02:05'. A file without a single cue is read as plain text."""
    text = repair(text)
    cues = list(_cues(text)) or [_spoken(match) for match in _DIALOGUE.finditer(text)]
    if not cues:
        return load_text(text, path)
    first = text.split("\n", 1)[0]
    title = sensible(one_line(first.removeprefix("WEBVTT").strip(" -"))) if first.startswith("WEBVTT") else ""
    kind = "text/vtt" if first.startswith("WEBVTT") else "application/x-subrip"
    return Parsed(title or path.stem, kind, tuple(_pages(cues)))


def _spoken(line: re.Match[str]) -> _Cue:
    start, end, who, said = line.groups()
    said = " ".join(re.sub(r"\\[Nnh]", " ", _MARKUP.sub("", said)).split())
    return _Cue(_clock(start), _clock(end), f"{who.strip()}: {said}" if who.strip() else said)


def _cues(text: str) -> Iterator[_Cue]:
    """Cues with something said; a line that the cue before has shown already, as rolling subtitles do, once."""
    shown: list[str] = []
    lines = text.split("\n")
    at = 0
    while at < len(lines):
        times = _TIMES.fullmatch(lines[at])
        at += 1
        if times is None:
            continue
        said: list[str] = []
        while at < len(lines) and lines[at].strip() and not _TIMES.fullmatch(lines[at]):
            said.append(_MARKUP.sub("", _VOICE.sub(r"\1: ", lines[at])).strip())
            at += 1
        if at < len(lines) and _TIMES.fullmatch(lines[at]) and said and said[-1].isdigit():
            said.pop()  # the number of the next cue, where no blank line parts them
        fresh = [line for line in said if line and line not in shown]
        shown = said
        if fresh:
            yield _Cue(_clock(times[1]), _clock(times[2]), _joined(fresh))


def _clock(time: str) -> str:
    """Hours, minutes and seconds."""
    return ":".join(part.zfill(2) for part in ("0:" * (2 - time.count(":")) + time).split(":"))


def _pages(cues: list[_Cue]) -> Iterator[Page]:
    group: list[_Cue] = []
    length = number = 0
    for n, cue in enumerate(cues):
        group.append(cue)
        length += len(cue.text)
        full = length >= PAGE and _END.search(cue.text)
        if full or length >= _LONGEST or n == len(cues) - 1:
            number += 1
            text = _joined([one.text for one in group])
            yield Page(number, text, (Block("paragraph", 0, len(text)),), (), f"{group[0].start}–{group[-1].end}")
            group, length = [], 0


def _joined(parts: list[str]) -> str:
    """Pieces of sentences as text: a blank between two of them, none between Chinese characters; a speaker's turn and
    what begins with a dash on a line of its own."""
    out = ""
    for part in parts:
        turn = part.startswith(("- ", "– ", "— ")) or re.match(r"[^\W\d][^:：.!?\n]{0,30}[:：]\s", part)
        if not out:
            between = ""
        elif turn:
            between = "\n"
        else:
            between = "" if is_cjk(out[-1]) and is_cjk(part[0]) else " "
        out += between + part
    return out
