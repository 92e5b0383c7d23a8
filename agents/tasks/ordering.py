"""Whether a task has a tool of the user's do something, and for whom or what.

A tool that does something wants an order. A question that is near to it, and a value that is but a part of a name, are no harm to
one that only tells something; of one that acts they are calls that nobody wanted.
"""

from __future__ import annotations

import re

from agents.chat.parts import QUESTION, SAID_OF
from agents.proof.asked import asked_for
from agents.proof.numbers import stated
from agents.proof.rarity import content_terms
from agents.proof.words import is_function_word
from agents.tasks.tariffs import wants_money
from agents.tools.tool import Tool
from ingest.folding import fold
from ingest.language import language_of
from ingest.numerals import MONTHS, WEEKDAYS

_CLAUSE = re.compile(r"[,;:.!?，；：。！？]\s*|\s(?=and\b)")
_POLITELY = r"(?:(?:and|then|so|also|just|now|please|kindly|(?:can|could|would|will) you) )*"
_HAN_ORDER = re.compile(r"请(?!问)|帮|麻烦")
_TELLS = re.compile(
    r"(?:get|fetch|find|look|list|read|return|retrieve|show|give|tell|check|count|search|query|calculate|compute|convert"
    r"|estimate|predict|compare|measure)s?|(?:查|获取|返回|读取|列出|搜索|检索|统计|计算|换算).*",
    re.IGNORECASE,
)
"""How a tool begins that only tells something."""
_ORDER = re.compile(
    r"(?!(?:how|what|which|whether|is|are)\b)[a-z]+ (?:an?|the|all|some\w*|each|every)\b|[\u4e00-\u9fff]?[给替为向把将帮]",
    re.IGNORECASE,
)
"""How a tool is told about that does something: 'Water the plants', 向设备科报修; 'Level of the tank' names what it tells."""
_TITLE = r"(?:Mrs?|Ms|Miss|Dr|Prof|St)\.?"
_AFTER = r"\b(for|of|in|at|to|from|with|on) (?:an? |the |some )?(?:\w+ )?{}s?\b"
"""How a description names what a tool takes."""
_LIGHT_HAN = "一下次个节的好吧订约"
"""What may stand beside a Chinese tool's own words: 约一下, 订一次."""
_PRONOUN = "[我你他她咱]"
_HOUSE = re.compile(
    r"the ([A-Z][\w'’-]* (?:and|&) [A-Z][\w'’-]*)(?=[.,;:!?]|$| (?:and|to|at|by|on|in|for|from|with)\b)"
)
"""The Fox and Grapes is one: of two names each would have its own 'the', or none."""
_FOR_THEM = re.compile(r"\b(?:it|them|her|him|one)\b")
"""What an order has for whom a sentence before it spoke of: 'Lena wants a pitch. Book it.'"""
_FROM = re.compile(r"\b(of|from|by|until|with|before|after|than) (?:the )?$")


def only_wondered(tool: Tool, goal: str) -> bool:
    """Whether `goal` asks something and has nothing done, and `tool` does something: 'I want six boxes. What will they be?'"""
    if not acts(tool) or not (QUESTION.search(goal) or "?" in fold(goal) or wants_money(goal)):
        return False
    asked, told = asked_for(goal), asked_for(worded(tool))
    if tool.risk == "read" and (asked.units & told.units or (asked.number and told.number)):
        return False  # it says that it tells how many, or how much
    ordered = re.compile(
        rf"{_POLITELY}(?:{'|'.join(map(re.escape, _verbs(tool)))})(?:\b|(?=[\u4e00-\u9fff]))", re.IGNORECASE
    )
    own = content_terms(worded(tool))
    return not any(
        (ordered.match(clause) and (clause.isascii() or not QUESTION.search(clause)))
        or (_HAN_ORDER.match(clause) and not QUESTION.search(clause) and own & content_terms(clause))
        for clause in _CLAUSE.split(goal)
    )


def acts(tool: Tool) -> bool:
    """Whether `tool` may do something: a function whose risk nobody told does where it is told how many of a thing, or told about
    like an order, and not to tell something."""
    if tool.risk != "read" or any(_TELLS.fullmatch(verb) for verb in _verbs(tool)):
        return tool.risk != "read"
    return counts(tool) or bool(_ORDER.match(tool.description))


def _verbs(tool: Tool) -> list[str]:
    """The first word of a tool's name and that of its description, which are verbs where it is told about like an order; in Chinese
    what stands before whom it is done for: 借给某位老师."""
    told = (
        re.split(r"[\W_]+|(?<=[\u4e00-\u9fff])(?=给)", text.strip(), maxsplit=1)[0]
        for text in (tool.name, tool.description)
    )
    return [verb for verb in told if verb]


def counts(tool: Tool) -> bool:
    """Whether `tool` takes a number."""
    return any(s.get("type") in ("integer", "number") for s in tool.parameters.get("properties", {}).values())


def worded(tool: Tool) -> str:
    """A tool's own words: its name, what it takes, what it says of itself."""
    names = [tool.name, *tool.parameters.get("properties", {})]
    return f"{' '.join(re.sub(r'[_-]+', ' ', name) for name in names)} {tool.description}"


