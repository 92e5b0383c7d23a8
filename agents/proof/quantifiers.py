"""How much, how often and up to where: quantifiers and bounds by class, Chinese and English.

Two of one family, but of another class, say different things: 'all' is not 'some', 至少 is not 至多.
"""

from __future__ import annotations

import re
from functools import cache

_CLASSES = {
    # family:class → Chinese spellings, English spellings; folded
    "part:all": ("所有 全部 全体 一切 任何", "all every each any entire whole both"),
    "part:most": ("绝大多数 绝大部分 大多数 大部分 多数", "most mostly majority"),
    "part:many": ("许多 很多 众多", "many numerous"),
    "part:some": ("一些 某些 有些 部分 若干", "some several certain partly"),
    "part:few": ("极少数 少数 小部分 少部分 极少 很少", "hardly-any few minority rarely seldom"),
    "bound:least": ("至少 最少 不少于 不低于 不小于 起码", "at-least no-less-than not-less-than no-fewer-than minimum"),
    "bound:most": (
        "至多 最多 不超过 不高于 不多于 不大于 不得超过 不能超过",
        "at-most no-more-than not-more-than up-to maximum not-exceed not-exceeding",
    ),
    "bound:above": ("超过 多于 高于 大于 超出", "more-than greater-than exceed exceeds exceeded exceeding above"),
    "bound:below": ("不到 少于 低于 小于 不足 不满", "less-than fewer-than below"),
    "often:always": ("总是 始终", "always"),
    "often:often": ("经常 通常 常常 往往", "often usually frequently generally"),
    "often:sometimes": ("有时 偶尔", "sometimes occasionally"),
}
_UPWARD = frozenset({"bound:least", "bound:above"})


@cache
def _classes() -> dict[str, str]:
    return {
        spelling.replace("-", " "): name
        for name, languages in _CLASSES.items()
        for language in languages
        for spelling in language.split()
    }


@cache
def pattern() -> re.Pattern[str]:
    """Of every spelling, longer ones first; in folded text."""
    spellings = sorted(_classes(), key=len, reverse=True)
    return re.compile("|".join(rf"\b{spelling}\b" if spelling.isascii() else spelling for spelling in spellings))


def quantifier(spelling: str) -> str:
    """'family:class' of something that `pattern` matched."""
    return _classes()[spelling]


def differ(one: str, other: str) -> bool:
    """Whether two classes can't be said of the same thing: of bounds, one must be upward and the other not."""
    family = one.partition(":")[0]
    if one == other or family != other.partition(":")[0]:
        return False
    return family != "bound" or (one in _UPWARD) != (other in _UPWARD)


_BEHIND = re.compile(
    r"\s*(?:[(（]?含[)）]?)?(?:[及或]?(?:以上|更[多大高])|\+| (?:and|or) (?:over|older|above|more|up)\b"
    r"|(?P<down>[及或]?(?:以[下内]|更[少小低])| (?:and|or) (?:under|younger|below|less|fewer)\b))"
)
_BEFORE = re.compile(r"(?:\b(?:over|above|from)|(?<![不未])满)\s*$|(?P<down>\b(?:under|below|within|up to)|未满)\s*$")


def direction(text: str, start: int, end: int) -> int:
    """Which way the number at text[start:end] (folded) is a bound: 1 upward (65 岁以上), -1 downward, 0 none."""
    if found := _BEHIND.match(text, end) or _BEFORE.search(text[:start]):
        return -1 if found["down"] else 1
    spellings = [match for match in pattern().finditer(text[:start]) if not text[match.end() : start].strip()]
    name = quantifier(spellings[-1].group()) if spellings else ""
    return (1 if name in _UPWARD else -1) if name.startswith("bound:") else 0
