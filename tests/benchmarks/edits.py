"""Nine kinds of edits that make a true sentence false: number, unit, date, name, denial, condition, relation (of a number to
what is said: since, before, by so much), role, quantifier.

None of it uses the product's own tables of numbers or units: what those don't know must show. An edit that may leave
the sentence true is not made: no roles are exchanged in an enumeration or around a verb that holds both ways, no value
is put in that the sentence's own source gives too, and what comes out must not stand in the passage.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

Kind = Literal["number", "unit", "date", "name", "denial", "condition", "relation", "role", "quantifier"]
KINDS: tuple[Kind, ...] = ("number", "unit", "date", "name", "denial", "condition", "relation", "role", "quantifier")


@dataclass(frozen=True, slots=True)
class TrueSentence:
    """A sentence that `passage` states, letter by letter."""

    text: str
    passage: str
    lang: Literal["zh", "en"]
    names: tuple[str, ...]
    """Names to be put in another's place: of the same source, and in the same language."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A false sentence."""

    kind: Kind
    text: str


def edited(true: TrueSentence, rng: random.Random) -> list[Edit]:
    """At most one edit of each kind, chosen by `rng` among those that can be made."""
    found = []
    flat = _flat(true.passage)
    for kind in KINDS:
        made = list(dict.fromkeys(_MAKERS[kind](true, rng)))
        rng.shuffle(made)
        fresh = (text for text in made if _flat(text) not in flat)
        if text := next(fresh, ""):
            found.append(Edit(kind, text))
    return found


def _flat(text: str) -> str:
    return re.sub(r"\W+", "", text).casefold()


def _put(text: str, match: re.Match[str], new: str, group: int | str = 0) -> str:
    return text[: match.start(group)] + new + text[match.end(group) :]


_NUMBER = re.compile(
    r"(?<![\w.,:/-])\d{1,3}(?:,\d{3})+(?![\w,.-]*\d)|(?<![\w.,:/-])\d+(?:\.\d+)?(?![\d.,:/-]*[\dA-Za-z])"
)
_YEARISH = re.compile(r"^\s?(?:年|月|日|世纪|年代)")


def _numbers(text: str) -> Iterator[re.Match[str]]:
    for match in _NUMBER.finditer(text):
        dated = _YEARISH.match(text[match.end() :]) or re.fullmatch(r"1\d{3}|20\d\d", match[0])
        if not dated and not _MONTH.search(text[max(0, match.start() - 12) : match.end() + 12]):
            yield match


def _number(true: TrueSentence, rng: random.Random) -> Iterator[str]:
    mine = {match[0] for match in _NUMBER.finditer(true.text)}
    others = [match[0] for match in _numbers(true.passage) if match[0] not in mine]
    for match in _numbers(true.text):
        if others:
            yield _put(true.text, match, rng.choice(others))
        digits = list(match[0])
        at = rng.choice([at for at, char in enumerate(digits) if char.isdigit()])
        digits[at] = rng.choice([d for d in "123456789" if d != digits[at]])
        if "".join(digits) not in mine:
            yield _put(true.text, match, "".join(digits))


_UNITS = {
    "zh": (
        ("米", "公里", "英里", "公顷"), ("天", "小时", "周", "个月"), ("年", "个月", "天"), ("元", "美元", "欧元"),
        ("公斤", "吨", "克"), ("%", "元", "倍"), ("平方公里", "平方米", "公里"), ("分钟", "小时", "天"), ("人", "户", "吨"),
        ("GB", "MB", "TB"), ("公里", "米"), ("小时", "分钟"), ("美元", "英镑"), ("岁", "个月"), ("次", "年"),
    ),
    "en": (
        ("metres", "kilometres", "miles"), ("meters", "kilometers"), ("miles", "metres"), ("days", "weeks", "hours"),
        ("years", "months", "days"), ("hours", "minutes"), ("minutes", "hours"), ("months", "years"),
        ("km", "m", "miles"), ("%", " dollars"), ("percent", "dollars"), ("kg", "tonnes"), ("euros", "yuan", "dollars"),
        ("yuan", "euros"), ("people", "families", "tonnes"), ("tons", "kilograms"), ("acres", "square miles"),
    ),
}  # fmt: skip


