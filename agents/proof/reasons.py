"""Why a sentence has no tick, in words."""

from __future__ import annotations

from agents.proof.verdicts import VETOES
from ingest.language import Text

_NAMED = frozenset({"number", "name", "replaced"})
"""Vetoes that a passage about something else may give as well: it takes what it says instead to tell."""
_WORDS = {
    "number": Text("no passage has this number", "没有段落包含这个数字"),
    "unit": Text("the passage has another unit", "原文的单位不同"),
    "condition": Text("the passage says this of another case", "原文说的是另一种情况"),
    "name": Text("no passage has this name", "没有段落包含这个名称"),
    "denial": Text("the passage says the contrary", "原文的说法相反"),
    "replaced": Text("the passage has another word here", "原文此处用词不同"),
    "role": Text("the passage has it the other way round", "原文中两者的关系相反"),
    "quantifier": Text("the passage says it of more or fewer", "原文所说的范围不同"),
    "phrase": Text("only the phrase is in the passage", "原文中仅出现该词语"),
    "orders": Text("the passage gives orders to an assistant", "该段落含有对助手下达的指令"),
    "translated": Text("the model's translation; the quote counts", "模型的译文，以引文为准"),
    "words": Text("no passage says this", "没有段落这样说"),
    "no claim": Text("nothing here could be proven", "没有可供核实的陈述"),
}


def at_odds(reason: str, instead: str) -> bool:
    """Whether a verdict with this reason says that the passage differs, and not just that it is silent."""
    return reason in VETOES and bool(instead or reason not in _NAMED)


def in_words(reason: str, instead: str = "") -> str:
    """The reason in the language in force; '' for that of a sentence that is supported."""
    if instead and reason in VETOES:
        return str(Text(f"the passage says {instead}", f"原文为 {instead}"))
    return str(_WORDS[reason]) if reason in _WORDS else ""
