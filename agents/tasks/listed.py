"""Things that a text names side by side: 'Hydrology, Support and Sales', 东港、西湾和鹭岛."""

from __future__ import annotations

import re

from agents.proof.months import months
from agents.proof.operations import APART, TOGETHER

_AND = r"(?:\s*[,，、;；&]\s*(?:(?:and|or)\s+)?|\s+(?:and|or)\s+|\s*(?:和|与|跟|及|以及)\s*)"
_NAME = r"[A-Z][\w-]*(?: [A-Z][\w-]*)*"
_PLACED = r"(?:(?:in|on|at|of|for|from) )?"
_NAMES = re.compile(rf"{_NAME}(?:(?:, (?:and )?| and ){_PLACED}{_NAME})+")
_HEADED = re.compile(
    r"\b(?:(?:the|an?) )?[a-z]\w* (?P<head>[a-z]\w*)"
    r"(?:, (?:(?:the|an?) )?[a-z]\w* (?P=head))*,? (?:and|or) (?:(?:the|an?) )?[a-z]\w* (?P=head)\b"
)
"""'the north gate, the river gate and the south gate': each ends with what all of them are."""
_SHARED = re.compile(r"\bthe (?P<items>[a-z]\w*(?:, [a-z]\w*)*,? and [a-z]\w*) (?P<head>[a-z]{3,})s\b")
"""'the north, river and south gates': what all of them are is said once."""
_THAN = re.compile(
    r"\b(?P<of>for|in|on|at|of|from) (?P<one>[^,?]{2,40}?) than (?P=of) (?P<two>[^,?]{2,40}?)(?=\s*(?:[,?.]|$))"
)
_YEARS = re.compile(
    r"(?:\b(?:from|between|in|since|for) |[从自])?(?P<one>(?:19|20)\d\d)(?P<unit>\s*年)?(?P<rest>[^,，?？]{0,40}?)\s*"
    r"(?:\b(?:to|and|than|over|against|compared (?:to|with))(?: (?:in|for))? |[比到至和与])\s*"
    r"(?:(?P<two>(?:19|20)\d\d)(?:\s*年)?|(?:the )?(?:year before|previous year)|[前上]一?年)",
    re.IGNORECASE,
)
"""'From 2024 to 2025', 2025 年的电费比 2024 年: held apart, what stands between them said of both."""
_HAN = r"[\u4e00-\u9fff]"
_LIST = re.compile(
    rf"(?P<first>{_HAN}{{1,5}}(?P<kind>{_HAN}))(?P<more>(?:、{_HAN}{{1,5}}?(?P=kind))+(?:[和与及]{_HAN}{{1,5}}?(?P=kind))?)"
)
_BRACKETED = re.compile(
    rf"(?:[\d一二两三四五六七八九十]+{_HAN}{{1,5}})?[（(](?P<items>{_HAN}{{2,8}}(?:、{_HAN}{{2,8}})+)[）)]"
)
"""三家门店（解放路、大学城、火车站）."""
_NUMBERED = re.compile(
    rf"(?P<items>{_HAN}{{2,6}}?(?:[、和与及]{_HAN}{{2,6}}?)+)(?=[两三四五六七八九十\d]+[个家座位所名只台])"
)
"""东街、西河和南坪三个社区."""
_COMPARED = re.compile(
    rf"(?P<one>{_HAN}{{2,8}}?)(?P<now>现在|目前|这会儿|此刻|[|])?比(?P<two>{_HAN}{{2,8}}?)(?=[多少高低贵长短大小快慢早晚]{_HAN}?[了出]?(?:多少|几))"
)
_RUN = re.compile(rf"({_HAN}{{2,6}})((?:、{_HAN}{{2,6}})*)(?:和|与|跟|及|以及)(?={_HAN}{{2}})")
_PAIRED = re.compile(rf"(?<=的)(?P<one>{_HAN})(?P<end>{_HAN})[和与及](?P<two>{_HAN})(?P=end)")
"""双人车的租金和押金."""
_EITHER = re.compile(
    r"\b(?:which|who|what)\b[^,?]*, (?P<one>[^,?]+?) or (?P<two>[^,?]+?)(?=\s*(?:[,?]|$| and (?:how|by|what)\b))",
    re.IGNORECASE,
)
_WHICH = re.compile(
    rf"(?P<one>{_HAN}{{2,8}})(?:和|与|跟|还是)(?P<two>{_HAN}{{2,8}}?)(?=(?:的{_HAN}{{1,8}})?[，,]?(?:哪|谁))"
)