def _unit(true: TrueSentence, rng: random.Random) -> Iterator[str]:
    for first, *others in _UNITS[true.lang]:
        edge = r"(?![\w])" if first[-1].isascii() and first[-1].isalpha() else ""
        if first == "年":
            edge = "(?![代年月初底末级份度])"
        if first in {"人", "米", "天", "元", "次"}:
            edge = r"(?=[，。、；的）)\s]|$)"
        for match in re.finditer(
            rf"(?<![\d.])(\d[\d,.]*\s?(?:million |billion |万|亿)?)({re.escape(first)}){edge}", true.text
        ):
            if not (first == "年" and len(re.sub(r"\D", "", match[1])) == 4):
                yield _put(true.text, match, rng.choice(others), 2)


_MONTHS = tuple(str.split("January February March April May June July August September October November December"))
_SHORT_MONTH = re.compile("|".join(month[:3] for month in _MONTHS))
_MONTH = re.compile(rf"\b(?:{'|'.join(_MONTHS)})\b")
_DATE = re.compile(
    rf"(?<!\d)(?P<year>1[0-9]\d\d|20[0-2]\d)(?!\d|[.,]\d|\s?(?:米|元|人|个|km|m\b|people))|(?P<month>\d{{1,2}})(?=\s?月\s?\d)"
    rf"|(?<=月)\s?(?P<day>\d{{1,2}})(?=\s?日)|\b(?P<name>{'|'.join(_MONTHS)})\b(?=[ ,]+\d)"
)


def _date(true: TrueSentence, rng: random.Random) -> Iterator[str]:
    for match in _DATE.finditer(true.text):
        if match["year"]:
            years = [
                y for y in re.findall(r"(?<!\d)(?:1[0-9]\d\d|20[0-2]\d)(?!\d)", true.passage) if y not in true.text
            ]
            new = rng.choice([*years, str(int(match["year"]) + rng.choice([-11, -3, -1, 1, 2, 7]))])
        elif match["name"]:
            new = rng.choice([m for m in _MONTHS if m not in true.text])
        else:
            old = int(match["month"] or match["day"])
            new = str(rng.choice([n for n in range(1, 13) if n != old]))
        if new not in true.text or len(new) < 3:
            yield _put(true.text, match, new)


_TITLE = re.compile("《[^《》]{2,20}》")
_CAPITALS = re.compile(r"(?<![.!?“\"'] )(?<!^)\b[A-Z][a-zà-ÿ]+(?: (?:of |the )?[A-Z][a-zà-ÿ]+)*\b")
_NO_NAMES = re.compile(
    rf"^(?:{'|'.join(_MONTHS)}|The|A|An|In|On|At|It|He|She|They|This|These|I|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)\b"
)


def names_in(text: str, lang: str) -> list[str]:
    """What is surely a name in `text`: titles in 《》 and words with capitals within an English sentence."""
    found = [m[0] for m in (_TITLE if lang == "zh" else _CAPITALS).finditer(text)]
    return [name for name in dict.fromkeys(found) if not _NO_NAMES.match(name)]


def _own_names(true: TrueSentence) -> list[re.Match[str]]:
    """Where names stand in the sentence, longer ones first, none within another."""
    known = {*names_in(true.text, true.lang), *(name for name in true.names if name in true.text)}
    found: list[re.Match[str]] = []
    for name in sorted(known, key=len, reverse=True):
        edge = r"\b" if name[0].isascii() else ""
        for match in re.finditer(f"{edge}{re.escape(name)}{edge}", true.text):
            if not any(match.start() < other.end() and other.start() < match.end() for other in found):
                found.append(match)
    return found


