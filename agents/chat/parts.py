"""The parts of a task or a question: questions and orders that stand for themselves."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from agents.chat.signs import phrases
from agents.proof.designators import SUPPOSED
from agents.proof.numbers import stated
from agents.proof.operations import APART
from agents.proof.rarity import canonical_terms, content_terms
from ingest.language import is_han
from ingest.numerals import ENGLISH_NUMERAL
from ingest.sentences import sentences
from ingest.units import MONEY, spelled

MOST_PARTS = 8
MOST_QUESTIONS = 4
"""That are answered one by one."""
_COMPARE = (
    re.compile(
        r"^\s*(?:please\s+)?(?:compare|what is the difference between|what are the differences between)\s+(.+?)\s+"
        r"(?:and|with|to|against|versus|vs\.?)\s+(.+?)[.?!]*\s*$",
        re.IGNORECASE,
    ),
    re.compile(
        r"^\s*(?:请)?(?:比较|对比)(?:一下)?(.+?)(?:和|与|跟|同)(.+?)(?:的(?:不同|区别|差异|异同))?[。？！?!]*\s*$"
    ),
)
_JOINED = re.compile(
    r"\s*(?:[;；\n]|[,，]?\s+(?:and then|then(?! (?:to|for|in|on|at|with|by)\b)|and also|also|as well as)\s+|[，,]?(?:然后|接着|并且|同时|另外|(?<=[，,])还有|再(?=[查算找看]))[，,]?)\s*",
    re.IGNORECASE,
)
_AUXILIARY = r"(?:is|are|was|were|do|does|did|has|have|can|must|may|should|will) "
_YES = rf"{_AUXILIARY}(?:the|an?|my|our|its|their|that|this|it|they|there|I|we|you|he|she)\b"
_YES_OF = rf"{_AUXILIARY}(?:it|they|there|I|we|you)\b"
_YES_OR_NO = re.compile(_YES, re.IGNORECASE)
_ASKED = re.compile(r"(?<=[?？])(?:\s+|(?=[\u4e00-\u9fff])|(?<=？))(?=\w)")
"""Behind a question, whatever letter the next one begins with."""
_ASKS_ON = re.compile(
    r"\s*,?\s+and\s+(?=(?:(?:on|in|at|for|from|by|to) )?(?:what|how|when|who|whose|which|where|why)\b)"
    rf"|,\s+and\s+(?={_YES})|\s+and\s+(?={_YES_OF})"
    r"|(?<![，,中内时])(?<!(?<!哪)里)[，,]\s*(?=[^，,。？?]*(?:几|多[少久长大高远]|什么|哪|谁|何时|如何|怎么|吗|(?P<verb>[\u4e00-\u9fff])[不没](?P=verb)))",
    re.IGNORECASE,
)
"""A second question in the same sentence, where the part before it is one too."""
QUESTION = re.compile(
    r"\b(?:what|how|when|who|whose|which|where|why)\b|几|多[少久长大高远]|什么|哪|谁|何时|如何|怎么|吗|([\u4e00-\u9fff])[不没]\1",
    re.IGNORECASE,
)
_FOLLOWS = re.compile(
    r"^(?:and |by )?how (?:many|much)(?: \w+)?(?: more| less| fewer| \w+er)?(?: (?:is|are|was|were) (?:it|that|this|they|those))?\W*$"
    rf"|^(?:每\w{{1,3}}?)?(?:分别|各)?(?:相差|差|高|低|多|少|贵)?(?:[是有为出])?(?:多少|几)(?:{spelled()}|\w)?\W*$",
    re.IGNORECASE,
)
"""A question that only says how what the one before it asks for is to be measured."""
_TIMES = re.compile(r"^[\u4e00-\u9fff][了过]?(?:多少|几)[次回趟遍]\W*$")
"""报了几回, behind a question of what was 报修."""
_WHICH = re.compile(
    r"^(?:and )?which (?:one )?(?:is|costs|has|was) (?:the )?(?:\w+er|more|most|less|least)\W*$|^(?:哪|谁)(?:一?个)?更?\w{1,3}\W*$",
    re.IGNORECASE,
)
"""The same of one that asks which of them it is; what is asked last is what is wanted, so it comes first."""
_UNITS = re.compile(rf"\b(?:in )?(?:{spelled()}|{'|'.join(MONEY)})s?\b", re.IGNORECASE)
_OF_ASKER = re.compile(rf"(?:I|We|My|Our|It)\b|我|{SUPPOSED.pattern}")
SAID_OF = re.compile(
    r"(?:(?:[Tt]he|[Aa]n?) )?(?P<who>(?!(?:I|We|You|They|He|She|It|What|Who|Which|How)\b)(?:(?:Mrs?|Ms|Miss|Dr|Prof)\.? )?[A-Z][\w'’-]*(?: (?:(?:of|the|and|&) )?[A-Z][\w'’-]*)*)"
    r" (?:is|are|was|were|has|have|had|can|could|will|would|may|might|must|wants?|needs?|comes?|likes?|brings?|stays?)\b"
)
"""What begins with a name and tells something of it: 'Lena Okafor wants a pitch.'"""
_TELLS = re.compile(
    r"(?:An?|The|This|That|These|Those|You|He|She|They|There|Some(?:body|one)|Nobody|Every(?:body|one)|Some|Several|Many|Both"
    rf"|(?i:{ENGLISH_NUMERAL})) |{SAID_OF.pattern}"
)
"""How no order begins."""
_ORDERS = re.compile(r"[请帮把]|麻烦")
_AS_IT_IS = re.compile(r"(?:We|I|It)(?:'re|'m|'s| are| am| is| have| had) |(?:My|Our) ")
"""What tells how things are; 'I want a list' tells what is to be done."""
_AS_ASKER_IS = re.compile(rf"{_AS_IT_IS.pattern}|我们?(?=[^要想]{{0,2}}[是有在开])")
_ITEM = re.compile(r"^\s*(?:[-*•]|\(?\d{1,2}[.)、）]|[一二三四五六七八九十]+、)\s*")


def parts(task: str) -> list[str]:
    """The pieces of a task that stand for themselves: sentences, list items, what a semicolon or 'then' joins, and the
    two sides of a comparison."""
    pieces = [
        side
        for start, end in sentences(task)
        for asked in _ASKED.split(task[start:end])
        for joined in _JOINED.split(asked)
        if joined
        for piece in _questions(joined)
        for side in _compared(_ITEM.sub("", piece).strip(" ,，、"))
    ]
    pieces = _circumstanced([piece for piece in pieces if len(re.sub(r"\W", "", piece)) >= 2])
    return list(dict.fromkeys(_followed(pieces)))[:MOST_PARTS] or [task.strip()]


def questions(text: str) -> list[str]:
    """The questions that `text` asks one after the other; `text` alone where a part of it asks nothing."""
    found = parts(text)
    asking = all(part.endswith(("?", "？")) or _asks(part) for part in found)
    return found if asking and 1 < len(found) <= MOST_QUESTIONS else [text]


def _asks(piece: str) -> bool:
    return bool(QUESTION.search(piece) or _YES_OR_NO.match(piece))


def _circumstanced(pieces: Sequence[str]) -> list[str]:
    """'We are four.', 'What do two nights cost?' → one: what the asker tells of themselves, or supposes, belongs to what is asked
    or ordered behind it."""
    found: list[str] = []
    for piece in pieces:
        asks = _asks(piece)
        told = bool(found) and not QUESTION.search(found[-1])
        tells = told and ((_OF_ASKER if asks else _AS_IT_IS).match(found[-1]) or _TELLS.match(found[-1]))
        before = tells or (told and _ORDERS.match(piece) and not _ORDERS.match(found[-1]))
        behind = bool(found) and not told and not asks and _AS_ASKER_IS.match(piece)
        if before or behind:
            found[-1] = f"{found[-1]} {piece}" if piece.isascii() else f"{found[-1]}{piece}"
        else:
            found.append(piece)
    return found


def _followed(pieces: Sequence[str]) -> list[str]:
    """'Which costs more, A or B?', 'How many euros more?' → one question: the second asks for nothing by itself."""
    found: list[str] = []
    for piece in pieces:
        if found and QUESTION.search(found[-1]) and _adds_nothing(piece, found[-1]):
            first, second = (piece, found[-1]) if _WHICH.match(piece) else (found[-1], piece)
            joint = "" if not first.isascii() else " " if first.endswith("?") else ", "
            found[-1] = f"{first}{joint}{second}"
        else:
            found.append(piece)
    return found


def _adds_nothing(piece: str, before: str) -> bool:
    if _FOLLOWS.match(piece) or _WHICH.match(piece) or _TIMES.match(piece):
        return True
    told = APART.sub(" ", _UNITS.sub(" ", piece))
    if stated(piece) or not set(filter(is_han, "".join(phrases(told)))) <= set(before):
        return False  # 退 of 可以退吗
    return bool(QUESTION.search(piece)) and content_terms(told) <= canonical_terms(before)


def _questions(piece: str) -> list[str]:
    """'What does it cost, and what do three cost?' → both questions; a clause that asks nothing stays with its question."""
    found: list[str] = []
    joints = [(0, 0), *(match.span() for match in _ASKS_ON.finditer(piece)), (len(piece), 0)]
    for clause in (piece[end:start] for (_, end), (start, _) in pairwise(joints)):
        words = {match.group() for match in QUESTION.finditer(found[-1])} if found else set()
        supposes = words == {"几"} and SUPPOSED.search(found[-1])  # 要是想少来几个人
        if found and (supposes or not (_asks(found[-1]) and _asks(clause))):
            found[-1] = f"{found[-1]}，{clause}" if not clause.isascii() else f"{found[-1]} and {clause}"
        else:
            found.append(clause)
    return found


def _compared(piece: str) -> list[str]:
    for pattern in _COMPARE:
        if match := pattern.match(piece):
            return _sides(match[1].strip(), match[2].strip())
    return [piece]


def _sides(one: str, two: str) -> list[str]:
    """'the hotel rates in Germany', 'China' → both with what is compared: the second takes what it lacks from the first."""
    if len(two.split()) <= 2 < len(one.split()) and two.isascii():
        head = re.match(r"^(.*\b(?:in|of|for|from|at)\s+)\S.*$", one)
        return [one, f"{head[1]}{two}"] if head else [one, two]
    if "的" in two and "的" not in one:  # 上海和北京的住宿标准
        return [f"{one}{two[two.index('的') :]}", two]
    return [one, two]
