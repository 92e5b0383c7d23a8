"""Signs that a question leans on what was said before it.

A sign is something that has no sense without an antecedent: a pronoun or demonstrative, "呢" after a bare phrase, "and …" or
"那…" at the beginning, or nothing but words of asking. These are closed classes of words; what decides is where they stand. A
pronoun whose antecedent is in the question itself is none ("When an employee resigns, what must they return?"), nor is "that"
that joins clauses, "there is", "this year", "其他" or "应该".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agents.proof.words import terms
from ingest.folding import fold
from ingest.language import is_han

_OPENING = re.compile(r"^(?:and|but|or|then|what about|how about)\b(?!/)|^(?:那|还有|然后|以及)")

# -- English ----------------------------------------------------------------------------------------------------

_AUXILIARY = r"(?:is|are|was|were|be|do|does|did|has|have|had|can|could|will|would|shall|should|may|might|must)"
_EXISTS = re.compile(
    rf"\b{_AUXILIARY}(?:n't)? there\b|\bthere(?:'s|'re|'ll)?(?: {_AUXILIARY}\b| (?:exist|remain)|(?<=['])s\b)|\bthere's\b"
)
_EXPLETIVE = re.compile(
    rf"\bit(?:'s| {_AUXILIARY}(?: be)?| takes?| costs?| means?)?(?: not| \w+ly)?(?: \w+){{0,3}}?"
    r"(?<! need)(?<! have)(?<! used)(?<! has) (?:to (?!the\b|an?\b|me\b|you\b|us\b)|that\b|if\b|whether\b|when\b)"
    r"|\bit (?:rain|snow|freez)\w*"
)
_NOW = re.compile(
    r"\bth(?:is|ese) (?:\w+ )?(?:year|month|week|quarter|season|time|morning|evening|days?|weekend|company)s?\b"
)
_POINTING = re.compile(
    rf"\b(?:this|these|those)\b|\bthe (?:same|former|latter|others?)\b|^(?:what|who|where|how|anything|anyone) else\b"
    rf"|\b{_AUXILIARY} that\b|\b(?:of|for|about|with|after|before|at|to|from|by|in|on|than|like|and) that\b(?! (?:is|are|was|were)\b)"
    rf"|^that\b|\bthat(?=\s*(?:[?.!,;]|$|too\b|as well\b))|\b(?:which|that|the|another|other|new|old|first|last) ones?\b(?= {_AUXILIARY}\b|\s*[?.!,]|$)"
    rf"|\bone (?=is\b|was\b|gets\b|has\b)"
)
_PERSONAL = re.compile(r"\b(?:it|they|them|he|him|she|her|his|its|their|hers|theirs|there)\b")
_POSSESSIVE = frozenset({"its", "his", "their", "her"})
_CLAUSE = re.compile(
    r"[,;:.?!]|\b(?:when|if|because|while|until|unless|although|after|before|once|since|so that|and|but|who|which|that)\b"
)
_HOW = re.compile(rf"\bhow (?!{_AUXILIARY}\b)[a-z]+")
_FRONT = re.compile(rf"^.*?\b{_AUXILIARY}\b")

# -- Chinese ----------------------------------------------------------------------------------------------------

_ASKING = re.compile(
    "为什么|为何|为啥|什么时候|什么|多少钱|多少|多久|多长|多大|多远|多高|多重|怎么样|怎么办|怎么|怎样|如何|何时|何地"
    "|哪?几(?:个月|[个天年月点次人台种条岁位号])?|哪(?:一[天年月个次位])?(?:里|儿|[些个位天年月])?|谁|是否|能否|是不是|有没有"
)
_PARTICLES = re.compile(
    "的话|[的了吗呢吧啊呀嘛是也]|每[年月周天日次人个]|最[长短高低多少早晚迟大小快慢近远]|请问|具体|详细|大概|一共|总共|原因"
)
_MODAL = re.compile("^(?:可以|[要会能在都就还又有每可])+")
"""At the head of a phrase of two characters it may be the first half of a word (要求, 会议)."""
_ASKED = re.compile(rf"{_ASKING.pattern}|吗|么[?？]?$")
_ZH_PRONOUN = re.compile(
    "(?:(?<![其吉维利排])他(?![人国乡杀汀])|(?<!其)它|她|牠)们?"
    "|(?<![像照依])这(?!(?:一|几|两|个|些)?(?:年|月|周|天|季度|学期|星期)|[家个]?公司|[些份个篇本]?(?:文档|文件|资料|知识库))"
    "|那(?=[个些种位次儿里时份天年台])"
    "|(?<![因如彼据由自至])此(?![外刻])"
    "|(?<![尤极与耳何更])其(?![他它实次余间])"
    "|(?:^|(?<=[在对于由从与和为以被，,。？?！!]))该(?![怎如不用去做找])"
    "|上述|前者|后者"
)
_ZH_CLAUSE = re.compile("[，,；;：:。？?！!]|时(?!候|间)|的时候|之?后(?!来)|之前|以前")
_COVERB = re.compile("[在对于由从与和为以被把将向给随]$")
_NOUN_AND_VERB = 2


def leans_back(question: str) -> bool:
    """Whether a question says openly that it continues an earlier one."""
    folded = fold(question).strip().strip("\"'“”「」 ")
    if _OPENING.search(folded) or content(question) == 0:
        return True
    if any(map(is_han, folded)):
        return _bare_ne(folded) or any(not _named_before(folded, match) for match in _ZH_PRONOUN.finditer(folded))
    masked = folded
    for harmless in (_EXISTS, _EXPLETIVE, _NOW):
        masked = harmless.sub(lambda match: "·" * len(match.group()), masked)
    return any(not _clause_before(masked[: match.start()], _CLAUSE) for match in _POINTING.finditer(masked)) or any(
        not _antecedent(masked, match) for match in _PERSONAL.finditer(masked)
    )


def content(question: str) -> int:
    """How much a question says beside asking: its content words, a pair of Han characters counting as one."""
    folded = fold(question)
    if not any(map(is_han, folded)):
        return len(terms(_HOW.sub(" ", folded)))
    size = sum(2 * len(re.findall(r"[a-z0-9]+", bare)) + sum(map(is_han, bare)) for bare in phrases(question))
    return size // 2 if size < 3 else (size + 1) // 2


def phrases(question: str) -> Iterator[str]:
    """What a Chinese question says beside asking."""
    for phrase in re.split(r"[^\w]+|_", _PARTICLES.sub(" ", _ASKING.sub(" ", fold(question)))):
        bare = _MODAL.sub("", phrase.removesuffix("有"))
        yield phrase if bare and len(phrase) == 2 else bare


def has_topic(question: str) -> bool:
    """Whether a question has a place for what it is about: a Chinese one that doesn't begin with asking how much or when
    ("几点关门？" leaves its subject out), an English one with an auxiliary verb ("On antennas?" has none)."""
    folded = fold(question).strip()
    if not any(map(is_han, folded)):
        return _FRONT.match(folded) is not None
    return not re.match(f"(?!谁|哪|什么(?!时候))(?:{_ASKING.pattern}|{_PARTICLES.pattern})", folded)


def _bare_ne(folded: str) -> bool:
    """Whether 呢 alone asks ("病假呢？"); in "天空为什么是蓝的呢？" it only softens."""
    before, ne, after = folded.rpartition("呢")
    return bool(ne) and not after.strip("?？!！。.~ ") and not _ASKED.search(re.split("[。？?！!]", before)[-1])


def _named_before(folded: str, pronoun: re.Match[str]) -> bool:
    """Whether a Chinese question names what its pronoun stands for: in a clause before; in its own clause before a coverb
    ("公司在它的…"), or as much before it as a noun and a verb take. At the very end it is the object, and what comes before it
    is the verb."""
    before = folded[: pronoun.start()]
    if _clause_before(before, _ZH_CLAUSE):
        return True
    if not folded[pronoun.end() :].strip("?？!！。. "):
        return False
    clause = _ZH_CLAUSE.split(before)[-1]
    return content(clause) >= _NOUN_AND_VERB or (
        "的" in folded[pronoun.end() :] and bool(_COVERB.search(clause)) and content(_COVERB.sub("", clause)) > 0
    )


def _clause_before(before: str, boundary: re.Pattern[str]) -> bool:
    """Whether a sentence, or a clause with a noun and a verb of its own ("what happens if it …" has none), has ended."""
    ends = list(boundary.finditer(before))
    if not ends:
        return False
    stops = [match.start() for match in ends if match.group() in "?？!！。."]
    return content(before[: ends[-1].start()]) >= _NOUN_AND_VERB or (bool(stops) and content(before[: stops[-1]]) > 0)


def _antecedent(masked: str, pronoun: re.Match[str]) -> bool:
    """Whether an English question names what its pronoun stands for: in a clause before; for a possessive, also as the
    subject, which comes after the first auxiliary ("Does the company insure its staff?")."""
    before = masked[: pronoun.start()]
    if _clause_before(before, _CLAUSE):
        return True
    if pronoun.group() not in _POSSESSIVE:
        return False
    front = _FRONT.match(before)
    return content(before[front.end() :] if front else before) > 0
