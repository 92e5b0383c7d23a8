"""Whether an answer holds what the question file says is right, and what can be read off its words, whoever wrote them: a refusal,
its language, what is said twice."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

from agents.proof.claims import makes_no_claim
from agents.proof.markers import normalise, split, without
from ingest.language import language_code

_ALPHABETIC = r"[^\W\d_\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]"
"""A letter of a script that puts blanks between words."""
_TOKEN = re.compile(rf"{_ALPHABETIC}+|\d+|\w")
_POINT = re.compile(r"(?<=\d)\.(?=\d)")
"""Of a decimal fraction, which is no mark like others: 16.8 is not 168."""
_LAST_ZEROS = re.compile(r"(?<=\d)(?:\.0+|(\.\d*[1-9])0+)$")
_GLUE, _GAP = " ", "\n"
"""One mark or blank, which may stand inside a number, and several, which may not."""


def contains_gold(text: str, answers: Iterable[str]) -> bool:
    """Whether one of `answers` stands in `text`: NFKC, case, blanks and punctuation folded, but for the point of a
    fraction, whose last zeros don't count; a number not as part of a longer number, a word of letters not as part of a longer
    word (but for a plural's s): 'LoRA' is not in 'exploration'."""
    spaced = _spaced(text)
    return any(re.search(pattern, spaced) for pattern in map(_pattern, answers) if pattern)


def gold_recall(text: str, answers: Iterable[str], question: str = "") -> float:
    """The largest share of an answer's words and Han characters that `text` holds, of those the question doesn't: long
    excerpts are seldom repeated whole. 0…1; an answer made of the question's words counts whole."""
    said = Counter(_TOKEN.findall(folded(text)))
    known = set(_TOKEN.findall(folded(question)))
    best = 0.0
    for answer in answers:
        tokens = Counter(_TOKEN.findall(folded(answer)))
        wanted = Counter({token: n for token, n in tokens.items() if token not in known}) or tokens
        if wanted:
            best = max(best, (wanted & said).total() / wanted.total())
    return best


def folded(text: str) -> str:
    """NFKC and lower case; letters, digits and symbols stay, runs of anything else become one blank."""
    return re.sub(rf"[{_GLUE}{_GAP}]", " ", _spaced(text)).strip()


def _spaced(text: str) -> str:
    kept: list[str] = []
    run = 0
    text = unicodedata.normalize("NFKC", text).lower()
    points = {match.start() for match in _POINT.finditer(text)}
    for at, char in enumerate(text):
        if unicodedata.category(char)[0] in "LNS" or at in points:
            if run:
                kept.append(_GLUE if run == 1 else _GAP)
            kept.append(char)
            run = 0
        else:
            run += 1
    return "".join(kept)


def _pattern(answer: str) -> str:
    """What `answer` looks like in a spaced text, whatever stands between its characters; '' for one without any."""
    gold = _LAST_ZEROS.sub(r"\1", re.sub(rf"[{_GLUE}{_GAP}]", "", _spaced(answer)))
    if not gold:
        return ""
    before = after = ""
    if gold[0].isdigit():
        before = rf"(?<!\d)(?<!\d[{_GLUE}.])"
    elif re.match(_ALPHABETIC, gold):
        before = f"(?<!{_ALPHABETIC})"
    if gold[-1].isdigit():
        zeros = "0*" if "." in gold else r"(?:\.0+)?"
        after = rf"{zeros}(?![{_GLUE}.]?\d)"
    elif re.match(_ALPHABETIC, gold[-1]):
        after = f"(?!(?!e?s(?!{_ALPHABETIC})){_ALPHABETIC})"
    return before + f"[{_GLUE}{_GAP}]?".join(map(re.escape, gold)) + after


_MATERIAL = r"(?:context|passages?|documents?|texts?|sources?|materials?|information|article|excerpts?|provided|given)"
_SAY = (
    r"(?:mention|specif|stat(?:e|ing)|provid|contain|includ|indicat|disclos|list|address|detail|describ|say|give"
    r"|information|answer|discuss|explain|available|found|clear|explicit)"
)
_REFUSAL = re.compile(
    # I don't know; I am unable to; it can't be determined
    r"\b(?:i|we)(?: am|'m| are|'re)? (?:sorry|unable|not able|not sure|(?:do not|don't|did not|didn't|cannot|can't|can not"
    r"|could not|couldn't) (?:know|find|answer|determine|tell|provide|see|have|say))"
    r"|\b(?:cannot|can't|can not|could not|couldn't|not possible to|impossible to) (?:be )?(?:determin|answer|infer"
    r"|ascertain|found|find|conclude)"
    # the context doesn't mention it; it isn't given in the text; there is no information
    rf"|\b(?:no|not|never|without)\b[^.;]{{0,60}}?\b{_SAY}[^.;]*\b{_MATERIAL}\b"
    rf"|\b{_MATERIAL}\b[^.;]{{0,80}}?(?:n't|\b(?:no|not|never|without|lacks?))\b[^.;]{{0,60}}?\b{_SAY}"
    rf"|n't (?:\w+ ){{0,3}}?{_SAY}[^.;]*\b{_MATERIAL}\b"
    r"|\bno (?:\w+ )?(?:information|answer|mention|details?)\b|\b(?:is|are|was|found|find|says?|know) nothing (?:about|on)\b"
    rf"|\b(?:no|none of the) (?:\w+ )?{_MATERIAL} (?:\w+ )?{_SAY}"
    r"|不知道|[查找]不到|不得而知|不清楚|抱歉|对不起|很遗憾|(?:无法|不能|难以)(?:从|根据|直接|准确|给出|提供|回答|确定|得知|判断|找到|得出)"
    r"|(?:没有|未能|并未|未|没|不)(?:在\S{0,12})?(?:直接|明确|具体|详细|进一步)*(?:地)?"
    r"(?:[^，。；]{0,20}(?:信息|内容|答案|说明|记载)|找到|提及|提到|说明|给出|提供|涉及|包含|包括|指出|列出|记载|描述|回答|相关|关于|足够|说|写|查到|看到|讲)",
    re.IGNORECASE,
)
_CHINESE_MATERIAL = re.compile("文档|文件|文件中|段落|上下文|资料|材料|文中|信息|内容|原文|文本|文章|知识库|答案")
_BY_ITSELF = re.compile("不知道|[查找]不到|不得而知|抱歉|对不起|很遗憾|无法回答|无法确定|[a-z]", re.IGNORECASE)
_QUOTED = re.compile(r"^>.*$", re.MULTILINE)
_SHORT = 4
"""Letters and digits below which saying something twice ('Yes.') is no repetition."""
_MARKERS = 99
"""Passages that markers may name: how many a chain showed its model isn't known here."""


def refuses(text: str, question: str) -> bool:
    """Whether an answer says that there is none: its first sentence that says anything says that it isn't known or that
    the material doesn't tell, or no sentence makes a claim. The empty answer refuses nothing."""
    said = _sentences(text)
    claims = [sentence for sentence in said if not makes_no_claim(sentence, question)]
    first = next((sentence for sentence in said if folded(sentence)), "")
    return bool(first) and (not claims or _denies(first))


def admits(text: str) -> bool:
    """Whether any sentence says that something isn't known, told or possible."""
    return any(map(_denies, _sentences(text)))


def _denies(sentence: str) -> bool:
    found = _REFUSAL.search(sentence)
    return found is not None and bool(_BY_ITSELF.search(found.group()) or _CHINESE_MATERIAL.search(sentence))


def repeated(text: str) -> int:
    """How many sentences say letter by letter what an earlier one said, markers, case and punctuation aside."""
    said = Counter(map(folded, _sentences(text)))
    return sum(times - 1 for sentence, times in said.items() if len(sentence.replace(" ", "")) > _SHORT)


def _sentences(text: str) -> list[str]:
    return [sentence.text for sentence in split(normalise(text, _MARKERS), _MARKERS)]


def language_read(text: str) -> str:
    """The language of a text as a code; '' for one without letters. Both ways to write Chinese are one. Block quotes below
    a text stand as their document has them, whatever was asked."""
    bare = without(_QUOTED.sub("", text)).strip() or without(text)
    if not any(char.isalpha() for char in bare):
        return ""
    return language_code(bare).removesuffix("-hant")