def _like(one: str, other: str) -> bool:
    """Whether two are names of one sort: both titles or neither, and one is not part of the other."""
    return one.startswith("《") == other.startswith("《") and one not in other and other not in one


def _name(true: TrueSentence, rng: random.Random) -> Iterator[str]:
    for match in _own_names(true):
        near = [n for n in true.names if n in true.passage and n not in true.text and _like(n, match[0])]
        far = [n for n in true.names if n not in true.passage and _like(n, match[0])]
        for names in (near, far):
            if names and true.text.count(match[0]) == 1:
                yield _put(true.text, match, rng.choice(names))


_BOTH_WAYS = re.compile(
    r"^\W*(?:(?:and|or|&|with|versus|vs|both|between|the|a|as|well|like|is|are|was|were|from|to|de|van|von|of|in|on|at|via|"
    r"including|met|married|borders?|equals?|near|than|by)\b\W*)*$|\b(?:met|married|borders?|bordering|equals?|shares?|together|"
    r"between|respectively|cousin|friends?|merged|meets|joins)\b|、|和|与|及|以及|或|相|同|互|之间|结婚|邻|至|到|又名|又称|也称|即|简称|别名|称为|之一|包括",
    re.IGNORECASE,
)


def _role(true: TrueSentence, rng: random.Random) -> Iterator[str]:
    places = sorted(_own_names(true), key=lambda match: match.start())
    for left, right in pairwise(places):
        middle = true.text[left.end() : right.start()]
        words = (
            len(re.findall(r"\b[a-z]{2,}", middle))
            if true.lang == "en"
            else len(re.findall(r"[\u4e00-\u9fff]", middle))
        )
        clause = re.search(r"[,，;；:：()（）。]", middle)
        if left[0] == right[0] or clause or not 2 <= words <= 14 or _BOTH_WAYS.search(middle):
            continue
        if _TITLE.match(left[0]) and _TITLE.match(right[0]):
            continue  # two works beside each other are mostly an enumeration
        # 'X is Y' holds both ways when nothing follows.
        if re.fullmatch(r"\s*(?:是|为|is the|was the|is a|was a)\s*", middle) and not re.match(
            r"的|'s| of", true.text[right.end() :]
        ):
            continue
        yield true.text[: left.start()] + right[0] + middle + left[0] + true.text[right.end() :]


_DENY = {
    "zh": (
        (re.compile(r"(?<![但于只还可总就而都也或要不便正算算更即若])是(?=[\u4e00-\u9fff])(?!否|因为|由于|指|以)"), "不是"),
        (re.compile("(?<![不也就都])可以(?!说)"), "不可以"), (re.compile("(?<!不)能够"), "不能够"),
        (re.compile("(?<!不)必须"), "不必"), (re.compile("(?<!不)应当?(?=[在由于按向将])"), "不应"),
        (re.compile("(?<=[\u4e00-\u9fff])位于"), "不位于"), (re.compile("没有"), "有"), (re.compile("不可(?=[在用上以])"), "可"),
        (re.compile("不能(?!不)"), "能"), (re.compile("不是"), "是"), (re.compile("(?<![并而])未(?=[被获能进参])"), "已"),
        (re.compile("不得(?!不)"), "可以"), (re.compile("(?<![也还])曾(?=[在任是获参担])"), "不曾"),
        (re.compile("并未"), "已"), (re.compile("不会"), "会"),
    ),
    "en": (
        (re.compile(r"\b(?:is|was|are|were|will|would|must|should|could|can|had been|has been|have been)\b(?! (?:not|no|only|n't|never|neither)\b)(?=\s[a-z])"), "{} not"),
        (re.compile(r"\b(is|was|are|were|will|would|must|should|could|may|did|does|do) not(?! only)\b"), "{1}"),
        (re.compile(r"\bcannot\b"), "can"), (re.compile(r"\b(?:never)\b"), "always"), (re.compile(r"\bwithout\b"), "with"),
    ),
}  # fmt: skip
_FALSELY_DENIED = re.compile(r"not only|not more|not less|no more than|不仅|不只|不但|无论|whether|是否|是不是|除了")


