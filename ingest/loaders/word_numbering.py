"""The numbers that Word makes when it shows a document: '1.', '2.1', '(a)', '第三条'.

ECMA-376, part 1, 17.9. Numbers of one abstract list go on through all lists made from it, until one of them says that it
starts anew.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from ingest.loaders.word_styles import Styles, W, switched, value

ITEM = re.compile(r"\W?(?:[^\W_]{1,2}|[ivxIVX]{3,6})\W?")
"""The number of a list's item: '3.', '(a)', '①'; a longer one ('第三条', '2.1') is that of a paragraph."""
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
          (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
_HAN = ("〇一二三四五六七八九", "十百千")
_HAN_LEGAL = ("零壹贰叁肆伍陆柒捌玖", "拾佰仟")
_CYCLES = {
    "ideographtraditional": "甲乙丙丁戊己庚辛壬癸", "ideographzodiac": "子丑寅卯辰巳午未申酉戌亥",
    "decimalenclosedcircle": "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳", "decimalenclosedcirclechinese": "①②③④⑤⑥⑦⑧⑨⑩",
    "decimalenclosedparen": "⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽⑾⑿⒀⒁⒂⒃⒄⒅⒆⒇", "decimalenclosedfullstop": "⒈⒉⒊⒋⒌⒍⒎⒏⒐⒑⒒⒓⒔⒕⒖⒗⒘⒙⒚⒛",
    "ideographenclosedcircle": "㊀㊁㊂㊃㊄㊅㊆㊇㊈㊉",
}  # fmt: skip
_HAN_FORMATS = frozenset(
    ("chinesecounting", "chinesecountingthousand", "taiwanesecounting", "taiwanesecountingthousand", "japanesecounting")
)
_LEGAL_FORMATS = frozenset(("chineselegalsimplified", "ideographlegaltraditional", "japaneselegal"))


@dataclass(frozen=True, slots=True)
class Level:
    """How one level of a list is numbered."""

    start: int = 1
    form: str = "decimal"
    text: str = ""
    between: str = " "
    """What stands between the number and the text."""
    restart: int = -1
    """The level (from 1) after which it starts anew; 0 for never, -1 for any higher one."""
    legal: bool = False
    """Whether the numbers of all levels are shown as figures."""
    style: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """A paragraph's number or bullet. `text` is '' for a bullet and for what shows none."""

    text: str
    depth: int
    """From 1."""
    between: str = " "
    bullet: bool = False


class Numbering:
    """The lists of a document, counted on as its paragraphs are read in order."""

    def __init__(self, root: Any, styles: Styles) -> None:  # noqa: ANN401 - lxml elements are untyped
        """`root`: of the part with the definitions."""
        self._styles = styles
        self._abstract: dict[str, dict[int, Level]] = {}
        self._of: dict[str, tuple[str, dict[int, Level]]] = {}
        self._starts: dict[str, dict[int, int]] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._begun: set[tuple[str, int]] = set()
        self._read(root)

    def label(self, paragraph: Any) -> Label | None:  # noqa: ANN401
        """The number of a `w:p`, counting it; None when it is in no list."""
        properties = paragraph.find(f"{W}pPr")
        style = self._styles.of(properties)
        own = None if properties is None else properties.find(f"{W}numPr")
        number, at = value(own, "numId"), value(own, "ilvl")
        level = None if at is None else _number(at)
        if number is None:
            number = style.list_id
            if level is None:
                bound = (
                    n for n, known in self._levels(number).items() if known.style and known.style == style.list_style
                )
                level = next(bound, style.list_level)
        if not number or number == "0":
            return None
        return self._count(number, level or 0)

    def _count(self, number: str, at: int) -> Label | None:
        levels = self._levels(number)
        level = levels.get(at)
        if level is None:
            return Label("", at + 1, bullet=True) if number in self._of else None
        counts = self._counts.setdefault(self._of[number][0], {})
        start = self._starts.get(number, {}).get(at)
        if start is not None and (number, at) not in self._begun:
            counts.pop(at, None)
            level = replace(level, start=start)
        self._begun.add((number, at))
        counts[at] = counts[at] + 1 if at in counts else level.start
        for deeper in [known for known in counts if known > at]:
            restart = levels[deeper].restart if deeper in levels else -1
            if restart < 0 or at < restart:
                del counts[deeper]
        if level.form in ("bullet", "none") and "%" not in level.text:
            return Label("" if level.form == "bullet" else level.text, at + 1, level.between, level.form == "bullet")

        def shown(match: re.Match[str]) -> str:
            place = int(match[1]) - 1
            known = levels.get(place, Level())
            count = counts.get(place, known.start)
            return numeral(count, "decimal" if level.legal and known.form != "decimalZero" else known.form)

        return Label(re.sub(r"%([1-9])", shown, level.text).strip(), at + 1, level.between)

    def _levels(self, number: str) -> dict[int, Level]:
        abstract, own = self._of.get(number, ("", {}))
        return self._abstract.get(abstract, {}) | own

    def _read(self, root: Any) -> None:  # noqa: ANN401
        linked: dict[str, str] = {}
        by_style: dict[str, str] = {}
        for element in root.iterfind(f"{W}abstractNum"):
            name = element.get(f"{W}abstractNumId", "")
            self._abstract[name] = dict(map(_level, element.iterfind(f"{W}lvl")))
            if (link := value(element, "numStyleLink")) is not None:
                linked[name] = link
            if (link := value(element, "styleLink")) is not None:
                by_style[link] = name
        for name, link in linked.items():
            if link in by_style:
                self._abstract[name] = self._abstract[by_style[link]]
        for element in root.iterfind(f"{W}num"):
            name = element.get(f"{W}numId", "")
            overrides: dict[int, Level] = {}
            starts: dict[int, int] = {}
            for override in element.iterfind(f"{W}lvlOverride"):
                at = _number(override.get(f"{W}ilvl"))
                if (start := value(override, "startOverride")) is not None:
                    starts[at] = _number(start, 1)
                if (own := override.find(f"{W}lvl")) is not None:
                    overrides[at] = _level(own)[1]
                    starts.setdefault(at, overrides[at].start)
            self._of[name] = (value(element, "abstractNumId") or "", overrides)
            self._starts[name] = starts


def numeral(count: int, form: str) -> str:
    """`count` in one of Word's formats of numbers (`ST_NumberFormat`); figures for those that are not known here."""
    form = form.lower()
    if form in _HAN_FORMATS:
        return _han(count, *_HAN)
    if form in _LEGAL_FORMATS:
        return _han(count, *_HAN_LEGAL)
    if form in _CYCLES:
        cycle = _CYCLES[form]
        if 0 < count <= len(cycle):
            return cycle[count - 1]
        return _han(count, *_HAN) if form == "decimalenclosedcirclechinese" else str(count)
    if form in ("ideographdigital", "japanesedigitaltenthousand", "taiwanesedigital"):
        return "".join(_HAN[0][int(digit)] for digit in str(count))
    if form in ("upperroman", "lowerroman") and 0 < count < 5000:
        roman = _roman(count)
        return roman.upper() if form == "upperroman" else roman
    if form in ("upperletter", "lowerletter") and count > 0:
        letter = chr(97 + (count - 1) % 26) * ((count - 1) // 26 + 1)
        return letter.upper() if form == "upperletter" else letter
    if form == "decimalzero":
        return f"{count:02}"
    if form == "ordinal":
        return f"{count}{'th' if 10 <= count % 100 <= 20 else {1: 'st', 2: 'nd', 3: 'rd'}.get(count % 10, 'th')}"
    return "" if form == "none" else str(count)


def _roman(count: int) -> str:
    text = ""
    for figure, letters in _ROMAN:
        repeat, count = divmod(count, figure)
        text += letters * repeat
    return text


def _han(count: int, digits: str, steps: str) -> str:
    """A number below 100,000,000 in Chinese: 一, 十二, 一百〇三, 一千二百."""
    if count < 1 or count >= 10**8:
        return str(count) if count else digits[0]
    if count >= 10_000:
        high, low = divmod(count, 10_000)
        zero = digits[0] if 0 < low < 1000 else ""
        return f"{_han(high, digits, steps)}万{zero}{_han(low, digits, steps) if low else ''}"
    text = ""
    figures = str(count)
    for place, figure in enumerate(figures):
        step = len(figures) - place - 1
        if figure != "0":
            gap = digits[0] if place and figures[place - 1] == "0" else ""
            text += gap + digits[int(figure)] + (steps[step - 1] if step else "")
    # Ten to nineteen without the one before, except on cheques.
    return text[1:] if 10 <= count < 20 and digits == _HAN[0] else text


def _level(element: Any) -> tuple[int, Level]:  # noqa: ANN401
    between = {"space": " ", "nothing": ""}.get(value(element, "suff") or "", " ")
    return _number(element.get(f"{W}ilvl")), Level(
        _number(value(element, "start"), 1 if element.find(f"{W}start") is None else 0),
        value(element, "numFmt") or "decimal",
        value(element, "lvlText") or "",
        between,
        _number(value(element, "lvlRestart"), -1),
        bool(switched(element, "isLgl")),
        value(element, "pStyle") or "",
    )


def _number(text: str | None, otherwise: int = 0) -> int:
    try:
        return int(text or otherwise)
    except ValueError:
        return otherwise