def ordered_for(tool: Tool, name: str, goal: str) -> str:
    """What `goal` names for the parameter `name` of a tool that does something: the whole phrase behind the preposition that the tool's
    description has before it ('Keep kegs back for a customer.', 'for Friends of the Park'), in Chinese what stands between 替 or 给 and
    the tool's own words; '' where there is none, or several are."""
    if language_of(goal) == "zh":
        return _han_phrase(tool.description, goal)
    told = re.search(_AFTER.format(re.escape(name)), tool.description, re.IGNORECASE)
    counted = "|".join(re.escape(n.surface) for n in stated(goal) if not n.kind) or "(?!)"
    if (said := SAID_OF.match(goal)) and (name == "name" or (told and told[1] == "for")) and _FOR_THEM.search(goal):
        return said["who"]
    before = rf"\b{told[1]} " if told else rf"\b(?:{counted}) \w+ of "  # '4 drums of soap'
    found = {_phrase(goal[match.end() :]) for match in re.finditer(before, goal)} - {""}
    phrase = found.pop() if len(found) == 1 else ""
    return "" if phrase == name else phrase.removeprefix(f"{name} ").removesuffix(f" {name}")


def _phrase(text: str) -> str:
    """The name or noun that `text` begins with; '' where it is a day, or goes on with another."""
    if house := _HOUSE.match(text):
        return house[1]
    words = re.sub(r"^(?:the|our|my|an?) ", "", text).split(" ")
    taken: list[str] = []
    for at, word in enumerate(words):
        bare, titled = word.rstrip(".,;:!?"), bool(re.fullmatch(_TITLE, word))
        last, named = "".join(taken[-1:]), next((w for w in words[at + 1 :] if w != "the"), "")[:1].isupper()
        couple = word == "and" and bool(re.fullmatch(_TITLE, last))
        joins = couple or (named and word in ("&", "of", "the") and (last == "of" or last[:1].isupper()))
        if word == "and" and named and not couple:
            return ""
        if not joins and (is_function_word(fold(bare)) or re.search(r"\d|^\W*$|^(?:please|me)$", bare)):
            break
        taken.append(word if titled else bare)
        if bare != word and not titled:
            break
    return "" if {*map(fold, taken)} & {*MONTHS, *WEEKDAYS} else " ".join(taken)


def _han_phrase(described: str, goal: str) -> str:
    """What stands between 替 or 给 and the tool's own words, where it says for whom it is: 替一位客户; else what is counted."""
    if kind := re.search(r"(?:[某一][个位家名只台]?|^[给替为帮](?![某一]))([\u4e00-\u9fff]{2})", described):
        own = "".join(sorted({*re.findall("[\u4e00-\u9fff]", described), *_LIGHT_HAN} - {*kind[1]}))
        # '蓝鲸小学要 5 条划艇，替他们订上。'
        wanting = re.findall(rf"(?:^|[，。,.])([\u4e00-\u9fff]{{2,}}?)想?要\s*\d.*[给替帮为]{_PRONOUN}", goal)
        found = wanting or re.findall(
            rf"[给替帮为把](?!{_PRONOUN})((?:(?![给替帮为把])[\u4e00-\u9fff]){{2,}}?)[{own}]+(?![\u4e00-\u9fff])", goal
        )
    else:
        counts = (re.escape(n.surface) for n in stated(goal) if not n.kind)
        behind = r"\s*[\u4e00-\u9fff](?!的)([\u4e00-\u9fff]{2,})(?![\u4e00-\u9fff])"
        found = re.findall(rf"(?:{'|'.join(counts) or '(?!)'}){behind}", goal)
        found = found or re.findall(rf"在((?:(?!在)[\u4e00-\u9fff]){{2,}}?)(?:{_verb(described)})", goal)
    found = [one.removeprefix(kind[1]) for one in found if one != kind[1]] if kind else found
    return found[0] if len(found) == 1 else ""


def _verb(described: str) -> str:
    """What a Chinese description begins with, which is what the tool does."""
    return re.escape(described[:2])


def whole(tool: Tool, goal: str, name: str, thing: str) -> bool:
    """Whether `thing`, found in `goal` without the tool's help, may be all of what a tool that does something is told as `name`: no
    part of a longer name, nor what something comes from, nor of what so many are wanted where the tool wants to know for whom."""
    if not acts(tool) or thing not in goal:
        return True
    if language_of(goal) == "zh":
        cut = re.search(rf"[A-Za-z\d]\s?{re.escape(thing)}|{re.escape(thing)}[了着过]", goal)  # '3D 打印机', 台锯坏了
        return not (cut or re.search(rf"{_PRONOUN}|[给替帮把请]", thing) or thing[:2] in tool.description)
    before, _, behind = goal.partition(thing)
    if (said := SAID_OF.match(goal)) and said["who"] == thing:
        return True
    begins = re.search(r"(?:^|[.!?:] )([A-Z][\w'-]*) $", before)
    told, led = re.search(_AFTER.format(re.escape(name)), tool.description, re.IGNORECASE), _FROM.search(before)
    if led and (led[1] != "of" or (told and told[1] != "of" and not before.endswith(f"{name} of "))):
        return False
    if begins and fold(begins[1]) not in {*map(fold, _verbs(tool)), "please", "the"}:
        return False
    more = re.match(r" ([a-z][\w'-]*)", behind)
    return more is None or is_function_word(more[1]) or content_terms(more[1]) <= content_terms(worded(tool))