def apart(text: str) -> list[tuple[str, str]]:
    """(thing, `text` with that one alone) for each of the things that `text` names side by side or to choose between;
    nothing where it names none. In Chinese, where nothing ends the last name, it is as long as the first and needs a 、
    before it, or the first one's last character; before 哪个 the names are as long as the last, and where all end alike and
    words go before the first it is as long as the shortest."""
    if each := _times(text):
        return each
    if match := _EITHER.search(text) or _THAN.search(text):
        return _each(text, (match.start("one"), match.end("two")), [match["one"], match["two"]])
    named = (match for match in _NAMES.finditer(text) if not text[: match.start()].endswith("between "))
    if match := max(named, key=lambda m: len(m.group()), default=None):
        items = [re.sub(rf"^{_PLACED}", "", item) for item in items_of(match.group())]
        return _each(text, match.span(), items)
    if match := _HEADED.search(text):
        return _each(text, match.span(), items_of(match.group()))
    if match := _SHARED.search(text):
        items = [f"{item} {match['head']}" for item in items_of(match["items"])]
        return _each(text, (match.start("items"), match.end()), items)
    if match := _BRACKETED.search(text) or _NUMBERED.search(text):
        return _each(text, match.span(), re.split("[、和与及]", match["items"]))
    if (match := _LIST.search(text)) and not re.search("[几多哪何谁什]", match.group()):
        more = re.split("[、和与及]", match["more"])[1:]
        first = match["first"][-min(map(len, more)) :]
        return _each(text, (match.end("first") - len(first), match.end()), [first, *more])
    if each := _compared(text):
        return each
    if match := _WHICH.search(text):
        one = match["one"][-len(match["two"]) :]
        return _each(text, (match.end("one") - len(one), match.end("two")), [one, match["two"]])
    for match in _RUN.finditer(text):
        first, more = match[1], [item for item in match[2].split("、") if item]
        last = text[match.end() : match.end() + len(first)]
        if more or (len(last) == len(first) and last[-1] == first[-1]):
            return _each(text, (match.start(), match.end() + len(first)), [first, *more, last])
    return []


def _times(text: str) -> list[tuple[str, str]]:
    """The months of which the sum is asked, 九月到十一月, or the two years of which the difference is."""
    if TOGETHER.search(text) and (several := [(span, named) for span, named in months(text) if len(named) > 1]):
        return _each(text, several[0][0], [*several[0][1].values()])
    match = _YEARS.search(text) if APART.search(text) else None
    if match is None:
        return []
    before, unit = f"{text[: match.start()]}{'' if match['unit'] else 'in '}", match["unit"] or ""
    years = (match["one"], match["two"] or str(int(match["one"]) - 1))
    return [(year, f"{before}{year}{unit}{match['rest']}{text[match.end() :]}") for year in years]


def _compared(text: str) -> list[tuple[str, str]]:
    """古装租一周比现代装贵多少 → of both, each with what stands between them: the first ends as the second does; 租金和押金."""
    if match := _PAIRED.search(text):
        return _each(text, match.span(), [f"{match[one]}{match['end']}" for one in ("one", "two")])
    if (match := _COMPARED.search(text)) is None:
        return []
    two = match["two"]
    named = re.search(
        rf"{_HAN}{{0,{len(two) - 1}}}{two[-1]}(?=(?P<rest>{_HAN}*?)(?:现在|目前|这会儿|此刻|[|])?比{two})", text
    )
    if named is None:
        return []
    rest = text[named.end() : match.start("two") - 1]
    return _each(text, (named.start(), match.end("two")), [named[0], two], rest)


def _each(text: str, span: tuple[int, int], items: list[str], behind: str = "") -> list[tuple[str, str]]:
    bare = (re.sub(r"^(?:the|an?) ", "", item) for item in items)
    return [(item, f"{text[: span[0]]}{item}{behind}{text[span[1] :]}") for item in bare]


def items_of(value: str) -> list[str]:
    """'Hydrology and Support' → its items."""
    return [item.strip() for item in re.split(_AND, value) if item.strip()]
