"""The words that say what is to be done with numbers, which of them is meant, and whether a text says that something is the most
or the least of its kind: a source may say it in any form of its language ('-est', 最, what is first)."""

from __future__ import annotations

import re

from agents.proof import quantifiers
from agents.proof.asked import asked_for
from ingest.folding import fold
from ingest.units import LENGTH, MONEY

DATED = frozenset({"date"})
"""What 'earliest' and 'latest' compare."""
_SUPERLATIVES: tuple[tuple[str, str, frozenset[str]], ...] = (
    # the highest, the lowest, the dimensions that they compare: any where none is named
    (
        r"\b(?:most|highest|largest|biggest|maximum|greatest)\b|最[高多大]",
        r"\b(?:least|lowest|fewest|smallest|minimum)\b|最[低少小]",
        frozenset(),
    ),
    (r"\b(?:dearest|priciest|most expensive|costliest)\b|最贵", r"\b(?:cheapest|least expensive)\b|最便宜", MONEY),
    (r"\bheaviest\b|最重(?!要)", r"\blightest\b|最轻", frozenset({"grams"})),
    (r"\blongest\b|最[长久]", r"\bshortest\b|最短", LENGTH | {"days", "months", "seconds"}),
    (r"\b(?:latest|newest)\b|最[晚迟新]", r"\b(?:earliest|oldest)\b|最[早老旧]", DATED),
)
HIGHEST = re.compile("|".join(high for high, _, _ in _SUPERLATIVES), re.IGNORECASE)
LOWEST = re.compile("|".join(low for _, low, _ in _SUPERLATIVES), re.IGNORECASE)
TOGETHER = re.compile(
    r"\b(?:together|in total|altogether|combined|in all|all told|total|sum of|add(?:ed)? up"
    r"|(?<!difference )(?<!distance )(?<!there )(?<!lie )(?<!lies )(?<!is )(?<!are )between (?:them|us))\b|一共|总共|合计|共计|总计|总和|[加合](?:起来|在一起)|相加|共有",
    re.IGNORECASE,
)
APART = re.compile(
    r"\b(?:difference|how (?:many|much)(?: \w+)? (?:more|less|fewer|longer|shorter|higher|lower|older|younger|cheaper|dearer|larger|smaller|heavier|lighter|warmer|colder))\b"
    r"|\bhow much\b[^,.?!]{0,30}\bsave\b|\bsaves? [£$€\d]|(?:省|便宜)[了下出]?(?:多少|几|\s*\d)"
    r"|\bby how (?:many|much)\b|相差|差多少|差几|差额|(?<![最至])[多少高低贵长短](?:出)?(?:多少|几)"
    r"|(?:增[加长多]|减少|[上下][涨降升跌]|[涨降升跌]|[少多])[了出](?:多少|几)"
    r"|比[^，。？?]{1,16}[多少][\u4e00-\u9fff]{1,2}(?:多少|几)",
    re.IGNORECASE,
)
_TOGETHER_ASKED = re.compile(rf"(?:{TOGETHER.pattern})(?!\s*\d)", re.IGNORECASE)
"""'一共 2 个人' tells it."""
_OUTCOME = re.compile(r"\d \+ .*\d = -?\d|\) / \d+ = \d")
"""What a table's cells were worked out to."""
MEAN = re.compile(r"\b(?:average|mean)\b|平均", re.IGNORECASE)
BELOW = re.compile(
    r"\b(?:below|under|(?:less|fewer|lower|smaller|cheaper)(?: of)? than|short of)\b|低于|少于|小于|不足|不到",
    re.IGNORECASE,
)
ABOVE = re.compile(
    r"\b(?:above|over|exceed(?:s|ing)?|(?:more|greater|higher|larger|dearer)(?: of)? than)\b|高于|多于|大于|超过",
    re.IGNORECASE,
)


def compared(question: str) -> frozenset[str]:
    """The dimensions that the superlative of `question` compares; none where it fits any."""
    for high, low, kinds in _SUPERLATIVES:
        if kinds and re.search(f"{high}|{low}", question, re.IGNORECASE):
            return kinds
    return frozenset()


def to_work_out(goal: str, text: str) -> bool:
    """Whether `goal` asks what things come to, and `text` does not say that of any."""
    return not _OUTCOME.search(text) and any(
        asked.search(goal) and not asked.search(text) for asked in (_TOGETHER_ASKED, APART)
    )


_BOUND = re.compile(r"\bat (?:most|least)\b|最[多少][^\W\d]{0,3}\s*\d")
"""'At most 5', 最多 5: a bound."""
_FORM = re.compile(r"[最首]|第一|\b(?:most|least|worst|first|last|[a-z]+est)\b")


def asks_extreme(question: str) -> bool:
    """Whether `question` asks what is the most or least of its kind; where a number is asked for, it may be a bound: 最多可以借几本."""
    return is_extreme(question) and not asked_for(question).wants_number


def is_extreme(text: str) -> bool:
    """Whether `text` names the most or least of something; bounds don't."""
    plain = _BOUND.sub(" ", fold(text))
    return bool(HIGHEST.search(plain) or LOWEST.search(plain))


def says_extreme(text: str) -> bool:
    """Whether `text` may say so, in whatever form: what is usual is most common."""
    plain = fold(text)
    spelled = {quantifiers.quantifier(match.group()) for match in quantifiers.pattern().finditer(plain)}
    return bool(_FORM.search(plain) or spelled & {"part:most", "often:always", "often:often"})