def _denial(true: TrueSentence, rng: random.Random) -> Iterator[str]:
    if _FALSELY_DENIED.search(true.text):
        return
    for pattern, new in _DENY[true.lang]:
        for match in pattern.finditer(true.text):
            put = new.replace("{1}", match[1] if match.re.groups else "").replace("{}", match[0])
            yield _put(true.text, match, put)


_CONDITIONS = {
    "zh": (
        ("之前", "之后"), ("以前", "以后"), ("以上", "以下"), ("以内", "以外"), ("超过", "不到"), ("高于", "低于"), ("大于", "小于"),
        ("工作日", "周末"), ("国内", "国外"), ("试用期", "转正后"), ("如果", "除非"), ("只有", "即使不"), ("早于", "晚于"), ("开始时", "结束时"),
        ("上半年", "下半年"), ("上午", "下午"), ("春季", "秋季"), ("夏季", "冬季"), ("首次", "最后一次"),
    ),
    "en": (
        ("before", "after"), ("if", "unless"), ("until", "from"), ("above", "below"), ("within", "beyond"), ("under", "over"),
        ("weekdays", "weekends"), ("domestic", "foreign"), ("during", "after"), ("inside", "outside"), ("at the beginning", "at the end"),
        ("early", "late"), ("in summer", "in winter"), ("morning", "evening"), ("first", "last"), ("when", "unless"),
    ),
}  # fmt: skip
_LEAD = {
    "zh": re.compile("^(?:如果|若|只要|只有|除非|一旦)[^，。]{3,40}，(?:就|则|那么|便|才)?(?=[^，]{8})"),
    "en": re.compile(r"^(?:If|Unless|Only if|Provided that|Once) [^,.]{8,80}, (?:then )?(?=\w.{20})"),
}
_CONDITIONAL_NUMBER = re.compile(
    r"(?:满|超过|不足|达到?)\s?(\d+|[一二三五十]+)(?=\s?(?:年|个?月|天|公里|次|人|元|岁))|\bafter (\w+)(?= (?:years|months|days))"
)


def _condition(true: TrueSentence, rng: random.Random) -> Iterator[str]:
    for one, other in _CONDITIONS[true.lang]:
        for old, new in ((one, other), (other, one)):
            edge = r"\b" if true.lang == "en" else ""
            taken = new not in true.text or true.lang == "en"
            for match in re.finditer(rf"{edge}{re.escape(old)}{edge}", true.text):
                if taken and old not in {"over", "under", "from", "early", "late", "last", "when", "after", "above"}:
                    yield _put(true.text, match, new)
    if match := _LEAD[true.lang].match(true.text):
        rest = true.text[match.end() :]
        yield rest[0].upper() + rest[1:]
    numbers = list(_CONDITIONAL_NUMBER.finditer(true.passage))
    for match in _CONDITIONAL_NUMBER.finditer(true.text):
        others = [o[1] or o[2] for o in numbers if (o[1] or o[2]) != (match[1] or match[2])]
        if others:
            yield _put(true.text, match, rng.choice(others), 1 if match[1] else 2)


