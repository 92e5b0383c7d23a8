"""What a sentence of an answer asserts, and whether it asserts anything."""

from __future__ import annotations

import re

from agents.proof.numbers import agrees, claimed, stated
from agents.proof.rarity import canonical_terms
from agents.proof.words import terms

_CLAUSES = re.compile(r"[，；;]|, (?:and|but|while|whereas) |; | (?:while|whereas) ")
_LIST_MARK = re.compile(r"^\s*(?:[-*+•·]\s+|\d{1,3}[.)、](?!\d)\s*|#{1,6}\s+|>\s*)+")
_YES = re.compile(
    r"^(?:yes|no|correct|indeed|in short|in summary|overall|therefore|thus|so|however|additionally|also|furthermore)(?:[,，:：]\s*|[.!]?\s*\Z)"
    r"|^(?:是的|不是|对|没错|不|否|综上所述|总之|因此|所以|此外|另外|同时)(?:[，,：:]|[。！]?\s*\Z)",
    re.IGNORECASE,
)
_SOURCE_TALK = re.compile(
    r"^(?:according to|based on|as (?:stated|mentioned|described) in) (?:the )?(?:\w+ )?(?:passages?|documents?|sources?|text|information)"
    r"(?: provided| above| \d+)?,\s*|^(?:the )?(?:passage|document|text)s?(?: \d+)? (?:states?|says?|mentions?|explains?) that\s*"
    r"|^(?:根据|依据|按照)(?:以上|上述|所给|提供的|给出的)?(?:第\s*\d+\s*)?(?:段落|文档|资料|材料|内容|信息|[段篇条])[^，,]{0,8}[，,]"
    r"|^(?:段落|文档|资料|材料)\s*\d*\s*(?:中)?(?:指出|提到|说明|显示|表示)[，,：:]?",
    re.IGNORECASE,
)
_SILENCE = re.compile(
    r"(?:do(?:es)?n't|do(?:es)? not|did not|no|not|never|without|cannot|can't)\b.{0,60}?\b(?:say|state|mention|contain|provide|specify|"
    r"information|answer|include|found|discuss|clear)|未(?:提及|提到|说明|涉及|给出|找到|包含|明确)|没有(?:提及|提到|说明|涉及|给出|找到|相关|包含|明确|回答|信息)"
    r"|无法(?:回答|确定|得知|判断|从)|不(?:包含|清楚|能确定|足以)",
    re.IGNORECASE,
)
_COURTESY = re.compile(
    r"^(?:i )?hope (?:this|that) helps|^(?:please )?let me know if|^feel free to|^if you have (?:any )?(?:more|other|further)? ?questions"
    r"|^希望(?:这|以上|对您|能帮)|^如(?:有|需|果您)[^，]{0,12}(?:请|欢迎)|^请随时",
    re.IGNORECASE,
)
_MATERIAL = re.compile(
    r"passage|document|text|source|material|information|context|段落|文档|资料|材料|文中|信息|内容|上文", re.IGNORECASE
)


def claim_of(sentence: str) -> str:
    """What a sentence asserts: without list marks, emphasis, 'Yes,' and 'According to the passages,'."""
    text = re.sub(r"\*\*|__|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)", "", _LIST_MARK.sub("", sentence))
    return _SOURCE_TALK.sub("", _YES.sub("", _SOURCE_TALK.sub("", text)))


def clauses_of(claim: str) -> list[str]:
    """The clauses of a claim that say something by themselves."""
    return [clause for clause in _CLAUSES.split(claim) if len(canonical_terms(clause)) >= 2]


def makes_no_claim(sentence: str, question: str) -> bool:
    """True for headings, questions, lead-ins ending in a colon, bare Yes or No words, and for saying that the passages
    don't say: none of them asserts a fact that could be proven."""
    text = claim_of(sentence).strip()
    found, numbers = canonical_terms(text), claimed(text)
    if (not found and not numbers) or _COURTESY.search(text):
        return True
    if sentence.lstrip().startswith("#") or text.endswith(("?", "？")):
        return True
    if text.endswith((":", "：")) and len(found - canonical_terms(question)) <= 4 and not numbers:
        return True
    if not (_SILENCE.search(text) and _MATERIAL.search(text)):
        return False
    known, asked = terms(question), stated(question)
    unknown = [term for term in terms(_MATERIAL.sub(" ", _SILENCE.sub(" ", text))) if term not in known]
    # With a number that the question does not hold, something is asserted after all.
    return len(unknown) <= 4 and all(agrees(number, asked) for number in numbers)
