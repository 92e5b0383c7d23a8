"""Citation markers in a model's text: read in whatever form it wrote them, put back as `[n]`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingest.sentences import sentences

_FORMS = re.compile(
    r"[\[【［]\s*(?:\^|passage|source|doc(?:ument)?|ref|段落|来源|文档|资料)?\s*[:：#]?\s*"
    r"(?P<numbers>\d{1,3}(?:\s*[,，、;；\-–~]\s*(?:passage|段落)?\s*\d{1,3})*)\s*[\]】］](?!\()",
    re.IGNORECASE,
)
_ATTACHED = re.compile(r"(?:\s*\[\d{1,3}\])+")
_ONE = re.compile(r"\[(\d{1,3})\]")
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an answer. `text` is without its markers; `start`, `end` span it in the normalised text."""

    text: str
    start: int
    end: int
    marks: tuple[int, ...]


def normalise(text: str) -> str:
    """All markers as `[1][2]`, those after a full stop drawn in front of it, so that they stay with their sentence."""
    kept: list[str] = []
    position = 0
    for code in _CODE.finditer(text):
        kept += [_normal(text[position : code.start()]), code.group()]
        position = code.end()
    return "".join([*kept, _normal(text[position:])])


def _normal(prose: str) -> str:
    prose = _FORMS.sub(lambda match: "".join(f"[{n}]" for n in _numbers(match["numbers"])), prose)
    return re.sub(r"([。！？!?.]+[”\"』」]?)((?:[ \t]*\[\d{1,3}\])+)", lambda m: _inside(m[1], m[2]), prose)


def _inside(stop: str, marks: str) -> str:
    marks = marks.replace(" ", "").replace("\t", "")
    return f"{marks}{stop}" if not stop[0].isascii() else f" {marks}{stop}"


def _numbers(listed: str) -> list[int]:
    numbers: list[int] = []
    for part in re.split(r"[,，、;；]", listed):
        ends = [int(n) for n in re.findall(r"\d+", part)]
        numbers += range(ends[0], ends[1] + 1) if len(ends) == 2 and 0 < ends[1] - ends[0] < 20 else ends
    return numbers


def split(text: str) -> list[Sentence]:
    """The sentences of a normalised text, with the numbers each one cites."""
    found = []
    for start, end in sentences(text):
        piece = text[start:end]
        marks = () if piece.lstrip().startswith(("```", "~~~")) else tuple(dict.fromkeys(map(int, _ONE.findall(piece))))
        found.append(Sentence(without(piece), start, end, marks))
    return found


def without(text: str) -> str:
    """`text` with no markers."""
    return _ATTACHED.sub("", text).strip()


def with_marks(sentence: str, marks: list[int]) -> str:
    """`sentence` (without markers) with `marks` in front of its full stop."""
    if not marks:
        return sentence
    tail = re.search(r"[。！？!?.；;]+[”\"』」)）]*$|\s*\|$", sentence)
    cut = tail.start() if tail else len(sentence)
    space = " " if cut and sentence[:cut].rstrip()[-1:].isascii() else ""
    return f"{sentence[:cut].rstrip()}{space}{''.join(f'[{n}]' for n in marks)}{sentence[cut:]}"