_YEAR_OR_DAY = r"(?:(?:early|late|mid|the|[A-Z][a-z]+|\d{1,2})[ -]){0,3}(?:1\d{3}|20\d\d)\b"
_RELATIONS = {
    "zh": (
        (re.compile(r"(?:1\d{3}|20\d\d)\s?年(?=[，在由被成开出获建举])(?<!自\d{4}年)"), ("{}之前", "{}之后")),
        (re.compile(r"(?:1\d{3}|20\d\d)\s?年(?:\d+月)?(?=(?:以来|起))以?[来起]"), ("{0}之前",)),
        (re.compile(r"(?<=[增减升降提])(?:至|到)(?=\s?\d)"), ("了",)), (re.compile(r"(?<=[增减升降])了(?=\s?\d)"), ("到",)),
    ),
    "en": (
        (re.compile(rf"\b[Ii]n (?={_YEAR_OR_DAY})"), ("before ", "after ")),
        (re.compile(rf"\b[Ss]ince (?={_YEAR_OR_DAY})"), ("before ", "until ")),
        (re.compile(rf"\b[Bb]efore (?={_YEAR_OR_DAY})"), ("after ", "in ")),
        (re.compile(rf"\b[Aa]fter (?={_YEAR_OR_DAY})"), ("before ", "in ")),
        (re.compile(rf"\b[Uu]ntil (?={_YEAR_OR_DAY})"), ("since ", "after ")),
        (re.compile(r"(?<=(?:sed|ced|wed|ven) )by (?=[$€£]?\d)"), ("to ",)),
        (re.compile(r"(?<=(?:sed|ced|wed|ven) )to (?=[$€£]?\d)"), ("by ",)),
    ),
}  # fmt: skip


def _relation(true: TrueSentence, rng: random.Random) -> Iterator[str]:
    for pattern, others in _RELATIONS[true.lang]:
        for match in pattern.finditer(true.text):
            new = rng.choice(others).replace("{0}", re.split("以来|起", match[0])[0]).replace("{}", match[0])
            yield _put(true.text, match, new.capitalize() if match[0][:1].isupper() else new)


_QUANTIFIERS = {
    "zh": (
        ("所有", "部分"), ("全部", "部分"), ("一些", "所有"), ("部分(?![分门件队])", "全部"), ("至少", "至多"), ("最多", "最少"), ("大多数", "少数"),
        ("大部分", "小部分"), ("许多", "少数"), ("多数", "少数"), ("唯一", "之一"), ("通常", "从不"), ("经常", "很少"), ("少数", "多数"), ("不少于", "不多于"),
        ("任何", "某些"), ("绝大多数", "少数"),
    ),
    "en": (
        ("all", "some"), ("every", "hardly any"), ("some", "all"), ("most", "few"), ("many", "few"), ("at least", "at most"),
        ("at most", "at least"), ("more than", "less than"), ("less than", "more than"), ("few", "most"), ("always", "sometimes"),
        ("often", "never"), ("usually", "never"), ("several", "all"), ("up to", "at least"), ("both", "neither"), ("any", "only some"),
    ),
}  # fmt: skip


def _quantifier(true: TrueSentence, rng: random.Random) -> Iterator[str]:
    for old, new in _QUANTIFIERS[true.lang]:
        edge = r"\b" if true.lang == "en" else ""
        after = (
            r"(?! of all| notabl| import| recent| likely| common| famous|\w* time)"
            if old in {"most", "all", "some"}
            else ""
        )
        before = "(?<!the )(?<!at )(?<!not )(?<!first )(?<!after )" if true.lang == "en" else "(?<![大绝])(?<!不是)"
        if true.lang == "zh" and old == "唯一":
            continue
        for match in re.finditer(rf"{before}{edge}{old}{edge}{after}", true.text, re.IGNORECASE):
            put = new.capitalize() if match[0][0].isupper() else new
            yield _put(true.text, match, put)


_MAKERS: dict[Kind, Callable[[TrueSentence, random.Random], Iterator[str]]] = {
    "number": _number,
    "unit": _unit,
    "date": _date,
    "name": _name,
    "denial": _denial,
    "condition": _condition,
    "relation": _relation,
    "role": _role,
    "quantifier": _quantifier,
}


def names_of(texts: Sequence[str], lang: str) -> tuple[str, ...]:
    """Names of many texts, for `TrueSentence.names`: none that is written small anywhere, or a month."""
    small = {word for text in texts for word in re.findall(r"\b[a-z]+\b", text)}
    found = (name for text in texts for name in names_in(text, lang))
    return tuple(
        dict.fromkeys(name for name in found if name.lower() not in small and not _SHORT_MONTH.fullmatch(name))
    )
